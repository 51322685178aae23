"""Gram matrices and the three losses of neural style transfer.

Taught in: 03_content_loss, 04_gram_matrices, 05_style_loss, 06_total_variation.

Papers and programs divide the same sums by different numbers, so a weight copied from
one into another means something else. Every loss here takes a ``convention``:

==========  ===============================  =====================================
convention  content loss                     style loss of one layer
==========  ===============================  =====================================
relative    mean (F − P)² / mean P²          Σ (G/N − A/M)² / Σ (A/M)²
gatys       ½ Σ (F − P)²                     Σ (G/N − A/M)² / (4 C²)
johnson     mean (F − P)²                    Σ (G/N − A/M)² / C⁴
keras       Σ (F − P)²                       N² Σ (G/N − A/M)² / (36 (H·W)²)
==========  ===============================  =====================================

F, P: feature maps of the picture and of the content. G, A: Gram matrices of the
picture and of the style, summed over N and M positions. C: channels. H·W: pixels of the
picture. With pictures of one size N = M, and "gatys" is equation 4 of Gatys et al.
(2015), "johnson" that of neural-style, "keras" that of the Keras example. "relative" is
ours: it has no unit, so one weight fits every layer, network and size.
"""

from __future__ import annotations

from typing import Any

from nstlib.backend import tf

CONVENTIONS = ("relative", "gatys", "johnson", "keras")
TINY = 1e-12  # keeps maps in which nothing fires from dividing by zero


def _known(convention: str) -> str:
    if convention not in CONVENTIONS:
        raise ValueError(
            f"There is no convention {convention!r}; choose from "
            f"{', '.join(CONVENTIONS)}."
        )
    return convention


