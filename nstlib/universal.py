"""Any style in one pass: change the feature maps of a photo, then decode them.

Taught in: 12_adain_wct. Each method gives the feature maps of the photo something that
it takes from those of the style:

======  ===================================================================
adain   mean and deviation of each channel (Huang & Belongie 2017, eq. 8)
wct     mean and covariance of all channels (Li et al. 2017, section 3.2)
swap    the most similar patches (Chen & Schmidt 2016)
======  ===================================================================

A fourth method, "neighbors", is a stronger swap: see `nstlib.neighbors`. AdaIN and
neighbors end with the map of WCT at the finest level, which holds little but colors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nstlib.backend import tf

METHODS = ("adain", "wct", "swap", "neighbors")
EPSILON = 1e-5
"""Variances below this share of the largest one count as zero. A photo's features vary
in fewer directions than there are channels; the rest is rounding noise."""
SWAP_CHOICE = 8192
"""Largest number of style patches to compare with. The time grows with the number of
patches of the photo times that of the style."""
SWAP_ROWS = 4096
"""Number of patches of the photo that are compared at once, to limit the memory."""


def adain(content: Any, style: Any) -> tf.Tensor:
    """Give each channel the style's mean and standard deviation.

    Taught in: 12_adain_wct. Huang & Belongie (2017), eq. 8.

    Args:
        content: features of the photo, one position in each row, ``(N, C)``, floating
            point.
        style: features of the style, ``(M, C)``, of the same dtype.

    Returns:
        ``(N, C)``. A channel that is constant in the photo becomes the style's mean.

    Example:
        >>> content = tf.constant([[0.0, 5.0], [2.0, 5.0], [4.0, 5.0]])
        >>> style = tf.constant([[100.0, 1.0], [120.0, 2.0], [140.0, 3.0]])
        >>> np.rint(adain(content, style)).tolist()
        [[100.0, 2.0], [120.0, 2.0], [140.0, 2.0]]
    """
    mean, variance = tf.nn.moments(content, axes=[0])
    style_mean, style_variance = tf.nn.moments(style, axes=[0])
    flat = variance <= EPSILON * tf.reduce_max(variance)
    scale = tf.sqrt(style_variance / tf.where(flat, 1.0, variance))
    return (content - mean) * tf.where(flat, 0.0, scale) + style_mean


def whitening_coloring(content: Any, style: Any) -> tf.Tensor:
    """Give the channels the style's means, deviations and correlations.

    Taught in: 12_adain_wct. Li et al. (2017), eq. 1 and 2. With E D Eᵀ the covariance
    of the photo's channels, E D^-½ Eᵀ whitens them; the same with the style's
    covariance and the power ½ colors them. Directions in which the photo does not vary
    are left out, so that noise is not amplified.

    Args:
        content: features of the photo, one position in each row, ``(N, C)``, floating
            point.
        style: features of the style, ``(M, C)``, of the same dtype.

    Returns:
        ``(N, C)``, with the mean and the covariance of the style.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> content, style = rng.normal(size=(90, 2)), rng.uniform(size=(70, 2))
        >>> style[:, 1] += style[:, 0]  # correlated channels
        >>> mixed = whitening_coloring(content, style).numpy()
        >>> goal = np.cov(style.T, bias=True)
        >>> bool(np.allclose(np.cov(mixed.T, bias=True), goal, atol=1e-6))
        True
    """
    mean, inverse_root = _power(content, -0.5)
    style_mean, root = _power(style, 0.5)
    return (content - mean) @ (inverse_root @ root) + style_mean


def transported(content: Any, style: Any) -> tf.Tensor:
    """Give the channels the style's covariance, and move the features least.

    Taught in: 12_adain_wct. Many matrices turn one covariance into another. The one of
    `whitening_coloring` turns features farther than needed. This one is symmetric: the
    Monge map between two normal distributions (Lu et al. 2019, eq. 5), which
    `nstlib.color.match_covariance` uses for colors (Pitié and Kokaram 2007). With P the
    covariance of the photo's channels and S the style's, it is
    P^-½ (P^½ S P^½)^½ P^-½.

    Args:
        content: features of the photo, one position in each row, ``(N, C)``, floating
            point.
        style: features of the style, ``(M, C)``, of the same dtype.

    Returns:
        ``(N, C)``, with the mean and the covariance of the style.

    Example:
        A style with stretched channels stretches them, and turns nothing:

        >>> content = tf.constant([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
        >>> transported(content, content * [2.0, 5.0] + 7.0).numpy().tolist()
        [[9.0, 12.0], [5.0, 12.0], [9.0, 2.0], [5.0, 2.0]]
    """
    mean, inverse_root = _power(content, -0.5)
    _, root = _power(content, 0.5)
    # The covariance of these rows is P^½ S P^½.
    _, middle = _power(style @ root, 0.5)
    moved = (content - mean) @ (inverse_root @ middle @ inverse_root)
    return moved + tf.reduce_mean(style, axis=0)


WCT_MAPS = {"transport": transported, "classic": whitening_coloring}
"""How WCT can give features the style's mean and covariance: name → function."""


def _power(rows: Any, exponent: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the mean of rows and a power of their covariance.

    Taught in: 12_adain_wct.
    """
    mean = tf.reduce_mean(rows, axis=0)
    centered = rows - mean
    covariance = tf.matmul(centered, centered, transpose_a=True)
    covariance = tf.cast(covariance / tf.cast(len(rows), rows.dtype), tf.float64)
    values, vectors = tf.linalg.eigh(covariance)
    present = values > EPSILON * values[-1]
    powers = tf.where(present, tf.where(present, values, 1.0) ** exponent, 0.0)
    return mean, tf.cast((vectors * powers) @ tf.transpose(vectors), rows.dtype)


def style_swap(
    content: Any, style: Any, size: int = 3, choice: int = SWAP_CHOICE
) -> tf.Tensor:
    """Replace each patch of the photo's feature maps by the most similar style patch.

    Taught in: 12_adain_wct. Chen & Schmidt (2016), section 3.1. Similarity is the
    cosine; where patches overlap, they are averaged.

    Args:
        content: feature maps of the photo, ``(h, w, C)``, float32.
        style: feature maps of the style, ``(k, l, C)``, float32, at least as large as a
            patch.
        size: side of a patch, in positions of the layer.
        choice: largest number of style patches to choose from. If there are more, only
            every second, third … patch in each direction is used.

    Returns:
        ``(h, w, C)``.

    Example:
        The result is made of nothing but the style's features, arranged like the photo:

        >>> style = tf.constant([[[9.0, 0.0], [0.0, 7.0]]])
        >>> content = tf.constant([[[0.1, 0.3], [0.2, 0.1], [0.5, 0.4]]])
        >>> style_swap(content, style, size=1)[0].numpy().tolist()
        [[0.0, 7.0], [9.0, 0.0], [9.0, 0.0]]
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
    """Return all patches, or every step-th each way, as rows ``(n, size·size·C)``."""
    found = tf.image.extract_patches(
        features[None], [1, size, size, 1], [1, step, step, 1], [1, 1, 1, 1], "VALID"
    )
    return tf.reshape(found, (-1, found.shape[-1]))


def _assembled(patches: tf.Tensor, shape: Any, size: int) -> tf.Tensor:
    """Assemble overlapping patches by averaging them, ``(h, w, C)``."""
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
