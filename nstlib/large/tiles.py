"""Tiles: dividing a picture that is too large for the memory.

Taught in: 11_high_resolution. A position of a feature map depends only on the pixels in
its receptive field. So a tile has a core and, around it, a halo that is as wide as this
field reaches. In the core, the feature maps are the same as those of the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from nstlib.errors import SettingsError
from nstlib.settings import Settings
from nstlib.statistics import SUMMED
from nstlib.vgg_plan import receptive_field, stride

WHOLE_PIXELS = 1920 * 1200
"""Largest number of pixels that are processed without tiles, by default."""
TILE = 1280
"""Default longer side of a tile, in pixels."""
SMALL_TILE = 768
"""Default longer side for pictures of more than `LARGE_PIXELS`. They themselves take so
much memory that less is left for a tile, which therefore has more halo to compute."""
LARGE_PIXELS = 10_000_000
Part = tuple[slice, slice]  # rows, columns


def tile_side(height: int, width: int, settings: Settings) -> int:
    """Return the longer side of the tiles for a picture, or 0 if it needs no tiles.

    Taught in: 11_high_resolution.

    Args:
        height: height of the picture in pixels.
        width: width of the picture in pixels.
        settings: its `tile` is used, and its `style_statistic`, because some statistics
            need the whole picture.
    """
    if settings.tile is not None:
        return settings.tile if max(height, width) > settings.tile else 0
    pixels = height * width
    if pixels <= WHOLE_PIXELS or settings.style_statistic not in SUMMED:
        return 0
    return TILE if pixels <= LARGE_PIXELS else SMALL_TILE


def reach(layers: Sequence[str], network: str) -> int:
    """Return the width of the halo that a tile needs for some layers.

    Taught in: 11_high_resolution. This is how far a position sees beyond its own square
    of pixels, rounded up to a multiple of the largest stride.

    Args:
        layers: full names of the layers.
        network: the network that the layers belong to.

    Returns:
        The width in pixels.

    Example:
        A position of block5_conv1 sees 156 pixels; its own square has 16:

        >>> reach(["block1_conv1", "block5_conv1"], "vgg19")
        80
    """
    step = max(map(stride, layers))
    beyond = max((receptive_field(n, network) - stride(n)) / 2 for n in layers)
    return int(-(-beyond // step)) * step


def check_tile(tile: int, layers: Sequence[str], network: str) -> None:
    """Raise a `SettingsError` if a tile is so small that it has no core."""
    least = 2 * reach(layers, network) + max(map(stride, layers))
    if tile < least:
        deepest = max(layers, key=stride)
        raise SettingsError(
            f"a tile of {tile} pixels has no core: {deepest} needs "
            f"{least} or more. Raise tile."
        )


class Span(NamedTuple):
    """A tile along one axis, in pixels. The stop of a range is not part of it."""

    start: int
    """Start of the core. The cores lie next to each other and cover the picture."""
    stop: int
    """Stop of the core."""
    first: int
    """Start of the whole tile: the core and its halo, which ends at the border."""
    last: int
    """Stop of the whole tile."""


def spans(length: int, tile: int, halo: int, step: int = 16) -> list[Span]:
    """Divide one axis into tiles of about the same length.

    Taught in: 11_high_resolution.

    Args:
        length: length of the axis in pixels.
        tile: longest tile in pixels, including the halos; a multiple of the step. The
            last tile may be longer by less than a step.
        halo: width of the halo in pixels, a multiple of the step.
        step: the largest stride. Every core starts at a multiple of it.

    Example:
        Two tiles; each sees 32 pixels of the other's core:

        >>> for span in spans(256, tile=160, halo=32):
        ...     print(span)
        Span(start=0, stop=128, first=0, last=160)
        Span(start=128, stop=256, first=96, last=256)
    """
    # The first and the last tile have one halo, the others two. So the axis is the
    # length of two halos and of `count` equal shares.
    count = max(1, -(-(length - 2 * halo) // (tile - 2 * halo)))
    edges = [halo + i * (length - 2 * halo) // count for i in range(1, count)]
    edges = [0, *(edge // step * step for edge in edges), length]
    return [
        Span(start, stop, max(0, start - halo), min(length, stop + halo))
        for start, stop in pairwise(edges)
    ]


class Tile(NamedTuple):
    """The part of a picture that a network sees at once, and the part that counts."""

    window: Part
    """Pixels of the picture that belong to the core or to its halo."""
    inner: dict[str, Part]
    """Layer → positions of the core in the feature maps of the window."""
    whole: dict[str, Part]
    """Layer → the same positions in the feature maps of the whole picture, without its
    margin."""


def make_tiles(
    height: int, width: int, tile: int, layers: Sequence[str], network: str, margin: int
) -> list[Tile]:
    """Divide a picture into tiles; each position of each layer is in exactly one core.

    Args:
        height: height of the picture with its margin, in pixels.
        width: width of the picture with its margin, in pixels.
        tile: longer side of a tile in pixels, including the halos.
        layers: full names of the layers.
        network: the network that the layers belong to.
        margin: width of the margin in pixels. Its positions are in no core.

    Raises:
        SettingsError: the tiles are so small that they have no core.
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
    """Return the number of pixels of the largest tile; arguments as in `make_tiles`."""
    along = _divided(height, width, tile, layers, network)
    rows, columns = (max(one.last - one.first for one in axis) for axis in along)
    return rows * columns


def _divided(
    height: int, width: int, tile: int, layers: Sequence[str], network: str
) -> tuple[list[Span], list[Span]]:
    """Divide both axes, vertical and horizontal."""
    check_tile(tile, layers, network)
    step, halo = max(map(stride, layers)), reach(layers, network)
    whole = tile // step * step
    return spans(height, whole, halo, step), spans(width, whole, halo, step)


def _positions(
    span: Span, length: int, layers: Sequence[str], margin: int
) -> dict[str, tuple[slice, slice]]:
    """Layer → positions of a core, in its window and in the picture without margin."""
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