def positions(features: Any) -> tf.Tensor:
    """N, the number of positions (h·w) of a feature map, as a float scalar.

    Taught in: 04_gram_matrices.
    """
    features = tf.convert_to_tensor(features)
    return tf.cast(tf.size(features) // tf.shape(features)[-1], features.dtype)


def gram_matrix(features: Any) -> tf.Tensor:
    """Correlate every channel with every other, forgetting where they fired.

    Taught in: 04_gram_matrices. G_ij = Σ_k F_ik F_jk (Gatys et al. 2015, eq. 3), a sum
    over positions: the losses divide.

    Args:
        features: ``(h, w, C)`` or ``(1, h, w, C)``, floating point.

    Returns:
        ``(C, C)``, symmetric, in the dtype of the features.
    """
    features = tf.convert_to_tensor(features)
    vectors = tf.reshape(features, (-1, features.shape[-1]))
    return tf.matmul(vectors, vectors, transpose_a=True)


def gram_of_rows(rows: tf.Tensor) -> tf.Tensor:
    """`gram_matrix` of rows ``(N, C)``, for a loop that asks for its gradient.

    Taught in: 10_creative_control. The slope along F is F (S + Sᵀ), where S is that
    along G (Gatys et al. 2015, eq. 6). TensorFlow, which does not know that G is
    symmetric, would compute F S and F Sᵀ one by one.
    """

    @tf.custom_gradient
    def gram(rows: tf.Tensor) -> Any:
        found = tf.matmul(rows, rows, transpose_a=True)
        return found, lambda slope: rows @ (slope + tf.transpose(slope))

    return gram(rows)


def content_loss(features: Any, target: Any, convention: str = "relative") -> tf.Tensor:
    """How far the feature maps of a picture are from those of the content.

    Taught in: 03_content_loss.

    Args:
        features: F, any shape ending in channels, floating point.
        target: P, of the same shape.
        convention: what to divide by, see the module's table.

    Returns:
        A scalar ≥ 0 in the dtype of the features.

    Raises:
        ValueError: the shapes differ, or there is no such convention.
    """
    features = tf.convert_to_tensor(features)
    target = tf.convert_to_tensor(target)
    if not features.shape.is_compatible_with(target.shape):
        raise ValueError(
            f"content_loss compares maps of one shape, not {features.shape} with "
            f"{target.shape}; resize one of the pictures."
        )
    squares = tf.square(features - target)
    if _known(convention) == "johnson":
        return tf.reduce_mean(squares)
    if convention == "relative":
        size = tf.reduce_mean(tf.square(target)) + TINY
        return tf.reduce_mean(squares) / size
    return tf.reduce_sum(squares) * (0.5 if convention == "gatys" else 1.0)


def gram_distance(
    here: Any,
    goal: Any,
    convention: str = "relative",
    count: Any = None,
    image_pixels: Any = None,
) -> tf.Tensor:
    """How far one normalised Gram matrix, G/N, is from another, A/M.

    Taught in: 05_style_loss.

    Args:
        here: G/N, ``(C, C)``, floating point.
        goal: A/M, of the same shape and dtype.
        convention: what to divide by, see the module's table.
        count: N, needed by ``"keras"``.
        image_pixels: H·W of the picture, needed by ``"keras"``.

    Returns:
        A scalar ≥ 0 in the dtype of the matrices.

    Raises:
        ValueError: no such convention, or ``"keras"`` without its two numbers.
    """
    distance = tf.reduce_sum(tf.square(here - goal))
    channels = goal.shape[-1]
    if _known(convention) == "relative":
        return distance / (tf.reduce_sum(tf.square(goal)) + TINY)
    if convention == "gatys":
        return distance / (4.0 * channels**2)
    if convention == "johnson":
        return distance / float(channels) ** 4
    if count is None or image_pixels is None:
        raise ValueError("The 'keras' convention needs count=N and image_pixels=H*W.")
    return distance * (count / image_pixels) ** 2 / 36.0


def style_loss(
    features: Any,
    target_gram: Any,
    target_positions: Any = None,
    convention: str = "relative",
    image_pixels: Any = None,
) -> tf.Tensor:
    """How far the Gram matrix of one layer is from that of the style.

    Taught in: 05_style_loss. Each Gram is divided by its own number of positions, so
    that style and picture may differ in size.

    Args:
        features: F, ``(h, w, C)`` or ``(1, h, w, C)``, floating point.
        target_gram: A, ``(C, C)``, the unnormalised Gram matrix of the style.
        target_positions: M, the positions that A sums over; those of F if None.
        convention: what to divide by, see the module's table.
        image_pixels: H·W of the picture, needed by ``"keras"``.

    Returns:
        A scalar ≥ 0 in the dtype of the features.

    Raises:
        ValueError: no such convention, or ``"keras"`` without ``image_pixels``.
    """
    features = tf.convert_to_tensor(features)
    count = positions(features)
    here = gram_matrix(features) / count
    goal = tf.cast(target_gram, features.dtype)
    goal /= count if target_positions is None else target_positions
    return gram_distance(here, goal, convention, count, image_pixels)


def total_variation_loss(
    tensor: Any, exponent: float = 2.0, reduction: str = "mean"
) -> tf.Tensor:
    """How much neighbouring pixels differ.

    Taught in: 06_total_variation (Mahendran & Vedaldi 2015, eq. 5, in three habits).

    Args:
        tensor: ``(1, H, W, 3)`` or ``(H, W, 3)``, floating point.
        exponent: 1, Σ|dx| + Σ|dy|, keeps edges; 2, Σdx² + Σdy², softens them; anything
            else is the Keras example's Σ(dx² + dy²)^exponent over the pixels with a
            neighbour below and one to the right, in use with 1.25.
        reduction: ``"mean"``, over the differences in each direction, or ``"sum"``.

    Returns:
        A scalar ≥ 0 in the dtype of the tensor.

    Raises:
        ValueError: there is no such reduction.
    """
    tensor = tf.convert_to_tensor(tensor)
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction is 'mean' or 'sum', not {reduction!r}.")
    reduce = tf.reduce_mean if reduction == "mean" else tf.reduce_sum
    down = tensor[..., 1:, :, :] - tensor[..., :-1, :, :]
    right = tensor[..., :, 1:, :] - tensor[..., :, :-1, :]
    if exponent == 1:
        return reduce(tf.abs(down)) + reduce(tf.abs(right))
    if exponent == 2:
        return reduce(tf.square(down)) + reduce(tf.square(right))
    squares = tf.square(down[..., :, :-1, :])
    squares += tf.square(right[..., :-1, :, :])
    return reduce(tf.pow(squares, exponent))
