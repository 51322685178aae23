"""Exercises of 03_content_loss."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _shapes() -> Iterator[Case]:
    yield from [
        (5.0, (1, 6, 4, 3)),
        (1.0, (3, 5, 1)),
        (1e3, (1, 2, 7, 8)),
        (0.5, (9, 4, 2)),
        (3.0, (2, 3, 5, 4)),
    ]


content_sum_weight = Exercise(
    oracle=lambda weight, shape: weight / float(np.prod(shape)),
    cases=_shapes,
    mistakes={
        "you multiplied by the number of values: the sum is the larger of the two, "
        "so it needs the smaller weight": (
            lambda weight, shape: weight * float(np.prod(shape))
        ),
        "you divided by the positions only: the mean goes over the channels, too": (
            lambda weight, shape: weight / float(np.prod(shape[:-1]))
        ),
        "you divided by the first two sides: maps may begin with a batch axis, so "
        "multiply all sides": lambda weight, shape: weight / (shape[0] * shape[1]),
        "you divided by h·w: the mean goes over the channels, too": (
            lambda weight, shape: weight / (shape[-3] * shape[-2])
        ),
        "you divided by the last h·w·C: a batch axis counts, too": (
            lambda weight, shape: weight / float(np.prod(shape[-3:]))
        ),
        "you divided by the channels only: the mean goes over the positions, too": (
            lambda weight, shape: weight / shape[-1]
        ),
        "there is a factor of 2 too many: that is gatys, this sum has no ½": (
            lambda weight, shape: 2 * weight / float(np.prod(shape))
        ),
        "there is a ½ too many: that belongs to gatys, neither side has one here": (
            lambda weight, shape: 0.5 * weight / float(np.prod(shape))
        ),
        "you added the sides up: the number of values is their product": (
            lambda weight, shape: weight / sum(shape)
        ),
    },
    praise="the sum and the mean now pull equally hard",
    tolerance=1e-6,
)


def _maps() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of feature maps after a ReLU: about half of the values are 0."""
    rng = np.random.default_rng(3)
    for shape in ((4, 6, 3), (5, 2, 1), (3, 7, 4)):
        features, target = np.maximum(rng.normal(size=(2, *shape)), 0)
        yield 2 * features, 3 * target


def _half_gradient(f: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.asarray((f - p) * (f > 0))


content_gradient = Exercise(
    oracle=_half_gradient,
    cases=_maps,
    mistakes={
        "the ReLU is missing: where F is 0, the gradient is 0": lambda f, p: f - p,
        "the sign is wrong: a gradient points uphill, F − P": (
            lambda f, p: -_half_gradient(f, p)
        ),
        "the sign is wrong, and where F is 0, the gradient is 0": lambda f, p: p - f,
        "there is a factor of 2 too many: the ½ of equation 1 cancels it": (
            lambda f, p: 2 * _half_gradient(f, p)
        ),
        "the condition looks at the target: it is F that went through the ReLU here": (
            lambda f, p: (f - p) * (p > 0)
        ),
        "you cut the difference off at 0: the condition is F > 0, and the gradient "
        "may be negative": lambda f, p: np.maximum(f - p, 0),
        "you divided by the number of values: that is the gradient of a mean": (
            lambda f, p: _half_gradient(f, p) / f.size
        ),
        "this is the loss itself: its gradient has the shape of the features": (
            lambda f, p: 0.5 * np.sum((f - p) ** 2)
        ),
    },
    praise="equation 3, without a tape",
)


def _masked() -> Iterator[Case]:
    rng = np.random.default_rng(4)
    for features, target in _maps():
        yield features, target, rng.uniform(size=features.shape[:2])
    features, target = np.abs(rng.normal(size=(2, 5, 3, 2)))
    yield features, target, (rng.uniform(size=(5, 3)) > 0.4).astype(float)


def _ratio(above: np.ndarray, below: np.ndarray) -> float:
    return float(np.sum(above) / np.sum(below))


content_in_mask = Exercise(
    oracle=lambda f, p, m: _ratio(m * np.sum((f - p) ** 2, -1), m * np.sum(p * p, -1)),
    cases=_masked,
    mistakes={
        "the mask is not used": lambda f, p, m: _ratio((f - p) ** 2, p * p),
        "below the fraction line the mask is missing: divide by the photo inside it": (
            lambda f, p, m: _ratio(m[..., None] * (f - p) ** 2, p * p)
        ),
        "above the fraction line the mask is missing: weight those squares, too": (
            lambda f, p, m: _ratio((f - p) ** 2, m[..., None] * p * p)
        ),
        "the mask went into the square: multiply the squares by it": (
            lambda f, p, m: _ratio(
                (m[..., None] * (f - p)) ** 2, (m[..., None] * p) ** 2
            )
        ),
        "you divided by the features: the photo, the target, stands below": (
            lambda f, p, m: _ratio(m[..., None] * (f - p) ** 2, m[..., None] * f * f)
        ),
        "the mask is the wrong way round: 1 means that a position counts": (
            lambda f, p, m: _ratio(
                (1 - m[..., None]) * (f - p) ** 2, (1 - m[..., None]) * p * p
            )
        ),
        "the division is missing: this is the sum inside the mask": (
            lambda f, p, m: float(np.sum(m[..., None] * (f - p) ** 2))
        ),
        "this is the mean inside the mask: divide it by the mean of P²": (
            lambda f, p, m: float(
                np.sum(m[..., None] * (f - p) ** 2) / (np.sum(m) * f.shape[-1])
            )
        ),
    },
    praise="outside the mask the picture is free",
)
