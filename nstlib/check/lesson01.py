"""Exercises of 01_preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise

MEANS = np.array([103.939, 116.779, 123.68])  # blue, green, red
TORCH_MEANS = np.array([0.485, 0.456, 0.406])  # red, green, blue
TORCH_DEVIATIONS = np.array([0.229, 0.224, 0.225])


def _pictures(shapes: tuple[tuple[int, int, int], ...]) -> Iterator[Case]:
    rng = np.random.default_rng(1)
    for shape in shapes:
        yield (rng.uniform(0, 255, shape) * np.linspace(0.3, 1, shape[2]),)


reversed_means = Exercise(
    oracle=lambda p: np.array([p[..., c].mean() for c in range(p.shape[2])][::-1]),
    cases=partial(_pictures, ((3, 5, 3), (4, 2, 3), (6, 5, 1), (2, 7, 4))),
    mistakes={
        "these are the means in the usual order: turn them around with [::-1]": (
            lambda p: p.mean((0, 1))
        ),
        "this is one mean of everything: keep the channels apart, axis=(0, 1)": (
            lambda p: p.mean()
        ),
        "you averaged over the rows only: average over axes 0 and 1": (
            lambda p: p[..., ::-1].mean(0)
        ),
        "you averaged over the channels: they are the last axis, and stay": (
            lambda p: p.mean(-1)
        ),
        "these are sums: divide by the number of pixels, or use mean": (
            lambda p: p.sum((0, 1))[::-1]
        ),
        "you divided by 255: VGG's means are on the 0-255 scale": (
            lambda p: p.mean((0, 1))[::-1] / 255
        ),
    },
    praise="one mean for each channel, the last channel first",
)


def _torch(
    picture: np.ndarray,
    scale: float = 255.0,
    means: np.ndarray = TORCH_MEANS,
    deviations: np.ndarray | float = TORCH_DEVIATIONS,
) -> np.ndarray:
    scaled = (picture / scale - means) / deviations
    return np.moveaxis(scaled, -1, 0)[np.newaxis]


preprocess_for_pytorch = Exercise(
    oracle=_torch,
    cases=partial(_pictures, ((3, 5, 3), (4, 2, 3), (1, 1, 3), (6, 6, 3))),
    mistakes={
        "the values are on the 0-255 scale: divide by 255 first": (
            lambda p: _torch(p, 1.0)
        ),
        "the division by the standard deviations is missing": (
            lambda p: _torch(p, deviations=1.0)
        ),
        "you divided by the deviations before you subtracted the means": (
            lambda p: np.moveaxis(p / 255 / TORCH_DEVIATIONS - TORCH_MEANS, -1, 0)[None]
        ),
        "the channels are in the order BGR: PyTorch wants RGB": (
            lambda p: _torch(p[..., ::-1])
        ),
        "the means and deviations belong to other channels: both are in RGB order": (
            lambda p: _torch(p, 255.0, TORCH_MEANS[::-1], TORCH_DEVIATIONS[::-1])
        ),
        "these are VGG's means: PyTorch's are in the text of the exercise": (
            lambda p: _torch(p, 1.0, MEANS[::-1], 1.0)
        ),
        "the channels come last: move them before rows and columns": (
            lambda p: np.moveaxis(_torch(p), 1, -1)
        ),
        "reshape mixes the pixels up: move the axis with np.transpose": (
            lambda p: np.moveaxis(_torch(p), 1, -1).reshape(1, 3, *p.shape[:2])
        ),
        "the 1 in front is missing: add it with [np.newaxis]": (lambda p: _torch(p)[0]),
        "rows and columns are exchanged: the order is 1, channel, row, column": (
            lambda p: _torch(p).swapaxes(2, 3)
        ),
    },
    praise="RGB, scaled, channels first: as PyTorch's VGG wants it",
)


def _suspects() -> Iterator[Case]:
    """Yield the four functions of the lesson, in another order than there."""
    yield (lambda p: (np.asarray(p, float) - MEANS)[..., ::-1][np.newaxis],)
    yield (lambda p: (np.asarray(p, float)[..., ::-1] - MEANS)[np.newaxis],)
    yield (lambda p: np.asarray(p, float)[..., ::-1][np.newaxis],)
    yield (lambda p: (np.asarray(p, float) - MEANS)[np.newaxis],)


def _named(suspect: Callable[..., Any], pixel: tuple[float, ...]) -> str:
    """Name a suspect by its answer to one pixel; the first name that fits counts."""
    picture = np.array([[pixel]])
    given = suspect(picture)
    for name, tensor in {
        "right": picture[..., ::-1] - MEANS,
        "not reversed": picture - MEANS,
        "means swapped": picture[..., ::-1] - MEANS[::-1],
        "means missing": picture[..., ::-1],
    }.items():
        if np.allclose(given, tensor):
            return name
    return "unknown"


def _exchanged(names: dict[str, str]) -> Callable[..., str]:
    def mistake(suspect: Callable[..., Any]) -> str:
        name = _named(suspect, (255.0, 0.0, 0.0))
        return names.get(name, name)

    return mistake


SWAPPED, REVERSED, MISSING = "means swapped", "not reversed", "means missing"

detect_preprocessing = Exercise(
    oracle=lambda suspect: _named(suspect, (255.0, 0.0, 0.0)),
    cases=_suspects,
    mistakes={
        "you call everything right: feed the suspect a picture, and look": (
            lambda suspect: "right"
        ),
        "you take 'not reversed' for right: a gray pixel cannot tell them apart": (
            lambda suspect: _named(suspect, (128.0, 128.0, 128.0))
        ),
        "you take swapped means for right: look at blue or red, not at green": (
            _exchanged({SWAPPED: "right"})
        ),
        "you look at green only, whose mean and place are right in three of four": (
            _exchanged({SWAPPED: "right", REVERSED: "right"})
        ),
        "you confuse swapped means with channels that are not reversed": (
            _exchanged({SWAPPED: REVERSED, REVERSED: SWAPPED})
        ),
        "you confuse swapped means with right: the mean of blue is 103.939": (
            _exchanged({SWAPPED: "right", "right": SWAPPED})
        ),
        "you do not find missing means: the numbers come out as they went in": (
            _exchanged({MISSING: "right"})
        ),
    },
    praise="one well-chosen pixel tells all four apart",
)
