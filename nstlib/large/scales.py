"""The scales at which a picture is painted, from coarse to fine.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

import numpy as np

from nstlib.errors import SettingsError
from nstlib.images import scaled_sides
from nstlib.large.tiles import check_tile
from nstlib.settings import Settings
from nstlib.vgg_plan import stride


def plan_scales(
    height: int, width: int, settings: Settings
) -> list[tuple[int, int, int]]:
    """Decide at which sizes to paint a picture, and for how many evaluations at each.

    Taught in: 11_high_resolution.

    Args:
        height: height of the photo, in pixels or in any other unit.
        width: width of the photo, in the same unit.
        settings: its `size`, `steps`, `coarse_to_fine`, `scale_step`, `smallest` and
            `steps_per_scale` are used.

    Returns:
        ``[(height, width, evaluations), …]``, from coarse to fine. The evaluations add
        up to ``settings.steps``. All scales get equal shares, but the last one, where
        an evaluation is the most expensive, gets six tenths of a share.

    Raises:
        SettingsError: ``steps_per_scale`` has another number of entries.

    Example:
        >>> settings = Settings(size=512, smallest=128, scale_step=2, steps=260)
        >>> plan_scales(300, 400, settings)
        [(96, 128, 100), (192, 256, 100), (384, 512, 60)]
    """
    sides, side = [settings.size], float(settings.size)
    while settings.coarse_to_fine:
        side /= settings.scale_step  # not rounded: 512 by √2 ends at exactly 128
        if round(side) < settings.smallest:
            break
        sides.insert(0, round(side))
    sides = sides[-settings.steps :]
    shares = np.ones(len(sides))
    shares[-1] = 0.6
    ends = np.rint(np.cumsum(shares) / shares.sum() * settings.steps).astype(int)
    steps = np.diff(ends, prepend=0).tolist()
    if settings.steps_per_scale is not None:
        steps = list(settings.steps_per_scale)
        if len(steps) != len(sides):
            raise SettingsError(
                f"steps_per_scale has {len(steps)} entries, but there are {len(sides)} "
                f"scales: {', '.join(map(str, sides))} pixels."
            )
    return [
        (*scaled_sides(height, width, side), count)
        for side, count in zip(sides, steps, strict=True)
    ]


def check_reach(plan: list[tuple[int, int, int]], settings: Settings) -> None:
    """Raise a `SettingsError` if the first scale or the tiles are too small."""
    layers = settings.layers
    if settings.tile:
        check_tile(settings.tile, layers, settings.network)
    deepest = max(layers, key=stride)
    shortest = min(plan[0][:2])
    if shortest < stride(deepest):
        raise SettingsError(
            f"the content is only {shortest} pixels across at the first scale, and "
            f"{deepest} needs {stride(deepest)}: raise smallest or size, or crop it."
        )
