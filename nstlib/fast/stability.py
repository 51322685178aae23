"""Stability for film: similar photos should be painted alike.

Taught in: 13_feed_forward. The frames of a film differ by shifts, zooms and noise. A
network that is only trained on single photos paints other strokes in each of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nstlib.backend import tf
from nstlib.feedforward import MULTIPLE, SCALE

WEIGHT = 15.0
"""Weight of the stability loss, as in the training of the network that ships."""
NOISE = 3.0
"""Largest deviation of the noise, in gray levels."""
ZOOM = 0.06
"""Largest share of the sides that a zoom cuts off."""
ZOOMED = 0.3
"""Share of the photos that are zoomed; the others are only shifted."""
CUT = MULTIPLE
"""Pixels by which a shaken photo is shorter each way: room for the shift."""


def random_view(side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Choose a part of a photo and noise for it.

    Args:
        side: side of the square photo in pixels.
        rng: the source of all random numbers.

    Returns:
        The part as `tf.image.crop_and_resize` takes it, ``(1, 4)``, and noise in gray
        levels, float32 ``(1, side - CUT, side - CUT, 3)``.
    """
    inner = side - CUT
    zoom = 1 - ZOOM * rng.random() if rng.random() < ZOOMED else 1.0
    top, left = rng.integers(CUT + 1, size=2)
    reach = zoom * (inner - 1)
    box = np.array([[top, left, top + reach, left + reach]], np.float32) / (side - 1)
    level = NOISE * np.float32(rng.random())
    return box, level * rng.standard_normal((1, inner, inner, 3), np.float32)


def seen_in(pictures: tf.Tensor, box: tf.Tensor) -> tf.Tensor:
    """Return the part of the first picture in a box, enlarged to side - CUT pixels."""
    side = pictures.shape[1] - CUT
    return tf.image.crop_and_resize(pictures[:1], box, [0], [side, side])


def stability_loss(
    paint: Callable[[tf.Tensor], tf.Tensor],
    photos: tf.Tensor,
    made: tf.Tensor,
    view: tuple[tf.Tensor, tf.Tensor],
) -> tf.Tensor:
    """Compare what is painted from a part of a photo with that part of the painting.

    Taught in: 13_feed_forward. Only the first photo of the batch is shaken. Painting it
    again is all that this loss costs.

    Args:
        paint: the network, preprocessed photos → pictures.
        photos: the batch, preprocessed, ``(batch, side, side, 3)``.
        made: what the network made of it.
        view: a part and noise, from `random_view`.

    Returns:
        The mean squared difference, in units of `SCALE` gray levels. The rim is left
        out, because the network sees less there.
    """
    box, noise = view
    again = paint(seen_in(photos, box) + noise)
    rim = slice(again.shape[1] // 8, -(again.shape[1] // 8))
    apart = (again - seen_in(made, box))[:, rim, rim]
    return tf.reduce_mean(tf.square(apart / SCALE))
