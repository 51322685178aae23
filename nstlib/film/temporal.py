"""Flicker: how much a film changes where nothing but motion should change it.

Taught in: 15_video.
"""

from __future__ import annotations

import numpy as np

from nstlib.backend import tf
from nstlib.film.flow import warp
from nstlib.images import Picture


def warping_error(
    here: Picture, there: Picture, flow: np.ndarray, mask: np.ndarray
) -> float:
    """Measure how much two frames differ where both show the same thing.

    Taught in: 15_video. The root of the mean squared difference, as Gao et al. (2018),
    eq. 8, and Lai et al. (2018), eq. 6, measure it.

    Args:
        here, there: two frames of a painted film, ``(H, W, 3)``, 0–255.
        flow: the flow of the original film from the first frame to the second,
            ``(H, W, 2)``.
        mask: ``(H, W, 1)``, 1 where both frames show the same thing, from `visible`.

    Returns:
        The error in gray levels, 0–255; NaN if nothing is visible in both.
    """
    squares = mask * np.square(here - warp(there, flow))
    count = here.shape[-1] * mask.sum()
    return float(np.sqrt(squares.sum() / count)) if count else float("nan")


def temporal_loss(picture: tf.Tensor, warped: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Compare a picture with the warped previous frame where both show the same thing.

    Taught in: 15_video. Ruder, Dosovitskiy & Brox (2016), eq. 7.

    Args:
        picture: the frame that is painted, ``(1, H, W, 3)``, preprocessed or RGB.
        warped: the previous painted frame, warped to this one, of the same shape and
            kind. Only the difference counts, so any unit works. `nst video` measures
            both in units of 127.5 gray levels, as it does for the total variation.
        mask: 1 where both frames show the same thing, or else 0; ``(1, H, W, 1)``.

    Returns:
        The mean squared difference over all values of the picture. Hidden values count
        as 0.
    """
    return tf.reduce_mean(mask * tf.square(picture - warped))
