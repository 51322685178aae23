"""Restoring the edges of the photo in a painted picture, by guided filters.

Taught in: 12_adain_wct.
"""

from __future__ import annotations

from typing import Any

from nstlib.backend import tf

CONTRAST = 10.0
"""The guide has an edge where it differs by more than this, in gray levels."""


def guided_filter(picture: Any, guide: Any, radius: int) -> tf.Tensor:
    """Smooth a picture everywhere but at the edges of a guide.

    He, Sun & Tang (2013), eq. 5, 6 and 8: in each window, the result is a linear
    function of the guide. So it has edges where the guide has them, and only there.

    Args:
        picture: ``(1, H, W, C)``, float32, in gray levels.
        guide: ``(1, H, W, 1)``, float32, in gray levels.
        radius: pixels from the center of a window to its sides.

    Returns:
        ``(1, H, W, C)``.

    Example:
        A ramp becomes the edge that the guide has in its middle:

        >>> ramp = tf.reshape(tf.range(0.0, 90.0, 10.0)[:8], (1, 1, 8, 1))
        >>> edge = tf.reshape(tf.repeat([0.0, 200.0], 4), (1, 1, 8, 1))
        >>> guided_filter(ramp, edge, 2)[0, 0, :, 0].numpy().round().tolist()
        [13.0, 15.0, 17.0, 21.0, 49.0, 53.0, 55.0, 57.0]
    """
    mean_guide, mean = _mean(guide, radius), _mean(picture, radius)
    variance = _mean(guide * guide, radius) - mean_guide**2
    slope = _mean(guide * picture, radius) - mean_guide * mean
    slope /= variance + CONTRAST**2
    offset = mean - slope * mean_guide
    return _mean(slope, radius) * guide + _mean(offset, radius)


def with_edges_of(photo: Any, painted: Any, radius: int, share: float) -> tf.Tensor:
    """Move the edges of a painted picture to those of the photo, but keep its strokes.

    A guided filter divides the painted picture into areas, which have its own edges,
    and fine strokes. The areas are then filtered again, with the photo as the guide.

    Args:
        photo, painted: ``(1, H, W, 3)``, float32, preprocessed or 0–255.
        radius: how far edges can be moved, in pixels.
        share: 0 changes nothing, 1 moves them all the way.

    Returns:
        ``(1, H, W, 3)``.
    """
    if not share:
        return painted
    gray = [tf.reduce_mean(x, axis=-1, keepdims=True) for x in (photo, painted)]
    by_photo, by_itself = (guided_filter(painted, guide, radius) for guide in gray)
    return painted + share * (by_photo - by_itself)


def _mean(maps: tf.Tensor, radius: int) -> tf.Tensor:
    """Return the mean of the window around each pixel, as far as there are pixels."""
    side = 2 * radius + 1
    rows = tf.nn.avg_pool2d(maps, [side, 1], 1, "SAME")
    return tf.nn.avg_pool2d(rows, [1, side], 1, "SAME")
