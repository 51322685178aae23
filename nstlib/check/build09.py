"""The functions that a student builds in 09_style_transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.check.build09_whole import total_loss, transfer
from nstlib.check.building import Built
from nstlib.check.exercise import Case

__all__ = [
    "content_loss",
    "gram",
    "style_loss",
    "total_loss",
    "total_variation_loss",
    "transfer",
]

Array = np.ndarray
SHAPES = ((1, 3, 5, 4), (1, 6, 2, 1), (1, 2, 7, 3))


def _pairs() -> Iterator[Case]:
    rng = np.random.default_rng(109)
    for shape in SHAPES:
        features, target = rng.normal(size=shape), 3 * rng.normal(size=shape)
        yield features, target
    yield np.float32(features), np.float32(target)


def _content(F: Array, P: Array, below: Callable[[Array, Array], float]) -> float:
    return float(np.sum((np.float64(F) - P) ** 2) / below(np.float64(F), P))


content_loss = Built(
    of="09_style_transfer.content_loss",
    oracle=lambda F, P: _content(F, P, lambda F, P: np.sum(np.float64(P) ** 2)),
    cases=_pairs,
    kind="gradient",
    dtype="same",
    mistakes={
        "this is the mean of the squares: divide it by that of the photo": (
            lambda F, P: _content(F, P, lambda F, P: F.size)
        ),
        "these are the squares added up: divide the mean by that of the photo": (
            lambda F, P: _content(F, P, lambda F, P: 1.0)
        ),
        "you divided by the picture's maps: divide by those of the photo, P": (
            lambda F, P: _content(F, P, lambda F, P: np.sum(F**2))
        ),
        "above the line is a sum, below it a mean: take the mean twice": (
            lambda F, P: _content(F, P, lambda F, P: np.mean(np.float64(P) ** 2))
        ),
        "you divided value by value: first take two means, and then divide them": (
            lambda F, P: float(np.mean(((np.float64(F) - P) / np.float64(P)) ** 2))
        ),
        "there is a ½ too many": lambda F, P: _content(
            F, P, lambda F, P: 2 * np.sum(np.float64(P) ** 2)
        ),
        "these are sizes of differences: square them": lambda F, P: float(
            np.sum(np.abs(np.float64(F) - P)) / np.sum(np.float64(P) ** 2)
        ),
    },
    praise="0 for the photo itself, and without a unit",
)


def _maps() -> Iterator[Case]:
    for features, _ in _pairs():
        yield (features,)


def _gram(F: Array) -> Array:
    vectors = np.float64(F).reshape(-1, F.shape[-1])
    return np.mean([np.outer(v, v) for v in vectors], axis=0)


def _count(F: Array) -> int:
    return F[..., 0].size


gram = Built(
    of="09_style_transfer.gram",
    oracle=_gram,
    cases=_maps,
    kind="gradient",
    dtype="same",
    mistakes={
        "your Gram is N times too large: divide by the number of positions": (
            lambda F: _gram(F) * _count(F)
        ),
        "you divided by all values: divide by the number of positions": (
            lambda F: _gram(F) / F.shape[-1]
        ),
        "you divided by one side: divide by the number of positions, h times w": (
            lambda F: _gram(F) * F.shape[2]
        ),
        "you divided by the channels: divide by the number of positions": (
            lambda F: _gram(F) * _count(F) / F.shape[-1]
        ),
        "reshape to (C, N) mixes channels and positions: reshape to (N, C)": (
            lambda F: _gram(np.reshape(F, (F.shape[-1], -1)).T)
        ),
        "this is N × N: transpose the first factor": (
            lambda F: (
                np.float64(F).reshape(-1, F.shape[-1])
                @ np.float64(F).reshape(-1, F.shape[-1]).T
                / _count(F)
            )
        ),
        "only the diagonal is there: each channel meets every other one, too": (
            lambda F: np.diag(np.diag(_gram(F)))
        ),
    },
    praise="means of products, so any size can be compared",
)


def _goals() -> Iterator[Case]:
    rng = np.random.default_rng(110)
    for features, _ in _pairs():
        goal = _gram(rng.uniform(0, 3, (1, 4, 3, features.shape[-1])))
        yield features, goal.astype(features.dtype)


def _style(F: Array, goal: Array) -> float:
    squares = (_gram(F) - np.float64(goal)) ** 2
    return float(np.sum(squares) / np.sum(np.float64(goal) ** 2))


style_loss = Built(
    of="09_style_transfer.style_loss",
    oracle=lambda F, goal: _style(F, goal),
    cases=_goals,
    kind="gradient",
    dtype="same",
    names={
        "gram": lambda F: tf.einsum("nhwi,nhwj->ij", F, F) / (F.shape[1] * F.shape[2])
    },
    mistakes={
        "this is not divided yet: divide by the squares of the goal, added up": (
            lambda F, goal: _style(F, goal) * np.sum(np.float64(goal) ** 2)
        ),
        "you divided by the picture's Gram: the goal stands below": (
            lambda F, goal: (
                _style(F, goal) * np.sum(np.float64(goal) ** 2) / np.sum(_gram(F) ** 2)
            )
        ),
        "above the line is a sum, below it a mean: take the sum twice": (
            lambda F, goal: _style(F, goal) * goal.size
        ),
        "above the line is a mean, below it a sum: take the sum twice": (
            lambda F, goal: _style(F, goal) / goal.size
        ),
        "this is a mean: divide the sum of the squares by that of the goal's": (
            lambda F, goal: _style(F, goal) * np.sum(np.float64(goal) ** 2) / goal.size
        ),
        "the goal is divided by N already: do not divide it once more": (
            lambda F, goal: _style(F, np.float64(goal) / _count(F))
        ),
        "these are sizes of differences: square them": lambda F, goal: float(
            np.sum(np.abs(_gram(F) - goal)) / np.sum(np.float64(goal) ** 2)
        ),
    },
    praise="0 for the same style, and without a unit",
)


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(111)
    for shape in ((1, 4, 6, 3), (1, 5, 3, 1), (1, 2, 7, 3)):
        yield (rng.normal(size=shape),)
    yield (np.float32(rng.normal(size=(1, 3, 4, 3))),)


def _variation(x: Array, reduce: Callable[..., Any] = np.mean, power: float = 2) -> Any:
    return sum(
        reduce(np.abs(np.diff(np.float64(x), axis=axis)) ** power) for axis in (1, 2)
    )


total_variation_loss = Built(
    of="09_style_transfer.total_variation_loss",
    oracle=lambda x: _variation(x),
    cases=_pictures,
    kind="gradient",
    dtype="same",
    mistakes={
        "these are sums: take the mean of each direction": (
            lambda x: _variation(x, np.sum)
        ),
        "these are sizes of differences: square them": (
            lambda x: _variation(x, np.mean, 1)
        ),
        "only one direction: the differences to the right are missing": (
            lambda x: np.mean(np.diff(np.float64(x), axis=1) ** 2)
        ),
        "only one direction: the differences down are missing": (
            lambda x: np.mean(np.diff(np.float64(x), axis=2) ** 2)
        ),
        "the last axis holds the channels: rows are axis 1, columns axis 2": (
            lambda x: sum(
                np.mean(np.diff(np.float64(x), axis=axis) ** 2) for axis in (2, 3)
            )
        ),
        "the first axis has length 1: rows are axis 1, columns axis 2": (
            lambda x: sum(
                np.mean(np.diff(np.float64(x), axis=axis) ** 2) for axis in (0, 1)
            )
        ),
        "you took the mean of the two means: add them": lambda x: _variation(x) / 2,
        "the second direction has the wrong sign: add both": lambda x: (
            np.mean(np.diff(np.float64(x), axis=1) ** 2)
            - np.mean(np.diff(np.float64(x), axis=2) ** 2)
        ),
    },
    praise="neighbors below and to the right",
)
