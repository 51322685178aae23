"""Films are painted, gone on with, and written, with their sound and their settings."""

import itertools
import json
import re
import shutil

import numpy as np
import pytest
from stops import Stop

import nstlib
from nstlib.errors import SettingsError
from nstlib.film import kept as kept_module
from nstlib.film.chain import is_cut
from nstlib.film.choices import Choices
from nstlib.film.door import paint_film
from nstlib.film.example import moving_shapes
from nstlib.film.facts import read_film_facts
from nstlib.film.libraries import ran
from nstlib.film.opening import open_film
from nstlib.film.source import Wanted
from nstlib.film.writing import FORMATS

COUNT, HEIGHT, WIDTH, RATE = 6, 48, 64, 12  # of the clip
NETWORK = {"method": "feedforward", "precision": "float32"}
QUICK = {"method": "optimize", "steps": 4, "precision": "float32"}


def frames_of(path):
    return np.stack(list(open_film(path).frames())).astype(float)


def told(path):
    return ran(["-i", str(path)]).stderr.decode()


def test_each_frame_is_painted_like_a_photo(clip, tmp_path):
    steps = []
    made = paint_film(
        clip, "great_wave", tmp_path / "frames", callback=steps.append, **NETWORK
    )
    assert (made.frames, made.interrupted, made.problem) == (COUNT, False, "")
    assert [step.frame for step in steps] == list(range(1, COUNT + 1))
    originals = open_film(clip).frames()
    for index, frame in enumerate(originals):
        wanted = nstlib.stylize(
            frame, "great_wave", size=WIDTH, grain=0, **NETWORK
        ).image
        found = nstlib.load_image(tmp_path / "frames" / f"{index:06}.png")
        assert np.abs(found - wanted).max() <= 1
    assert {"film", "original"} == made.flicker.keys()
    assert 0 < made.flicker["original"] < 60 > made.flicker["film"] > 0
    assert not (tmp_path / "frames-frames").exists()  # the kept frames are gone


def test_films_get_no_grain(clip, tmp_path):
    more, part = {**NETWORK, "refine": 2}, Wanted(end=1 / RATE)
    paint_film(clip, "great_wave", tmp_path / "film", wanted=part, **more)
    frame, style = next(open_film(clip).frames()), "great_wave"
    wanted = nstlib.stylize(frame, style, size=WIDTH, grain=0, **more).image
    found = nstlib.load_image(tmp_path / "film" / "000000.png")
    assert np.abs(found - wanted).max() <= 1
    facts = read_film_facts(tmp_path / "film")
    assert facts["settings"]["grain"] == 0
    with pytest.raises(SettingsError, match="films get no grain"):
        paint_film(clip, "great_wave", tmp_path / "other", grain=20, **NETWORK)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_written(clip, tmp_path, suffix):
    out = tmp_path / f"film{suffix}"
    paint_film(clip, "great_wave", out, **NETWORK)
    film = open_film(out)
    assert film.facts[:2] == (HEIGHT, WIDTH)
    assert abs(len(list(film.frames())) - COUNT) <= (
        1 if suffix in (".gif", ".webp") else 0
    )
    assert film.facts.sound == bool(FORMATS[suffix].sound)
    facts = read_film_facts(out)
    assert (
        facts["settings"]["method"] == "feedforward"
        and facts["film"]["frames"] == COUNT
    )
    beside = json.loads(out.with_suffix(".json").read_text())
    assert beside["settings"] == facts["settings"]
    if suffix == ".mp4":
        assert "yuv420p" in told(out) and f"{RATE} fps" in told(out)
        data = out.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


def test_sound_lasts_as_long_as_the_part(clip, tmp_path):
    out = tmp_path / "part.mp4"
    paint_film(clip, "great_wave", out, wanted=Wanted(1 / RATE, 4 / RATE), **NETWORK)
    (seconds,) = re.findall(r"Duration: 00:00:([\d.]+)", told(out))
    assert "Audio: aac" in told(out)
    assert float(seconds) == pytest.approx(3 / RATE, abs=0.06)


def test_what_the_original_says_about_places_is_not_copied(convert, tmp_path):
    place = "location=+48.1374+011.5755/"
    film = convert("place.mp4", "-c", "copy", "-metadata", place,
                   "-metadata", "artist=Me",
                   "-movflags", "use_metadata_tags")  # fmt: skip
    assert "48.1374" in told(film)
    out = tmp_path / "film.mp4"
    paint_film(film, "great_wave", out, **NETWORK)
    assert "48.1374" not in told(out) and "artist" not in told(out)
    assert str(tmp_path).encode() not in out.read_bytes()


