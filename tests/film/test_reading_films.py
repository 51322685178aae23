"""Films as people have them: every kind gives frames of the right size and number."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from nstlib import NstError
from nstlib.film.clip import rate_of
from nstlib.film.libraries import ran
from nstlib.film.opening import open_film
from nstlib.film.source import Wanted, color_of

COUNT, HEIGHT, WIDTH, RATE = 6, 48, 64, 12  # of the clip


def read(source, **wanted):
    film = open_film(source, Wanted(**wanted))
    return film, list(film.frames())


def test_a_clip_has_its_frames_its_rate_and_its_sound(clip):
    film, frames = read(clip)
    assert film.facts == (HEIGHT, WIDTH, Fraction(RATE), COUNT, True)
    assert len(frames) == COUNT and film.problem == ""
    assert all(f.shape == (HEIGHT, WIDTH, 3) and f.dtype == np.uint8 for f in frames)
    assert [f.sum() for f in film.frames()] == [f.sum() for f in frames]  # again


LOSSLESS = ["-c:v", "libx264", "-crf", "1", "-pix_fmt", "yuv444p"]
KINDS = {
    "mov.mov": LOSSLESS,
    "mkv.mkv": LOSSLESS,
    "webm.webm": ["-c:v", "libvpx-vp9", "-crf", "4", "-b:v", "0", "-c:a", "libopus"],
    "ten_bits.mkv": ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"],
    "odd.mkv": ["-vf", "format=bgr0,crop=63:47:0:0:exact=1", "-c:v", "ffv1"],
    "silent.mp4": ["-an"],
    "gif.gif": [],
    "webp.webp": ["-loop", "0", "-lossless", "1"],
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_shows_the_same(clip, convert, name):
    _, wanted = read(clip)
    film, frames = read(convert(name, *KINDS[name]))
    height, width, *_ = film.facts
    assert (height, width) == ((47, 63) if name == "odd.mkv" else (HEIGHT, WIDTH))
    assert film.facts.sound == (
        name[:3] in ("mov", "mkv", "web", "ten", "odd") and name != "webp.webp"
    )
    assert abs(len(frames) / film.facts.rate - Fraction(COUNT, RATE)) < 0.1
    for found, other in ((frames[0], wanted[0]), (frames[-1], wanted[-1])):
        assert np.abs(found - other[:height, :width].astype(float)).mean() < 20


def test_a_rotation_flag_is_obeyed(convert, clip):
    turned = convert("turned.mp4", "-c", "copy", before=["-display_rotation:v:0", "90"])
    film, frames = read(turned)
    assert film.facts[:2] == (WIDTH, HEIGHT)
    (upright,) = read(clip)[1][:1]
    found = min(
        np.abs(frames[0] - np.rot90(upright, k).astype(float)).mean() for k in (1, 3)
    )
    assert found < 3


def test_a_variable_rate_becomes_constant(convert):
    drop = "select=not(between(n\\,2\\,3))"
    _, frames = read(
        convert("variable.mkv", "-vf", drop, "-fps_mode", "vfr", "-an"), rate=RATE
    )
    assert len(frames) == COUNT
    # What was dropped is filled with the frame before.
    assert np.array_equal(frames[1], frames[2])
    assert not np.array_equal(frames[4], frames[5])


def test_a_part_in_another_size_and_rate(clip):
    film, frames = read(clip, begin=1 / RATE, end=5 / RATE, size=32)
    assert len(frames) == film.facts.length == 4 and frames[0].shape == (24, 32, 3)
    whole = read(clip, size=32)[1]
    assert np.abs(frames[0] - whole[1].astype(float)).mean() < 1
    assert len(read(clip, rate=RATE / 2)[1]) == COUNT // 2


def transparent(path, kind):
    """A film of two frames: a dark bar before nothing."""
    frames = np.full((2, 24, 32, 4), (9, 9, 9, 0), np.uint8)
    frames[0, :, 8:16] = frames[1, :, 16:24] = 20, 20, 20, 255
    if kind == "folder":
        path.mkdir()
        for index, frame in enumerate(frames):
            Image.fromarray(frame).save(path / f"frame{9 + index}.png")
    elif kind in ("gif", "webp"):
        images = [Image.fromarray(frame) for frame in frames]
        images[0].save(path, save_all=True, append_images=images[1:], duration=100,
                       lossless=True, disposal=2)  # fmt: skip
    else:
        folder = path.with_name(f"{path.stem}-parts")
        transparent(folder, "folder")
        codec = {"webm": ["libvpx-vp9", "-pix_fmt", "yuva420p"], "mov": ["png"]}[kind]
        read = ["-v", "error", "-start_number", "9", "-i", str(folder / "frame%d.png")]
        done = ran([*read, "-c:v", *codec, str(path)])
        assert done.returncode == 0, done.stderr
    return path


@pytest.mark.parametrize("kind", ["gif", "webp", "folder", "webm", "mov"])
def test_what_is_transparent_has_the_color_behind_it(tmp_path, kind):
    path = transparent(tmp_path / f"film.{kind}".removesuffix(".folder"), kind)
    _, (first, second) = read(path, background=color_of("#00ff00"))
    assert first[12, 11].max() < 40 and second[12, 19].max() < 40
    for frame, place in ((first, 26), (second, 4)):
        assert np.abs(frame[12, place] - np.array([0, 255, 0.0])).max() < 40


def test_frames_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 100):
        Image.new("RGB", (16, 16), (number, 0, 0)).save(tmp_path / f"f{number}.png")
    for source in (tmp_path, tmp_path / "f*.png", tmp_path / "f%03d.png"):
        _, frames = read(source)
        assert [int(frame[0, 0, 0]) for frame in frames] == [9, 10, 100]


def test_half_a_film_is_read_as_far_as_it_goes(convert, tmp_path):
    whole = convert("long.mkv", "-c:v", "ffv1", "-an", before=["-stream_loop", "4"])
    data = whole.read_bytes()
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(data[: len(data) // 2])
    _, frames = read(broken)
    assert 3 * COUNT > len(frames) > COUNT


def write_bytes(path, data):
    path.write_bytes(data)
    return path


def unusable(tmp_path, clip, convert):
    still = tmp_path / "still.png"
    Image.new("RGB", (32, 32)).save(still)
    (tmp_path / "nothing").mkdir()
    return {
        "contains no moving pictures": convert("tone.m4a", "-vn", "-c:a", "copy"),
        "is a still picture: use nst stylize": still,
        "is empty": write_bytes(tmp_path / "empty.mp4", b""),
        "cannot be read as a film": write_bytes(tmp_path / "text.mp4", b"no film" * 99),
        "there are no pictures in": tmp_path / "nothing",
        "does not exist": tmp_path / "missing.mp4",
    }


def test_what_is_no_film_is_explained_in_one_sentence(tmp_path, clip, convert):
    for words, path in unusable(tmp_path, clip, convert).items():
        with pytest.raises(NstError, match=words) as error:
            open_film(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "wanted",
    [
        {"begin": 3, "end": 2},
        {"begin": -1},
        {"begin": float("nan")},
        {"rate": 0},
        {"begin": 99},
    ],
)
def test_a_part_that_there_is_not(clip, wanted):
    with pytest.raises(NstError):
        open_film(clip, Wanted(**wanted))


def test_rates():
    assert rate_of("h264, 640x360, 23.98 fps, 24k tbn") == Fraction(24000, 1001)
    assert rate_of("h264, 640x360, 25 fps, 25 tbr") == 25
    assert rate_of("h264, 640x360, 1k tbn") == 25
