"""``nst video`` as it is typed: what it prints, writes, refuses and goes on with."""

import json
import re
import signal
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from nstlib.cli.film_news import told_painted, told_plan
from nstlib.film.door import Painted, Plan
from nstlib.film.example import write_example
from nstlib.film.libraries import ffmpeg
from nstlib.film.opening import open_film
from nstlib.film.source import Facts

COUNT = 5
FAST = ("--method", "feedforward")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_example(
        tmp_path_factory.mktemp("clip") / "walk.mp4", COUNT, 48, 64, 10
    )


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_film_is_painted_and_made_again(nst, here, clip):
    status, told, error = nst("video", str(clip), "great_wave", *FAST)
    assert status == 0, error
    assert (
        "The film has about 5 frames of 64×48 pixels, 10 a second, and sound." in told
    )
    out = here / "output" / "walk-great_wave.mp4"
    assert f"Saved output/{out.name}: 5 frames in" in told.replace("\\", "/")
    assert re.search(
        r"flickers by [\d.]+ gray levels, and the original by [\d.]+\.", told
    )
    assert re.search(r"5 of 5, .* frames/s, 0 s left, .*000004\.png", error)
    status, told, error = nst("reproduce", str(out), "--json")
    assert status == 0 and "The same, frame by frame." in error
    assert json.loads(told)["same"] is True
    assert (here / "output" / "walk-great_wave-again.mp4").is_file()
    # The same run replaces its film; another one leaves it alone.
    for words, name in ((), out.name), (("--to", "0.3"), "walk-great_wave-2.mp4"):
        status, told, _ = nst("video", str(clip), "great_wave", *FAST, *words)
        assert status == 0 and f"Saved output/{name}" in told.replace("\\", "/")


def test_json_and_quiet(nst, here, clip):
    words = ("-o", "film.gif", "--fps", "5", "--from", "0:00.1", "--json", "--quiet")
    status, told, error = nst("video", str(clip), "great_wave", *FAST, *words)
    facts = json.loads(told)
    assert (status, error, facts["frames"], facts["problem"]) == (0, "", 2, "")
    assert set(facts["flicker"]) <= {"film", "original"}


def test_smoothing_alone(nst, here, clip):
    status, told, _ = nst("video", str(clip), "--smooth", "0.5", "-o", "calm/")
    assert status == 0 and " before smoothing), and" in told
    assert len(list((here / "calm").glob("*.png"))) == COUNT


def test_masks_are_repeated_and_noticed(nst, here, clip):
    half = np.zeros((48, 64), np.uint8)
    half[:, :32] = 255
    (here / "moving").mkdir()
    for index in range(COUNT):
        moved = np.roll(half, 4 * index, axis=1)
        Image.fromarray(moved).save(here / "moving" / f"{index}.png")
    Image.fromarray(np.stack([half, half, 0 * half], -1)).save(here / "map.png")
    words = ("video", str(clip), "great_wave", "starry_night:2", *FAST)
    words += ("--mask", "moving/%d.png", "--mask", "map.png")
    colors = ("--mask-color", "none", "--mask-color", "yellow")
    status, told, error = nst(*words, *colors)
    assert status == 0, error
    name = "walk-great_wave-starry_night"
    assert f"Saved output/{name}.mp4" in told.replace("\\", "/")
    facts = json.loads((here / "output" / f"{name}.json").read_text())
    masks = facts["sources"]["masks"]
    assert [mask["path"] for mask in masks] == ["../moving/%d.png", "../map.png"]
    assert masks[1]["color"] == "yellow" and facts["sources"]["style_weights"] == [1, 2]
    film = str(here / "output" / f"{name}.mp4")
    status, told, error = nst("reproduce", film, "--json")
    assert status == 0 and json.loads(told)["same"] is True, error
    (here / "moving").rename(here / "moved")
    status, _, error = nst("reproduce", film)
    assert status == 2 and "%d.png is not where it was: name it with --mask" in error
    typed = ("--mask", "moved", "--mask", "map.png")
    status, told, error = nst("reproduce", film, "--json", *typed)
    assert status == 0 and json.loads(told)["same"] is True, error
    status, _, error = nst("reproduce", film, "--mask", "moved", "--mask", "none")
    assert status == 2 and "it had other masks: --mask %d.png --mask map.png" in error
    # Other masks make another film.
    other = ("--mask", "none", "--mask", "map.png", *colors)
    status, told, _ = nst(*words[: -len(typed)], *other)
    assert status == 0 and f"{name}-2.mp4" in told


def test_pictures_that_are_read_are_not_written_over(nst, here, clip):
    (here / "in").mkdir()
    for index, frame in enumerate(open_film(clip).frames()):
        Image.fromarray(frame[..., 0]).save(here / "in" / f"{index:06}.png")
    before = [path.read_bytes() for path in sorted((here / "in").iterdir())]
    for words, told in [
        (("in/*.png", "great_wave"), "in is the film that you want to paint"),
        (("in/%06d.png", "great_wave"), "in is the film that you want to paint"),
        ((str(clip), "great_wave", "--mask", "in/*.png"), "in is one of the masks"),
    ]:
        status, _, error = nst("video", *words, *FAST, "-o", "in/")
        assert status == 2 and told in error
    assert before == [path.read_bytes() for path in sorted((here / "in").iterdir())]


@pytest.fixture
def endless(clip, here):
    """A function that writes the clip as through a pipe, so that its length is open."""

    def write(name, share=1.0):
        command = [ffmpeg(), "-v", "error", "-i", str(clip), "-c", "copy"]
        made = subprocess.run([*command, "-f", "matroska", "-"], stdout=subprocess.PIPE)
        (here / name).write_bytes(made.stdout[: round(len(made.stdout) * share)])
        return name

    return write


