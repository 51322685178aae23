"""Exercises of 02_feature_maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _maps() -> Iterator[Case]:
    """Yield maps with positive and negative values; some have odd sides."""
    rng = np.random.default_rng(2)
    for shape in ((4, 6, 3), (5, 7, 2), (6, 4, 1), (9, 8, 4)):
        yield (rng.normal(size=shape),)


def _pooled(maps: np.ndarray, take: Callable[..., np.ndarray]) -> np.ndarray:
    """Apply ``take`` to each square of two by two values, as a plain loop."""
    rows, columns = maps.shape[0] // 2, maps.shape[1] // 2
    squares = [
        [maps[2 * y : 2 * y + 2, 2 * x : 2 * x + 2] for x in range(columns)]
        for y in range(rows)
    ]
    return np.array([[take(s, axis=(0, 1)) for s in line] for line in squares])


def _with_odd_sides(maps: np.ndarray) -> np.ndarray:
    """Pool, but keep an odd row or column."""
    odd = ((0, maps.shape[0] % 2), (0, maps.shape[1] % 2), (0, 0))
    return _pooled(np.pad(maps, odd, constant_values=-np.inf), np.max)


def _stride_one(maps: np.ndarray) -> np.ndarray:
    view = np.lib.stride_tricks.sliding_window_view
    return view(view(maps, 2, axis=0), 2, axis=1).max((-2, -1))


max_pool = Exercise(
    oracle=lambda maps: _pooled(maps, np.max),
    cases=_maps,
    mistakes={
        "this is average pooling: keep the largest of the four": (
            lambda maps: _pooled(maps, np.mean)
        ),
        "you kept the smallest of the four: use the maximum": (
            lambda maps: _pooled(maps, np.min)
        ),
        "these are sums: keep the largest of the four": (
            lambda maps: _pooled(maps, np.sum)
        ),
        "you only took every second value: compare all four of each square": (
            lambda maps: maps[
                : maps.shape[0] // 2 * 2 : 2, : maps.shape[1] // 2 * 2 : 2
            ]
        ),
        "you took every second value, and kept an odd row: compare four, and cut": (
            lambda maps: maps[::2, ::2]
        ),
        "an odd last row or column must be dropped, not kept": _with_odd_sides,
        "your squares overlap: step by 2, not by 1": _stride_one,
        "you pooled the channels as well: each channel keeps its own map": (
            lambda maps: _pooled(maps, np.max).max(-1)
        ),
        "you took the largest size, not value: no absolute values": (
            lambda maps: _pooled(np.abs(maps), np.max)
        ),
    },
    praise="the largest of each four, and odd rows and columns dropped",
)


Steps = list[tuple[str, int]]


def _networks() -> Iterator[Case]:
    yield ([("conv", 3), ("conv", 3)],)
    yield ([("conv", 3), ("pool", 2), ("conv", 3)],)
    yield ([("conv", 7), ("pool", 3), ("conv", 5), ("conv", 3), ("pool", 2)],)
    yield ([("pool", 2), ("pool", 2), ("conv", 3), ("pool", 2), ("conv", 5)],)


def _field(steps: Steps) -> int:
    """Go down from one value, and find how many values it depends on."""
    needed = 1
    for kind, k in reversed(steps):
        needed = needed * k if kind == "pool" else needed + k - 1
    return needed


def _forwards(
    steps: Steps,
    start: int = 1,
    conv: Callable[[int], int] = lambda k: k - 1,
    pool: Callable[[int], int] = lambda k: k - 1,
    factor: Callable[[int], int] = lambda k: k,
    early: bool = False,
) -> int:
    """Go up from the picture, with one rule changed."""
    field, stride = start, 1
    for kind, k in steps:
        grown = stride * (factor(k) if kind == "pool" else 1)
        field += (pool if kind == "pool" else conv)(k) * (grown if early else stride)
        stride = grown
    return field


field_of = Exercise(
    oracle=_field,
    cases=_networks,
    mistakes={
        "one pixel is missing: the field begins at 1": (
            lambda steps: _forwards(steps, start=0)
        ),
        "pooling adds to the field as well: k - 1 neighbors": (
            lambda steps: _forwards(steps, pool=lambda k: 0)
        ),
        "neighbors move apart at each pooling: multiply k - 1 by the stride": (
            lambda steps: _forwards(steps, factor=lambda k: 1)
        ),
        "a step of size k adds k - 1 neighbors, not k": (
            lambda steps: _forwards(steps, conv=lambda k: k, pool=lambda k: k)
        ),
        "a convolution of size k adds k - 1 neighbors, not k": (
            lambda steps: _forwards(steps, conv=lambda k: k)
        ),
        "not every pooling halves: neighbors move apart by k, not by 2": (
            lambda steps: _forwards([(s, 2 if s == "pool" else k) for s, k in steps])
        ),
        "a pooling of size k adds k - 1 neighbors: 1 is right for k = 2 only": (
            lambda steps: _forwards(steps, pool=lambda k: 1)
        ),
        "after a pooling of size k the stride is k times as large, not twice": (
            lambda steps: _forwards(steps, factor=lambda k: 2)
        ),
        "only the stride takes k from its step: the field must, too": (
            lambda steps: _forwards(steps, conv=lambda k: 2, pool=lambda k: 1)
        ),
        "your convolutions add 2, and your strides double, whatever k is: use k": (
            lambda steps: _forwards(steps, conv=lambda k: 2, factor=lambda k: 2)
        ),
        "the numbers of VGG are written in: take each k from its step": (
            lambda steps: _forwards([(s, 2 if s == "pool" else 3) for s, k in steps])
        ),
        "not every convolution is 3×3: k - 1, not 2": (
            lambda steps: _forwards(steps, conv=lambda k: 2)
        ),
        "the stride grows after a pooling has added its part, not before": (
            lambda steps: _forwards(steps, early=True)
        ),
        "this is the stride: the field also grows at each convolution": (
            lambda steps: int(np.prod([k for kind, k in steps if kind == "pool"]))
        ),
        "you gave (k - 1) / 2 for each step: neighbors lie on both sides": (
            lambda steps: _forwards(
                steps, conv=lambda k: (k - 1) // 2, pool=lambda k: (k - 1) // 2
            )
        ),
    },
    praise="field and stride, for any network of convolutions and poolings",
    tolerance=1e-6,
)


KERNELS = {
    "blur": np.full((3, 3), 1 / 9),
    "upright edges": np.tile([-1.0, 0.0, 1.0], (3, 1)),
    "level edges": np.tile([-1.0, 0.0, 1.0], (3, 1)).T,
    "dark spots": np.full((5, 5), -0.04),
}


@dataclass(frozen=True)
class BlackBox:
    """A small network with one map. Call it with a picture ``(H, W)``.

    Args:
        label: what a student is told about it.
        steps: names of `KERNELS`, for a convolution with zero border and ReLU, or
            ``"pool"``, for max pooling of 2×2 values.
    """

    label: str
    steps: tuple[str, ...]

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Return the map, ``(h, w)``, rounded so that equal values stay equal."""
        maps = np.asarray(picture, float)
        if maps.ndim != 2 or min(maps.shape) < 2:
            raise ValueError(
                f"the layer takes a picture (H, W), not the shape {maps.shape}"
            )
        for step in self.steps:
            maps = _convolved(maps, KERNELS[step]) if step != "pool" else _halved(maps)
        return maps.round(6)


