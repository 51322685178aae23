"""The optimisers that a student builds in 07_optimizing_pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray


def _paths(numbers: list[tuple[float, ...]]) -> Callable[[], Iterator[Case]]:
    """Return cases: a picture, gradients that it meets one after the other, numbers."""

    def cases() -> Iterator[Case]:
        rng = np.random.default_rng(71)
        for shape, row in zip(((3, 5, 2), (4,), (1, 2, 1)), numbers, strict=True):
            x, *gradients = rng.normal(size=(5, *shape))
            yield x, np.array(gradients), *row
        yield 0, np.array([3, -3]), *numbers[0]  # as by hand: whole numbers

    return cases


def _walk(make: Callable[..., Any], x: Array, gradients: Array, *row: float) -> Any:
    """Make a step from the numbers, and take it once for each gradient."""
    step, seen = make(*row), []
    if step is ...:
        return ...
    for gradient in gradients:
        x = step(x, gradient)
        if x is ... or x is None:
            return x
        seen.append(x)
    return np.array(seen)


def _descended(x: Array, gradients: Array, rate: float) -> Array:
    return x - rate * np.cumsum(gradients, axis=0)


gradient_descent = Built(
    of="07_optimizing_pixels.gradient_descent",
    oracle=_descended,
    cases=_paths([(0.1,), (2.0,), (0.5,)]),
    use=_walk,
    mistakes={
        "this goes uphill: subtract rate times the gradient": (
            lambda x, gradients, rate: _descended(x, gradients, -rate)
        ),
        "the rate is missing: it says how far": (
            lambda x, gradients, rate: _descended(x, gradients, 1.0)
        ),
        "you divided by the rate: a larger rate is a longer step": (
            lambda x, gradients, rate: _descended(x, gradients, 1 / rate)
        ),
        "this is the way alone: the step maps x to the next x": (
            lambda x, gradients, rate: -rate * gradients
        ),
        "only the sign of the gradient counts in yours: take the gradient itself": (
            lambda x, gradients, rate: _descended(x, np.sign(gradients), rate)
        ),
    },
    praise="against the gradient, rate times as far",
)


def _adagrad(
    x: Array,
    gradients: Array,
    rate: float,
    epsilon: float = 1e-7,
    total: float = 0.1,
    *,
    outside: float = 0.0,
    power: float = 0.5,
    size: Callable[[Array], Array] = np.square,
) -> Array:
    sums = total + np.cumsum(size(gradients), axis=0)
    ways = gradients / ((sums + epsilon) ** power + outside)
    return x - rate * np.cumsum(ways, axis=0)


adagrad = Built(
    of="07_optimizing_pixels.adagrad",
    oracle=_adagrad,
    cases=_paths([(0.3, 0.5, 0.2), (2.0, 0.1, 1.5), (1.0, 0.7, 0.0)]),
    use=_walk,
    mistakes={
        "this goes uphill: subtract": (
            lambda x, g, rate, epsilon, total: _adagrad(x, g, -rate, epsilon, total)
        ),
        "the sum begins anew in each step: keep it with nonlocal": (
            lambda x, g, rate, epsilon, total: (
                x - rate * np.cumsum(g / np.sqrt(total + g**2 + epsilon), axis=0)
            )
        ),
        "the sum does not begin at total": (
            lambda x, g, rate, epsilon, total: _adagrad(x, g, rate, epsilon, 0.0)
        ),
        "epsilon stands outside the root: in (6) it is under it": (
            lambda x, g, rate, epsilon, total: _adagrad(
                x, g, rate, 0.0, total, outside=epsilon
            )
        ),
        "epsilon is missing: add it to the sum, under the root": (
            lambda x, g, rate, epsilon, total: _adagrad(x, g, rate, 0.0, total)
        ),
        "the root is missing: divide by the root of the sum": (
            lambda x, g, rate, epsilon, total: _adagrad(
                x, g, rate, epsilon, total, power=1.0
            )
        ),
        "you added up the gradients: square them first": (
            lambda x, g, rate, epsilon, total: _adagrad(
                x, g, rate, epsilon, total, size=np.abs
            )
        ),
        "you divided before this gradient was in the sum: add it first": (
            lambda x, g, rate, epsilon, total: (
                x
                - rate
                * np.cumsum(
                    g / np.sqrt(total + np.cumsum(g**2, 0) - g**2 + epsilon), axis=0
                )
            )
        ),
    },
    praise="each pixel at its own rate, which only gets smaller",
)


def _adam(
    x: Array,
    gradients: Array,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    *,
    first: Callable[[float, int], float] = lambda beta, k: 1 - beta**k,
    second: Callable[[float, int], float] = lambda beta, k: (1 - beta**k) ** 0.5,
    root: Callable[[Array, float], Array] = lambda v, e: np.sqrt(v) + e,
    start: int = 1,
) -> Array:
    """Walk by equation (7), with means written as weighted sums of all gradients."""
    seen = []
    for last in range(len(gradients)):
        ages = np.arange(last, -1, -1).reshape(-1, *np.ones(np.ndim(x), int))
        past = gradients[: last + 1]
        m = (1 - beta_1) * np.sum(beta_1**ages * past, axis=0)
        v = (1 - beta_2) * np.sum(beta_2**ages * past**2, axis=0)
        k = last + start
        x = x - rate * second(beta_2, k) / first(beta_1, k) * m / root(v, epsilon)
        seen.append(x)
    return np.array(seen)


def _adam_with(**steps: Any) -> Callable[..., Array]:
    return lambda x, gradients, rate, beta_1, beta_2, epsilon: _adam(
        x, gradients, rate, beta_1, beta_2, epsilon, **steps
    )


adam = Built(
    of="07_optimizing_pixels.adam",
    oracle=lambda x, gradients, rate, beta_1, beta_2, epsilon: _adam(
        x, gradients, rate, beta_1, beta_2, epsilon
    ),
    cases=_paths([(0.3, 0.8, 0.9, 0.5), (2.0, 0.5, 0.75, 0.1), (1.0, 0.9, 0.6, 0.3)]),
    use=_walk,
    mistakes={
        "this goes uphill: subtract": (
            lambda x, g, rate, *more: _adam(x, g, -rate, *more)
        ),
        "the fraction with k is missing: the means begin at 0 and are too small": (
            _adam_with(first=lambda beta, k: 1.0, second=lambda beta, k: 1.0)
        ),
        "only the mean gradient is made up for: the root of v needs it, too": (
            _adam_with(second=lambda beta, k: 1.0)
        ),
        "only the root of v is made up for: the mean gradient needs it, too": (
            _adam_with(first=lambda beta, k: 1.0)
        ),
        "above the line of the fraction stands a root: √(1 − β₂ᵏ)": (
            _adam_with(second=lambda beta, k: 1 - beta**k)
        ),
        "k begins at 1: count the step before you use k": _adam_with(start=2),
        "epsilon stands under the root: in (7) it is added to the root": (
            _adam_with(root=lambda v, e: np.sqrt(v + e))
        ),
        "epsilon is missing: add it to the root of v": (
            _adam_with(root=lambda v, e: np.sqrt(v))
        ),
        "the root is missing: divide by √v + ε": _adam_with(root=lambda v, e: v + e),
        "beta_1 and beta_2 are exchanged: beta_1 belongs to the gradient": (
            lambda x, g, rate, one, two, e: _adam(x, g, rate, two, one, e)
        ),
        "this is the other order of the paper, with ε after both corrections: (7) adds "
        "ε to √v itself": lambda x, g, rate, one, two, e: _corrected(
            x, g, rate, one, two, e
        ),
    },
    praise="the first step is as long as the rate, whatever the gradient",
)


def _corrected(
    x: Array, gradients: Array, rate: float, one: float, two: float, epsilon: float
) -> Array:
    m = v = np.zeros_like(x)
    seen = []
    for k, g in enumerate(gradients, 1):
        m, v = one * m + (1 - one) * g, two * v + (1 - two) * g**2
        x = x - rate * m / (1 - one**k) / (np.sqrt(v / (1 - two**k)) + epsilon)
        seen.append(x)
    return np.array(seen)