def test_a_film_of_unknown_length(nst, here, endless):
    status, told, error = nst("video", endless("f.mkv"), "great_wave", *FAST)
    assert status == 0 and ": 5 frames in" in told, error
    needed = re.search(
        r"so nst cannot predict the time\. Every 100 frames need .*", told
    )
    assert "about 1 MB in " in needed[0]  # 2 bytes for each of 64 × 48 pixels
    assert re.search(r"^1, [\d.]+ frames/s, \S*000000\.png$", error, re.MULTILINE)
    assert " left" not in error and " of " not in error
    # The frames that an earlier run kept are mentioned.
    facts = Facts(48, 64, Fraction(10), 0, False)
    told = told_plan(Plan(facts, 3, 6144, 0.0, here))
    assert told[-1] == "An earlier run has already painted 3 of the frames."
    broken_off = Painted(here / "f.mp4", 3, 0, 1.0, {}, True, "", here)
    assert "f.mp4 has 3 frames. Run the same" in told_painted(broken_off)[0]


def test_a_damaged_film_of_unknown_length_is_noticed(nst, here, endless):
    words = (endless("half.mkv", 0.6), "great_wave", *FAST, "--json")
    status, told, error = nst("video", *words)
    assert status == 0 and 0 < json.loads(told)["frames"] < COUNT, error
    assert re.search(
        r"The film is damaged \(.*before the damage\.$", error, re.MULTILINE
    )


def test_ctrl_c_leaves_a_film_and_the_same_command_goes_on(start, here, clip):
    long = here / "long"
    long.mkdir()
    picture = next(open_film(clip).frames())
    for index in range(400):
        frame = np.roll(picture, index, axis=1)
        Image.fromarray(frame).save(long / f"{index}.png")
    words = ("video", "long", "great_wave", *FAST, "-o", "film.mp4")
    process = start(*words)
    for line in process.stderr:
        if re.match(r"40 of 400", line):
            break
    process.send_signal(signal.SIGINT)
    told, error = process.communicate(timeout=300)
    assert process.returncode == 130, error
    (count,) = map(int, re.findall(r"film\.mp4 has (\d+) of about 400 frames", told))
    assert len(list(open_film(here / "film.mp4").frames())) == count >= 40
    assert len(list((here / "film-frames" / "1").glob("*.png"))) == count
    again = start(*words, "--quiet")
    again.communicate(timeout=300)
    assert again.returncode == 0
    assert len(list(open_film(here / "film.mp4").frames())) == 400


def test_a_cluster_paints_the_same_film(nst, here, clip):
    pytest.importorskip("distributed", reason="extra cluster")
    words = ("video", str(clip), "great_wave", *FAST, "--set", "precision=float32")
    status, told, error = nst(*words, "-o", "two/", "--dask", "local")
    assert status == 0 and re.search(r"\d workers? paints? the frames\.", told), error
    assert "Saved two" in told
    status, _, error = nst(*words, "-o", "one/")
    assert status == 0, error
    for path in sorted((here / "one").glob("*.png")):
        one, two = (np.asarray(Image.open(p)) for p in (path, here / "two" / path.name))
        assert np.abs(one.astype(float) - two).max() <= 1
    words = ("video", str(clip), "--smooth", "0.5", "--dask", "nonsense://x")
    status, _, error = nst(*words)
    assert status == 2 and "no Dask scheduler answers at nonsense" in error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("missing.mp4", "great_wave", *FAST), "missing.mp4 does not exist"),
        (
            ("CLIP", "great_wave", "--reach", "5,1", *FAST),
            "--reach must be 0, or numbers",
        ),
        (
            ("CLIP", "--from", "soon"),
            "'soon' is not a time: type seconds, such as 90, or ",
        ),
        (("CLIP", "--smooth", "2"), "--smooth must be from 0 to 0.95, not 2"),
        (("CLIP",), "nothing to do: name a style"),
        (
            ("CLIP", "great_wave", *FAST, "-o", "x.doc"),
            "does not end like the name of a film",
        ),
        (
            ("CLIP", "great_wave", *FAST, "-o", "CLIP"),
            "is the film that you want to paint",
        ),
        (("CLIP", "great_wave", *FAST, "--to", "0"), "--to must be later than --from"),
        (("CLIP", "great_wave", *FAST, "--background", "no"), "no is not a color"),
        (
            ("CLIP", "great_wave", "--set", "optimizer=adam"),
            "with optimizer=lbfgs: leave out",
        ),
        (("CLIP", "great_wave", *FAST, "--mask", "x", "--mask", "y"), "masks: 2. Give"),
        (("CLIP", "great_wave", *FAST, "--mask-color", "red"), "colors: 1. Give one"),
        (
            ("CLIP", "great_wave", *FAST, "--mask", "gone.png"),
            "gone.png does not exist",
        ),
        (("CLIP", "--smooth", "0.5", "--mask", "none"), "there is none: name a style"),
        (
            ("CLIP", "great_wave", *FAST, "--background", ""),
            "nst: (empty) is not a color",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(nst, here, clip, words, told):
    words = [str(clip) if word == "CLIP" else word for word in words]
    status, _, error = nst("video", *words)
    assert status == 2 and told in error and error.count("\n") == 1


def test_without_ffmpeg_one_sentence_says_what_to_install(nst, here, clip, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    status, _, error = nst("video", str(clip), "great_wave", *FAST)
    assert status == 2 and 'pip install "nstlib[video]"' in error
