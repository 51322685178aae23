"""Gram matrices and the three losses of neural style transfer.

Taught in: 03_content_loss, 04_gram_matrices, 05_style_loss, 06_total_variation.

Papers and programs divide the same sums by different numbers, so a weight means
something else when it is copied from one into another. Every loss here takes a
``convention``:

==========  ===============================  =====================================
convention  content loss                     style loss of one layer
==========  ===============================  =====================================
relative    mean (F − P)² / mean P²          Σ (G/N − A/M)² / Σ (A/M)²
gatys       ½ Σ (F − P)²                     Σ (G/N − A/M)² / (4 C²)
johnson     mean (F − P)²                    Σ (G/N − A/M)² / C⁴
keras       Σ (F − P)²                       N² Σ (G/N − A/M)² / (36 (H·W)²)
==========  ===============================  =====================================

F and P are the feature maps of the picture and of the content. G and A are the Gram
matrices of the picture and of the style, summed over N and M positions. C is the number
of channels, H·W the number of pixels of the picture. If both pictures have the same
size, then N = M; "gatys" is equation 4 of Gatys et al. (2015), "johnson" is the loss of
neural-style, and "keras" is that of the Keras example. "relative" is our own: it has no
unit, so one weight fits every layer, network and size.
"""

from __future__ import annotations

from typing import Any

from nstlib.backend import tf

CONVENTIONS = ("relative", "gatys", "johnson", "keras")
TINY = 1e-12  # prevents division by zero where all activations are zero


def known_convention(convention: str) -> str:
    """Return the name of a convention as it is, if there is such a convention.

    Raises:
        ValueError: there is none; the message lists those that exist.
    """
    if convention not in CONVENTIONS:
        raise ValueError(
            f"There is no convention {convention!r}; choose from "
            f"{', '.join(CONVENTIONS)}."
        )
    return convention


