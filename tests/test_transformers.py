"""Trained networks as files: those that ship, and one's own."""

import hashlib

import numpy as np
import pytest

import nstlib
from nstlib.course.pictures import IMAGES
from nstlib.data import known_facts
from nstlib.errors import NetworkError
from nstlib.feedforward import random_transformer, repaint, transform
from nstlib.preprocessing import preprocess
from nstlib.transformers import (
    KEPT_SIDE,
    SHIPPED,
    load_transformer,
    mean_transformer,
    network_file,
    save_transformer,
    shipped_rows,
    shipped_styles,
)
from nstlib.vgg_weights import known_picture


@pytest.fixture(scope="module")
def parameters():
    return random_transformer(seed=3)


def test_a_file_comes_back(tmp_path, parameters, make_picture):
    style = make_picture(40, 600)
    path = tmp_path / "a.npz"
    save_transformer(parameters, style, path, {"steps": 7})
    assert path.stat().st_size < 2.2e6
    found = load_transformer(path)
    assert found.facts == {"steps": 7} and found.path == path == network_file(path)
    assert max(found.style.shape) == KEPT_SIDE
    for key, value in parameters.items():
        np.testing.assert_allclose(found.parameters[key], value, atol=2e-3)


def test_the_ten_are_the_paintings_of_the_course():
    assert shipped_styles() == sorted(p.stem for p in IMAGES.glob("style/*.jpg"))
    assert len(shipped_styles()) == 10
    digest = hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    assert digest == known_facts("styles")["sha256"]


@pytest.mark.parametrize("name", shipped_styles())
def test_what_ships(name):
    network = load_transformer(name)
    assert network_file(network.path) == SHIPPED and network.path.name == name
    assert load_transformer(network.path).path == network.path
    assert network.facts["steps"] > 0 and name in network.facts["styles"]
    painting = nstlib.load_image(IMAGES / "style" / f"{name}.jpg", KEPT_SIDE)
    assert np.abs(network.style - painting).mean() < 15  # a JPEG of strong colors
    means = (
        transform(network.parameters, preprocess(known_picture()))
        .numpy()
        .mean((0, 1, 2))
    )
    known = known_facts("styles")["mean_output"][name]
    np.testing.assert_allclose(means, known, atol=0.5)


def test_a_training_begins_with_the_mean_of_the_rows():
    mean, rows = mean_transformer(), shipped_rows()
    assert {k: v.shape for k, v in mean.items()} == {
        k: v.shape for k, v in random_transformer().items()
    }
    np.testing.assert_array_equal(mean["in/kernel"], rows["in/kernel"])
    wanted = sum(load_transformer(n).parameters["up1/scale"] for n in shipped_styles())
    np.testing.assert_allclose(mean["up1/scale"], wanted / 10, rtol=1e-5)


@pytest.mark.parametrize("name", shipped_styles())
def test_noise_on_the_photo_changes_little(name):
    photo = nstlib.load_image(IMAGES / "content" / "coffee.jpg", 256)
    noise = np.random.default_rng(0).normal(0, 1, photo.shape)
    parameters = load_transformer(name).parameters
    one, other = (
        np.clip(repaint(parameters, p.astype(np.float32)), 0, 255)
        for p in (photo, photo + noise)
    )
    assert 0 < np.abs(one - other).mean() < 3


def test_files_that_are_no_networks(tmp_path):
    with pytest.raises(NetworkError, match="no trained network nowhere"):
        load_transformer("nowhere")
    np.savez(tmp_path / "b.npz", a=np.zeros(3))
    with pytest.raises(NetworkError, match="not a network made by nst train"):
        load_transformer(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes(b"<html>")
    with pytest.raises(NetworkError, match="cannot be read"):
        load_transformer(tmp_path / "c.npz")
    (tmp_path / "d.npz").write_bytes(SHIPPED.read_bytes())
    with pytest.raises(NetworkError, match=r"several styles: name one .*great_wave"):
        load_transformer(tmp_path / "d.npz")


@pytest.mark.parametrize("change", ["narrower", "fewer blocks"])
def test_a_file_of_an_earlier_version_says_so(tmp_path, parameters, change):
    old = {k: v for k, v in parameters.items() if not k.startswith("res4")}
    if change == "narrower":
        old = {k: v[..., :64] for k, v in parameters.items()}
    path = save_transformer(old, np.zeros((9, 9, 3)), tmp_path / "old.npz", {})
    with pytest.raises(NetworkError, match=r"old.npz was made by an earlier version"):
        load_transformer(path)
