"""Exercises of 10_creative_control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise
from nstlib.check.feedback import show

_Y = np.array([0.299, 0.587, 0.114])


def _two_pictures() -> Iterator[Case]:
    rng = np.random.default_rng(10)
    for height, width in ((3, 5), (4, 2), (1, 6)):
        painted, picture = rng.uniform(0, 255, (2, height, width, 3))
        yield painted, picture


def _moved(picture: np.ndarray, difference: np.ndarray) -> np.ndarray:
    return picture + difference[..., None]


swapped_luminance = Exercise(
    oracle=lambda p, c: _moved(c, p @ _Y - c @ _Y),
    cases=_two_pictures,
    mistakes={
        "the pictures are the wrong way around: the colors come from the second": (
            lambda p, c: _moved(p, (c - p) @ _Y)
        ),
        "the sign is wrong: the luminance of the painted picture minus that of the "
        "photo": lambda p, c: _moved(c, (c - p) @ _Y),
        "this is the mean of R, G and B: luminance weights them by 0.299, 0.587 and "
        "0.114": lambda p, c: _moved(c, (p - c).mean(axis=-1)),
        "the weights are in the order of BGR: red has 0.299, blue 0.114": (
            lambda p, c: _moved(c, (p - c) @ _Y[::-1])
        ),
        "you added the whole luminance of the painted picture: add the difference": (
            lambda p, c: _moved(c, p @ _Y)
        ),
        "this is gray: the photo's colors got lost": (
            lambda p, c: _moved(np.zeros_like(c), p @ _Y)
        ),
        "these are differences of the channels: all three move by the same amount": (
            lambda p, c: c + (p - c) * _Y
        ),
        "only the difference is returned: add it to the photo": (
            lambda p, c: _moved(np.zeros_like(c), (p - c) @ _Y)
        ),
        "clipping is not asked for here": (
            lambda p, c: np.clip(_moved(c, (p - c) @ _Y), 0, 255)
        ),
    },
    praise="as dark as the painting, in the colors of the photo",
)


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(11)
    for shape, side in (((3, 5, 4), 2), ((4, 2, 1), 3), ((2, 6, 3), 1)):
        mask = rng.uniform(0, 1, (shape[0] * side, shape[1] * side))
        mask[:side, : 2 * side] = 0.0  # two positions lie outside
        yield rng.normal(1, 2, shape), mask


def _blocks(mask: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Put the pixels of each position into the last axis: ``(h, w, s²)``."""
    h, w = features.shape[:2]
    rows = [np.hsplit(row, w) for row in np.vsplit(mask, h)]
    return np.array([[block.ravel() for block in row] for row in rows])


def _means(mask: np.ndarray, features: np.ndarray) -> np.ndarray:
    return _blocks(mask, features).mean(axis=-1)


def _guided(
    features: np.ndarray,
    mask: np.ndarray,
    weights_of: Callable[..., np.ndarray] = _means,
    power: float = 1.0,
    count: Callable[[np.ndarray], float] = np.sum,
) -> np.ndarray:
    """Return (4), position by position; each argument is one step."""
    weights = weights_of(mask, features)
    gram = sum(
        weights[place] ** power * np.outer(features[place], features[place])
        for place in np.ndindex(*weights.shape)
    )
    return gram / count(weights)