@pytest.mark.parametrize(
    ("style", "more"),
    [
        ("great_wave", NETWORK),
        ("style", {"method": "adain", "precision": "float32"}),
        ("style", {**QUICK, "choices": Choices(frame_steps=3, reach=(1, 2))}),
        ("style", {**QUICK, "choices": Choices(frame_steps=3, smooth=0.5)}),
        ("style", {**QUICK, "choices": Choices(frame_steps=3, passes=2)}),
    ],
    ids=["network", "adain", "optimized", "smoothed", "two_passes"],
)
def test_an_interrupted_film_plays_and_is_gone_on_with(clip, tmp_path, style, more):
    given = nstlib.paint("ink_mountains", 64, 64) if style == "style" else style
    out = tmp_path / "film.mkv"
    first = paint_film(clip, given, out, callback=Stop(3), **more)
    assert first.interrupted and first.frames == len(frames_of(out)) == 3
    stopped = first.folder / "1" / "000001.png"
    before = stopped.stat().st_mtime_ns
    again = Stop(99)
    made = paint_film(clip, given, out, callback=again, **more)
    passes = more.get("choices", Choices()).passes
    assert not made.interrupted and again.seen == COUNT * passes - 3
    assert before and not stopped.exists()
    whole = paint_film(clip, given, tmp_path / "whole.mkv", **more)
    assert whole.frames == COUNT
    assert np.abs(frames_of(out) - frames_of(tmp_path / "whole.mkv")).max() <= 3


def test_other_settings_do_not_go_on_with_kept_frames(clip, tmp_path):
    out = tmp_path / "film.mp4"
    first = paint_film(clip, "great_wave", out, callback=Stop(2), **NETWORK)
    other = paint_film(clip, "starry_night", out, callback=Stop(2), **NETWORK)
    assert first.folder != other.folder and first.folder.exists()


def test_an_optimized_film_flickers_less_than_its_frames_alone(clip, tmp_path):
    style = nstlib.paint("ink_mountains", 64, 64)
    frames = open_film(clip)
    alone = [
        nstlib.stylize(f, style, size=WIDTH, steps=20).image for f in frames.frames()
    ]
    folder = tmp_path / "alone"
    for index, picture in enumerate(alone):
        nstlib.save_image(picture, folder / f"{index}.png")
    from nstlib.film.smoothing import Flicker

    flicker = Flicker()
    originals = [f.astype(np.float32) for f in frames.frames()]
    for at in range(1, COUNT):
        flicker.see(
            *({"original": originals[i], "alone": alone[i]} for i in (at - 1, at))
        )
    made = paint_film(
        clip, style, tmp_path / "film", steps=20, choices=Choices(frame_steps=10)
    )
    assert made.flicker["film"] < 0.7 * flicker.errors()["alone"]


def test_smoothing_cleans_a_finished_film(tmp_path):
    rng = np.random.default_rng(0)
    for index, frame in enumerate(moving_shapes(6, 48, 64)):
        noisy = frame / 2 + 64 + rng.normal(0, 12, frame.shape)
        nstlib.save_image(np.clip(noisy, 0, 255), tmp_path / "in" / f"{index}.png")
    choices = Choices(smooth=0.7)
    made = paint_film(tmp_path / "in", None, tmp_path / "out", choices=choices)
    assert made.flicker["film"] < 0.6 * made.flicker["unsmoothed"]
    with pytest.raises(nstlib.SettingsError, match="smooth"):
        paint_film(tmp_path / "in", None, tmp_path / "other")


def test_cuts_are_found():
    frames = moving_shapes(4, 72, 96)
    others = nstlib.paint("starry_night", 72, 96)
    assert not any(is_cut(a, b) for a, b in itertools.pairwise(frames))
    assert is_cut(frames[3], others) and is_cut(others, frames[0])


def test_too_little_space_is_said_before_any_work(clip, tmp_path, monkeypatch):
    few = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(kept_module.shutil, "disk_usage", lambda _: few)
    with pytest.raises(nstlib.NstError, match=r"need about 0.0 GB .* --size"):
        paint_film(clip, "great_wave", tmp_path / "film.mp4", **NETWORK)


def test_a_full_disk_loses_nothing(clip, tmp_path, monkeypatch):
    real = kept_module.Kept.save

    def save(self, index, frame):
        if index == 3:
            raise nstlib.errors.FileError(
                "x cannot be written because the disk is full."
            )
        return real(self, index, frame)

    monkeypatch.setattr(kept_module.Kept, "save", save)
    with pytest.raises(
        nstlib.NstError, match=r"disk is full\. 3 painted frames are kept in"
    ):
        paint_film(clip, "great_wave", tmp_path / "film.mp4", **NETWORK)
    monkeypatch.undo()
    steps = []
    made = paint_film(
        clip, "great_wave", tmp_path / "film.mp4", callback=steps.append, **NETWORK
    )
    assert made.frames == COUNT and len(steps) == COUNT - 3


def test_a_missing_encoder_is_said_before_any_work(clip, tmp_path, monkeypatch):
    from nstlib.film import writing

    monkeypatch.setattr(writing, "_encoders", lambda: frozenset({"gif"}))
    with pytest.raises(nstlib.NstError, match=r"no encoder for \.mp4, .* \.gif"):
        paint_film(clip, "great_wave", tmp_path / "film.mp4", **NETWORK)
    with pytest.raises(
        nstlib.NstError, match=r"a folder for the frames.* or a name that ends in \.mp4"
    ):
        paint_film(clip, "great_wave", tmp_path / "film.doc", **NETWORK)
