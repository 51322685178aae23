"""Any style in one pass: change the feature maps, then decode them.

Taught in: 12_adain_wct. All of these take the feature maps of photo and style as rows
of channels, ``(N, C)``, and give back the photo's rows with something of the style's:

======  ===================================================================
adain   mean and deviation of each channel (Huang & Belongie 2017, eq. 8)
wct     mean and covariance of all channels (Li et al. 2017, section 3.2)
swap    each patch becomes the style's most similar (Chen & Schmidt 2016)
======  ===================================================================
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nstlib.backend import tf

METHODS = ("adain", "wct", "swap")
EPSILON = 1e-5
"""Variances below this share of the largest one are taken for none: a photo's features
vary in fewer directions than there are channels, and rounding does the rest."""
SWAP_CHOICE = 8192
"""Patches of the style that are looked at: time grows with photo times style."""
SWAP_ROWS = 4096
"""Patches of the photo that are compared at once with all of the style's."""


def adain(content: Any, style: Any) -> tf.Tensor:
    """Give each channel the style's mean and deviation.

    Taught in: 12_adain_wct. Huang & Belongie (2017), eq. 8.

    Args:
        content: ``(N, C)``, floating point.
        style: ``(M, C)``, of the same dtype.

    Returns:
        ``(N, C)``. A channel that is constant in the photo becomes the style's mean.
    """
    mean, variance = tf.nn.moments(content, axes=[0])
    style_mean, style_variance = tf.nn.moments(style, axes=[0])
    flat = variance <= EPSILON * tf.reduce_max(variance)
    scale = tf.sqrt(style_variance / tf.where(flat, 1.0, variance))
    return (content - mean) * tf.where(flat, 0.0, scale) + style_mean


def whitening_coloring(content: Any, style: Any) -> tf.Tensor:
    """Give the channels the style's means, deviations and correlations.

    Taught in: 12_adain_wct. Li et al. (2017), eq. 1 and 2: whitened by E D^-½ Eᵀ of the
    photo's covariance E D Eᵀ, coloured by that of the style. Directions in which the
    photo does not vary are left out, so that noise is not blown up.

    Args:
        content: ``(N, C)``, floating point.
        style: ``(M, C)``, of the same dtype.

    Returns:
        ``(N, C)``.
    """
    mean, inverse_root = _power(content, -0.5)
    style_mean, root = _power(style, 0.5)
    return (content - mean) @ (inverse_root @ root) + style_mean


def _power(rows: Any, exponent: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean of the rows, and a power of their covariance. Taught in: 12_adain_wct."""
    mean = tf.reduce_mean(rows, axis=0)
    centred = rows - mean
    covariance = tf.matmul(centred, centred, transpose_a=True)
    covariance = tf.cast(covariance / tf.cast(len(rows), rows.dtype), tf.float64)
    values, vectors = tf.linalg.eigh(covariance)
    present = values > EPSILON * values[-1]
    powers = tf.where(present, tf.where(present, values, 1.0) ** exponent, 0.0)
    return mean, tf.cast((vectors * powers) @ tf.transpose(vectors), rows.dtype)


def style_swap(
    content: Any, style: Any, size: int = 3, choice: int = SWAP_CHOICE
) -> tf.Tensor:
    """Exchange every patch of the photo's maps for the most similar one of the style's.

    Taught in: 12_adain_wct. Chen & Schmidt (2016), section 3.1: similarity is the
    cosine, and where patches overlap, their mean is taken.

    Args:
        content: ``(h, w, C)``, float32.
        style: ``(k, l, C)``, float32; at least as large as a patch.
        size: side of a patch, in positions of the layer.
        choice: at most this many of the style's patches; of more, every second, third …
            in each direction is left.

    Returns:
        ``(h, w, C)``.
    """
    possible = (style.shape[0] - size + 1) * (style.shape[1] - size + 1)
    patches = _patches(style, size, max(1, math.ceil(math.sqrt(possible / choice))))
    norms = tf.norm(patches, axis=1, keepdims=True)
    directions = patches / tf.maximum(norms, EPSILON * tf.reduce_max(norms))
    rows = _patches(content, size)
    chosen = [
        tf.argmax(rows[i : i + SWAP_ROWS] @ tf.transpose(directions), axis=1)
        for i in range(0, len(rows), SWAP_ROWS)
    ]
    return _assembled(tf.gather(patches, tf.concat(chosen, 0)), content.shape, size)


def _patches(features: Any, size: int, step: int = 1) -> tf.Tensor:
    """All patches, or every step-th each way, as rows ``(number, size·size·C)``."""
    found = tf.image.extract_patches(
        features[None], [1, size, size, 1], [1, step, step, 1], [1, 1, 1, 1], "VALID"
    )
    return tf.reshape(found, (-1, found.shape[-1]))


def _assembled(patches: tf.Tensor, shape: Any, size: int) -> tf.Tensor:
    """The mean of overlapping patches, ``(h, w, C)``."""
    height, width, channels = shape
    grid = (1, height - size + 1, width - size + 1, size * size, channels)
    patches = tf.reshape(patches, grid)
    total, count = tf.zeros((1, *shape)), np.zeros((1, height, width, 1), np.float32)
    for number in range(size * size):
        down, right = divmod(number, size)
        sides = [[0, 0], [down, size - 1 - down], [right, size - 1 - right], [0, 0]]
        total += tf.pad(patches[..., number, :], sides)
        count += np.pad(np.ones((*grid[:3], 1), np.float32), sides)
    return (total / count)[0]
