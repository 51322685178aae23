"""A film painted by others, chunk by chunk, is the film that one process paints."""

import itertools

import numpy as np
import pytest

import nstlib
from nstlib.errors import FilmError, NstError, SettingsError
from nstlib.film.choices import Choices
from nstlib.film.chunks import Chunk, paint_chunk
from nstlib.film.door import paint_film
from nstlib.film.example import moving_shapes
from nstlib.film.opening import open_film

NETWORK = {"method": "feedforward", "precision": "float32"}
ADAIN = {"method": "adain", "colors": "match", "precision": "float32"}
QUICK = {"method": "optimize", "steps": 4, "precision": "float32"}
CUT, COUNT = 5, 9
"""The first frame of the second shot, and the number of frames."""


@pytest.fixture(scope="module")
def cut_film(tmp_path_factory):
    """A folder with two shots, of which one frame is repeated."""
    folder = tmp_path_factory.mktemp("cut") / "film"
    other = nstlib.paint("starry_night", 48, 80)
    frames = moving_shapes(CUT, 48, 64)
    frames += [other[:, at : at + 64] for at in range(COUNT - CUT)]
    frames[3] = frames[2]
    for index, frame in enumerate(frames):
        nstlib.save_image(frame, folder / f"{index}.png")
    return folder


class Backwards:
    """A crew in this process that does the last of a few chunks first."""

    def __init__(self, fail_after=99):
        self.painted, self.waves, self.fail_after = [], 0, fail_after

    def __call__(self, chunks):
        self.waves += 1
        chunks = iter(chunks)
        while some := list(itertools.islice(chunks, 3)):
            for key, chunk in reversed(some):
                if len(self.painted) == self.fail_after:
                    raise FilmError("the cluster is gone.")
                self.painted.append(len(chunk.frames))
                yield key, paint_chunk(chunk)


def painted(folder):
    return [nstlib.load_image(path) for path in sorted(folder.glob("*.png"))]


def difference(one, other):
    pairs = zip(painted(one), painted(other), strict=True)
    return max(np.abs(a - b).max() for a, b in pairs)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr("nstlib.film.ahead.CHUNK", 2)


def moving_masks(folder):
    for index in range(COUNT):
        mask = np.zeros((48, 64, 3))
        mask[:, 4 * index : 4 * index + 32] = 255
        nstlib.save_image(mask, folder / f"{index}.png")
    return folder


CASES = {
    "network": (NETWORK, {}, 5),
    "adain": (ADAIN, {}, 5),
    "smoothed": (NETWORK, {"smooth": 0.5}, 5),
    "optimized": (QUICK, {"frame_steps": 3, "reach": (1, 3)}, 5),
    "optimized_smoothed": (QUICK, {"frame_steps": 3, "smooth": 0.5}, 5),
    "alone": (QUICK, {"reach": ()}, 5),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("masked", [False, True], ids=["everywhere", "masked"])
def test_it_is_the_same_film(cut_film, tmp_path, case, masked):
    method, choices, count = CASES[case]
    style = "great_wave" if method == NETWORK else nstlib.paint("tapestry", 64, 64)
    if masked:
        half = np.zeros((48, 64))
        half[:, 20:] = 255
        moving = moving_masks(tmp_path / "masks")
        style = [(style, 1.0, moving), (style, 2.0, half)]
    more, crew = {**method, "choices": Choices(**choices)}, Backwards()
    alone = paint_film(cut_film, style, tmp_path / "one", **more)
    made = paint_film(cut_film, style, tmp_path / "two", crew=crew, **more)
    assert difference(tmp_path / "one", tmp_path / "two") == 0
    assert (sum(crew.painted), len(crew.painted)) == (COUNT, count)
    assert crew.waves == (3 if "optimized" in case else 1)
    for name, value in made.flicker.items():
        assert value == pytest.approx(alone.flicker[name])
    assert not (tmp_path / "two-frames").exists()


@pytest.mark.parametrize("case", ["smoothed", "optimized"])
def test_chunks_that_were_kept_are_not_painted_again(cut_film, tmp_path, case):
    method, choices, _ = CASES[case]
    style = "great_wave" if method == NETWORK else nstlib.paint("tapestry", 64, 64)
    more, first = {**method, "choices": Choices(**choices)}, Backwards(fail_after=3)
    with pytest.raises(
        NstError, match=r"gone\. \d painted frames are kept .* same command"
    ):
        paint_film(cut_film, style, tmp_path / "two", crew=first, **more)
    second = Backwards()
    paint_film(cut_film, style, tmp_path / "two", crew=second, **more)
    assert sum(first.painted) + sum(second.painted) == COUNT
    paint_film(cut_film, style, tmp_path / "one", **more)
    assert difference(tmp_path / "one", tmp_path / "two") == 0


def test_a_run_with_a_crew_is_gone_on_with_without_one(cut_film, tmp_path):
    with pytest.raises(NstError, match="gone"):
        paint_film(cut_film, "great_wave", tmp_path / "two",
                   crew=Backwards(fail_after=3), **NETWORK)  # fmt: skip
    steps = []
    paint_film(
        cut_film, "great_wave", tmp_path / "two", callback=steps.append, **NETWORK
    )
    assert len(steps) == COUNT - 6  # the three chunks were the first ones
    frames = open_film(cut_film).frames()
    for found, frame in zip(painted(tmp_path / "two"), frames, strict=True):
        wanted = nstlib.stylize(frame, "great_wave", size=64, grain=0, **NETWORK).image
        assert np.abs(found - wanted).max() <= 1


def test_what_a_crew_cannot_do(cut_film, tmp_path):
    crew, out = Backwards(), tmp_path / "out"
    with pytest.raises(SettingsError, match="smoothing needs no cluster"):
        paint_film(cut_film, None, out, choices=Choices(smooth=0.5), crew=crew)
    style, two = nstlib.paint("tapestry", 64, 64), Choices(passes=2)
    with pytest.raises(SettingsError, match="makes one pass over a film"):
        paint_film(cut_film, style, out, choices=two, crew=crew, **QUICK)


def test_chunks_have_names_of_their_own_and_one_version(monkeypatch):
    chunk = Chunk(b"setup", [b"frame"], [{}])
    others = [
        chunk._replace(setup=b"other"),
        chunk._replace(frames=[b"other"]),
        chunk._replace(moving=[{0: b"mask"}]),
        chunk._replace(before=[(b"frame", b"painted")]),
    ]
    assert len({one.key for one in (chunk, *others)}) == 5
    assert chunk.key == Chunk(b"setup", [b"frame"], [{}]).key
    monkeypatch.setattr("nstlib.runs.versions.__version__", "9.9")
    with pytest.raises(NstError, match=r"nstlib has version 9\.9 on a worker"):
        paint_chunk(chunk)
