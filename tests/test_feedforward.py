"""A network that has learned styles: its layers, and mixing styles."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib.feedforward import (
    Blend,
    exact_norm,
    fused_norm,
    grain,
    instance_norm,
    mirrored,
    random_transformer,
    repaint,
    transform,
    transformer_plan,
)


@pytest.fixture(scope="module")
def parameters():
    return random_transformer(seed=3)


def test_instance_norm_by_hand():
    maps = np.array([[[[1.0], [3.0]]], [[[10.0], [30.0]]]])
    found = instance_norm(tf.constant(maps), [2.0], [5.0])
    np.testing.assert_allclose(np.ravel(found), [3, 7, 3, 7], atol=1e-4)


def test_instance_norm_of_every_picture_and_channel():
    rng = np.random.default_rng(0)
    maps = rng.normal(2, 3, (3, 5, 7, 4)) * [1, 2, 3, 4]
    scale, offset = rng.normal(size=(2, 4))
    found = instance_norm(tf.constant(maps), scale, offset).numpy()
    mean, spread = maps.mean((1, 2), keepdims=True), maps.std((1, 2), keepdims=True)
    wanted = (maps - mean) / spread * scale + offset
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_the_plan_gives_back_the_size(parameters):
    made = transform(parameters, tf.zeros((2, 36, 48, 3)))
    assert made.shape == (2, 36, 48, 3) and made.dtype == tf.float32
    strides = [layer.stride for layer in transformer_plan()]
    assert np.prod(strides) == 2 ** sum(layer.doubled for layer in transformer_plan())


def test_it_begins_near_mid_gray(parameters):
    rng = np.random.default_rng(0)
    tensor = rng.normal(0, 60, (1, 32, 32, 3)).astype(np.float32)
    assert np.abs(transform(parameters, tensor)).mean() < 60


def test_bfloat16_makes_nearly_the_same(parameters, make_picture):
    one, other = (
        repaint(parameters, make_picture(48, 64), precision)
        for precision in ("float32", "bfloat16")
    )
    assert 0 < np.abs(one - other).mean() < 3


@pytest.mark.parametrize("shape", [(33, 50), (16, 16), (61, 20)])
def test_pictures_of_any_shape(shape, parameters, make_picture):
    assert repaint(parameters, make_picture(*shape)).shape == (*shape, 3)


def test_the_fused_norm_is_the_norm():
    rng = np.random.default_rng(1)
    maps = tf.constant(rng.normal(2, 3, (1, 9, 7, 16)), tf.float32)
    rows = tf.constant(rng.normal(size=(2, 16)), tf.float32)
    places = tf.constant(rng.normal(size=(2, 1, 9, 7, 16)), tf.float32)
    for scale, offset in (rows, places):
        wanted = instance_norm(maps, scale, offset)
        np.testing.assert_allclose(fused_norm(maps, scale, offset), wanted, atol=1e-4)
        small = tf.cast(maps, "bfloat16")
        assert fused_norm(small, scale, offset).dtype == small.dtype
        for norm in (fused_norm, exact_norm):
            made = tf.cast(norm(small, scale, offset), tf.float32)
            np.testing.assert_allclose(made, wanted, atol=0.05, rtol=0.02)


@pytest.mark.parametrize("around", [1, 4])
def test_mirrored_is_reflection(around):
    maps = np.random.default_rng(0).normal(size=(2, 6, 9, 3))
    wide = [(0, 0), (around, around), (around, around), (0, 0)]
    np.testing.assert_array_equal(
        mirrored(tf.constant(maps), around), np.pad(maps, wide, "reflect")
    )


def two_styles(parameters):
    """Parameters that share their kernels, and differ in the rest."""
    rng, styles = np.random.default_rng(5), []
    for _ in range(2):
        styles.append(
            {
                key: value
                if key.endswith("/kernel")
                else value + rng.normal(0, 0.3, value.shape).astype(np.float32)
                for key, value in parameters.items()
            }
        )
    return styles


def test_a_blend_mixes_scales_and_offsets(parameters, make_picture):
    one, other = two_styles(parameters)
    blend, shares = Blend([one, other], np.array([0.25, 0.75])), (0.25, 0.75)
    assert set(blend) == set(parameters) and len(blend) == len(parameters)
    for key, value in blend.items():
        wanted = shares[0] * one[key] + shares[1] * other[key]
        np.testing.assert_allclose(value, wanted, atol=1e-6, err_msg=key)
    photo = make_picture(32, 40)
    whole = Blend([one, other], np.array([0.0, 1.0]))
    np.testing.assert_allclose(repaint(whole, photo), repaint(other, photo), atol=1e-2)


def test_a_blend_by_place_is_the_style_of_the_place(parameters, make_picture):
    styles, photo = two_styles(parameters), make_picture(96, 128)
    tensor = tf.constant(photo[None] - 120)
    shares = np.zeros((96, 128, 2))
    shares[:, :64, 0] = shares[:, 64:, 1] = 1
    maps = Blend(styles, shares)
    for layer, factor in (("in", 1), ("down1", 2), ("res0a", 4), ("up2", 1)):
        scale = maps[f"{layer}/scale"]
        width = 128 // factor
        assert scale.shape[:3] == (1, 96 // factor, width)
        for style, column in ((styles[0], 0), (styles[1], width - 1)):
            np.testing.assert_allclose(
                scale[0, 0, column], style[f"{layer}/scale"], atol=1e-6
            )
    even = np.full((96, 128, 2), 0.5)
    for norm in (exact_norm, fused_norm):
        np.testing.assert_allclose(
            transform(Blend(styles, even), tensor, "float32", norm),
            transform(Blend(styles, np.array([0.5, 0.5])), tensor),
            atol=2e-2,
        )


def test_grain_is_as_strong_in_large_grains_as_in_small_ones():
    noise = grain(256, 192, np.random.default_rng(0))
    assert noise.shape == (256, 192, 3) and noise.dtype == np.float32
    assert abs(noise.mean()) < 0.1 and noise.std() == pytest.approx(1, abs=0.1)
    # The mean of 8×8 pixels keeps what is in the grains of 8, 16 and 32 pixels.
    means = noise.reshape(32, 8, 24, 8, 3).mean((1, 3))
    assert 0.45 < means.std() < 0.75
    assert np.abs(np.corrcoef(noise.reshape(-1, 3).T) - np.eye(3)).max() < 0.15


def test_grain_of_any_size_comes_from_the_generator():
    one, same, other = (grain(7, 5, np.random.default_rng(s)) for s in (0, 0, 1))
    assert one.shape == (7, 5, 3) and (one == same).all() and (one != other).any()


def test_a_plain_sky_gets_strokes_from_the_grain():
    from nstlib.transformers import load_transformer

    parameters = load_transformer("cubist_guitar").parameters
    sky = np.full((96, 96, 3), (120.0, 160.0, 210.0), np.float32)
    sky[64:] = 40  # a network divides by the contrast: there must be some
    plain, grained, seeded = (
        repaint(parameters, sky, level=level, seed=seed)[8:56, 8:-8]
        for level, seed in ((0, 0), (10, 0), (10, 1))
    )
    assert plain.std(1).mean() < 2 < 6 < grained.std(1).mean()  # along a row
    assert np.abs(grained - seeded).mean() > 3