def positions(features: Any) -> tf.Tensor:
    """Return N, the number of positions (h·w) of a feature map.

    Taught in: 04_gram_matrices.

    Args:
        features: ``(h, w, C)`` or ``(1, h, w, C)``, floating point.

    Returns:
        A scalar in the dtype of the features.
    """
    features = tf.convert_to_tensor(features)
    return tf.cast(tf.size(features) // tf.shape(features)[-1], features.dtype)


def gram_matrix(features: Any) -> tf.Tensor:
    """Compute the Gram matrix of a feature map: how its channels fire together.

    Taught in: 04_gram_matrices. G_ij = Σ_k F_ik F_jk (Gatys et al. 2015, eq. 3). This
    is a sum over positions; the losses divide it by their number.

    Args:
        features: ``(h, w, C)`` or ``(1, h, w, C)``, floating point.

    Returns:
        ``(C, C)``, symmetric, in the dtype of the features.

    Example:
        The Gram matrix does not change when positions are exchanged:

        >>> maps = tf.constant([[[1.0, 2.0], [0.0, 3.0]]])
        >>> gram_matrix(maps).numpy().tolist()
        [[1.0, 2.0], [2.0, 13.0]]
        >>> gram_matrix(maps[:, ::-1]).numpy().tolist()
        [[1.0, 2.0], [2.0, 13.0]]
    """
    features = tf.convert_to_tensor(features)
    vectors = tf.reshape(features, (-1, features.shape[-1]))
    return tf.matmul(vectors, vectors, transpose_a=True)


def gram_of_rows(rows: tf.Tensor) -> tf.Tensor:
    """Compute `gram_matrix` of rows ``(N, C)``, with a faster gradient.

    Taught in: 10_creative_control. If S is the gradient with respect to G, the gradient
    with respect to F is F (S + Sᵀ) (Gatys et al. 2015, eq. 6). TensorFlow does not know
    that G is symmetric, and would compute F S and F Sᵀ one after the other.
    """

    @tf.custom_gradient
    def gram(rows: tf.Tensor) -> Any:
        found = tf.matmul(rows, rows, transpose_a=True)
        return found, lambda slope: rows @ (slope + tf.transpose(slope))

    return gram(rows)


def content_loss(features: Any, target: Any, convention: str = "relative") -> tf.Tensor:
    """Compute the distance between the feature maps of a picture and of the content.

    Taught in: 03_content_loss.

    Args:
        features: F, of any shape that ends with the channels, floating point.
        target: P, of the same shape.
        convention: the normalization, see the table at the top of this module.

    Returns:
        A scalar ≥ 0 in the dtype of the features.

    Raises:
        ValueError: the shapes differ, or there is no such convention.

    Example:
        Maps of zeros are at distance 1, maps that are half as strong at ½²:

        >>> target = tf.constant([[[3.0, 0.0], [4.0, 5.0]]])
        >>> [float(content_loss(share * target, target)) for share in (0, 0.5, 1)]
        [1.0, 0.25, 0.0]
    """
    features = tf.convert_to_tensor(features)
    target = tf.convert_to_tensor(target)
    if not features.shape.is_compatible_with(target.shape):
        raise ValueError(
            f"content_loss compares maps of one shape, not {features.shape} with "
            f"{target.shape}; resize one of the pictures."
        )
    squares = tf.square(features - target)
    if known_convention(convention) == "johnson":
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
    """Compute the distance between two normalized Gram matrices, G/N and A/M.

    Taught in: 05_style_loss.

    Args:
        here: G/N, ``(C, C)``, floating point.
        goal: A/M, of the same shape and dtype.
        convention: the normalization, see the table at the top of this module.
        count: N, which only ``"keras"`` needs.
        image_pixels: H·W of the picture, which only ``"keras"`` needs.

    Returns:
        A scalar ≥ 0 in the dtype of the matrices.

    Raises:
        ValueError: there is no such convention, or ``"keras"`` lacks one of its two
            numbers.

    Example:
        >>> goal = tf.constant([[2.0, 0.0], [0.0, 2.0]])
        >>> [float(gram_distance(0.5 * goal, goal, name)) for name in CONVENTIONS[:3]]
        [0.25, 0.125, 0.125]
    """
    distance = tf.reduce_sum(tf.square(here - goal))
    channels = goal.shape[-1]
    if known_convention(convention) == "relative":
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
    """Compute the style loss of one layer, from its Gram matrix and the style's.

    Taught in: 05_style_loss. Each Gram matrix is divided by its own number of
    positions, so picture and style may differ in size.

    Args:
        features: F, ``(h, w, C)`` or ``(1, h, w, C)``, floating point.
        target_gram: A, ``(C, C)``, the unnormalized Gram matrix of the style.
        target_positions: M, the number of positions that A sums over; N if None.
        convention: the normalization, see the table at the top of this module.
        image_pixels: H·W of the picture, which only ``"keras"`` needs.

    Returns:
        A scalar ≥ 0 in the dtype of the features.

    Raises:
        ValueError: there is no such convention, or ``"keras"`` lacks ``image_pixels``.

    Example:
        A style that is repeated side by side is the same style:

        >>> style = tf.constant([[[1.0, 2.0], [0.0, 3.0]]])
        >>> wide = tf.concat([style, style], axis=1)
        >>> float(style_loss(wide, gram_matrix(style), positions(style)))
        0.0
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
    """Measure how much neighboring pixels differ.

    Taught in: 06_total_variation (Mahendran & Vedaldi 2015, eq. 5, in three variants).

    Args:
        tensor: ``(1, H, W, 3)`` or ``(H, W, 3)``, floating point.
        exponent: 1 is Σ|dx| + Σ|dy|, which keeps edges. 2 is Σdx² + Σdy², which softens
            them. Any other exponent is used as in the Keras example (with 1.25):
            Σ(dx² + dy²)^exponent over the pixels that have both neighbors, below and
            to the right.
        reduction: ``"mean"`` over the differences in each direction, or ``"sum"``.

    Returns:
        A scalar ≥ 0 in the dtype of the tensor.

    Raises:
        ValueError: there is no such reduction.

    Example:
        One step of 4 and four steps of 1: only exponent 2 prefers the slope.

        >>> edge = tf.repeat([[[0.0], [0.0], [0.0], [4.0], [4.0]]], 3, axis=2)
        >>> slope = tf.repeat([[[0.0], [1.0], [2.0], [3.0], [4.0]]], 3, axis=2)
        >>> [float(total_variation_loss(x, 1, "sum")) for x in (edge, slope)]
        [12.0, 12.0]
        >>> [float(total_variation_loss(x, 2, "sum")) for x in (edge, slope)]
        [48.0, 12.0]
    """
    tensor = tf.convert_to_tensor(tensor)
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction is 'mean' or 'sum', not {reduction!r}.")
    reduce = tf.reduce_mean if reduction == "mean" else tf.reduce_sum
    # tensor[..., 1:, :, :] would do, but the gradient of a slice runs on one core
    down = tf.split(tensor, [1, -1], -3)[1] - tf.split(tensor, [-1, 1], -3)[0]
    right = tf.split(tensor, [1, -1], -2)[1] - tf.split(tensor, [-1, 1], -2)[0]
    if exponent == 1:
        return reduce(tf.abs(down)) + reduce(tf.abs(right))
    if exponent == 2:
        return reduce(tf.square(down)) + reduce(tf.square(right))
    squares = tf.square(tf.split(down, [-1, 1], -2)[0])
    squares += tf.square(tf.split(right, [-1, 1], -3)[0])
    return reduce(tf.pow(squares, exponent))
