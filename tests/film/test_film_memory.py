"""Memory does not grow with the length of a film."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from nstlib.film import door, sequence
from nstlib.film.choices import Choices
from nstlib.film.places import Masks
from nstlib.film.source import Facts
from nstlib.images import Picture

HEIGHT, WIDTH = 96, 128
FLOATS = HEIGHT * WIDTH * 3 * 4
"""Bytes of a frame as float32."""


class Noise:
    """A film that is made while it is read."""

    problem = ""

    def __init__(self, count):
        self.facts = Facts(HEIGHT, WIDTH, Fraction(25), count, False)

    def frames(self):
        for index in range(self.facts.length):
            rng = np.random.default_rng(index)
            yield rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)

    def hash(self):
        return "0" * 64


@pytest.fixture
def peak(tmp_path, monkeypatch):
    """The most bytes that Python and NumPy hold while a film of noise is painted."""

    def negative(first, style, settings, store, colors):
        def paint(frame: Picture, masks: Masks | None = None) -> Picture:
            return 255 - frame

        return paint, []

    monkeypatch.setattr(sequence, "frame_painter", negative)

    def peak(count, **more):
        monkeypatch.setattr(door, "open_film", lambda *_: Noise(count))
        tracemalloc.start()
        try:
            out = tmp_path / f"{count}.mkv"
            made = door.paint_film("noise", "great_wave", out, **more)
            return made.frames, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return peak


@pytest.mark.parametrize("smooth", [0.0, 0.5])
def test_five_times_the_frames_take_no_more_memory(peak, smooth):
    more = {"method": "feedforward", "choices": Choices(smooth=smooth)}
    peak(4, **more)  # what is loaded once
    found = [peak(count, **more) for count in (12, 64)]
    assert [count for count, _ in found] == [12, 64]
    # Reader and writer may be a few frames ahead or behind. Keeping one array of bytes
    # of each frame would take 13 times as much as one array of floats.
    assert found[1][1] - found[0][1] < 8 * FLOATS
