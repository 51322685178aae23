"""The functions that a student builds in 14_speed_vs_quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray


def _clocks() -> Iterator[Case]:
    """Yield the seconds that each run takes; in one case the first takes least."""
    yield ([3.0, 0.75, 0.5, 2.0, 0.5],)
    yield ([0.25, 4.0, 1.5],)
    yield ([9.0, 1.0, 2.0, 3.0, 1.25, 6.0],)
    yield ([2.0, 7.0],)
    yield ([3.0, 2.0, 5.0, 1.0],)


def _timed(function: Callable[..., Any], seconds: list[float]) -> Any:
    """Let the clock jump while the function is called, and by 100 between calls."""
    now, left, readings = [0.0], iter(seconds), count()

    def work() -> None:
        now[0] += next(left)

    def clock() -> float:
        now[0] += 0.0 if next(readings) % 2 else 100.0
        return now[0]

    try:
        found = function(work, len(seconds), clock)
    except StopIteration:
        raise ValueError("the function is called more than runs times") from None
    return found


best_seconds = Built(
    of="14_speed_vs_quality.best_seconds",
    oracle=lambda seconds: min(seconds[1:]),
    cases=_clocks,
    use=_timed,
    mistakes={
        "the first run counts in yours: it compiles and loads, so leave it out": min,
        "this is the mean: the least is disturbed least": (
            lambda seconds: float(np.mean(seconds[1:]))
        ),
        "this is the mean, with the first run: take the least of the others": (
            lambda seconds: float(np.mean(seconds))
        ),
        "this is the longest run: take the shortest": lambda seconds: max(seconds[1:]),
        "this is the longest run of all: take the shortest, without the first": max,
        "these are all runs together: take the shortest": sum,
        "this is the last run: take the shortest": lambda seconds: seconds[-1],
        "the last run is left out: leave out the first": lambda seconds: min(
            seconds[:-1]
        ),
        "the middle one is not asked for: take the shortest": (
            lambda seconds: float(np.median(seconds[1:]))
        ),
        "these are all runs: return the shortest": lambda seconds: seconds,
    },
    praise="the least of all runs but the first",
)


def _costs() -> Iterator[Case]:
    yield (np.array([[1, 5], [2, 3], [3, 4], [4, 1]]),)
    rng = np.random.default_rng(150)
    for points, kinds, top in ((9, 2, 6), (7, 3, 4), (5, 1, 9), (12, 2, 4)):
        yield (rng.integers(0, top, (points, kinds)),)
    yield (np.array([[2, 2], [2, 2], [3, 1]]),)  # two alike: neither dominates


def _front(costs: Array, beats: Callable[[Array, Array], Any]) -> Array:
    """Ask of each point whether another one beats it, as plain loops."""
    return np.array([not any(beats(b, a) for b in costs) for a in costs])


def _without_itself(costs: Array) -> Array:
    others = [np.delete(costs, k, axis=0) for k in range(len(costs))]
    pairs = zip(costs, others, strict=True)
    return np.array([not (rest <= a).all(axis=1).any() for a, rest in pairs])


def _dominates(b: Array, a: Array) -> bool:
    return bool((b <= a).all() and (b < a).any())


pareto_front = Built(
    of="14_speed_vs_quality.pareto_front",
    oracle=lambda costs: _front(costs, _dominates),
    cases=_costs,
    kind="array",
    mistakes={
        "two equal points throw each other out: one must be better in something": (
            _without_itself
        ),
        "nothing is left: no point beats itself, so it must be better in something": (
            lambda costs: _front(costs, lambda b, a: (b <= a).all())
        ),
        "you ask for better in everything: no worse in all, better in one, is enough": (
            lambda costs: _front(costs, lambda b, a: (b < a).all())
        ),
        "you ask for better in anything: it must also be no worse in all": (
            lambda costs: _front(costs, lambda b, a: (b < a).any())
        ),
        "you keep the worst: each cost is better if it is lower": (
            lambda costs: _front(costs, lambda b, a: _dominates(a, b))
        ),
        "this is true for those that are beaten: turn it around": (
            lambda costs: ~_front(costs, _dominates)
        ),
        "only the best of each column is kept: points between count, too": (
            lambda costs: (costs == costs.min(0)).any(1)
        ),
        "these are the numbers of the points: true or false for each is asked for": (
            lambda costs: np.flatnonzero(_front(costs, _dominates))
        ),
    },
    praise="nobody beats those that are left",
)
