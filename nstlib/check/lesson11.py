"""Exercises of 11_high_resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise

Array = np.ndarray
Plan = list[tuple[int, int, int]]


def _plans() -> Iterator[Case]:
    yield ([(96, 128, 115), (192, 256, 116), (384, 512, 69)],)
    yield ([(60, 40, 30), (150, 100, 11)],)
    yield ([(33, 77, 9)],)
    yield ([(80, 80, 7), (113, 113, 8), (160, 160, 9), (226, 226, 4)],)


def _price(plan: Plan) -> float:
    height, width, _ = plan[-1]
    return sum(n * (h * w) / (height * width) for h, w, n in plan)


plan_price = Exercise(
    oracle=_price,
    cases=_plans,
    mistakes={
        "you added up the evaluations: each counts by its share of the last pixels": (
            lambda plan: sum(n for _, _, n in plan)
        ),
        "you compared heights: an evaluation costs as much as height times width": (
            lambda plan: sum(n * h for h, _, n in plan) / plan[-1][0]
        ),
        "these are pixels: divide them by height times width of the last scale": (
            lambda plan: sum(n * h * w for h, w, n in plan)
        ),
        "you divided by the first scale: the unit is an evaluation of the last": (
            lambda plan: sum(n * h * w for h, w, n in plan) / (plan[0][0] * plan[0][1])
        ),
        "the last scale is missing: its evaluations count in full": (
            lambda plan: _price(plan) - plan[-1][2]
        ),
        "only the last scale is counted: add the share of the smaller ones": (
            lambda plan: plan[-1][2]
        ),
        "that is a share of the price at full size: do not divide by evaluations": (
            lambda plan: _price(plan) / sum(n for _, _, n in plan)
        ),
    },
    praise="the price of a plan, in evaluations of its last scale",
)


def _wishes() -> Iterator[Case]:
    yield from ((512, 300, 105.0), (320, 60, 21.0), (256, 40, 12.0), (1024, 100, 60.0))


def _quarters(side: int, steps: int, budget: float) -> list[tuple[int, int]]:
    """Paint at a quarter of the side for as long as the budget asks for it."""
    last = max(1, int((budget - steps / 16) / (1 - 1 / 16)))
    last = min(last, steps - 1)
    return [(side // 4, steps - last), (side, last)]


def _plan_of(answer: Any) -> list[tuple[int, int]] | None:
    """Read a list of pairs of whole numbers; None if it is something else."""
    try:
        plan = [(side, count) for side, count in answer]
    except (TypeError, ValueError):
        return None
    whole = all(isinstance(n, int | np.integer) for pair in plan for n in pair)
    return [(int(side), int(count)) for side, count in plan] if plan and whole else None


def _flaw(answer: Any, side: int, steps: int, budget: float) -> str | None:
    plan = _plan_of(answer)
    case = f"own_plan({side}, {steps}, {budget:g})"
    if plan is None:
        return "return a list of pairs (side, evaluations) of whole numbers"
    said = f"for {case}, yours is {plan}"
    if len(plan) < 2 or any(a >= b for (a, _), (b, _) in pairwise(plan)):
        return f"from coarse to fine there are two sides or more, each larger: {said}"
    if plan[-1][0] != side:
        return f"the last side is the side of the result: {said}"
    if plan[0][0] < LEAST:
        return f"a picture below {LEAST} pixels is too small for the network: {said}"
    if min(count for _, count in plan) < 1:
        return f"each scale needs an evaluation: {said}"
    total = sum(count for _, count in plan)
    if total != steps:
        return f"the evaluations should add up to {steps}, not {total}: {said}"
    price = sum(count * own**2 for own, count in plan) / side**2
    if price > budget + 1e-9:
        return f"the price is {price:.4g} and should be at most {budget:g}: {said}"
    return None


LEAST = 32
"""The smallest side of a scale, in pixels."""

own_plan = OpenExercise(
    oracle=_quarters,
    cases=_wishes,
    flaw=_flaw,
    mistakes={
        "return a list of pairs (side, evaluations) of whole numbers": (
            lambda side, steps, budget: [side / 2, side]
        ),
        "from coarse to fine there are two sides or more, each larger: for "
        "own_plan(512, 300, 105), yours is [(512, 300)]": (
            lambda side, steps, budget: [(side, steps)]
        ),
        "the last side is the side of the result: for own_plan(512, 300, 105), yours "
        "is [(128, 150), (256, 150)]": (
            lambda side, steps, budget: [
                (side // 4, steps // 2),
                (side // 2, steps - steps // 2),
            ]
        ),
        "the price is 187.5 and should be at most 105: for own_plan(512, 300, 105), "
        "yours is [(256, 150), (512, 150)]": (
            lambda side, steps, budget: [
                (side // 2, steps // 2),
                (side, steps - steps // 2),
            ]
        ),
    },
    praise="a plan that fits: now paint by it, and ask the report",
)


class _TooMuch(Exception):
    pass


def _eye(filter_: Array, most: int) -> Callable[[Array], Array]:
    """Return a network of one convolution that refuses rows that are too long."""

    def network(row: Array) -> Array:
        row = np.asarray(row, float)
        if row.size > most:
            raise _TooMuch("the network was shown more than core + 2 * halo pixels")
        return np.maximum(np.convolve(row, filter_)[len(filter_) // 2 :][: row.size], 0)

    return network


def _rows() -> Iterator[Case]:
    rng = np.random.default_rng(12)
    for length, core, halo in ((12, 4, 1), (17, 5, 2), (23, 6, 3), (7, 9, 1)):
        filter_ = rng.uniform(0.5, 1.5, 2 * halo + 1)
        network = _eye(filter_, core + 2 * halo)
        yield network, rng.uniform(1, 9, length), core, halo


def _in_tiles(
    before: Callable[[int], int], after: Callable[[int], int], cut: bool = True
) -> Callable[..., Array]:
    """Compute the maps in tiles, with halos that are functions of the right halo."""

    def answer(
        network: Callable[[Array], Array], row: Array, core: int, halo: int
    ) -> Array:
        parts = []
        for start in range(0, len(row), core):
            first = max(0, start - before(halo))
            maps = network(row[first : start + core + after(halo)])
            parts.append(maps[start - first :][:core] if cut else maps)
        return np.concatenate(parts)

    return answer


def _cut_by_halo(
    network: Callable[[Array], Array], row: Array, core: int, halo: int
) -> Array:
    """Cut the halo off the first tile, too, though it has none on its left."""
    parts = []
    for start in range(0, len(row), core):
        maps = network(row[max(0, start - halo) : start + core + halo])
        parts.append(maps[halo : halo + core])
    return np.concatenate(parts)


def _whole_tiles_only(
    network: Callable[[Array], Array], row: Array, core: int, halo: int
) -> Array:
    whole = _in_tiles(lambda h: h, lambda h: h)(network, row, core, halo)
    return whole[: len(row) // core * core]


tiles_map = Exercise(
    oracle=_in_tiles(lambda h: h, lambda h: h),
    cases=_rows,
    mistakes={
        "no halo: the positions next to a cut have lost their neighbors": (
            _in_tiles(lambda h: 0, lambda h: 0)
        ),
        "the halo on the left is missing: begin at max(0, start - halo)": (
            _in_tiles(lambda h: 0, lambda h: h)
        ),
        "the halo on the right is missing: show the network core + halo from start": (
            _in_tiles(lambda h: h, lambda h: 0)
        ),
        "the maps of the halo are still there: keep those of the core alone": (
            _in_tiles(lambda h: h, lambda h: h, cut=False)
        ),
        "the first tile has no halo on its left: cut start - first, not halo": (
            _cut_by_halo
        ),
        "the halo is too narrow by one": (_in_tiles(lambda h: h - 1, lambda h: h - 1)),
        "the shorter core at the end is missing": _whole_tiles_only,
    },
    praise="the maps of the whole row, and never more than a tile in sight",
)
