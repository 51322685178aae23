"""Exercises of 07_optimizing_pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise

SHAPES = ((3, 5, 4), (6, 4, 1), (2, 7, 3))
Function = Callable[[np.ndarray], Any]


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


def _neighbors(picture: np.ndarray, axis: int) -> np.ndarray:
    """Return twice the sum of the differences to both neighbors along one axis."""
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
    return _neighbors(picture, 0) + _neighbors(picture, 1)


variation_gradient = Exercise(
    oracle=_both,
    cases=_pictures,
    mistakes={
        "the 2 is missing: the derivative of a square is twice what was squared": (
            lambda picture: _both(picture) / 2
        ),
        "the sign is wrong: a pixel brighter than its neighbors has a gradient > 0": (
            lambda picture: -_both(picture)
        ),
        "only vertical neighbors count in yours: add the horizontal ones": (
            lambda picture: _neighbors(picture, 0)
        ),
        "only horizontal neighbors count in yours: add the vertical ones": (
            lambda picture: _neighbors(picture, 1)
        ),
        "the picture is wrapped around: at the border np.roll takes the other side": (
            _wrapped
        ),
        "the border is padded with zeros: outside the picture there is no neighbor": (
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
    praise="each pixel is pulled toward the mean of its neighbors",
)


def _programs() -> Iterator[Case]:
    """Yield ``(loss, gradient, x)``: five right gradients, and six wrong ones."""
    rng = np.random.default_rng(77)
    x, weights = rng.normal(size=(2, 4, 3))
    weights = np.abs(weights) + 0.2
    forgets = np.ones_like(x)
    forgets[-1, -1] = 0

    def cube(x: np.ndarray) -> Any:
        return np.sum(weights * x**3)

    def bowl(x: np.ndarray) -> Any:
        return 0.5 * np.sum(weights * x**2)

    yield cube, lambda x: 3 * weights * x**2, x
    yield lambda x: 1e7 * bowl(x), lambda x: 1e7 * weights * x, x
    yield lambda x: 1e-7 * bowl(x), lambda x: 1e-7 * weights * x, x
    yield lambda x: float(np.sin(3 * x[0])), lambda x: 3 * np.cos(3 * x), x[0, :1]
    yield lambda x: 1e3 + np.sum(np.exp(x)), lambda x: np.exp(x), x[0]
    yield bowl, lambda x: 2 * weights * x, x  # twice as long
    yield cube, lambda x: -3 * weights * x**2, x
    yield bowl, lambda x: np.roll(weights * x, 1, axis=0), x  # the same sum
    yield bowl, lambda x: forgets * weights * x, x
    yield lambda x: 1e-7 * bowl(x), lambda x: 2e-7 * weights * x, x
    yield bowl, lambda x: 1.03 * weights * x, x


def _judge(
    loss: Function,
    gradient: Function,
    x: np.ndarray,
    *,
    directions: str = "each number",
    step: float = 1e-5,
    tolerance: float = 1e-4,
    unit: Callable[[np.ndarray], float] = lambda g: float(np.max(np.abs(g))),
    form: Callable[[Any], Any] = np.asarray,
) -> bool:
    """Test a gradient; each keyword is one choice in the design of the test."""
    g = np.asarray(gradient(x))
    every = np.eye(x.size).reshape(-1, *x.shape)
    chosen = {"each number": every, "first": every[:1], "sum": np.ones((1, *x.shape))}
    along = chosen[directions]
    rises = [(loss(x + step * d) - loss(x - step * d)) / (2 * step) for d in along]
    wanted = np.tensordot(along, g, g.ndim)
    error = np.abs(form(rises) - form(wanted))
    return bool(np.all(error <= tolerance * unit(g)))


def _judge_with(**choices: Any) -> Callable[..., bool]:
    return lambda loss, gradient, x: _judge(loss, gradient, x, **choices)


def _cosine(loss: Function, gradient: Function, x: np.ndarray) -> bool:
    """Judge by the direction of the gradient alone."""
    g, every = np.asarray(gradient(x)), np.eye(x.size).reshape(-1, *x.shape)
    found = [(loss(x + 1e-5 * d) - loss(x - 1e-5 * d)) / 2e-5 for d in every]
    lengths = np.linalg.norm(g) * np.linalg.norm(found)
    return bool(np.ravel(g) @ found > (1 - 1e-6) * lengths)


gradient_is_right = Exercise(
    oracle=_judge,
    cases=_programs,
    mistakes={
        "your test trusts every gradient: some are wrong": lambda *_: True,
        "your test trusts no gradient, and five are right. Does it step to both sides, "
        "neither too far nor too little? Is its tolerance too tight?": lambda *_: False,
        "the answer is upside down: True means that the gradient is right": (
            lambda *case: not _judge(*case)
        ),
        "a gradient in the wrong order gets past you: along a direction of ones only "
        "the sum counts, so take random directions": _judge_with(directions="sum"),
        "a gradient that forgets a number gets past you: you test one number only": (
            _judge_with(directions="first")
        ),
        "a gradient of twice the length gets past you: compare the sizes, not only the "
        "directions": _cosine,
        "a gradient of the wrong sign gets past you: do not take abs of both sides": (
            _judge_with(form=np.abs)
        ),
        "your tolerance has a unit: it trusts every gradient of a tiny loss, and none "
        "of a huge one. Divide by the length of the gradient": _judge_with(
            unit=lambda g: 1.0, tolerance=1e-6
        ),
        "a wrong gradient of a tiny loss gets past you: divide the error by the length "
        "of the gradient": _judge_with(unit=lambda g: max(1.0, np.abs(g).max())),
        "your step is too long: the loss bends in between, and right gradients look "
        "wrong": _judge_with(step=0.5),
        "your tolerance is too generous: an error of three percent gets past you": (
            _judge_with(tolerance=0.1)
        ),
    },
    praise="eleven programs judged, and all of them rightly",
)
