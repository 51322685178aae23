"""The functions that a student builds in 08_lbfgs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.build08_search import strong_wolfe
from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.check.lesson08 import Pair

__all__ = ["bfgs_update", "strong_wolfe", "two_loop_recursion"]

Array = np.ndarray


def _updates() -> Iterator[Case]:
    rng = np.random.default_rng(108)
    for size in (2, 1, 5):
        half, s, noise = rng.normal(size=(size, size)), *rng.normal(size=(2, size))
        yield half @ half.T + np.eye(size), s, s * rng.uniform(0.5, 2, size) + noise / 9
    yield rng.normal(size=(3, 3)), *rng.normal(size=(2, 3))  # not symmetric


def _update(inverse: Array, s: Array, y: Array) -> Array:
    """Compute (4), multiplied out."""
    rho, n = 1 / np.vdot(y, s), len(s)
    new = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            row, column = inverse[i], inverse[:, j]
            new[i, j] = inverse[i, j] - rho * (s[i] * (y @ column) + (row @ y) * s[j])
            new[i, j] += rho * s[i] * s[j] * (1 + rho * (y @ inverse @ y))
    return new


def _brackets(inverse: Array, left: Array, right: Array, last: Array) -> Array:
    return left @ inverse @ right + last


def _bracket(s: Array, y: Array, rho: float | None = None) -> Array:
    factor = 1 / np.vdot(y, s) if rho is None else rho
    return np.eye(len(s)) - factor * np.outer(s, y)


bfgs_update = Built(
    of="08_lbfgs.bfgs_update",
    oracle=_update,
    cases=_updates,
    kind="array",
    mistakes={
        "the last term is missing: add rho times s sᵀ": lambda h, s, y: _brackets(
            h, _bracket(s, y), _bracket(s, y).T, 0 * h
        ),
        "rho is missing in the last term: it is rho s sᵀ": lambda h, s, y: _brackets(
            h, _bracket(s, y), _bracket(s, y).T, np.outer(s, s)
        ),
        "rho is 1 / (y·s), and you used y·s": lambda h, s, y: _brackets(
            h, _bracket(s, y, y @ s), _bracket(s, y, y @ s).T, (y @ s) * np.outer(s, s)
        ),
        "both brackets are the same: the right one is transposed, y sᵀ": (
            lambda h, s, y: _brackets(
                h, _bracket(s, y), _bracket(s, y), np.outer(s, s) / (y @ s)
            )
        ),
        "the brackets are exchanged: s yᵀ stands on the left, y sᵀ on the right": (
            lambda h, s, y: _brackets(
                h, _bracket(s, y).T, _bracket(s, y), np.outer(s, s) / (y @ s)
            )
        ),
        "s and y are exchanged: H has to map y to s": lambda h, s, y: _update(h, y, s),
        "the brackets have a plus: they take away what H said about y": (
            lambda h, s, y: _brackets(
                h,
                _bracket(s, y, -1 / (y @ s)),
                _bracket(s, y, -1 / (y @ s)).T,
                np.outer(s, s) / (y @ s),
            )
        ),
        "* multiplies entry by entry: @ multiplies matrices": (
            lambda h, s, y: (
                _bracket(s, y) * h * _bracket(s, y).T + np.outer(s, s) / (y @ s)
            )
        ),
        "s yᵀ and s sᵀ are tables of products, np.outer: s @ y is one number": (
            lambda h, s, y: _brackets(
                h, np.eye(len(s)) - 1, np.eye(len(s)) - 1, (s @ s) / (y @ s)
            )
        ),
        "s yᵀ and s sᵀ are tables of products, np.outer: s * y is one row": (
            lambda h, s, y: _brackets(
                h,
                np.eye(len(s)) - s * y / (y @ s),
                (np.eye(len(s)) - s * y / (y @ s)).T,
                s * s / (y @ s),
            )
        ),
        "s sᵀ is a table of products, np.outer: s @ s is one number": (
            lambda h, s, y: _brackets(
                h, _bracket(s, y), _bracket(s, y).T, (s @ s) / (y @ s)
            )
        ),
    },
    praise="the new matrix maps y to s",
)


def _histories() -> Iterator[Case]:
    rng = np.random.default_rng(109)
    for size, count in ((8, 5), (2, 1), (4, 3), (3, 0), (6, 9)):
        pairs = []
        for s, noise in rng.normal(size=(count, 2, size)):
            y = s * rng.uniform(0.5, 3) + 0.2 * noise
            pairs.append(Pair(s, y, float(1 / (y @ s))))
        yield rng.normal(size=size), pairs


def _dense(gradient: Array, history: list[Pair]) -> Array:
    """Build the matrix pair by pair, and multiply."""
    if not history:
        return gradient
    s, y, _ = history[-1]
    inverse = (s @ y) / (y @ y) * np.eye(len(s))
    for s, y, _ in history:
        inverse = _update(inverse, s, y)
    return inverse @ gradient


def _loops(
    *,
    down: Callable[[list], list] = lambda pairs: pairs[::-1],
    up: Callable[[list], list] = lambda pairs: pairs,
    scale: Callable[[list[Pair]], float],
    sign: float = -1,
    aligned: bool = True,
    follows: bool = True,
) -> Callable[[Array, list[Pair]], Array]:
    """Make two loops in which one step may be wrong."""

    def multiply(gradient: Array, history: list[Pair]) -> Array:
        if not history:
            return gradient
        q, alphas = gradient, {}
        for number, pair in down(list(enumerate(history))):
            alphas[number] = pair.rho * (pair.step @ (q if follows else gradient))
            q = q - alphas[number] * pair.change
        r = scale(history) * q
        for number, pair in up(list(enumerate(history))):
            beta = pair.rho * (pair.change @ r)
            place = number if aligned else len(history) - 1 - number
            r = r + (alphas.get(place, 0.0) + sign * beta) * pair.step
        return r

    return multiply


def _gamma(pair: Pair) -> float:
    return float((pair.step @ pair.change) / (pair.change @ pair.change))


def _newest(history: list[Pair]) -> float:
    return _gamma(history[-1])


two_loop_recursion = Built(
    of="nstlib.lbfgs.two_loop_recursion",
    oracle=_dense,
    cases=_histories,
    mistakes={
        "the scale γ is missing between the loops": _loops(scale=lambda pairs: 1.0),
        "the scale comes from the newest pair, the last one": _loops(
            scale=lambda pairs: _gamma(pairs[0])
        ),
        "the scale is upside down: γ is s·y / y·y": _loops(
            scale=lambda pairs: 1 / _newest(pairs)
        ),
        "the scale is s·s / s·y: it should be s·y / y·y": _loops(
            scale=lambda pairs: pairs[-1].rho * float(pairs[-1].step @ pairs[-1].step)
        ),
        "the first loop runs from the newest pair to the oldest: reversed(history)": (
            _loops(down=lambda pairs: pairs, scale=_newest)
        ),
        "the second loop runs from the oldest pair to the newest": _loops(
            up=lambda pairs: pairs[::-1], scale=_newest
        ),
        "alpha comes from q, which changes in each round, not from gradient": _loops(
            follows=False, scale=_newest
        ),
        "each pair needs its own alpha: in the second loop, reverse the alphas": _loops(
            aligned=False, scale=_newest
        ),
        "beta has the wrong sign: it is (alpha − beta) s": _loops(
            sign=1, scale=_newest
        ),
        "the second loop is missing: it adds (alpha − beta) s of each pair": _loops(
            up=lambda pairs: [], scale=_newest
        ),
        "the oldest pair is left out: both loops run over all pairs": _loops(
            down=lambda pairs: pairs[:0:-1], up=lambda pairs: pairs[1:], scale=_newest
        ),
        "the oldest pair is left out of the first loop": _loops(
            down=lambda pairs: pairs[:0:-1], scale=_newest
        ),
        "this is the step itself, with its minus: the loops give H g": (
            lambda gradient, history: -_dense(gradient, history)
        ),
    },
    praise="the matrix times the gradient, and nowhere a matrix",
)