def _convolved(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    (h, w), half = maps.shape, len(kernel) // 2
    padded = np.pad(maps, half)
    result = np.full((h, w), max(0.0, -kernel.sum()))  # so that darkness can light up
    for u, v in np.ndindex(*kernel.shape):
        result += kernel[u, v] * padded[u : u + h, v : v + w]
    return np.maximum(result, 0)


def _halved(maps: np.ndarray) -> np.ndarray:
    h, w = maps.shape[0] // 2, maps.shape[1] // 2
    return maps[: 2 * h, : 2 * w].reshape(h, 2, w, 2).max(axis=(1, 3))


def _boxes() -> Iterator[Case]:
    yield BlackBox("two blurs", ("blur", "blur")), 12
    yield BlackBox("a filter for upright edges", ("upright edges",)), 12
    yield BlackBox("a filter for level edges", ("level edges",)), 12
    yield BlackBox("blur, max pooling, blur", ("blur", "pool", "blur")), 12
    yield BlackBox("a filter for dark spots", ("dark spots",)), 12


def _from_the_plan(layer: BlackBox, side: int) -> int:
    """Compute the field by the formula, which an experiment does not know."""
    return _field(
        [("pool", 2) if s == "pool" else ("conv", len(KERNELS[s])) for s in layer.steps]
    )


def _experiment(
    layer: BlackBox,
    side: int,
    *,
    black: bool = False,
    pokes: tuple[float, ...] = (100, -100),
    place: Callable[[int], int] = lambda length: length // 2,
    whole_rows: bool = False,
    count: Callable[[np.ndarray], int] = lambda seen: int(
        np.ptp(np.flatnonzero(seen.any(axis=1))) + 1 if seen.any() else 0
    ),
) -> int:
    """Poke the picture, and count what moves one value; each keyword is a choice."""
    picture = (not black) * np.random.default_rng(0).uniform(size=(side, side))

    def value(picture: np.ndarray) -> float:
        found = layer(picture)
        return float(found[place(len(found)), place(len(found))])

    before, seen = value(picture), np.zeros((side, side), bool)
    for u, v in np.ndindex(side, 1 if whole_rows else side):
        for poke in pokes:
            poked = picture.copy()
            poked[u, slice(None) if whole_rows else v] += poke
            seen[u, v] |= value(poked) != before
    return count(seen)


def _values_moved(layer: BlackBox, side: int) -> int:
    """Count the rows of the map that move when one pixel of a black picture is lit."""
    lit = np.pad([[1.0]], (side // 2, (side - 1) // 2))
    return int((layer(lit) != layer(0 * lit)).any(axis=1).sum())


def _with(**choices: Any) -> Callable[..., int]:
    return lambda layer, side: _experiment(layer, side, **choices)


field_by_poking = Exercise(
    oracle=_from_the_plan,
    cases=_boxes,
    mistakes={
        "one row is missing: from row 3 to row 5 there are 5 - 3 + 1 rows": (
            lambda layer, side: _from_the_plan(layer, side) - 1
        ),
        "you counted pixels: the field is the side of their square": (
            _with(count=lambda seen: int(seen.sum()))
        ),
        "you counted rows that move the value. A filter may skip the row in its "
        "middle: count from the first row to the last": (
            _with(count=lambda seen: int(seen.any(axis=1).sum()))
        ),
        "you poked one pixel, and counted the values that it moves. Watch one value, "
        "and poke all pixels": _values_moved,
        "you watched a value in the corner, whose field the border cuts off": (
            _with(place=lambda length: 0)
        ),
        "a whole row at once escapes a filter that subtracts left from right: poke one "
        "pixel at a time": _with(whole_rows=True),
        "on a flat picture, pokes in one direction escape a filter of differences: "
        "ReLU hides what is negative. Poke up and down": (
            _with(black=True, pokes=(100,))
        ),
        "on a black picture, pokes downwards escape all filters that look for light: "
        "ReLU keeps their answers at 0. Poke up and down": (
            _with(black=True, pokes=(-100,))
        ),
    },
    praise="five layers measured, and the formula agrees with your experiment",
)
