"""Running a network on a large picture in strips of rows, without a gradient.

Taught in: 12_adain_wct. Without a gradient, no feature maps have to be kept. So strips
that overlap by the reach of the network give the same result as the whole picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nstlib.backend import tf

PIXELS = 1_500_000
"""Pixels of a strip, about. A network needs less than one GiB for so many."""


def in_strips(
    function: Callable[[Any], tf.Tensor],
    maps: Any,
    rows_in: int,
    rows_out: int,
    halo: int,
    pixels: int = PIXELS,
) -> tf.Tensor:
    """Apply a network to strips of its input, and join the results.

    Taught in: 12_adain_wct. The picture is divided into units of rows, so that strips
    start at a whole row of the input and of the result.

    Args:
        function: the network, ``(1, h, w, C)`` → ``(1, h · rows_out / rows_in, …)``.
        maps: the input, ``(1, H, W, C)``; H is a multiple of ``rows_in``.
        rows_in, rows_out: rows of the input and of the result in one unit.
        halo: how many units beyond a strip change its result.
        pixels: pixels of a strip, at the finer resolution of the two.

    Returns:
        The result of the function for the whole input, up to rounding.

    Example:
        A mean over three rows needs a halo of one row:

        >>> def blur(maps):
        ...     maps = tf.pad(maps, [[0, 0], [1, 1], [0, 0], [0, 0]])
        ...     return (maps[:, :-2] + maps[:, 1:-1] + maps[:, 2:]) / 3
        >>> column = tf.reshape(tf.range(1.0, 9.0), (1, 8, 1, 1))
        >>> for halo in (0, 1):
        ...     strips = in_strips(blur, column, 1, 1, halo, pixels=4)
        ...     print(bool(tf.reduce_all(strips == blur(column))))
        False
        True
    """
    height, width = maps.shape[1:3]
    units = height // rows_in
    # The width is converted to the finer resolution, like the number of rows.
    fine = max(rows_in, rows_out)
    each = max(2 * halo, pixels // (fine * width * fine // rows_in), 1)
    parts = []
    for first in range(0, units, each):
        last = min(units, first + each)
        low, high = max(0, first - halo), min(units, last + halo)
        done = function(maps[:, low * rows_in : high * rows_in])
        parts.append(done[:, (first - low) * rows_out : (last - low) * rows_out])
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)
