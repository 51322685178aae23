"""Exercises of 13_feed_forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise
from nstlib.check.feedback import Mistake


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(30)
    for shape in ((3, 5, 4), (4, 2, 1), (6, 3, 2)):
        yield (rng.normal(2, 3, shape) * rng.uniform(0.5, 4, shape[-1]),)


normalized = Exercise(
    oracle=lambda x: (x - x.mean((0, 1))) / x.std((0, 1)),
    cases=_maps,
    mistakes={
        "all channels have one mean and deviation together: each has its own": (
            lambda x: (x - x.mean()) / x.std()
        ),
        "the mean is still there: subtract it first": lambda x: x / x.std((0, 1)),
        "only the mean is gone: divide by the deviation": lambda x: x - x.mean((0, 1)),
        "all channels are divided by one deviation: each has its own": (
            lambda x: (x - x.mean((0, 1))) / x.std()
        ),
        "you divided by the variance: take its root, the deviation": (
            lambda x: (x - x.mean((0, 1))) / x.var((0, 1))
        ),
        "you multiplied by the deviation: divide": (
            lambda x: (x - x.mean((0, 1))) * x.std((0, 1))
        ),
        "each position was normalized over its channels: normalize each channel over "
        "its positions": (
            lambda x: (
                (x - x.mean(-1, keepdims=True))
                / np.maximum(x.std(-1, keepdims=True), 1e-9)
            )
        ),
        "each column was normalized by itself: take both axes, (0, 1)": (
            lambda x: (x - x.mean(0)) / np.maximum(x.std(0), 1e-9)
        ),
        "these are values from 0 to 1, by least and largest: use mean and deviation": (
            lambda x: (x - x.min((0, 1))) / (x.max((0, 1)) - x.min((0, 1)))
        ),
    },
    praise="mean 0 and deviation 1, whatever the contrast",
)


def _rows() -> Iterator[Case]:
    rng = np.random.default_rng(31)
    for count, size in ((3, 3), (5, 2), (1, 4)):
        yield rng.normal(size=count), rng.normal(size=size)


def _transposed(values: np.ndarray, kernel: np.ndarray, stride: int = 2) -> np.ndarray:
    row = np.zeros(stride * (len(values) - 1) + len(kernel))
    for place, weight in enumerate(kernel):
        row[place : place + stride * len(values) : stride] += weight * values
    return row


def _overwritten(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    row = np.zeros(2 * (len(values) - 1) + len(kernel))
    for i, value in enumerate(values):
        row[2 * i : 2 * i + len(kernel)] = value * kernel
    return row


transposed_row = Exercise(
    oracle=_transposed,
    cases=_rows,
    mistakes={
        "the stride is 1: the kernel moves by two places": (
            lambda v, k: _transposed(v, k, 1)
        ),
        "later kernels overwrite earlier ones where they overlap: add up": _overwritten,
        "the kernel is turned around: it is put down as it is": (
            lambda v, k: _transposed(v, k[::-1])
        ),
        "the values were repeated, then convolved: that is the other way to enlarge": (
            lambda v, k: np.convolve(np.repeat(v, 2), k)
        ),
        "the values are not used: each kernel is multiplied by one": (
            lambda v, k: _transposed(np.ones_like(v), k)
        ),
        "the row is too short: it has 2·(n − 1) + K places": (
            lambda v, k: _transposed(v, k)[: 2 * len(v)]
        ),
    },
    praise="and now you see the stripes",
)


@dataclass(frozen=True)
class Norm:
    """A normalization into which a student cannot look: maps → maps of the same shape.

    Args:
        name: what the oracle reads.
        axes: over what mean and deviation are taken; None if they are remembered.
        seed: decides scale and offset of each channel.
        label: what a student is told about it.
    """

    name: str
    axes: tuple[int, ...] | None
    seed: int
    label: str

    def __call__(self, maps: Any) -> np.ndarray:
        """Normalize maps ``(n, h, w, C)``."""
        x = np.asarray(maps, np.float64)
        if x.ndim != 4 or not x.size:
            raise Mistake(f"norm takes maps (n, h, w, C), and got the shape {x.shape}")
        rng = np.random.default_rng(self.seed)
        scale, offset, mean, deviation = rng.uniform(0.5, 3, (x.shape[-1], 4)).T
        if self.axes is not None:
            mean = x.mean(self.axes, keepdims=True)
            deviation = np.sqrt(x.var(self.axes, keepdims=True) + 1e-5)
        return (x - mean) / deviation * scale + offset


_NORMS = (
    Norm("instance", (1, 2), 40, "box 1"),
    Norm("batch", (0, 1, 2), 41, "box 2"),
    Norm("layer", (1, 2, 3), 42, "box 3"),
    Norm("remembered", None, 43, "box 4"),
    Norm("batch", (0, 1, 2), 44, "box 5"),
    Norm("instance", (1, 2), 45, "box 6"),
)


def _poking(norm: Norm, pictures: int = 2, channels: int = 2) -> str:
    """Return how somebody answers who changes one number and sees what moves."""
    maps = np.random.default_rng(46).normal(size=(pictures, 3, 4, channels))
    changed = maps.copy()
    changed[0, 0, 0, 0] += 1
    moved = np.abs(norm(changed) - norm(maps)) > 1e-9
    if moved[1:].any():
        return "batch"
    if moved[0, ..., 1:].any():
        return "layer"
    return "instance" if moved.sum() > 1 else "remembered"


def _trusting(norm: Norm) -> str:
    """Return how somebody answers who looks for mean 0 and deviation 1."""
    made = norm(np.random.default_rng(47).normal(size=(2, 3, 4, 2)))
    axes = {"instance": (1, 2), "batch": (0, 1, 2), "layer": (1, 2, 3)}
    found = [name for name, over in axes.items() if np.allclose(made.mean(over), 0)]
    return found[0] if found else "remembered"


def _forgetting(norm: Norm) -> str:
    """Return how somebody answers who does not think of remembered numbers."""
    return "instance" if (said := _poking(norm)) == "remembered" else said


which_norm = Exercise(
    oracle=lambda norm: norm.name,
    cases=lambda: ((box,) for box in _NORMS),
    mistakes={
        "with one picture, batch and instance are the same: give norm two or more": (
            lambda norm: _poking(norm, pictures=1)
        ),
        "with one channel, layer and instance are the same: give norm two or more": (
            lambda norm: _poking(norm, channels=1)
        ),
        "the other positions of the channel move with all three: ask whether other "
        "pictures move, and other channels": (
            lambda norm: _poking(norm, pictures=1, channels=1)
        ),
        "you always say remembered. The scales and offsets hide mean 0 and deviation "
        "1, so do not look for them: change one number, and see what moves": _trusting,
        "where nothing moves but the number that you changed, no mean was computed "
        "anew: that is remembered": _forgetting,
        "you always say instance: call norm with maps, change one number, and see what "
        "moves": lambda norm: "instance",
        "you always say batch: call norm with maps, change one number, and see what "
        "moves": lambda norm: "batch",
    },
    praise="your experiment finds out who is judged together with whom",
)
