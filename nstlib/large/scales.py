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
        settings: its `size`, `steps`, `coarse_to_fine`, `scale_step`, `smallest`,
            `last_share`, `steps_per_scale` and layers are used.

    Returns:
        ``[(height, width, evaluations), …]``, from coarse to fine. The evaluations add
        up to ``settings.steps``. All scales get equal shares, but the last one gets
        ``settings.last_share`` of a share, and at least one evaluation. Scales at which
        the shorter side is too short for the deepest layer are left out.

    Raises:
        SettingsError: ``steps_per_scale`` has another number of entries.

    Example:
        >>> settings = Settings(size=512, smallest=128, scale_step=2, steps=150)
        >>> plan_scales(300, 400, settings)
        [(96, 128, 50), (192, 256, 50), (384, 512, 50)]

        Of a panorama the coarsest scale would have 13 pixels of height, and
        block5_conv1 needs 16:

        >>> plan_scales(2000, 20000, settings)
        [(26, 256, 75), (51, 512, 75)]
    """
    every = _sides(settings)
    reach = max(map(stride, settings.layers))
    sides = [s for s in every if min(scaled_sides(height, width, s)) >= reach]
    sides = sides or every[-1:]
    steps = _own_steps(every, len(every) - len(sides), settings)
    if steps is None:
        sides = sides[-settings.steps :]
        steps = _shared_out(settings.steps, len(sides), settings.last_share)
    return [
        (*scaled_sides(height, width, side), count)
        for side, count in zip(sides, steps, strict=True)
    ]


def _sides(settings: Settings) -> list[int]:
    """List the longer sides of all scales, from coarse to fine."""
    sides, side = [settings.size], float(settings.size)
    while settings.coarse_to_fine:
        side /= settings.scale_step  # not rounded: 512 by √2 ends at exactly 128
        if round(side) < settings.smallest:
            break
        sides.insert(0, round(side))
    return sides[-settings.steps :]


def _shared_out(steps: int, scales: int, last_share: float) -> list[int]:
    """Divide evaluations among scales, with at least one for each."""
    shares = np.ones(scales)
    shares[-1] = last_share if scales > 1 else 1
    ends = np.rint(np.cumsum(shares) / shares.sum() * steps).astype(int)
    first = np.arange(1, scales + 1)
    ends = np.clip(ends, first, steps - scales + first)
    counts: list[int] = np.diff(ends, prepend=0).tolist()
    return counts


def _own_steps(sides: list[int], left_out: int, settings: Settings) -> list[int] | None:
    """Return the evaluations that the settings name, or None if they name none.

    The first scale that is used gets the evaluations of those that are left out.
    """
    if settings.steps_per_scale is None:
        return None
    steps = list(settings.steps_per_scale)
    if len(steps) != len(sides):
        entries = "1 entry" if len(steps) == 1 else f"{len(steps)} entries"
        scales = "1 scale" if len(sides) == 1 else f"{len(sides)} scales"
        raise SettingsError(
            f"steps_per_scale has {entries}, but the picture is painted at {scales}: "
            f"{', '.join(map(str, sides))} pixels. Give one number for each scale."
        )
    return [sum(steps[: left_out + 1]), *steps[left_out + 1 :]]


def check_reach(plan: list[tuple[int, int, int]], settings: Settings) -> None:
    """Raise a `SettingsError` if the photo is too thin, or the tiles are too small."""
    layers = settings.layers
    if settings.tile:
        check_tile(settings.tile, layers, settings.network)
    deepest, (height, width, _) = max(layers, key=stride), plan[0]
    if min(height, width) < stride(deepest):
        raise SettingsError(
            f"the photo is only {min(height, width)} pixels across at {width} × "
            f"{height} pixels, and {deepest} needs {stride(deepest)}: raise size, or "
            "crop the photo."
        )
