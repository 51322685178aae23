"""Exercises of 08_lbfgs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nstlib.check.exercise import Case, Exercise

Array = np.ndarray


class Pair(NamedTuple):
    """A pair as the lesson has it: s, y and 1 / (y·s)."""

    step: Array
    change: Array
    rho: float


def _random_pairs(
    rng: np.random.Generator, scales: Iterable[float], size: int
) -> list[Pair]:
    """Make pairs with y·s > 0, of which each has a scale of its own."""
    pairs = []
    for scale in scales:
        s, noise = rng.normal(size=(2, size))
        y = scale * s + 0.1 * scale * noise
        pairs.append(Pair(s, y, float(1 / (y @ s))))
    return pairs


def _histories() -> Iterator[Case]:
    rng = np.random.default_rng(88)
    for scales, size in (((1, 3, 0.5), 6), ((2,), 2), ((), 4), ((5, 1), 3)):
        yield rng.normal(size=size), _random_pairs(rng, scales, size), 0.3


def _matrix(pairs: Sequence[Pair], gamma: float) -> Array:
    """Build H of equation (4), pair by pair."""
    matrix: Array | float = gamma
    for s, y, rho in pairs:
        left = np.eye(len(s)) - rho * np.outer(s, y)
        if not isinstance(matrix, np.ndarray):
            matrix = gamma * np.eye(len(s))
        matrix = left @ matrix @ left.T + rho * np.outer(s, s)
    return np.asarray(matrix)


def _times(gradient: Array, pairs: Sequence[Pair], gamma: float) -> Array:
    matrix = _matrix(pairs, gamma)
    return matrix @ gradient if matrix.ndim else matrix * gradient


def _recursion(
    *,
    first: bool = False,
    scaled: bool = True,
    plus: bool = False,
    of_q: bool = False,
    of_g: bool = False,
    one: bool = False,
) -> Callable[..., Array]:
    """Make a recursion in which one step is wrong."""

    def times(gradient: Array, pairs: Sequence[Pair], gamma: float) -> Array:
        if not pairs:
            return gamma * gradient if scaled else gradient
        s, y, rho = pairs[0] if first else pairs[-1]
        others = pairs[1:] if first else pairs[:-1]
        alpha = rho * (s @ gradient)
        q = gradient - alpha * y
        down = gradient if of_g else q
        r = gamma * down if one else times(down, others, gamma)
        beta = rho * (y @ (q if of_q else r))
        return r + (alpha + beta if plus else alpha - beta) * s

    return times


h_times = Exercise(
    oracle=_times,
    cases=_histories,
    mistakes={
        "the newest pair comes last: take pairs[-1] off, not pairs[0]": _recursion(
            first=True
        ),
        "gamma is missing: without pairs, H is gamma times I": _recursion(scaled=False),
        "beta has the wrong sign: it is (alpha - beta) s": _recursion(plus=True),
        "beta is computed from r, not from q": _recursion(of_q=True),
        "your function calls itself for the gradient: give it q": _recursion(of_g=True),
        "only the newest pair counts in yours: call the function itself for the older "
        "ones": _recursion(one=True),
        "this is the step itself, with its minus: H g is asked for": (
            lambda *case: -_times(*case)
        ),
        "you stop at gamma times the gradient: the pairs are not used": (
            lambda gradient, pairs, gamma: gamma * gradient
        ),
    },
    praise="two loops, and no loop",
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


def _rooted(gradient: Callable, x: Array, rate: float, steps: int) -> Array:
    """Walk wrongly: each step leaves from the first point."""
    g, new = gradient(x), x
    for _ in range(steps):
        new = x - rate * g
        g_new = gradient(new)
        s, y = new - x, g_new - g
        rate, g = s @ y / (y @ y), g_new
    return new


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
        "the gradient is not updated: after each step, keep the new one": _stale,
        "every step leaves from the first point: the new point becomes the old one": (
            _rooted
        ),
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


Program = Callable[[Array, Sequence[Any]], Array]


def _program(
    *,
    scale: Callable[[Sequence[Any]], Any] = lambda pairs: pairs[-1],
    gamma: float | None = None,
    turned: bool = False,
    crossed: bool = False,
    kept: int | None = None,
    sign: int = 1,
) -> Program:
    """Make two loops of which one thing may be wrong."""

    def multiply(gradient: Array, pairs: Sequence[Any]) -> Array:
        if not pairs:
            return sign * gradient
        used = list(pairs)[::-1] if turned else list(pairs)[-kept if kept else None :]
        q, alphas = gradient, []
        for s, y, rho in reversed(used):
            alphas.append(rho * np.vdot(s, q))
            q = q - alphas[-1] * y
        s, y, _ = scale(pairs)
        r = q * (np.vdot(s, y) / np.vdot(y, y) if gamma is None else gamma)
        back = alphas if crossed else alphas[::-1]
        for (s, y, rho), alpha in zip(used, back, strict=True):
            r = r + (alpha - rho * np.vdot(y, r)) * s
        return sign * r

    return multiply


def _by_matrix(gradient: Array, pairs: Sequence[Any]) -> Array:
    if not pairs:
        return gradient
    s, y, _ = pairs[-1]
    return _times(gradient, pairs, float(s @ y / (y @ y)))


def _programs() -> Iterator[Case]:
    """Yield two right programs, and six wrong ones."""
    yield from ((_program(),), (_by_matrix,))
    yield (_program(gamma=1.0),)
    yield (_program(scale=lambda pairs: pairs[0]),)
    yield (_program(turned=True),)
    yield (_program(crossed=True),)
    yield (_program(kept=2),)
    yield (_program(sign=-1),)


def _experiment(
    *, scales: Iterable[float] = (1.0, 2.0, 5.0, 0.5), newest: bool = False
) -> Callable[[Program], bool]:
    """Make an experiment: which pairs, and which gradient."""

    def judge(program: Program) -> bool:
        rng = np.random.default_rng(8)
        pairs = _random_pairs(rng, scales, 6)
        gradient = pairs[-1].change if newest else rng.normal(size=6)
        wanted = _by_matrix(gradient, pairs)
        return bool(np.allclose(program(gradient, pairs), wanted))

    return judge


multiplies_by_h = Exercise(
    oracle=_experiment(),
    cases=_programs,
    mistakes={
        "your test trusts every program: some are wrong": lambda program: True,
        "your test trusts no program: two are right. Do your pairs have y·s > 0, and "
        "does the newest come last?": lambda program: False,
        "the answer is upside down: True means that the program is right": (
            lambda program: not _experiment()(program)
        ),
        "a wrong order of the pairs gets past you: one pair has no order, so take "
        "three or more": _experiment(scales=(2.0,)),
        "a program that drops old pairs gets past you: take three or more": (
            _experiment(scales=(2.0, 5.0))
        ),
        "programs with a wrong first guess get past you: for the y of the newest pair "
        "the answer is s, whatever the guess. Take a random gradient": (
            _experiment(newest=True)
        ),
        "most programs get past you: without pairs there is nothing to do wrong": (
            lambda program: bool(np.allclose(program(np.ones(3), []), 1.0))
        ),
    },
    praise="eight programs judged, and all of them rightly",
)
