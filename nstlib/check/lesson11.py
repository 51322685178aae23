"""Exercises of 11_high_resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

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


def _cores() -> Iterator[Case]:
    rng = np.random.default_rng(11)
    for channels, one, other in (
        (3, (2, 5), (4, 3)),
        (1, (3, 4), (1, 2)),
        (4, (5, 2), (3, 3)),
        (2, (1, 1), (3, 7)),
    ):
        yield tuple(rng.normal(1, 1, (*shape, channels)) for shape in (one, other))


def _sum(*cores: Array) -> Array:
    return np.sum([np.einsum("hwi,hwj->ij", maps, maps) for maps in cores], axis=0)


def _count(*cores: Array) -> int:
    return sum(maps.shape[0] * maps.shape[1] for maps in cores)


def _own_mean(maps: Array) -> Array:
    return _sum(maps) / _count(maps)


def _gram_of_sums(*cores: Array) -> Array:
    total = np.sum([maps.sum((0, 1)) for maps in cores], axis=0)
    return np.outer(total, total) / _count(*cores)


tiles_gram = Exercise(
    oracle=lambda one, other: _sum(one, other) / _count(one, other),
    cases=_cores,
    mistakes={
        "a mean of means: a small tile counts as much as a large one; divide once": (
            lambda one, other: (_own_mean(one) + _own_mean(other)) / 2
        ),
        "each tile was divided by its own positions: add up first, divide once": (
            lambda one, other: _own_mean(one) + _own_mean(other)
        ),
        "the sum is right: divide it by the positions of both tiles": _sum,
        "you divided by the number of tiles: divide by their positions": (
            lambda one, other: _sum(one, other) / 2
        ),
        "you divided by the positions times the channels: leave the channels out": (
            lambda one, other: _sum(one, other) / (one.size + other.size)
        ),
        "you divided by the positions of one tile: count those of both": (
            lambda one, other: _sum(one, other) / _count(other)
        ),
        "channels were added up before the product: multiply at each position": (
            _gram_of_sums
        ),
        "that is the second tile alone: add up both": (
            lambda one, other: _own_mean(other)
        ),
    },
    praise="the Gram matrix of the whole picture, from its parts",
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
