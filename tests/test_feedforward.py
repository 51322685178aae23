"""A network per style: its layers and its files."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import feedforward
from nstlib.errors import NetworkError
from nstlib.feedforward import (
    instance_norm,
    load_transformer,
    random_transformer,
    repaint,
    save_transformer,
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


def test_a_file_comes_back(tmp_path, parameters, make_picture):
    style = make_picture(40, 600)
    path = tmp_path / "a.npz"
    save_transformer(parameters, style, path, {"steps": 7})
    assert path.stat().st_size < 1e6
    found = load_transformer(path)
    assert found.facts == {"steps": 7} and found.path == path
    assert max(found.style.shape) == feedforward.KEPT_SIDE
    for key, value in parameters.items():
        np.testing.assert_allclose(found.parameters[key], value, atol=2e-3)


@pytest.mark.parametrize("name", feedforward.shipped_styles())
def test_what_ships(name, make_picture):
    network = load_transformer(name)
    assert network.path.stat().st_size < 1e6
    assert network.facts["steps"] > 0
    photo = make_picture(64, 64)
    assert np.abs(repaint(network.parameters, photo) - photo).mean() > 5


def test_files_that_are_no_networks(tmp_path):
    with pytest.raises(NetworkError, match="no trained network nowhere"):
        load_transformer("nowhere")
    np.savez(tmp_path / "b.npz", a=np.zeros(3))
    with pytest.raises(NetworkError, match="not a network made by nst train"):
        load_transformer(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes(b"<html>")
    with pytest.raises(NetworkError, match="cannot be read"):
        load_transformer(tmp_path / "c.npz")
