"""The faster forms compute what the taught ones do."""

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.faster import BLOCK_ROWS, BLOCKS, fast_maps, gram_in_blocks, rounded_sums
from nstlib.preprocessing import preprocess
from nstlib.statistics import feature_sums
from nstlib.vgg import BORDERS, POOLINGS

LAYERS = [
    ["block1_conv1"],
    ["block3_conv2", "block1_conv2"],  # block1_conv2 is wanted, and pooled
    ["block5_conv1", "block4_conv2", "block2_conv1"],
]


def slope(maps, tensor):
    """The gradient of the sum of all squared maps."""
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        found = maps(tensor)
        total = tf.add_n(
            [tf.reduce_mean(tf.cast(one, tf.float32) ** 2) for one in found.values()]
        )
    return tape.gradient(total, tensor).numpy()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("layers", LAYERS, ids=lambda layers: "+".join(layers))
def test_fast_maps_are_the_feature_maps_with_their_gradient(
    narrow, make_picture, layers, pooling, border, precision
):
    network = narrow(layers=layers, pooling=pooling, border=border, precision=precision)
    tensor = tf.constant(preprocess(make_picture(37, 50)))  # pooling drops the last row
    fast, clear = fast_maps(network, tensor), network(tensor)
    assert list(fast) == list(clear) == layers
    for name, maps in fast.items():
        assert maps.dtype == precision
        found = tf.cast(maps, tf.float32).numpy()
        np.testing.assert_allclose(found, clear[name].numpy(), rtol=1e-2, atol=0.02)
    wanted = slope(network, tensor)
    error = np.linalg.norm(slope(lambda x: fast_maps(network, x), tensor) - wanted)
    assert error < (1e-5 if precision == "float32" else 0.02) * np.linalg.norm(wanted)


@pytest.mark.parametrize(
    "count", [1, BLOCK_ROWS, BLOCK_ROWS + 1, 1000, BLOCKS * BLOCK_ROWS * 3 + 5]
)
def test_a_gram_matrix_in_blocks_is_nearly_exact(count):
    rng = np.random.default_rng(count)
    rows = tf.cast(np.maximum(rng.normal(size=(count, 8)), 0), tf.bfloat16)
    exact = tf.cast(rows, tf.float64).numpy()
    weights = rng.normal(size=(8, 8)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(rows)
        gram = gram_in_blocks(rows)
        total = tf.reduce_sum(gram * weights)
    assert gram.dtype == tf.float32
    wanted = exact.T @ exact
    blocks = max(1, min(BLOCKS, count // BLOCK_ROWS))
    bound = 2**-8 / np.sqrt(blocks)  # bfloat16 rounds by 2⁻⁹ at most
    assert np.abs(gram.numpy() - wanted).max() <= bound * wanted.max()
    gradient = tf.cast(tape.gradient(total, rows), tf.float64).numpy()
    wanted = exact @ (weights + weights.T)
    assert np.abs(gradient - wanted).max() <= 2**-6 * np.abs(wanted).max()


def test_one_bfloat16_product_would_be_too_coarse():
    rows = np.maximum(np.random.default_rng(0).normal(size=(9000, 8)), 0)
    rows = tf.cast(rows, tf.bfloat16)
    wanted = feature_sums(tf.cast(rows, tf.float64)).second.numpy()
    once = tf.cast(tf.matmul(rows, rows, transpose_a=True), tf.float64).numpy()
    error = np.linalg.norm(gram_in_blocks(rows).numpy() - wanted)
    assert 4 * error < np.linalg.norm(once - wanted)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_rounded_sums_are_those_of_the_rounded_map(dtype):
    maps = tf.cast(np.random.default_rng(0).uniform(size=(1, 30, 40, 5)), dtype)
    found, wanted = rounded_sums(maps), feature_sums(tf.cast(maps, tf.float32))
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == tf.float32
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-3)
