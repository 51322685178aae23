"""Exercises of 05_style_loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise


def _vectors(features: np.ndarray) -> np.ndarray:
    return features.reshape(-1, features.shape[-1])


def _moments(features: np.ndarray) -> np.ndarray:
    """Compute G/N as the mean of outer products."""
    return np.mean([np.outer(v, v) for v in _vectors(features)], axis=0)


def _relative(here: np.ndarray, goal: np.ndarray) -> float:
    return np.sum((here - goal) ** 2) / np.sum(goal**2)


def _styles() -> Iterator[Case]:
    rng = np.random.default_rng(5)
    for sizes, channels, share in (
        (((3, 4), (5, 2), (4, 4)), 3, 0.25),
        (((4, 2), (2, 3), (3, 5)), 1, 0.9),
        (((2, 5), (3, 3), (6, 2)), 4, 0.6),
    ):
        maps = [rng.uniform(0, 3, (*size, channels)) for size in sizes]
        yield *maps, share


def _blend(first_loss: float, second_loss: float, share: float) -> float:
    return (1 - share) * first_loss + share * second_loss


def _shared_count(f: np.ndarray, style: np.ndarray) -> float:
    """Return a wrong loss, in which the picture's N divides the style's Gram, too."""
    count = len(_vectors(style)) / len(_vectors(f))
    return _relative(_moments(f), _moments(style) * count)


def _undivided(f: np.ndarray, style: np.ndarray) -> float:
    return float(np.sum((_moments(f) - _moments(style)) ** 2))


def _gatys(f: np.ndarray, style: np.ndarray) -> float:
    return _undivided(f, style) / (4 * f.shape[-1] ** 2)


two_styles = Exercise(
    oracle=lambda f, a, b, s: _blend(
        _relative(_moments(f), _moments(a)), _relative(_moments(f), _moments(b)), s
    ),
    cases=_styles,
    mistakes={
        "the shares are swapped: share = 1 should leave the second painting alone": (
            lambda f, a, b, s: _blend(
                _relative(_moments(f), _moments(b)),
                _relative(_moments(f), _moments(a)),
                s,
            )
        ),
        "the shares do not add up to one: the first loss gets 1 - share": (
            lambda f, a, b, s: (
                _relative(_moments(f), _moments(a))
                + s * _relative(_moments(f), _moments(b))
            )
        ),
        "this is half and half: use share": (
            lambda f, a, b, s: _blend(
                _relative(_moments(f), _moments(a)),
                _relative(_moments(f), _moments(b)),
                0.5,
            )
        ),
        "you mixed the Grams: mix the two losses": (
            lambda f, a, b, s: _relative(
                _moments(f), (1 - s) * _moments(a) + s * _moments(b)
            )
        ),
        "the sizes got mixed up: each Gram is divided by its own N, so give style_loss "
        "the positions of each painting": (
            lambda f, a, b, s: _blend(_shared_count(f, a), _shared_count(f, b), s)
        ),
        "this is the gatys convention: the relative one is asked for": (
            lambda f, a, b, s: _blend(_gatys(f, a), _gatys(f, b), s)
        ),
        "this is not relative yet: divide by the sum of the squares of the style's "
        "own Gram / positions": (
            lambda f, a, b, s: _blend(_undivided(f, a), _undivided(f, b), s)
        ),
    },
    praise="two paintings, each measured at its own size, in any proportion",
)


FORM = "return feature maps, an array of shape (h, w, C) with C as in the input"
NUMBERS = "some of your values are no numbers"
NEGATIVE = "some of your values are below 0: after a ReLU, none is"
REORDERED = (
    "the Gram is the same, but so is the mean of each channel. Another order is no "
    "news: change the values, too"
)


def _told_apart(answer: Any, features: np.ndarray) -> str | None:
    """Say why these are no other maps with the same Gram; None if they are."""
    maps = np.asarray(answer)
    channels = features.shape[-1]
    if maps.dtype.kind not in "iuf" or maps.ndim != 3 or maps.shape[-1] != channels:
        return FORM
    if not (maps.size and np.isfinite(maps).all()):
        return NUMBERS
    if maps.min() < 0:
        return NEGATIVE
    goal, here = _moments(features), _moments(maps)
    if not np.allclose(here, goal, rtol=1e-4, atol=1e-6):
        return (
            "your maps have another G/N; mean_products shows it. For channel 0 it was "
            f"{goal[0, 0]:.4g}, yours is {here[0, 0]:.4g}"
        )
    before, after = _vectors(features).mean(axis=0), _vectors(maps).mean(axis=0)
    return REORDERED if np.allclose(before, after, rtol=0.05) else None


def _bags() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for shape in ((3, 4, 2), (5, 2, 1), (2, 6, 3)):
        yield (rng.uniform(0.5, 2, shape),)


def _with_holes(features: np.ndarray, factor: float = np.sqrt(2)) -> np.ndarray:
    """Put maps that are a factor stronger beside maps in which nothing fires."""
    return np.concatenate([factor * features, 0 * features], axis=1)


same_gram = OpenExercise(
    oracle=_with_holes,
    cases=_bags,
    mistakes={
        FORM: _moments,
        NUMBERS: lambda f: f + np.nan,
        NEGATIVE: np.negative,
        REORDERED: lambda f: f[:, ::-1],
    },
    flaw=_told_apart,
    praise="a Gram matrix does not tell these two apart",
)


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(6)
    for height, width, channels in ((3, 4, 2), (5, 2, 1), (2, 6, 3)):
        features = rng.uniform(0, 2, (height, width, channels))
        other = _vectors(rng.uniform(0, 2, (height, width, channels)))
        yield features, other.T @ other


def _pull(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Compute Σ_j F_kj (G_ji − A_ji), without any factor."""
    vectors = _vectors(features)
    return np.einsum("hwj,ji->hwi", features, vectors.T @ vectors - target)


