"""Exercises of 02_feature_maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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


def _layers() -> Iterator[Case]:
    yield from [(224, 224, "block5_conv1"), (97, 130, "block4_conv2")]
    yield from [(75, 63, "block3_conv4"), (33, 18, "block1_conv2")]
    yield from [(110, 51, "block2_conv1")]


def _size(height: int, width: int, layer: str, more: int = 0) -> tuple[int, int]:
    scale = 2 ** (int(layer[5]) - 1 + more)
    return height // scale, width // scale


map_size = Exercise(
    oracle=_size,
    cases=_layers,
    mistakes={
        "one pooling too many: none lies below block 1": (
            lambda h, w, layer: _size(h, w, layer, 1)
        ),
        "one pooling too few: block 2 lies behind one": (
            lambda h, w, layer: _size(h, w, layer, -1 if layer[5] > "1" else 0)
        ),
        "you rounded odd sides up: pooling drops the odd row or column": (
            lambda h, w, layer: tuple(-(-n // 2 ** (int(layer[5]) - 1)) for n in (h, w))
        ),
        "sides are whole numbers: divide with //": (
            lambda h, w, layer: (
                h / 2 ** (int(layer[5]) - 1),
                w / 2 ** (int(layer[5]) - 1),
            )
        ),
        "rows and columns are exchanged: the rows (height) come first": (
            lambda h, w, layer: _size(h, w, layer)[::-1]
        ),
        "you halved at each convolution: only pooling halves, between blocks": (
            lambda h, w, layer: tuple(n // 2 ** (_position(layer) - 1) for n in (h, w))
        ),
        "you left poolings out altogether: each one halves both sides": (
            lambda h, w, layer: (h, w)
        ),
        "you divided by the block: each pooling halves, so divide by 2, 4, 8, 16": (
            lambda h, w, layer: (h // int(layer[5]), w // int(layer[5]))
        ),
        "you lost rows at the convolutions: their zero border keeps the size": (
            lambda h, w, layer: _unpadded(h, w, layer)
        ),
    },
    praise="convolutions keep the size, each pooling halves it and drops the odd one",
)


def _position(layer: str) -> int:
    """Return the number of a layer among the convolutions of VGG19, from 1."""
    return sum((2, 2, 4, 4, 4)[: int(layer[5]) - 1]) + int(layer[-1])


def _unpadded(height: int, width: int, layer: str) -> tuple[int, ...]:
    sides = [height, width]
    for block, count in enumerate((2, 2, 4, 4, 4), 1):
        here = min(count, int(layer[-1])) if block == int(layer[5]) else count
        sides = [n - 2 * here for n in sides]
        if block == int(layer[5]):
            break
        sides = [n // 2 for n in sides]
    return tuple(sides)


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
    early: bool = False,
    growing: bool = True,
) -> int:
    field, stride = start, 1
    for kind, k in steps:
        factor = k if kind == "pool" and growing else 1
        if early:
            stride *= factor
        field += (pool if kind == "pool" else conv)(k) * stride
        if not early:
            stride *= factor
    return field


field_of = Exercise(
    oracle=_field,
    cases=_networks,
    mistakes={
        "one pixel is missing: the field begins at 1": (
            lambda steps: _forwards(steps, start=0)
        ),
        "pooling adds to the field as well: k - 1 neighbours": (
            lambda steps: _forwards(steps, pool=lambda k: 0)
        ),
        "neighbours move apart at each pooling: multiply k - 1 by the stride": (
            lambda steps: _forwards(steps, growing=False)
        ),
        "a step of size k adds k - 1 neighbours, not k": (
            lambda steps: _forwards(steps, conv=lambda k: k, pool=lambda k: k)
        ),
        "a convolution of size k adds k - 1 neighbours, not k": (
            lambda steps: _forwards(steps, conv=lambda k: k)
        ),
        "not every pooling halves: neighbours move apart by k, not by 2": (
            lambda steps: _forwards([(s, 2 if s == "pool" else k) for s, k in steps])
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
        "you gave (k - 1) / 2 for each step: neighbours lie on both sides": (
            lambda steps: _forwards(
                steps, conv=lambda k: (k - 1) // 2, pool=lambda k: (k - 1) // 2
            )
        ),
    },
    praise="field and stride, for any network of convolutions and poolings",
    tolerance=1e-6,
)
