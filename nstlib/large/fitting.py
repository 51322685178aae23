"""Checking that a run fits into the memory, and finding what would fit otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from nstlib.errors import SettingsError, UsageError
from nstlib.feedforward import MULTIPLE
from nstlib.large.cost import BASE_BYTES, run_memory, training_memory
from nstlib.large.free_memory import usable_memory
from nstlib.large.scales import check_reach, plan_scales
from nstlib.large.tiles import SMALL_TILE, TILE
from nstlib.limits import ELSEWHERE, gigabytes
from nstlib.settings import SCHEMA, Settings, optimized_half
from nstlib.statistics import SUMMED

TILES = (TILE, SMALL_TILE, 512, 256)
"""Tile sizes that are suggested for a run that does not fit, in pixels."""


def largest_size(
    height: int, width: int, settings: Settings, free: int, limit: int | None = None
) -> int | None:
    """Return the largest `Settings.size` that fits into the memory, or None.

    The search starts at large sizes, because memory falls again where tiles begin.

    Args:
        height: height of the photo in pixels.
        width: width of the photo in pixels.
        settings: the settings of the run; its size is ignored.
        free: free memory in bytes. The `BASE_BYTES` of this process are not part of it.
        limit: the largest size to try; None means the largest that is allowed.

    Example:
        With tiles, a larger picture fits into the same memory:

        >>> both = Settings(tile=0), Settings(tile=512)
        >>> whole, tiled = (largest_size(300, 400, s, 2**31, 2048) for s in both)
        >>> whole < tiled
        True
    """
    low, high = (int(end or 0) for end in (SCHEMA["size"].low, SCHEMA["size"].high))
    settings = dataclasses.replace(settings, steps_per_scale=None)

    def fits(size: int) -> bool:
        run = dataclasses.replace(settings, size=size)
        return run_memory(height, width, run) - BASE_BYTES <= free

    high, step = min(high, limit or high), 32
    for size in range(high, low - step, -step):
        if fits(max(low, size)):
            finer = range(min(high, size + step - 1), size, -1)
            return next((larger for larger in finer if fits(larger)), max(low, size))
    return None


def tile_that_fits(
    height: int, width: int, settings: Settings, free: int
) -> int | None:
    """Return the largest of `TILES` with which a run fits into the memory, or None.

    The arguments are those of `largest_size`. The tile of the settings is ignored.
    """
    if settings.style_statistic not in SUMMED:
        return None
    for tile in TILES:
        try:
            run = dataclasses.replace(settings, tile=tile)
            half = optimized_half(run)
            assert half is not None  # a method without one refuses tiles
            check_reach(plan_scales(height, width, half), half)
        except SettingsError:
            return None
        if run_memory(height, width, run) - BASE_BYTES <= free:
            return tile
    return None


def loaded_bytes(pictures: Sequence[Any]) -> int:
    """Return the bytes of loaded pictures, which are no longer part of free memory."""
    return sum(picture.nbytes for picture in pictures)


def check_fits(what: str, peak: int, advice: Callable[[int], str]) -> None:
    """Raise a `UsageError` if a run does not fit into the memory.

    Args:
        what: the subject of the message, in the plural, such as "crops of 256 pixels".
        peak: predicted memory in bytes. `BASE_BYTES` of it are there already.
        advice: says what to do, given the free memory in bytes.
    """
    free = usable_memory()
    if free is not None and peak - BASE_BYTES > free:
        raise UsageError(
            f"{what} need about {gigabytes(peak - BASE_BYTES)} of memory, but only "
            f"{gigabytes(free)} can be used: {advice(free)}."
        )


def expected_memory(
    pictures: Sequence[Any], settings: Any, may_change: bool = True
) -> int:
    """Predict the most memory that a run will hold, in bytes, and check that it fits.

    Args:
        pictures: the loaded pictures; the photo comes first.
        settings: the settings of the run, of any method.
        may_change: whether the message may advise another size.

    Raises:
        UsageError: the run does not fit. The message names a size or a tile that does.
    """
    height, width = pictures[0].shape[:2]
    peak = run_memory(height, width, settings)

    def advice(free: int) -> str:
        return _advice(height, width, settings, free) if may_change else ELSEWHERE

    check_fits(f"{settings.size} pixels with {means(settings)}", peak, advice)
    return peak + loaded_bytes(pictures)


def means(settings: Settings) -> str:
    """Name what a run takes its memory for, in messages."""
    if settings.method == "optimize":
        return f"network {settings.network}"
    return settings.method


def _advice(height: int, width: int, settings: Settings, free: int) -> str:
    """Return what to change in a run that does not fit."""
    size = largest_size(height, width, settings, free, settings.size)
    tile = tile_that_fits(height, width, settings, free)
    ways = [f"try --size {size}"] if size else []
    if tile:
        ways.append(f"use tiles, which take longer, with --set tile={tile}")
    return ", or ".join(ways) or "close other programs"


def check_training(side: int, batch: int, least: int, settings: Settings) -> None:
    """Raise a `UsageError` if a training does not fit; the message names a side.

    Args:
        side: side of the square crops in pixels.
        batch: number of crops in a step.
        least: the smallest side to name.
        settings: the settings of the training.
    """

    def advice(free: int) -> str:
        sides = range(side - MULTIPLE, least - 1, -MULTIPLE)
        for smaller in sides:
            if training_memory(smaller, batch, settings) - BASE_BYTES <= free:
                return f"try --side {smaller}"
        return "close other programs"

    check_fits(
        f"{batch} crops of {side} pixels",
        training_memory(side, batch, settings),
        advice,
    )
