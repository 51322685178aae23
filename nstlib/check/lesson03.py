"""Exercises of 03_content_loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise
from nstlib.check.feedback import of_shape


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
        "you divided by the second and the third side, h·w if a batch axis stands in "
        "front: the mean goes over all sides, the channels too": (
            lambda weight, shape: weight / (shape[1] * shape[2])
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
        "the condition looks at F alone: where P is 0, the gradient stays": (
            lambda f, p: (f - p) * ((f > 0) & (p > 0))
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


def _gray() -> Iterator[Case]:
    """Yield gray pictures with an odd width: one column less has an even one."""
    rng = np.random.default_rng(33)
    for shape in ((6, 7), (4, 9), (8, 5)):
        yield (rng.uniform(90, 160, shape),)


def _look(picture: np.ndarray) -> np.ndarray:
    """Answer as the small layer of the lesson: rises to the right, then pooling."""
    rises = np.maximum(picture[:, 1:] - picture[:, :-1], 0)
    left, right = rises[:, ::2], rises[:, 1::2]
    wide = np.maximum(left, right)
    return np.maximum(wide[::2], wide[1::2])


def _rows(picture: np.ndarray) -> np.ndarray:
    """Return a number for each row, from −1 at the top to 1 at the bottom."""
    return np.linspace(-1, 1, len(picture))[:, np.newaxis]


_LIMITS = "your picture leaves the range from 0 to 255: change it by less"
_NO_NUMBER = "some values are nan or infinite: look for a division by 0"
_NOTICED = (
    "the layer notices: print look(yours) - look(picture), and see which change of "
    "yours made a rise larger or smaller"
)
_FAINT = "that is nearly the same picture: change it by 5 gray levels or more"
_BRIGHTER = (
    "the layer does not notice, but you only added one number to all pixels. Find a "
    "change that is not the same everywhere"
)


def _noticed(answer: Any, picture: np.ndarray) -> str | None:
    """Say what is wrong with a picture that a layer must not tell from another."""
    if complaint := of_shape([answer], [picture]):
        return complaint
    changed = np.asarray(answer, float)
    difference = changed - picture
    if not np.isfinite(changed).all():
        return _NO_NUMBER
    if changed.min() < 0 or changed.max() > 255:
        return _LIMITS
    if np.abs(_look(changed) - _look(picture)).max() > 1e-3:
        return _NOTICED
    if np.sqrt(np.mean(difference**2)) < 5:
        return _FAINT
    return _BRIGHTER if difference.std() < 1 else None


unnoticed = OpenExercise(
    oracle=lambda picture: picture + 20 * _rows(picture),
    cases=_gray,
    flaw=_noticed,
    mistakes={
        _NO_NUMBER: lambda picture: picture * np.nan,
        _LIMITS: lambda picture: picture + 300 * _rows(picture),
        _NOTICED: lambda picture: picture[::-1],
        _FAINT: lambda picture: picture + _rows(picture),
        _BRIGHTER: lambda picture: picture + 20,
    },
    praise="another picture, and the layer cannot tell",
)
