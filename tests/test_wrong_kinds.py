"""A file of the wrong kind is recognized by its content, and told where it belongs."""

from __future__ import annotations

import io
import json

import h5py
import numpy as np
import pytest

from nstlib import stylize
from nstlib.cli import main as cli
from nstlib.data import DATA
from nstlib.errors import CheckpointError, NetworkError
from nstlib.fast.training_checkpoint import (
    TrainingState,
    describe_training,
    read_state,
    write_state,
)
from nstlib.feedforward import random_transformer
from nstlib.images import load_image, save_image
from nstlib.kinds import OURS, kind_of, misplaced
from nstlib.settings import Settings
from nstlib.transformers import SHIPPED, load_transformer, save_transformer
from nstlib.vgg_weights import load_weights

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One file of each kind; no suffix says which."""
    folder = tmp_path_factory.mktemp("kinds")
    save_image(PICTURE, folder / "a.jpg").rename(folder / "picture")
    (folder / "network").write_bytes(SHIPPED.read_bytes())
    (folder / "weights").write_bytes((DATA / "minivgg.npz").read_bytes())
    (folder / "decoder").write_bytes((DATA / "decoder_adain.npz").read_bytes())
    stylize(
        PICTURE, PICTURE, size=32, steps=3, checkpoint=folder / "c.npz",
        callback=lambda step: step.evaluation == 2,
    )  # fmt: skip
    (folder / "c.npz").rename(folder / "checkpoint")
    write_state(folder / "t.npz", TrainingState(random_transformer()))
    (folder / "t.npz").rename(folder / "training")
    with h5py.File(folder / "hdf5", "w") as file:
        file["a"] = np.zeros(3)
    (folder / "lite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    np.savez(folder / "arrays.npz", a=np.zeros(3))
    (folder / "arrays.npz").rename(folder / "arrays")
    (folder / "result").write_text(json.dumps({"settings": {}, "versions": {}}))
    notebook = {"cells": [], "nbformat": 4, "metadata": {}}
    (folder / "notebook").write_text(json.dumps(notebook))
    return folder


@pytest.mark.parametrize("name", OURS)
def test_each_kind_is_recognized_by_its_content(files, name):
    assert kind_of(files / name).name == name
    with (files / name).open("rb") as stream:
        assert kind_of(stream) == OURS[name]


@pytest.mark.parametrize("name", sorted(set(OURS) - {"picture"}))
def test_none_of_them_is_a_picture(files, name, capsys):
    path = str(files / name)
    for words in (["stylize", path], ["stylize", "cat", path], ["reproduce", path]):
        assert cli.main([*words]) == 2
        error = capsys.readouterr().err
        assert f"{OURS[name].what}: {OURS[name].advice}." in error
        assert error.count("\n") == 1 and "damaged" not in error


@pytest.mark.parametrize("name", sorted(set(OURS) - {"network", "arrays"}))
def test_none_of_them_is_a_network(files, name, capsys):
    path = str(files / name)
    assert cli.main(["stylize", "cat", path, "--method", "feedforward"]) == 2
    error = capsys.readouterr().err
    assert f"is {OURS[name].what}, not a trained network: {OURS[name].advice}" in error
    assert error.count("\n") == 1 and "pickle" not in error


@pytest.mark.parametrize("name", sorted(set(OURS) - {"weights", "hdf5", "arrays"}))
def test_none_of_them_are_weights(files, name):
    with pytest.raises(NetworkError, match=f"is {OURS[name].what}, not a file of VGG"):
        load_weights("mini", files / name)


@pytest.mark.parametrize("name", sorted(set(OURS) - {"checkpoint", "arrays"}))
def test_none_of_them_is_a_checkpoint(files, name):
    resumed = files / "resumed.npz"
    resumed.write_bytes((files / name).read_bytes())
    with pytest.raises(
        CheckpointError, match=f"is {OURS[name].what}, not a checkpoint"
    ):
        stylize(PICTURE, PICTURE, size=32, steps=3, checkpoint=resumed, resume=True)


@pytest.mark.parametrize("name", sorted(set(OURS) - {"training", "arrays"}))
def test_none_of_them_is_a_checkpoint_of_a_training(files, name):
    with pytest.raises(
        CheckpointError, match=f"is {OURS[name].what}, not a checkpoint"
    ):
        read_state(files / name, {})


@pytest.mark.parametrize(
    "data", [b"<html>404", b"\x93NUMPY\x01", b"PK\x03\x04 cut", b""]
)
def test_what_is_nothing_of_ours_is_not_unpickled(data, tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(data)
    with pytest.raises(NetworkError, match="cannot be read as a network") as error:
        load_transformer(path)
    assert "pickle" not in str(error.value)
    assert misplaced(path, "network") == "" == misplaced(tmp_path / "gone", "network")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_network_that_is_not_finite_is_told_as_that(bad, tmp_path, capsys):
    parameters = random_transformer()
    parameters["up1/kernel"][0, 0, 0, 0] = bad
    path = save_transformer(parameters, PICTURE, tmp_path / "n.npz", {})
    words = ["stylize", "cat", str(path), "--method", "feedforward", "--size", "64"]
    assert cli.main([*words, "-o", str(tmp_path / "o.png")]) == 2
    error = capsys.readouterr().err
    assert "its up1/kernel holds numbers that are not finite (NaN or Inf)" in error
    assert "learning rate" not in error


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_and_checkpoints_that_are_not_finite(bad, tmp_path):
    with np.load(DATA / "minivgg.npz") as file:
        arrays = {key: file[key].copy() for key in file.files}
    arrays["block2_conv1/bias"][0] = bad
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(NetworkError, match=r"block2_conv1/bias .*not finite"):
        load_weights("mini", tmp_path / "w.npz")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        for key, value in arrays.items():
            file[key] = value
    with pytest.raises(NetworkError, match=r"block2_conv1/bias .*not finite"):
        load_weights("mini", tmp_path / "w.h5")
    about = describe_training(PICTURE, [PICTURE], Settings(), 64, 1)
    state = TrainingState(random_transformer(), run=about)
    state.parameters["in/kernel"][0] = bad
    write_state(tmp_path / "t.npz", state)
    with pytest.raises(CheckpointError, match=r"p:in/kernel .*not finite"):
        read_state(tmp_path / "t.npz", about)


@pytest.mark.parametrize(
    "name, data",
    [
        ("style", bytes(9)),
        ("style", b"\xff\xd8\xff nothing"),
        ("style", b"\x89PNG\r\n\x1a\n"),  # could claim any size
        ("facts", b"{nonsense"),
        ("facts", b"[1]"),
        ("facts", b"[" * 100_000),
        ("facts", b"\xff"),
    ],
)
def test_a_network_whose_style_picture_or_facts_are_broken(tmp_path, name, data):
    path = save_transformer(random_transformer(), PICTURE, tmp_path / "n.npz", {})
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    arrays[name] = np.frombuffer(data, np.uint8)
    np.savez(path, **arrays)
    with pytest.raises(NetworkError, match="its style picture or its facts") as error:
        load_transformer(path)
    assert "\n" not in str(error.value)


def test_numbers_that_overflow_are_not_blamed_on_the_learning_rate(tmp_path, capsys):
    network = save_transformer(random_transformer(), PICTURE, tmp_path / "n.npz", {})
    with np.load(network) as file:
        arrays = {key: file[key] for key in file.files}
    for name in ("in/scale", "res1a/scale"):
        arrays[name] = np.full(arrays[name].shape, 3e38, np.float32)
    np.savez(network, **arrays)
    with np.load(DATA / "minivgg.npz") as file:
        arrays = {key: 1e30 * file[key].astype(np.float32) for key in file.files}
    np.savez(tmp_path / "w.npz", **arrays)
    save_image(PICTURE, tmp_path / "p.png")
    line = ["stylize", str(tmp_path / "p.png")]
    own = f"weights={tmp_path / 'w.npz'}"
    for words, told in (
        ([str(network), "--method", "feedforward"], "n.npz"),
        ([line[1], "--set", own], "weights"),
    ):
        status = cli.main([*line, *words, "--size", "32", "-o", f"{tmp_path}/o.png"])
        error = capsys.readouterr().err
        assert status == 2 and told in error and "not finite" in error, error
        assert "learning" not in error


def test_pictures_are_loaded_all_the_same(files):
    assert load_image(files / "picture").shape == (24, 32, 3)
    assert kind_of(io.BytesIO(b"once upon a time")).what == "text"
