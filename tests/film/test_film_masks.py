"""Masks of films: pictures and films that say where each painting goes."""

import numpy as np
import pytest
from PIL import Image
from stops import Stop

import nstlib
from nstlib.course.pictures import NamedMask
from nstlib.errors import FilmError, ImageError, NstError, SettingsError
from nstlib.film.choices import Choices
from nstlib.film.door import paint_film
from nstlib.film.facts import read_film_facts
from nstlib.film.libraries import ran
from nstlib.film.opening import open_film
from nstlib.film.places import seen_styles
from nstlib.settings import make_settings
from nstlib.styles import WeightedStyle

COUNT, HEIGHT, WIDTH, RATE = 6, 48, 64, 12  # of the clip
NETWORK = {"method": "feedforward", "precision": "float32"}
ADAIN = {"method": "adain", "precision": "float32"}
ALONE = Choices(steady=0)
QUICK = {"method": "optimize", "steps": 4, "precision": "float32"}


def box(left, right):
    """A mask that is white between two columns."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, left:right] = 255
    return mask


MOVING = [box(8 * i, 8 * i + 24) for i in range(COUNT)]


@pytest.fixture
def save(tmp_path):
    """Saves masks as the pictures of a folder, and returns the folder."""

    def save(masks, name="masks"):
        (tmp_path / name).mkdir()
        for index, mask in enumerate(masks):
            Image.fromarray(mask).save(tmp_path / name / f"{index:04}.png")
        return tmp_path / name

    return save


def painted(folder):
    return [nstlib.load_image(path) for path in sorted(folder.glob("*.png"))]


def for_photos(method):
    """The settings with which a photo is painted as a frame of a film is."""
    return method | {"grain": 0} if method["method"] == "feedforward" else method


def paintings(method):
    if method["method"] == "feedforward":
        return "great_wave", "starry_night"
    return nstlib.paint("ink_mountains", 64, 64), nstlib.paint("tapestry", 64, 64)


@pytest.mark.parametrize("method", [NETWORK, ADAIN], ids=["network", "adain"])
def test_masks_that_stay(clip, tmp_path, method):
    one, two = paintings(method)
    left = tmp_path / "left.png"
    Image.fromarray(box(0, 30)).save(left)
    style = [(one, 1.0, str(left)), (two, 2.0, box(30, 64))]
    paint_film(clip, style, tmp_path / "out", choices=ALONE, **method)
    again = [(one, 1.0, box(0, 30)), (two, 2.0, box(30, 64))]
    frames = open_film(clip).frames()
    for found, frame in zip(painted(tmp_path / "out"), frames, strict=True):
        wanted = nstlib.stylize(frame, again, size=WIDTH, **for_photos(method)).image
        assert np.abs(found - wanted).max() <= 1
    masks = read_film_facts(tmp_path / "out")["sources"]["masks"]
    assert [mask["name"] for mask in masks] == ["left.png", None]


@pytest.mark.parametrize("method", [NETWORK, ADAIN], ids=["network", "adain"])
def test_masks_that_move(clip, tmp_path, save, method):
    one, two = paintings(method)
    style = [(one, 1.0, save(MOVING)), (two, 1.0, box(40, 64))]
    paint_film(clip, style, tmp_path / "out", choices=ALONE, **method)
    frames = open_film(clip).frames()
    pairs = zip(painted(tmp_path / "out"), frames, MOVING, strict=True)
    for found, frame, mask in pairs:
        again = [(one, 1.0, mask), (two, 1.0, box(40, 64))]
        wanted = nstlib.stylize(frame, again, size=WIDTH, **for_photos(method)).image
        assert np.abs(found - wanted).max() <= 1


def test_a_film_is_a_mask_of_a_color_and_of_the_same_part(clip, tmp_path, save):
    colored = [np.stack([mask, 0 * mask, 255 - mask], -1) for mask in MOVING]
    folder = save(colored, "colored")
    film = tmp_path / "mask.mkv"
    done = ran(["-v", "error", "-framerate", str(RATE), "-i", f"{folder}/%04d.png",
                "-c:v", "ffv1", "-pix_fmt", "bgr0", str(film)])  # fmt: skip
    assert done.returncode == 0, done.stderr
    part = nstlib.film.source.Wanted(2 / RATE)
    results = []
    for number, mask in enumerate([film, f"{folder}/%04d.png"]):
        out = tmp_path / str(number)
        style = [("great_wave", 1.0, NamedMask(mask, "red"))]
        paint_film(clip, style, out, wanted=part, **NETWORK)
        results.append(painted(out))
    assert len(results[0]) == COUNT - 2
    frames = open_film(clip, part).frames()
    for one, other, frame, mask in zip(*results, frames, MOVING[2:], strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(one[mask == 0], frame[mask == 0].astype(np.float32))
        assert np.abs(one - frame)[mask > 0].mean() > 10


def test_what_enters_and_leaves_is_painted_while_it_is_there(clip, tmp_path, save):
    black = box(0, 0)
    masks = [black, black, box(20, 64), box(20, 64), box(20, 64), black]
    painting = nstlib.paint("ink_mountains", 64, 64)
    more = {**QUICK, "steps": 30, "choices": Choices(frame_steps=15, reach=(1,))}
    style = [(painting, 1.0, save(masks))]
    paint_film(clip, style, tmp_path / "out", **more)
    pairs = zip(painted(tmp_path / "out"), open_film(clip).frames(), strict=True)
    changes = [np.abs(found - frame) for found, frame in pairs]
    for index in (0, 1, 5):
        assert changes[index].max() == 0
    for index in (2, 3, 4):
        assert changes[index][:, 30:].mean() > 2 * changes[index][:, :10].mean()


def test_a_style_is_left_out_where_its_mask_would_be_refused():
    frame, painting = np.zeros((HEIGHT, WIDTH, 3)), nstlib.paint("tapestry", 64, 64)
    masks = [None, box(0, 64), box(0, 32), box(60, 64), box(0, 0)]
    styles = [WeightedStyle(painting, 1.0, mask) for mask in masks]
    at_64 = make_settings(size=64, margin=0, smallest=64)
    seen = seen_styles(styles, frame, at_64)
    assert [any(one is style for one in seen) for style in styles] == [1, 1, 1, 1, 0]
    narrow = make_settings(at_64, size=60)  # its last columns fill no position
    seen = seen_styles(styles, frame, narrow)
    assert [any(one is style for one in seen) for style in styles] == [1, 1, 1, 0, 0]
    with pytest.raises(SettingsError, match="too small"):
        nstlib.stylize(frame, [tuple(styles[3])], narrow, steps=1)


@pytest.mark.parametrize("passes", [1, 2])
def test_a_film_with_moving_masks_is_gone_on_with(clip, tmp_path, save, passes):
    painting = nstlib.paint("ink_mountains", 64, 64)
    style = [(painting, 1.0, save(MOVING))]
    choices = Choices(frame_steps=3, reach=(1, 2), passes=passes)
    more = {**QUICK, "choices": choices}
    stopped = COUNT * (passes - 1) + 3
    first = paint_film(clip, style, tmp_path / "cut", callback=Stop(stopped), **more)
    assert first.interrupted
    again = Stop(99)
    paint_film(clip, style, tmp_path / "cut", callback=again, **more)
    assert again.seen == COUNT * passes - stopped
    paint_film(clip, style, tmp_path / "whole", **more)
    pairs = zip(painted(tmp_path / "cut"), painted(tmp_path / "whole"), strict=True)
    assert all(np.abs(one - other).max() <= 1 for one, other in pairs)


def test_frames_with_another_mask_are_left_alone(clip, tmp_path, save):
    folders, still = [], tmp_path / "still.png"
    for columns in (30, 31):
        Image.fromarray(box(0, columns)).save(still)
        for mask in (still, save([*MOVING[:-1], box(0, columns)], str(columns))):
            for named in (NamedMask(mask), NamedMask(mask, "white")):
                style = [("great_wave", 1.0, named)]
                out = tmp_path / "film.mp4"
                made = paint_film(clip, style, out, callback=Stop(2), **NETWORK)
                folders.append(made.folder)
    assert len(set(folders)) == len(folders) == 8
    style = [("great_wave", 1.0, NamedMask(still))]
    made = paint_film(clip, style, tmp_path / "film.mp4", callback=Stop(2), **NETWORK)
    assert made.folder == folders[4] and made.frames == 4


def test_masks_that_make_no_sense(clip, tmp_path, save, convert):
    def paint(mask):
        style = [("great_wave", 1.0, mask)]
        paint_film(clip, style, tmp_path / "out", **NETWORK)

    colors = [np.stack([mask, 0 * mask, 255 - mask], -1) for mask in MOVING]
    short = convert("short.mkv", "-frames:v", "2", "-an", "-vf", "format=gray")
    (tmp_path / "notes.mp4").write_text("no film")
    (tmp_path / "torn.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    for mask, error, words in [
        (
            save(MOVING[:3], "three"),
            FilmError,
            "has 3 frames, and the film has 6: choose",
        ),
        (short, FilmError, "has 2 frames, and the film has 6"),
        (save(colors, "colors"), SettingsError, "colors: a mask is gray, but this one"),
        (NamedMask(tmp_path / "colors", "no"), FilmError, "no is not a color"),
        (tmp_path / "notes.mp4", FilmError, "cannot be read as a film"),
        (tmp_path / "empty", FilmError, "no pictures in"),
        (tmp_path / "gone.png", ImageError, "gone.png does not exist"),
        (box(0, 0), SettingsError, "all black"),
        (save(COUNT * [box(0, 0)], "black"), SettingsError, "black is black in all"),
        (NamedMask(tmp_path / "colors", "lime"), SettingsError, "has the color lime:"),
        (tmp_path / "torn.png", ImageError, "torn.png"),
    ]:
        with pytest.raises(error, match=words):
            paint(mask)


def test_a_mask_that_breaks_off_loses_nothing(clip, tmp_path, save):
    masks = save(MOVING)
    (masks / "0002.png").write_bytes(b"")
    style = [("great_wave", 1.0, masks)]
    # Two more frames get the last mask, because the rates of two films are rounded.
    with pytest.raises(
        FilmError,
        match=r"masks ends after 2 frames \(.*choose a mask .*\. 4 painted frames are",
    ):
        paint_film(clip, style, tmp_path / "film.mp4", **NETWORK)


def test_colors_late_in_a_mask_lose_nothing(clip, tmp_path, save):
    masks = save(MOVING)
    Image.new("RGB", (WIDTH, HEIGHT), "red").save(masks / "0004.png")
    style = [("great_wave", 1.0, masks)]
    with pytest.raises(NstError, match=r"has colors.*4 painted frames are kept in"):
        paint_film(clip, style, tmp_path / "film.mp4", **NETWORK)


def test_a_mask_of_other_proportions_is_stretched_and_that_is_said(clip, tmp_path):
    mask = np.zeros((10, 40), np.uint8)
    mask[:, :20] = 255
    style = [("great_wave", 1.0, mask)]
    with pytest.warns(UserWarning, match="it is stretched to the photo's shape") as all:
        paint_film(clip, style, tmp_path / "out", **NETWORK)
    assert len(all) == 1
    pairs = zip(painted(tmp_path / "out"), open_film(clip).frames(), strict=True)
    for found, frame in pairs:
        change = np.abs(found - frame)
        assert change[:, 40:].max() == 0 and change[:, :24].mean() > 5
