"""A picture that is too large to be looked at as a whole, in strips.

Taught in: 12_adain_wct. Without a gradient nothing has to be kept, so strips that
overlap by what a network reaches give the same as the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nstlib.backend import tf

PIXELS = 1_500_000
"""In a strip, about: what a network needs for one is below a gibibyte."""


def in_strips(
    function: Callable[[Any], tf.Tensor],
    maps: Any,
    rows_in: int,
    rows_out: int,
    halo: int,
    pixels: int = PIXELS,
) -> tf.Tensor:
    """Apply a network to strips of its input, and join what comes out.

    Taught in: 12_adain_wct.

    Args:
        function: ``(1, h, w, C)`` → ``(1, h · rows_out / rows_in, …)``.
        maps: ``(1, H, W, C)``; H is a multiple of ``rows_in``.
        rows_in, rows_out: of what comes in and goes out, for one unit of the picture.
        halo: how many units beyond a strip have a say in it.
        pixels: of a strip, at the finer of both resolutions.

    Returns:
        What the function gives for the whole, but for rounding.
    """
    height, width = maps.shape[1:3]
    units = height // rows_in
    # A unit is as wide, at the finer resolution, as it is there for the whole picture.
    fine = max(rows_in, rows_out)
    each = max(2 * halo, pixels // (fine * width * fine // rows_in), 1)
    parts = []
    for first in range(0, units, each):
        last = min(units, first + each)
        low, high = max(0, first - halo), min(units, last + halo)
        done = function(maps[:, low * rows_in : high * rows_in])
        parts.append(done[:, (first - low) * rows_out : (last - low) * rows_out])
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)
