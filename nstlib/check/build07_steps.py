"""The optimizers that a student builds in 07_optimizing_pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.check.feedback import Mistake

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
    if step is ... or step is None:
        return step
    if not callable(step):
        raise Mistake(
            "what your function returns cannot be called: return a step, which is "
            "itself a function of x and g"
        )
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
        "this is the change alone: the step maps x to the next x": (
            lambda x, gradients, rate: -rate * gradients
        ),
        "you use only the sign of the gradient: take the gradient itself": (
            lambda x, gradients, rate: _descended(x, np.sign(gradients), rate)
        ),
    },
    praise="against the gradient, rate times as far",
)


def _adam(
    x: Array,
    gradients: Array,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    *,
    first: Callable[[float, int], float] = lambda beta, t: 1 - beta**t,
    second: Callable[[float, int], float] = lambda beta, t: (1 - beta**t) ** 0.5,
    root: Callable[[Array, float], Array] = lambda v, e: np.sqrt(v) + e,
    kept: Callable[[float], float] = lambda beta: beta,
    start: int = 1,
) -> Array:
    """Walk by equation (5), with means written as weighted sums of all gradients."""
    seen = []
    for last in range(len(gradients)):
        ages = np.arange(last, -1, -1).reshape(-1, *np.ones(np.ndim(x), int))
        past = gradients[: last + 1]
        one, two = kept(beta_1), kept(beta_2)
        m = (1 - one) * np.sum(one**ages * past, axis=0)
        v = (1 - two) * np.sum(two**ages * past**2, axis=0)
        t = last + start
        x = x - rate * second(beta_2, t) / first(beta_1, t) * m / root(v, epsilon)
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
        "the fraction with t is missing: without it, m and v are too small at first": (
            _adam_with(first=lambda beta, t: 1.0, second=lambda beta, t: 1.0)
        ),
        "you correct the start of m only: the root of v needs its correction, too": (
            _adam_with(second=lambda beta, t: 1.0)
        ),
        "you correct the start of v only: m needs its correction, too": (
            _adam_with(first=lambda beta, t: 1.0)
        ),
        "above the line of the fraction stands a root: √(1 − β₂ᵗ)": (
            _adam_with(second=lambda beta, t: 1 - beta**t)
        ),
        "the shares are exchanged: beta_1 and beta_2 are what the means keep of the "
        "past": _adam_with(kept=lambda beta: 1 - beta),
        "your step forgets: set m, v and t once, outside the step": (
            lambda x, gradients, *row: (
                x
                + np.cumsum([_adam(0 * x, g[None], *row)[0] for g in gradients], axis=0)
            )
        ),
        "t begins at 1: count the step before you use t": _adam_with(start=2),
        "epsilon stands under the root: in (5) it is added to the root": (
            _adam_with(root=lambda v, e: np.sqrt(v + e))
        ),
        "epsilon is missing: add it to the root of v": (
            _adam_with(root=lambda v, e: np.sqrt(v))
        ),
        "the root is missing: divide by √v + ε": _adam_with(root=lambda v, e: v + e),
        "beta_1 and beta_2 are exchanged: beta_1 belongs to the gradient": (
            lambda x, g, rate, one, two, e: _adam(x, g, rate, two, one, e)
        ),
        "this is the other order of the paper, with ε after both corrections: (5) adds "
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
    for t, g in enumerate(gradients, 1):
        m, v = one * m + (1 - one) * g, two * v + (1 - two) * g**2
        x = x - rate * m / (1 - one**t) / (np.sqrt(v / (1 - two**t)) + epsilon)
        seen.append(x)
    return np.array(seen)
