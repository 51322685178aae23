"""The functions that a student builds in 11_high_resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nstlib.check.build02 import PLANS
from nstlib.check.building import Built
from nstlib.check.exercise import Case

FIRST = [f"block{block}_conv1" for block in range(1, 6)]


def _layers() -> Iterator[Case]:
    yield from [([name], "mini") for name in FIRST]
    yield from [(FIRST, "mini"), (FIRST, "vgg19"), (FIRST[:3], "vgg19")]
    yield ["block4_conv2", "block1_conv1"], "vgg19"
    yield ["block5_conv3", "block2_conv2"], "vgg16"


def _side(layer: str) -> int:
    return int(2 ** (int(layer[5]) - 1))


def _field(layer: str, network: str) -> int:
    """Go back from one value to the picture, and count what it depends on."""
    needed, inside = 1, int(layer[-1])
    for block in range(int(layer[5]), 0, -1):
        needed += 2 * (inside if block == int(layer[5]) else PLANS[network][block - 1])
        needed *= 2 if block > 1 else 1
    return needed


def _reach(
    layers: list[str],
    network: str,
    *,
    own: Callable[[str], int] = _side,
    half: float = 2,
    whole: Callable[[list[int]], int] = max,
    up: bool = True,
) -> int:
    """Return the right side of (4) in whole squares; each keyword is one step."""
    step = whole([_side(name) for name in layers])
    beyond = max((_field(name, network) - own(name)) / half for name in layers)
    return int((beyond + step - 1e-9) // step if up else beyond // step) * step


def _with(**steps: Any) -> Callable[[list[str], str], int]:
    return lambda layers, network: _reach(layers, network, **steps)


reach = Built(
    of="nstlib.large.tiles.reach",
    oracle=lambda layers, network: _reach(layers, network),
    cases=_layers,
    mistakes={
        "there is no halo: a position looks beyond its own square": (
            lambda layers, network: 0
        ),
        "halve the difference: half of the field lies on each side": _with(half=1),
        "it is rounded down: a halo that is too short cuts off neighbors": _with(
            up=False
        ),
        "it is not rounded: pooling needs whole squares of the deepest layer": _with(
            whole=lambda steps: 1
        ),
        "the squares are those of the finest layer: take the largest stride": _with(
            whole=min
        ),
        "this is the first layer's: take the one that sees furthest": (
            lambda layers, network: _reach(layers[:1], network)
        ),
        "this is the last layer's: take the one that sees furthest": (
            lambda layers, network: _reach(layers[-1:], network)
        ),
        "this is the whole field, for one side: subtract the stride and halve": _with(
            own=lambda name: 0, half=1
        ),
    },
    praise="as far as the layer that sees furthest, in whole squares",
)


def _axes() -> Iterator[Case]:
    yield from [(2048, 768, 80), (304, 240, 80), (256, 160, 32, 16)]
    yield from [(100, 240, 80), (1000, 300, 48, 8), (333, 128, 32, 4)]


Four = tuple[int, int, int, int]


def _spans(
    length: int,
    tile: int,
    halo: int,
    step: int = 16,
    *,
    before: bool = True,
    after: bool = True,
    inside: bool = True,
    snap: bool = True,
    last: bool = True,
    ends: int = 2,
) -> list[Four]:
    """Divide an axis in shares of one length; each keyword is one step."""
    free, room = length - ends * halo, tile - 2 * halo
    count = 1
    while count * room < free:
        count += 1
    cuts = []
    for number in range(1, count):
        cut = (ends // 2) * halo + number * free // count
        cuts.append(cut - cut % step if snap else cut)
    if not last:
        cuts, length = cuts[:-1], length
    starts, stops = [0, *cuts], [*cuts, length]
    found = []
    for start, stop in zip(starts, stops, strict=True):
        low = start - halo if before else start
        high = stop + halo if after else stop
        if inside:
            low, high = max(0, low), min(length, high)
        found.append((start, stop, low, high))
    return found


def _cut(**steps: Any) -> Callable[..., list[Four]]:
    return lambda length, tile, halo, step=16: _spans(length, tile, halo, step, **steps)


spans = Built(
    of="nstlib.large.tiles.spans",
    oracle=lambda length, tile, halo, step=16: _spans(length, tile, halo, step),
    cases=_axes,
    kind="list",
    mistakes={
        "the tiles have no halo: first and last reach beyond the core": _cut(
            before=False, after=False
        ),
        "the halo in front is missing": _cut(before=False),
        "the halo behind is missing": _cut(after=False),
        "a tile looks beyond the picture: cut the halo off at 0 and at length": _cut(
            inside=False
        ),
        "cores begin anywhere: round each edge down to a multiple of step": _cut(
            snap=False
        ),
        "the outermost tiles have one halo, and only the others two: divide what lies "
        "between two halos": _cut(ends=0),
        "one edge is missing: there are count - 1 of them between 0 and length": _cut(
            last=False
        ),
    },
    praise="cores side by side, each with its halo",
)
