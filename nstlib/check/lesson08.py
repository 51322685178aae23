"""Exercises of 08_lbfgs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

Array = np.ndarray


def _moves() -> Iterator[Case]:
    rng = np.random.default_rng(8)
    for size in (2, 1, 7):
        x, step = rng.normal(size=(2, size))
        change = step * rng.uniform(0.5, 3.0, size)
        gradient = rng.normal(size=size)
        yield x, gradient, x + step, gradient + change


def _pair(x: Array, g: Array, x_new: Array, g_new: Array) -> tuple[Array, Array, float]:
    s, y = x_new - x, g_new - g
    return s, y, 1 / np.vdot(y, s)


curvature_pair = Exercise(
    oracle=_pair,
    cases=_moves,
    mistakes={
        "both signs are turned: s and y are the new minus the old": (
            lambda x, g, x_new, g_new: _pair(x_new, g_new, x, g)
        ),
        "s and y are swapped: the step of x comes first": (
            lambda x, g, x_new, g_new: _pair(g, x, g_new, x_new)
        ),
        "rho is 1 / (y·s), and this is y·s itself": (
            lambda x, g, x_new, g_new: (
                x_new - x,
                g_new - g,
                np.vdot(g_new - g, x_new - x),
            )
        ),
        "you divided by y·y: rho is 1 / (y·s)": (
            lambda x, g, x_new, g_new: (
                x_new - x,
                g_new - g,
                1 / np.vdot(g_new - g, g_new - g),
            )
        ),
        "you divided by s·s: rho is 1 / (y·s)": (
            lambda x, g, x_new, g_new: (
                x_new - x,
                g_new - g,
                1 / np.vdot(x_new - x, x_new - x),
            )
        ),
        "y is the change of the gradient: subtract the old gradient": (
            lambda x, g, x_new, g_new: (x_new - x, g_new, 1 / np.vdot(g_new, x_new - x))
        ),
        "rho is one number: y·s is a sum, not a product entry by entry": (
            lambda x, g, x_new, g_new: (
                x_new - x,
                g_new - g,
                1 / ((g_new - g) * (x_new - x)),
            )
        ),
    },
    praise="this pair fits into the two loops",
)


def _trials() -> Iterator[Case]:
    """Yield ``(t, value, slope, value at 0, slope at 0)`` for every possible answer."""
    yield 1.0, 0.0, 0.1, 1.0, -2.0  # low and flat
    yield 2.0, 1.0, 2.0, 1.0, -2.0  # not low enough
    yield 0.01, 0.98, -1.98, 1.0, -2.0  # low, but still steep
    yield 1.0, 0.0, 1.9, 1.0, -2.0  # low, but steeply up again
    yield 1.0, 0.99985, 0.0, 1.0, -2.0  # falls by less than c1 asks for
    yield 4.0, 0.9995, 0.0, 1.0, -2.0  # enough for t = 1, not for t = 4
    yield 0.5, 0.99989, 0.0, 1.0, -2.0  # enough because t is small
    yield 1.0, 0.0, -1.7, 1.0, -2.0  # flat enough for c2 = 0.9
    yield 3.0, 6.0, 0.0, 5.0, -4.0  # a minimum that lies higher
    yield 1.0, 1.00015, 0.0, 1.0, -2.0  # a little above the start
    yield 1.0, 2.0, -1.0, 5.0, -0.5  # lower, but steeper than at the start


def _low(t: float, value: float, value0: float, slope0: float) -> bool:
    return bool(value <= value0 + 1e-4 * t * slope0)


accepted = Exercise(
    oracle=lambda t, value, slope, value0, slope0: (
        _low(t, value, value0, slope0) and bool(abs(slope) <= 0.9 * abs(slope0))
    ),
    cases=_trials,
    mistakes={
        "you looked at the value only: the slope must be flat enough, too": (
            lambda t, value, slope, value0, slope0: _low(t, value, value0, slope0)
        ),
        "you looked at the slope only: the value must be low enough, too": (
            lambda t, value, slope, value0, slope0: abs(slope) <= 0.9 * abs(slope0)
        ),
        "one condition is enough for you: both must hold, so use and": (
            lambda t, value, slope, value0, slope0: (
                _low(t, value, value0, slope0) or abs(slope) <= 0.9 * abs(slope0)
            )
        ),
        "a slope of +1.9 is as steep as one of -1.9: take abs of both slopes": (
            lambda t, value, slope, value0, slope0: (
                _low(t, value, value0, slope0) and slope >= 0.9 * slope0
            )
        ),
        "the limit lies above the start: add c1·t·slope0, which is negative": (
            lambda t, value, slope, value0, slope0: (
                value <= value0 - 1e-4 * t * slope0 and abs(slope) <= 0.9 * abs(slope0)
            )
        ),
        "t is missing: a longer step must bring a deeper fall": (
            lambda t, value, slope, value0, slope0: (
                _low(1.0, value, value0, slope0) and abs(slope) <= 0.9 * abs(slope0)
            )
        ),
        "any fall will do for you: it must be c1·t·|slope0| at least": (
            lambda t, value, slope, value0, slope0: (
                value < value0 and abs(slope) <= 0.9 * abs(slope0)
            )
        ),
        "the constants are swapped: c1 = 1e-4 for the value, c2 = 0.9 for the slope": (
            lambda t, value, slope, value0, slope0: (
                value <= value0 + 0.9 * t * slope0 and abs(slope) <= 1e-4 * abs(slope0)
            )
        ),
        "the answer is upside down: True means that the trial is taken": (
            lambda t, value, slope, value0, slope0: (
                not (_low(t, value, value0, slope0) and abs(slope) <= 0.9 * abs(slope0))
            )
        ),
    },
    praise="low enough and flat enough, and nothing else passes",
)


def _valleys() -> Iterator[Case]:
    """Yield ``(gradient, x, rate, steps)`` for bowls of different size and shape."""
    rng = np.random.default_rng(80)
    for size, steps in ((2, 3), (1, 1), (5, 6), (4, 2)):
        axes = np.linalg.qr(rng.normal(size=(size, size)))[0]
        hessian = axes * np.linspace(1, 9, size) @ axes.T
        bottom = rng.normal(size=size)

        def slope(x: Array, hessian: Array = hessian, bottom: Array = bottom) -> Array:
            return hessian @ (np.asarray(x) - bottom)

        yield slope, bottom + rng.normal(size=size), 0.05, steps


def _walk(gamma: Callable[[Array, Array], float], sign: float = 1) -> Callable:
    def walk(gradient: Callable, x: Array, rate: float, steps: int) -> Array:
        g = gradient(x)
        for _ in range(steps):
            new = x - sign * rate * g
            g_new = gradient(new)
            rate = gamma(new - x, g_new - g)
            x, g = new, g_new
        return x

    return walk


def _stale(gradient: Callable, x: Array, rate: float, steps: int) -> Array:
    """Walk wrongly: the gradient of the start is used in every step."""
    g = gradient(x)
    for _ in range(steps):
        s = -rate * g
        y = gradient(x + s) - g
        x, rate = x + s, s @ y / (y @ y)
    return x


def _fixed_rate(gradient: Callable, x: Array, rate: float, steps: int) -> Array:
    for _ in range(steps):
        x = x - rate * gradient(x)
    return x


_gamma = _walk(lambda s, y: s @ y / (y @ y))

gamma_descent = Exercise(
    oracle=_gamma,
    cases=_valleys,
    mistakes={
        "the rate never changes: after each step it becomes s·y / y·y": _fixed_rate,
        "this is s·s / s·y, another formula: divide s·y by y·y": (
            _walk(lambda s, y: s @ s / (s @ y))
        ),
        "this rate is upside down: divide s·y by y·y": (
            _walk(lambda s, y: y @ y / (s @ y))
        ),
        "you divided by s·s: that is a curvature, and the rate is s·y / y·y": (
            _walk(lambda s, y: s @ y / (s @ s))
        ),
        "the gradient is that of the start: after each step, keep the new one": _stale,
        "you climb: subtract rate times the gradient": (
            _walk(lambda s, y: s @ y / (y @ y), -1)
        ),
        "that is one step too many": lambda gradient, x, rate, steps: _gamma(
            gradient, x, rate, steps + 1
        ),
        "that is one step too few": lambda gradient, x, rate, steps: _gamma(
            gradient, x, rate, steps - 1
        ),
    },
    praise="a gradient descent that finds its own learning rate",
)
