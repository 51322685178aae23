"""Faster forms of functions that the lessons teach, for the loss of an optimizer.

They compute what `nstlib.vgg.feature_maps` and `nstlib.losses.gram_of_rows` do, with
fewer and smaller passes over the memory: on a processor, what lies between the
convolutions takes longer than they do. ``docs/performance.md`` says what each form
gains.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from nstlib.backend import tf
from nstlib.statistics import Sums, feature_sums
from nstlib.vgg import EDGES, FeatureExtractor

BLOCKS = 64
"""The most blocks into which `gram_in_blocks` divides the rows."""
BLOCK_ROWS = 64
"""The fewest rows in a block."""


def fast_maps(extractor: FeatureExtractor, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
    """Compute the feature maps of a network, and leave them in its own precision.

    Args:
        extractor: names the layers, the pooling, the precision and the border.
        tensor: float32 ``(1, H, W, 3)``, preprocessed, large enough for the layers.

    Returns:
        Layer → ``(1, h, w, C)``, float32 or bfloat16, with the values that
        ``extractor(tensor)`` has.
    """
    wanted = extractor.layers
    names = extractor.available[: 1 + max(map(extractor.available.index, wanted))]
    maximum = extractor.pooling == "max"
    pool = tf.nn.max_pool2d if maximum else tf.nn.avg_pool2d
    x = _first_layer(extractor, names[0], tensor)
    found = {names[0]: x}
    for name, after in pairwise([*names[1:], names[-1]]):
        kernel, bias = _parameters(extractor, name, x.dtype)
        x = tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides=1, padding="SAME"), bias)
        pools = after[5] != name[5]
        if pools and maximum and name not in wanted:
            # ReLU and maximum can change places. The ReLU and its gradient then have
            # a quarter of the positions.
            x = tf.nn.relu(pool(x, 2, strides=2, padding="VALID"))
            continue
        found[name] = x = tf.nn.relu(x)
        if pools:
            x = pool(x, 2, strides=2, padding="VALID")
    return {name: found[name] for name in wanted}


def _parameters(
    extractor: FeatureExtractor, name: str, dtype: Any
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the kernel and the bias of a layer, rounded while the loss is traced.

    Otherwise, each evaluation would round a million numbers again.
    """
    with tf.init_scope():
        kernel = tf.cast(extractor.parameters[f"{name}/kernel"], dtype)
        return kernel, tf.cast(extractor.parameters[f"{name}/bias"], dtype)


def _first_layer(
    extractor: FeatureExtractor, name: str, tensor: tf.Tensor
) -> tf.Tensor:
    """Compute the first layer in float32, and its gradient in the network's precision.

    bfloat16 cannot hold all values of a pixel, but it can hold those of a gradient,
    which the layers above have rounded anyway.
    """
    kernel, bias = _parameters(extractor, name, tensor.dtype)
    rounded, _ = _parameters(extractor, name, extractor.precision)
    padding = "SAME"
    if extractor.border in EDGES:
        edges = [[0, 0], [1, 1], [1, 1], [0, 0]]
        tensor, padding = tf.pad(tensor, edges, EDGES[extractor.border]), "VALID"

    @tf.custom_gradient
    def layer(x: tf.Tensor) -> Any:
        y = tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides=1, padding=padding), bias)
        y = tf.cast(tf.nn.relu(y), extractor.precision)

        def gradient(slope: tf.Tensor) -> tf.Tensor:
            slope = tf.raw_ops.ReluGrad(gradients=slope, features=y)
            back = tf.nn.conv2d_transpose(slope, rounded, tf.shape(x), 1, padding)
            return tf.cast(back, x.dtype)

        return y, gradient

    return layer(tensor)


def rounded_sums(features: tf.Tensor) -> Sums:
    """Compute the `feature_sums` of a map without weights, faster if it is bfloat16.

    Args:
        features: ``(1, h, w, C)``, float32 or bfloat16.

    Returns:
        `Sums` in float32. Those of a bfloat16 map are good to about 0.05 %, which is
        enough for a Gram matrix, but not for a covariance.
    """
    if features.dtype != tf.bfloat16:
        return feature_sums(features)
    rows = tf.reshape(features, (-1, features.shape[-1]))
    first = tf.reduce_sum(tf.cast(rows, tf.float32), axis=0)
    count = tf.cast(tf.shape(rows)[0], tf.float32)
    return Sums(gram_in_blocks(rows), first, count)


def gram_in_blocks(rows: tf.Tensor) -> tf.Tensor:
    """Compute `gram_of_rows` of bfloat16 rows ``(N, C)`` in float32.

    A product of bfloat16 matrices is summed in float32, but then rounded to bfloat16,
    which is too coarse: a Gram matrix would be off by up to 0.4 %. So each block of
    rows has a product of its own, and the products are added up in float32. Their
    errors then nearly cancel.
    """

    @tf.custom_gradient
    def gram(rows: tf.Tensor) -> Any:
        count, channels = tf.shape(rows)[0], rows.shape[-1]
        size = tf.maximum(count // BLOCKS, BLOCK_ROWS)
        whole = count - count % size
        blocks = tf.reshape(rows[:whole], (-1, size, channels))
        products = tf.matmul(blocks, blocks, transpose_a=True)
        rest = tf.cast(rows[whole:], tf.float32)
        found = tf.reduce_sum(tf.cast(products, tf.float32), axis=0)
        found += tf.matmul(rest, rest, transpose_a=True)

        def gradient(slope: tf.Tensor) -> tf.Tensor:
            return rows @ tf.cast(slope + tf.transpose(slope), rows.dtype)

        return found, gradient

    return gram(rows)
