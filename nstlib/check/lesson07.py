"""Exercises of 07_optimizing_pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

SHAPES = ((3, 5, 4), (6, 4, 1), (2, 7, 3))


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for shape in SHAPES:
        yield tuple(np.maximum(rng.normal(size=(2, *shape)), 0))


mean_content_gradient = Exercise(
    oracle=lambda F, P: 2 * (F - P) / F.size,
    cases=_maps,
    mistakes={
        "the 2 is missing: the derivative of a square is twice what was squared": (
            lambda F, P: (F - P) / F.size
        ),
        "this is the gradient of the sum: the mean divides by F.size": (
            lambda F, P: 2 * (F - P)
        ),
        "this is equation (3), for half the sum: here the mean is asked for": (
            lambda F, P: F - P
        ),
        "this is equation (3) with its zeros: here it is a mean, and no ReLU": (
            lambda F, P: np.where(F > 0, F - P, 0)
        ),
        "zeros where the filter is silent: there is no ReLU in this loss": (
            lambda F, P: np.where(F > 0, 2 * (F - P) / F.size, 0)
        ),
        "the sign is wrong: F stands first in F - P": (
            lambda F, P: 2 * (P - F) / F.size
        ),
        "you divided by the positions only: the mean is over the channels, too": (
            lambda F, P: 2 * (F - P) / (F.shape[0] * F.shape[1])
        ),
        "you divided by the channels only: the mean is over the positions, too": (
            lambda F, P: 2 * (F - P) / F.shape[2]
        ),
        "this is the loss, one number: its gradient has the shape of F": (
            lambda F, P: np.mean((F - P) ** 2)
        ),
    },
    praise="every value is pulled towards its target, the further the harder",
)


def _balls() -> Iterator[Case]:
    rng = np.random.default_rng(8)
    numbers = ((0.1, 0.9), (2.0, 0.5), (0.5, 0.0))  # rate, share
    for shape, pair in zip(SHAPES, numbers, strict=True):
        yield (*rng.normal(size=(3, *shape)), *pair)


def _ball(x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x + u, u


heavy_ball = Exercise(
    oracle=lambda x, u, g, rate, share: _ball(x, share * u - rate * g),
    cases=_balls,
    mistakes={
        "this goes uphill: subtract rate times the gradient": (
            lambda x, u, g, rate, share: _ball(x, share * u + rate * g)
        ),
        "the picture moves by the new velocity, not by the old one": (
            lambda x, u, g, rate, share: (x + u, share * u - rate * g)
        ),
        "only the velocity has changed: add it to the picture": (
            lambda x, u, g, rate, share: (x, share * u - rate * g)
        ),
        "the velocity has not changed: return the new one": (
            lambda x, u, g, rate, share: (x + share * u - rate * g, u)
        ),
        "the order is wrong: the picture comes first, then the velocity": (
            lambda x, u, g, rate, share: _ball(x, share * u - rate * g)[::-1]
        ),
        "here the gradient counts in full: leave out the factor 1 - share": (
            lambda x, u, g, rate, share: _ball(x, share * u - (1 - share) * rate * g)
        ),
        "the whole velocity is kept: multiply it by share": (
            lambda x, u, g, rate, share: _ball(x, u - rate * g)
        ),
        "the velocity is forgotten: this is plain gradient descent": (
            lambda x, u, g, rate, share: _ball(x, -rate * g)
        ),
        "the signs are those of another habit: here u holds the minus, and x adds it": (
            lambda x, u, g, rate, share: (
                x - (share * u + rate * g),
                share * u + rate * g,
            )
        ),
        "the picture should move against the gradient: add u, which holds the minus": (
            lambda x, u, g, rate, share: (
                x - (share * u - rate * g),
                share * u - rate * g,
            )
        ),
        "this is PyTorch's momentum: there the rate multiplies the velocity, here it "
        "multiplies the gradient": (
            lambda x, u, g, rate, share: (x - rate * (share * u + g), share * u + g)
        ),
        "return both: the new picture and the new velocity": (
            lambda x, u, g, rate, share: x + share * u - rate * g
        ),
    },
    praise="the ball rolls on where the gradients agree",
)


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(9)
    for shape in SHAPES:
        yield (rng.uniform(0, 255, shape),)


def _neighbours(picture: np.ndarray, axis: int) -> np.ndarray:
    """Return twice the sum of the differences to both neighbours along one axis."""
    wide = np.pad(picture, [(int(k == axis),) * 2 for k in range(3)], "edge")
    return -2 * np.diff(wide, n=2, axis=axis)


def _wrapped(picture: np.ndarray) -> np.ndarray:
    around = sum(np.roll(picture, k, axis) for axis in (0, 1) for k in (1, -1))
    return 2 * (4 * picture - around)


def _among_zeros(picture: np.ndarray) -> np.ndarray:
    """Make a wrong gradient, for a picture that goes on in black."""
    wide = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    down, right = (np.diff(wide, n=2, axis=axis) for axis in (0, 1))
    return -2 * (down[:, 1:-1] + right[1:-1])


def _one_sided(own: bool) -> Callable[[np.ndarray], np.ndarray]:
    """Make a wrong gradient, in which a difference counts for one of its two pixels."""

    def gradient(picture: np.ndarray) -> np.ndarray:
        result = np.zeros_like(picture)
        here = slice(1, None) if own else slice(None, -1)
        sign = 2 if own else -2
        result[here] += sign * np.diff(picture, axis=0)
        result[:, here] += sign * np.diff(picture, axis=1)
        return result

    return gradient


def _both(picture: np.ndarray) -> np.ndarray:
    return _neighbours(picture, 0) + _neighbours(picture, 1)


variation_gradient = Exercise(
    oracle=_both,
    cases=_pictures,
    mistakes={
        "the 2 is missing: the derivative of a square is twice what was squared": (
            lambda picture: _both(picture) / 2
        ),
        "the sign is wrong: a pixel brighter than its neighbours has a gradient > 0": (
            lambda picture: -_both(picture)
        ),
        "only vertical neighbours count in yours: add the horizontal ones": (
            lambda picture: _neighbours(picture, 0)
        ),
        "only horizontal neighbours count in yours: add the vertical ones": (
            lambda picture: _neighbours(picture, 1)
        ),
        "the picture is wrapped round: at the border np.roll takes the other side": (
            _wrapped
        ),
        "the border is padded with zeros: outside the picture there is no neighbour": (
            _among_zeros
        ),
        "each difference has two pixels: you forgot the upper and left one": (
            _one_sided(True)
        ),
        "each difference has two pixels: you forgot the lower and right one": (
            _one_sided(False)
        ),
        "this is the mean's gradient: the plain sum does not divide": (
            lambda picture: _both(picture) / picture.size
        ),
        "this is the loss, one number: its gradient has the shape of the picture": (
            lambda picture: sum(np.sum(np.diff(picture, axis=k) ** 2) for k in (0, 1))
        ),
    },
    praise="each pixel is pulled towards the mean of its neighbours",
)