def _mixed(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Compute the pull of maps that were reshaped to ``(C, N)``, as it comes out."""
    rows = features.reshape(features.shape[-1], -1)
    return ((rows @ rows.T - target) @ rows).reshape(features.shape)


def _crossed(features: np.ndarray) -> np.ndarray:
    """Return the table that reshape to ``(C, N)`` and .T make, as maps."""
    return features.reshape(features.shape[-1], -1).T[None]


def _counts(features: np.ndarray) -> tuple[int, int]:
    return len(_vectors(features)), features.shape[-1]


style_gradient = Exercise(
    oracle=lambda f, a: _pull(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2,
    cases=_maps,
    mistakes={
        "four times too small: the chain rule brings two factors 2, and they cancel "
        "the 1/4": lambda f, a: _pull(f, a) / (2 * _counts(f)[0] * _counts(f)[1]) ** 2,
        "two times too small: each feature value stands in its Gram twice, once in "
        "its row and once in its column": (
            lambda f, a: _pull(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2 / 2
        ),
        "four times too large: the 1/4 of equation (1) is missing": (
            lambda f, a: 4 * _pull(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2
        ),
        "the sign is wrong: the gradient points uphill, so it is G − A": (
            lambda f, a: -_pull(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2
        ),
        "divide by N² as well: N is the number of positions": (
            lambda f, a: _pull(f, a) / _counts(f)[1] ** 2
        ),
        "divide by C² as well: C is the number of channels": (
            lambda f, a: _pull(f, a) / _counts(f)[0] ** 2
        ),
        "N is not squared: equation (1) has C² N² below the line": (
            lambda f, a: _pull(f, a) / (_counts(f)[0] * _counts(f)[1] ** 2)
        ),
        "C is not squared: equation (1) has C² N² below the line": (
            lambda f, a: _pull(f, a) / (_counts(f)[0] ** 2 * _counts(f)[1])
        ),
        "two times too large: 2 of the square times 2 of the Gram is 4, which the 1/4 "
        "cancels": lambda f, a: 2 * _pull(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2,
        "reshape to (C, N) mixes channels and positions: reshape to (N, C)": (
            lambda f, a: _mixed(f, a) / (_counts(f)[0] * _counts(f)[1]) ** 2
        ),
        "reshape to (C, N) and .T do not swap axes but mix values: reshape to (N, C)": (
            lambda f, a: (
                _pull(_crossed(f), a).reshape(f.shape)
                / (_counts(f)[0] * _counts(f)[1]) ** 2
            )
        ),
        "you divided by N·C: both are squared": (
            lambda f, a: _pull(f, a) / (_counts(f)[0] * _counts(f)[1])
        ),
        "the values are right, the shape is not: reshape to (h, w, C)": (
            lambda f, a: _vectors(_pull(f, a)) / (_counts(f)[0] * _counts(f)[1]) ** 2
        ),
    },
    praise="equation 6 of the paper: what every optimizer is told about style",
)
