"""Exercises of 06_total_variation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for shape in ((4, 6, 3), (5, 3, 1), (2, 7, 3), (6, 5, 2)):
        yield (rng.uniform(0, 9, shape),)


def _down(p: np.ndarray) -> np.ndarray:
    return np.diff(p, axis=0)


def _right(p: np.ndarray) -> np.ndarray:
    return np.diff(p, axis=1)


def _sum(p: np.ndarray, power: float = 1) -> float:
    return np.sum(np.abs(_down(p)) ** power) + np.sum(np.abs(_right(p)) ** power)


def _mean(p: np.ndarray) -> float:
    return np.mean(np.abs(_down(p))) + np.mean(np.abs(_right(p)))


edge_keeping_variation = Exercise(
    oracle=_sum,
    cases=_pictures,
    mistakes={
        "these are squares, exponent 2: take absolute values": lambda p: _sum(p, 2),
        "this is the mean over each direction: the sum is asked for": _mean,
        "only one direction: the differences to the right are missing": (
            lambda p: np.sum(np.abs(_down(p)))
        ),
        "only one direction: the differences down are missing": (
            lambda p: np.sum(np.abs(_right(p)))
        ),
        "signs cancel: take the absolute value before you add up": (
            lambda p: np.sum(_down(p)) + np.sum(_right(p))
        ),
        "you took the absolute value after the sum: by then the signs have canceled": (
            lambda p: abs(np.sum(_down(p))) + abs(np.sum(_right(p)))
        ),
        "the second direction has the wrong sign: add both": (
            lambda p: np.sum(np.abs(_down(p))) - np.sum(np.abs(_right(p)))
        ),
        "differences of channels are among them: only neighbors down and right "
        "count": lambda p: _sum(p) + np.sum(np.abs(np.diff(p, axis=2))),
        "the picture is wrapped around: opposite borders are no neighbors": (
            lambda p: sum(np.sum(np.abs(p - np.roll(p, 1, axis))) for axis in (0, 1))
        ),
        "these are the pixels that have both neighbors: the last row and the last "
        "column have one neighbor each, which counts": (
            lambda p: np.sum(np.abs(_down(p)[:, :-1])) + np.sum(np.abs(_right(p)[:-1]))
        ),
        "these are the inner pixels only: neighbors at the border count, too": (
            lambda p: (
                np.sum(np.abs(_down(p)[1:, 1:-1])) + np.sum(np.abs(_right(p)[1:-1, 1:]))
            )
        ),
        "a root too much: add the absolute values of each direction": (
            lambda p: np.sum(np.hypot(_down(p)[:, :-1], _right(p)[:-1]))
        ),
    },
    praise="an edge costs no more than a ramp of the same height",
)


def _sizes() -> Iterator[Case]:
    yield from [(4, 5), (3, 8), (7, 2), (6, 6)]


def _board(height: int, width: int, low: float = 0, high: float = 255) -> np.ndarray:
    rows, columns = np.indices((height, width))
    return np.where((rows + columns) % 2, high, low)[..., None]


FORM = "return one array of numbers of the shape (height, width, 1)"
RANGE = "gray levels run from 0 to 255, and some of yours do not"
FLAT = "no pixel differs from its neighbors: this is the smoothest picture of all"
STRIPES = "these are stripes: along a stripe, no pixel differs from its neighbor"
FAINT = "all neighbors differ, and by the same: now let them differ by more"


def _smoother(answer: Any, height: int, width: int) -> str | None:
    """Say why a picture is not the roughest of its size; None if it is."""
    picture = np.asarray(answer)
    if picture.shape != (height, width, 1) or picture.dtype.kind not in "iuf":
        return FORM
    picture = picture.astype(float)
    if not (picture.min() >= 0 and picture.max() <= 255):  # NaN fails here, too
        return RANGE
    down, right = np.abs(_down(picture)), np.abs(_right(picture))
    found, most = np.mean(down**2) + np.mean(right**2), 2 * 255.0**2
    if np.isclose(found, most):
        return None
    if found == 0:
        return FLAT
    if down.max() == 0 or right.max() == 0:
        return STRIPES
    if np.ptp(np.append(down, right)) < 1e-9:
        return FAINT
    return (
        f"the TV of yours is {found:.0f}, and {most:.0f} is possible: look for "
        "neighbors that are alike"
    )


roughest_picture = OpenExercise(
    oracle=_board,
    cases=_sizes,
    mistakes={
        FORM: lambda height, width: _board(height, width)[..., 0],
        RANGE: lambda height, width: _board(height, width, -255, 255),
        FLAT: lambda height, width: np.full((height, width, 1), 255.0),
        STRIPES: lambda height, width: np.repeat(_board(1, width), height, axis=0),
        FAINT: lambda height, width: _board(height, width, 100, 101),
    },
    flaw=_smoother,
    praise="the roughest picture of its size; pooling by 2 × 2 makes it flat",
)


def _with_epsilon() -> Iterator[Case]:
    for (picture,), epsilon in zip(_pictures(), (4.0, 0.25, 9.0, 2.0), strict=True):
        yield picture, epsilon
    yield np.full((3, 4, 1), 7.0), 0.5  # flat: only the roots of epsilon are left


def _both(p: np.ndarray) -> np.ndarray:
    """Return dx² + dy² for the pixels that have both neighbors."""
    return np.diff(p[:, :-1], axis=0) ** 2 + np.diff(p[:-1], axis=1) ** 2


isotropic_variation = Exercise(
    oracle=lambda p, e: np.sum(np.sqrt(_both(p) + e)),
    cases=_with_epsilon,
    mistakes={
        "epsilon is missing: a flat picture would give a slope that is no number": (
            lambda p, e: np.sum(np.sqrt(_both(p)))
        ),
        "epsilon stands outside the root: there it does not help at zero": (
            lambda p, e: np.sum(np.sqrt(_both(p)) + e)
        ),
        "epsilon was added once, after the sum: every root needs it": (
            lambda p, e: np.sum(np.sqrt(_both(p))) + e
        ),
        "epsilon is squared: it stands under the root as it is": (
            lambda p, e: np.sum(np.sqrt(_both(p) + e**2))
        ),
        "this is one root of the whole sum: each pixel has a root of its own": (
            lambda p, e: np.sqrt(np.sum(_both(p) + e))
        ),
        "each direction has its own root: add the two squares under one": (
            lambda p, e: (
                np.sum(np.sqrt(_down(p) ** 2 + e)) + np.sum(np.sqrt(_right(p) ** 2 + e))
            )
        ),
        "the root is missing: these are squares": lambda p, e: np.sum(_both(p) + e),
        "this is the mean: the sum is asked for": (
            lambda p, e: np.mean(np.sqrt(_both(p) + e))
        ),
        "you squared after adding: square each difference first": (
            lambda p, e: np.sum(np.sqrt((_down(p)[:, :-1] + _right(p)[:-1]) ** 2 + e))
        ),
    },
    praise="smooth even where the picture is flat",
)