guided_gram = Exercise(
    oracle=_guided,
    cases=_maps,
    mistakes={
        "you divided by the number of positions: divide by the sum of the weights": (
            lambda f, m: _guided(f, m, count=np.size)
        ),
        "you divided by the number of weights above 0: a soft position counts in part, "
        "so divide by the sum of the weights": (
            lambda f, m: _guided(f, m, count=np.count_nonzero)
        ),
        "you divided by the sum of the mask: it counts pixels, and N_w positions": (
            lambda f, m: _guided(f, m, count=lambda w: m.sum())
        ),
        "this is the sum: divide it by the sum of the weights": (
            lambda f, m: _guided(f, m, count=lambda w: 1.0)
        ),
        "the mask is not used: this is the Gram matrix of the whole picture": (
            lambda f, m: _guided(f, np.ones(m.shape))
        ),
        "you took one pixel for each position: take the mean of its pixels": (
            lambda f, m: _guided(f, m, lambda m, f: _blocks(m, f)[..., 0])
        ),
        "you took the brightest pixel of each position: take the mean": (
            lambda f, m: _guided(f, m, lambda m, f: _blocks(m, f).max(axis=-1))
        ),
        "the leak is left out here: take the mean of the pixels, not the least": (
            lambda f, m: _guided(f, m, lambda m, f: _blocks(m, f).min(axis=-1))
        ),
        "the weights came in twice: multiply only one of the two tables by them": (
            lambda f, m: _guided(f, m, power=2.0)
        ),
        "the weights have a root too much": lambda f, m: _guided(f, m, power=0.5),
        "soft edges got lost: every position with a weight above 0 counts in full": (
            lambda f, m: _guided(f, m, lambda m, f: 1.0 * (_means(m, f) > 0))
        ),
    },
    praise="what lies outside has no say",
)


def _covariances() -> Iterator[Case]:
    rng = np.random.default_rng(12)
    for spread, other in ((60, 40), (30, 50), (50, 50)):
        pair = rng.normal(0, 1, (2, 3, 3)) * [[[spread]], [[other]]]
        yield tuple(np.round(one @ one.T + 100 * np.eye(3)) for one in pair)


def _root(matrix: np.ndarray, exponent: float = 0.5) -> np.ndarray:
    u, s, _ = np.linalg.svd(matrix)
    return np.asarray((u * s**exponent) @ u.T)


def _nearest(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return (3), the matrix that moves the colors least."""
    root, back = _root(source), _root(source, -0.5)
    return np.asarray(back @ _root(root @ reference @ root) @ back)


def _negative(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return -_nearest(source, reference)


def _moved_by(matrix: np.ndarray, source: np.ndarray) -> float:
    """Return the mean square of the way from x to A x."""
    gap = matrix - np.eye(3)
    return float(np.trace(gap @ source @ gap.T))


LONGER = 1.5
"""How many times the way of (3) a wrong matrix has to go, in the mean square."""


_UNMATCHED = "A Σ_s Aᵀ is not Σ_r, so mean and covariance are not matched"


def _flaw(answer: Any, source: np.ndarray, reference: np.ndarray) -> str | None:
    matrix = np.asarray(answer)
    if matrix.shape != (3, 3) or matrix.dtype.kind not in "biuf":
        return "return a matrix (3, 3) of real numbers"
    if not np.isfinite(matrix).all():
        return "some values are nan or infinite: did you divide by 0?"
    found = matrix @ source @ matrix.T
    if not np.allclose(found, reference, rtol=1e-3, atol=1e-3 * reference.max()):
        shown = f"source: {show(source)}", f"right: {show(reference)}"
        lines = "\n  ".join([*shown, f"yours: {show(found)}"])
        return f"{_UNMATCHED}. For example:\n  {lines}"
    ways = (_moved_by(matrix, source), _moved_by(_nearest(source, reference), source))
    if ways[0] < LONGER * ways[1]:
        return (
            f"it fulfills (2), and moves the colors {ways[0] / ways[1]:.2f} times as "
            f"far as (3): find one that moves them {LONGER:g} times as far or more"
        )
    return None


wrong_colors = OpenExercise(
    oracle=_negative,
    cases=_covariances,
    flaw=_flaw,
    mistakes={
        "return a matrix (3, 3) of real numbers": lambda s, r: np.diag(r),
        "some values are nan or infinite: did you divide by 0?": (
            lambda s, r: np.full((3, 3), np.nan)
        ),
        _UNMATCHED: lambda s, r: np.eye(3),
        "it fulfills (2), and moves the colors 1.00 times as far as (3): find one "
        "that moves them 1.5 times as far or more": _nearest,
    },
    praise="mean and covariance fit, and the colors are wrong: look at them",
)
