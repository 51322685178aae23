"""Tiles: how a picture is divided when it does not fit into memory at once.

Taught in: 11_high_resolution. What a network sees from a position ends at its receptive
field. So a tile that is wider by this reach, its halo, shows a network all that its
core needs: there the feature maps are those of the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from nstlib.errors import SettingsError
from nstlib.settings import Settings
from nstlib.statistics import SUMMED
from nstlib.vgg_plan import receptive_field, stride

WHOLE_PIXELS = 1536 * 1024
"""Up to here a picture is looked at as a whole, where settings do not say."""
TILE = 768
"""Longer side of a tile where settings do not say."""
Part = tuple[slice, slice]  # rows, columns


def tile_side(height: int, width: int, settings: Settings) -> int:
    """Longer side of the tiles for a picture of this size; 0: it is seen whole.

    Taught in: 11_high_resolution.

    Args:
        height: of the picture, in pixels.
        width: of the picture, in pixels.
        settings: `tile`, and `style_statistic`: some need the whole picture.
    """
    if settings.tile is not None:
        return settings.tile if max(height, width) > settings.tile else 0
    large = height * width > WHOLE_PIXELS and settings.style_statistic in SUMMED
    return TILE if large else 0


def reach(layers: Sequence[str], network: str) -> int:
    """How far beyond its own square a position looks, rounded up to the largest stride.

    Taught in: 11_high_resolution.

    Args:
        layers: full names.
        network: as for `nstlib.vgg_plan.receptive_field`.

    Returns:
        Pixels: 80 for ``block5_conv1``, which sees 156, in squares of 16.
    """
    step = max(map(stride, layers))
    beyond = max((receptive_field(n, network) - stride(n)) / 2 for n in layers)
    return int(-(-beyond // step)) * step


def check_tile(tile: int, layers: Sequence[str], network: str) -> None:
    """Raise a `SettingsError` if a tile would have no core."""
    least = 2 * reach(layers, network) + max(map(stride, layers))
    if tile < least:
        deepest = max(layers, key=stride)
        raise SettingsError(
            f"a tile of {tile} pixels is all halo: {deepest} needs {least}."
        )


class Span(NamedTuple):
    """A tile along one axis, in pixels."""

    start: int
    """Of the core. The cores lie next to each other and cover the picture."""
    stop: int
    first: int
    """Of the core with its halo, which ends where the picture ends."""
    last: int


def spans(length: int, tile: int, halo: int, step: int = 16) -> list[Span]:
    """Divide one axis into tiles of one length, or nearly so.

    Taught in: 11_high_resolution.

    Args:
        length: of the axis, in pixels.
        tile: the longest a tile may be, halos included; a multiple of the step. The
            last one may be longer by less than a step.
        halo: a multiple of the step.
        step: the largest stride; every core begins at a multiple of it.
    """
    # The outermost tiles have one halo, the others two: 2·halo + count equal shares.
    count = max(1, -(-(length - 2 * halo) // (tile - 2 * halo)))
    edges = [halo + i * (length - 2 * halo) // count for i in range(1, count)]
    edges = [0, *(edge // step * step for edge in edges), length]
    return [
        Span(start, stop, max(0, start - halo), min(length, stop + halo))
        for start, stop in pairwise(edges)
    ]


class Tile(NamedTuple):
    """What a network sees at once, and what of it counts."""

    window: Part
    """Pixels of the picture: the core and its halo."""
    inner: dict[str, Part]
    """Positions of the core in the maps of the window, by layer."""
    whole: dict[str, Part]
    """The same positions in the maps of the picture without its margin."""


def make_tiles(
    height: int, width: int, tile: int, layers: Sequence[str], network: str, margin: int
) -> list[Tile]:
    """Divide a picture: each position of each layer is in the core of one tile.

    Args:
        height: of the picture with its margin, in pixels.
        width: the same.
        tile: longer side of a tile in pixels, halos included.
        layers: full names.
        network: as for `nstlib.vgg_plan.receptive_field`.
        margin: pixels on each side whose positions are in no core.

    Raises:
        SettingsError: such a tile would be all halo.
    """
    along = _divided(height, width, tile, layers, network)
    return [
        Tile(
            (slice(rows.first, rows.last), slice(columns.first, columns.last)),
            {n: (above[n][0], beside[n][0]) for n in layers},
            {n: (above[n][1], beside[n][1]) for n in layers},
        )
        for rows in along[0]
        for above in [_positions(rows, height, layers, margin)]
        for columns in along[1]
        for beside in [_positions(columns, width, layers, margin)]
    ]


def largest_window(
    height: int, width: int, tile: int, layers: Sequence[str], network: str
) -> int:
    """How many pixels the network sees at once, at most; arguments as `make_tiles`."""
    along = _divided(height, width, tile, layers, network)
    rows, columns = (max(one.last - one.first for one in axis) for axis in along)
    return rows * columns


def _divided(
    height: int, width: int, tile: int, layers: Sequence[str], network: str
) -> tuple[list[Span], list[Span]]:
    """Both axes."""
    check_tile(tile, layers, network)
    step, halo = max(map(stride, layers)), reach(layers, network)
    whole = tile // step * step
    return spans(height, whole, halo, step), spans(width, whole, halo, step)


def _positions(
    span: Span, length: int, layers: Sequence[str], margin: int
) -> dict[str, tuple[slice, slice]]:
    """Of the core along one axis: in the window, and in the picture without margin."""
    found = {}
    for name in layers:
        step = stride(name)
        cut, count = margin // step, length // step  # pooling drops what is left over
        start, stop = (
            min(max(pixel // step, cut), count - cut)
            for pixel in (span.start, span.stop)
        )
        seen = span.first // step
        found[name] = slice(start - seen, stop - seen), slice(start - cut, stop - cut)
    return found
