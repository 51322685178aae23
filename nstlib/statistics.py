"""Statistics of feature maps that describe a style, whatever is where in the picture.

Taught in: 10_creative_control. Each statistic has a target, which is computed once from
the style, and a loss, which measures how far a picture is from the target:

===========  ======================================================  =================
statistic    what is compared                                        needs
===========  ======================================================  =================
gram         products of every two channels, Gatys et al. 2015       sums
moments      mean and standard deviation, Li et al. 2017             sums
wasserstein  mean and covariance, as Gaussians                       sums
histogram    distribution of each channel, Risser et al. 2017        all values
sliced       distributions along random directions, Heitz et al.     all values
===========  ======================================================  =================

Three of them are functions of `Sums`. The sums of the parts of a picture add up to
those of the whole, so a picture that is too large for the memory can be processed in
tiles. The conventions of the Gram loss are those of `nstlib.losses`. The other losses
are squared differences, averaged over the channels. In the convention "relative" they
are divided by the mean of the style's squared activations and multiplied by one of
`STRENGTHS`; in every other convention they are left as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nstlib.backend import tf
from nstlib.losses import TINY, gram_distance, gram_of_rows, positions

SUMMED = ("gram", "moments", "wasserstein")
"""Statistics that are functions of `Sums`."""
STATISTICS = (*SUMMED, "histogram", "sliced")
STRENGTHS = {"moments": 2.0, "wasserstein": 0.3, "histogram": 0.75, "sliced": 0.75}
"""Factors in the "relative" convention. With them, a style weight leaves about as much
of the content as with Gram matrices (measured on three pairs, at 192 pixels)."""
EPSILON = 1e-4  # added under every root, whose slope is infinite at zero


class Sums(NamedTuple):
    """Sums over the positions of a feature map F, each with a weight w.

    Taught in: 10_creative_control. The sums of two parts of a map add up to its own.
    """

    second: tf.Tensor
    """Σ w F Fᵀ, ``(C, C)``."""
    first: tf.Tensor
    """Σ w F, ``(C,)``. A compiled step that does not use it does not compute it."""
    count: tf.Tensor
    """Σ w, a scalar. Without a mask, every w is 1."""


def feature_sums(features: Any, weights: Any = None) -> Sums:
    """Sum a feature map over its positions.

    Taught in: 10_creative_control. With weights, this is the guided Gram matrix of
    Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer",
    section 4.

    Args:
        features: F, ``(h, w, C)`` or ``(1, h, w, C)``, float32 or float64.
        weights: w, ``(h, w)``, 0–1: how much each position counts; 1 if None.

    Returns:
        `Sums` in the dtype of the features.
    """
    features = tf.convert_to_tensor(features)
    vectors = tf.reshape(features, (-1, features.shape[-1]))
    if weights is None:
        first = tf.reduce_sum(vectors, axis=0)
        return Sums(gram_of_rows(vectors), first, positions(features))
    weights = tf.reshape(tf.cast(weights, features.dtype), (-1, 1))
    return Sums(
        gram_of_rows(tf.sqrt(weights) * vectors),
        tf.reduce_sum(weights * vectors, axis=0),
        tf.reduce_sum(weights),
    )


def gaussian_statistics(sums: Sums) -> tuple[tf.Tensor, tf.Tensor]:
    """Compute the mean ``(C,)`` and the covariance ``(C, C)`` of the channels."""
    mean = sums.first / sums.count
    return mean, sums.second / sums.count - mean[:, None] * mean[None, :]


def matrix_root(covariance: Any) -> tf.Tensor:
    """Compute the symmetric root of a positive semi-definite matrix ``(C, C)``."""
    values, vectors = tf.linalg.eigh(covariance)
    return (vectors * tf.sqrt(tf.maximum(values, 0.0))) @ tf.transpose(vectors)


def sums_target(statistic: str, sums: Sums) -> tuple[tf.Tensor, ...]:
    """Compute the target of `sums_loss` from the sums of a style.

    Args:
        statistic: one of `SUMMED`.
        sums: `Sums` of one layer of the style.
    """
    if statistic == "gram":
        return (sums.second / sums.count,)
    mean, covariance = gaussian_statistics(sums)
    if statistic == "moments":
        return mean, _deviation(covariance)
    return mean, matrix_root(covariance)


def sums_loss(
    statistic: str,
    sums: Sums,
    target: tuple[tf.Tensor, ...],
    convention: str = "relative",
    image_pixels: Any = None,
) -> tf.Tensor:
    """Compute the style loss of one layer, for one of the statistics of `Sums`.

    Args:
        statistic: one of `SUMMED`.
        sums: `Sums` of one layer of the picture.
        target: from `sums_target`, for the same layer of the style.
        convention: see the top of this module.
        image_pixels: H·W of the picture; needed by "gram" in the convention "keras".

    Returns:
        A scalar in the dtype of the sums, ≥ 0 up to rounding.
    """
    if statistic == "gram":
        here = sums.second / sums.count
        return gram_distance(here, target[0], convention, sums.count, image_pixels)
    if statistic == "moments":
        return moments_loss(sums, target[0], target[1], convention)
    return wasserstein_loss(sums, target[0], target[1], convention)


def moments_loss(
    sums: Sums, mean: Any, deviation: Any, convention: str = "relative"
) -> tf.Tensor:
    """Compute the squared differences of means and of standard deviations.

    Taught in: 10_creative_control. Li et al. (2017), "Demystifying Neural Style
    Transfer", eq. 12. Huang & Belongie (2017), eq. 13, take the roots of the two sums.

    Args:
        sums: `Sums` of the picture.
        mean, deviation: those of the style's channels, ``(C,)``.
        convention: "relative"; any other leaves the mean over the channels as it is.
    """
    here, covariance = gaussian_statistics(sums)
    distance = tf.reduce_sum(tf.square(here - mean))
    distance += tf.reduce_sum(tf.square(_deviation(covariance) - deviation))
    power = tf.reduce_sum(tf.square(mean)) + tf.reduce_sum(tf.square(deviation))
    return _scaled(distance, power, here.shape[0], convention, "moments")


def _deviation(covariance: tf.Tensor) -> tf.Tensor:
    """Standard deviations. Rounding can make a variance of zero slightly negative."""
    return tf.sqrt(tf.maximum(tf.linalg.diag_part(covariance), 0.0) + EPSILON)


def wasserstein_loss(
    sums: Sums,
    mean: Any,
    root: Any,
    convention: str = "relative",
    epsilon: float = EPSILON,
) -> tf.Tensor:
    """Compute the squared Wasserstein-2 distance of two Gaussians.

    Taught in: 10_creative_control. The style loss of crowsonkb/style-transfer-pytorch:
    |μ − ν|² + tr(Σ + T − 2 (T^½ Σ T^½)^½).

    Args:
        sums: `Sums` of the picture, which give μ and Σ.
        mean: ν, ``(C,)``, of the style.
        root: T^½, ``(C, C)``, the `matrix_root` of the style's covariance.
        convention: "relative"; any other divides by C, as that program does.
        epsilon: added to the eigenvalues, because a root has no slope at zero.
    """
    here, covariance = gaussian_statistics(sums)
    inner = tf.linalg.eigvalsh(root @ covariance @ root)
    overlap = tf.reduce_sum(tf.sqrt(tf.maximum(inner, 0.0) + epsilon))
    variance = tf.reduce_sum(tf.square(root))
    distance = tf.reduce_sum(tf.square(here - mean))
    distance += tf.linalg.trace(covariance) + variance - 2.0 * overlap
    power = tf.reduce_sum(tf.square(mean)) + variance
    return _scaled(distance, power, here.shape[0], convention, "wasserstein")


def _scaled(
    distance: Any, power: Any, channels: int, convention: str, statistic: str
) -> tf.Tensor:
    if convention != "relative":
        return distance / channels
    return STRENGTHS[statistic] * distance / (power + TINY)


# --- whole distributions


def sliced_directions(channels: int, seed: int = 0) -> np.ndarray:
    """Draw random orthogonal directions, ``(C, C)``, one in each column.

    Taught in: 10_creative_control. Heitz et al. (2021) draw new ones in each step. We
    keep them, because L-BFGS needs a loss that does not change.
    """
    square = np.random.default_rng(seed).normal(size=(channels, channels))
    return np.linalg.qr(square)[0]


def sorted_values(features: Any, directions: Any = None) -> tf.Tensor:
    """Sort the values of every channel, to make the target of `values_loss`.

    Args:
        features: ``(h, w, C)`` or ``(1, h, w, C)``.
        directions: ``(C, K)`` to project on; the channels themselves if None.

    Returns:
        ``(K, N)``, or ``(C, N)`` without directions, each row in ascending order.
    """
    return tf.sort(_projected(features, directions), axis=1)


def _projected(features: Any, directions: Any) -> tf.Tensor:
    features = tf.convert_to_tensor(features)
    vectors = tf.reshape(features, (-1, features.shape[-1]))
    if directions is None:
        return tf.transpose(vectors)
    return tf.matmul(tf.cast(directions, vectors.dtype), vectors, True, True)


def values_loss(
    features: Any,
    target: Any,
    directions: Any = None,
    weights: Any = None,
    convention: str = "relative",
) -> tf.Tensor:
    """Compute the mean squared distance of sorted values: Wasserstein-2 in 1-D.

    Taught in: 10_creative_control. Without directions, this compares the histograms of
    each channel (Risser et al. 2017, eq. 8, with all ranks instead of 256 bins). With
    random directions, it is the sliced Wasserstein loss of Heitz et al. (2021), eq. 5.

    Args:
        features: F, ``(h, w, C)`` or ``(1, h, w, C)``.
        target: ``(K, M)``, the `sorted_values` of the style. If N and M differ, a value
            is compared with the style's quantile of the same rank (interpolated).
        directions: ``(C, K)``, the same that made the target.
        weights: ``(h, w)``, 0–1: how much each position counts; 1 if None.
        convention: "relative"; any other leaves the mean as it is.

    Returns:
        A scalar ≥ 0 in the dtype of the features.
    """
    values = _projected(features, directions)
    goal = tf.cast(target, values.dtype)
    order = tf.argsort(values, axis=1)
    values = tf.gather(values, order, batch_dims=1)
    if weights is None:
        count = tf.cast(tf.shape(values)[1], values.dtype)
        ranks = ((tf.range(count) + 0.5) / count)[None]
        shares = tf.ones_like(ranks) / count
    else:
        shares = tf.gather(tf.reshape(tf.cast(weights, values.dtype), (-1,)), order)
        shares /= tf.reduce_sum(shares, axis=1, keepdims=True)
        ranks = tf.cumsum(shares, axis=1) - shares / 2.0
    distance = tf.reduce_sum(shares * tf.square(values - _quantiles(goal, ranks)))
    power = tf.reduce_sum(tf.reduce_mean(tf.square(goal), axis=1))
    statistic = "histogram" if directions is None else "sliced"
    return _scaled(distance, power, goal.shape[0], convention, statistic)


def _quantiles(values: tf.Tensor, ranks: tf.Tensor) -> tf.Tensor:
    """Quantiles at ranks (1 or K, N) of sorted values (K, M); m has rank (m + ½)/M."""
    last = tf.shape(values)[1] - 1
    end = tf.cast(last, ranks.dtype)
    place = tf.clip_by_value(ranks * (end + 1) - 0.5, 0.0, end)
    low = tf.floor(place)
    share = place - low
    index = tf.cast(low, tf.int32)
    above = tf.minimum(index + 1, last)
    if ranks.shape[0] == 1:  # the same for every channel
        pair = [tf.gather(values, i[0], axis=1) for i in (index, above)]
    else:
        pair = [tf.gather(values, i, batch_dims=1) for i in (index, above)]
    return pair[0] + share * (pair[1] - pair[0])
