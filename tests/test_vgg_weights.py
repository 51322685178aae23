"""Every way in which weights can be wrong is told in one sentence."""

import hashlib
import json
import socket
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from nstlib import vgg_weights as weights
from nstlib.data import known_facts
from nstlib.errors import NetworkError
from nstlib.preprocessing import preprocess
from nstlib.vgg import feature_maps, load_network
from nstlib.vgg_plan import layer_names
from nstlib.vgg_weights import (
    MINI_FILE,
    check_activations,
    known_picture,
    load_weights,
)


def refused(call, *words):
    with pytest.raises(NetworkError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".")
    for word in words:
        assert str(word) in message, f"{word!r} is missing in {message!r}"
    return message


@pytest.fixture
def npz(tmp_path, narrow_parameters):
    """A good weight file."""
    path = tmp_path / "vgg19_narrow.npz"
    np.savez(path, **narrow_parameters())
    return path


def same(found, wanted):
    return found.keys() == wanted.keys() and all(
        found[key].dtype == np.float32 and np.array_equal(found[key], wanted[key])
        for key in wanted
    )


# --- MiniVGG


def test_the_shipped_file_is_the_recorded_one():
    facts = known_facts("mini")
    assert hashlib.sha256(MINI_FILE.read_bytes()).hexdigest() == facts["sha256"]
    parameters = load_weights("mini")
    wanted = {f"{n}/{k}" for n in layer_names("mini") for k in ("kernel", "bias")}
    assert parameters.keys() == wanted
    assert all(value.dtype == np.float32 for value in parameters.values())
    maps = feature_maps(parameters, preprocess(known_picture()), layer_names("mini"))
    for name, mean in facts.get("mean_activations", {}).items():
        assert np.mean(maps[name]) == pytest.approx(mean, rel=0.01)


def test_a_changed_shipped_file_is_refused(tmp_path, monkeypatch):
    content = bytearray(MINI_FILE.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "minivgg.npz"
    changed.write_bytes(content)
    monkeypatch.setattr(weights, "MINI_FILE", changed)
    refused(lambda: load_weights("mini"), changed, "damaged", "SHA-256", "git lfs")


def test_a_git_lfs_pointer_is_refused(tmp_path, monkeypatch):
    pointer = tmp_path / "minivgg.npz"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    monkeypatch.setattr(weights, "MINI_FILE", pointer)
    refused(lambda: load_network("mini"), pointer, "git lfs pull")


def test_a_missing_shipped_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "MINI_FILE", tmp_path / "minivgg.npz")
    refused(lambda: load_weights("mini"), "minivgg.npz")


def test_the_known_picture_never_changes():
    picture = known_picture()
    assert picture.dtype == np.float32 and picture.shape == (48, 64, 3)
    assert picture.min() >= 0 and picture.max() <= 255
    digest = hashlib.sha256(picture.astype(np.uint8).tobytes()).hexdigest()
    assert digest.startswith("67d0b050def0d28f")


# --- files of one's own


def test_npz(npz, narrow_parameters):
    assert same(load_weights("vgg19", npz), narrow_parameters())
    assert same(load_weights("vgg19", str(npz)), narrow_parameters())


def test_half_precision_is_read_as_float32(tmp_path, narrow_parameters):
    half = {k: v.astype(np.float16) for k, v in narrow_parameters().items()}
    np.savez_compressed(tmp_path / "half.npz", **half)
    wanted = {k: v.astype(np.float32) for k, v in half.items()}
    assert same(load_weights("vgg19", tmp_path / "half.npz"), wanted)


def write_h5(path, parameters, form):
    with h5py.File(path, "w") as file:
        for key, value in parameters.items():
            layer, kind = key.split("/")
            short = "W" if kind == "kernel" else "b"
            name = {
                "legacy": f"{layer}/{layer}_{short}_1:0",
                "tf.keras": f"{layer}/{layer}/{kind}:0",
                "model": f"model_weights/{layer}/{layer}/{kind}:0",
            }[form]
            file[name] = value
        if form == "legacy":  # the file with the classifier on top
            file["fc1/fc1_W_1:0"] = np.zeros((4, 4), np.float32)
            file["fc1/fc1_b_1:0"] = np.zeros(4, np.float32)


@pytest.mark.parametrize("form", ["legacy", "tf.keras", "model"])
def test_h5_of_keras(tmp_path, narrow_parameters, form):
    path = tmp_path / "vgg16_weights.h5"
    write_h5(path, narrow_parameters("vgg16"), form)
    assert same(load_weights("vgg16", path), narrow_parameters("vgg16"))
    extractor = load_network("vgg16", weights=path)
    assert extractor.available == layer_names("vgg16")


def test_a_file_that_ends_early_still_gives_its_layers(tmp_path, narrow_parameters):
    blocks = {k: v for k, v in narrow_parameters("vgg16").items() if k[5] in "123"}
    np.savez(tmp_path / "part.npz", **blocks)
    extractor = load_network("vgg16", ["conv3_3"], weights=tmp_path / "part.npz")
    assert extractor.available == layer_names("vgg16")[:7]
    refused(
        lambda: load_network("vgg16", ["conv5_1"], weights=tmp_path / "part.npz"),
        "no layer block5_conv1",
        "block3_conv3",
    )


def test_folder(tmp_path, npz, narrow_parameters):
    assert same(load_weights("vgg19", tmp_path), narrow_parameters())
    refused(
        lambda: load_weights("vgg16", tmp_path), tmp_path, "vgg16*.npz", "vgg16*.h5"
    )


def test_environment_variable(npz, monkeypatch, narrow_parameters, tmp_path):
    monkeypatch.setenv("NSTLIB_WEIGHTS", str(npz))
    assert same(load_weights("vgg19"), narrow_parameters())
    other = tmp_path / "other.npz"
    np.savez(other, **narrow_parameters(seed=1))
    assert same(load_weights("vgg19", other), narrow_parameters(seed=1))
    # It names a VGG, and never takes the place of the shipped network.
    assert load_weights("mini")["block1_conv1/kernel"].shape[-1] > 4
    monkeypatch.setenv("NSTLIB_WEIGHTS", str(tmp_path / "gone.npz"))
    refused(lambda: load_weights("vgg19"), "gone.npz", "NSTLIB_WEIGHTS", "'mini'")


def test_home_folder(npz, monkeypatch, narrow_parameters):
    monkeypatch.setenv("HOME", str(npz.parent))
    assert same(load_weights("vgg19", f"~/{npz.name}"), narrow_parameters())


def test_missing_file(tmp_path):
    path = tmp_path / "gone.h5"
    refused(lambda: load_weights("vgg19", path), path, "does not exist", "'mini'")


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><html>Quota exceeded</html>", b"\n  <html></html>"]
)
@pytest.mark.parametrize("name", ["vgg19.h5", "vgg19.npz"])
def test_a_web_page_saved_as_weights(tmp_path, page, name):
    (tmp_path / name).write_bytes(page)
    refused(
        lambda: load_weights("vgg19", tmp_path / name), "a web page", name, "'mini'"
    )


@pytest.mark.parametrize("content", [b"", b"\x80\x02}q\x00.", b"hello weights"])
def test_another_kind_of_file(tmp_path, content):
    (tmp_path / "vgg19.pth").write_bytes(content)
    refused(lambda: load_weights("vgg19", tmp_path / "vgg19.pth"), ".npz", ".h5")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_truncated_npz(npz, share):
    content = npz.read_bytes()
    npz.write_bytes(content[: int(len(content) * share)])
    refused(lambda: load_weights("vgg19", npz), npz, "fetch it again")


def test_npz_with_a_flipped_bit(npz):
    content = bytearray(npz.read_bytes())
    content[len(content) // 2] ^= 16
    npz.write_bytes(content)
    refused(lambda: load_weights("vgg19", npz), npz, "fetch it again")


def test_zip_that_is_no_npz(tmp_path):
    with zipfile.ZipFile(tmp_path / "vgg19.npz", "w") as file:
        file.writestr("readme.txt", "nothing here")
    refused(lambda: load_weights("vgg19", tmp_path / "vgg19.npz"), "vgg19.npz")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_h5(tmp_path, narrow_parameters, share):
    path = tmp_path / "vgg19.h5"
    write_h5(path, narrow_parameters(), "legacy")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(lambda: load_weights("vgg19", path), path, "damaged", "fetch it again")


def test_h5_without_layer_names(tmp_path):
    with h5py.File(tmp_path / "vgg19.h5", "w") as file:
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 64), np.float32)
    refused(
        lambda: load_weights("vgg19", tmp_path / "vgg19.h5"), "block1_conv1", "keras"
    )


def without(parameters, *keys):
    return {k: v for k, v in parameters.items() if k not in keys}


@pytest.mark.parametrize(
    "spoil, word",
    [
        (lambda p: without(p, "block2_conv1/bias"), "block2_conv1"),
        (lambda p: without(p, "block2_conv1/kernel"), "block2_conv1"),
        (lambda p: without(p, "block1_conv1/kernel", "block1_conv1/bias"), "block1"),
        (lambda p: p | {"block1_conv1/kernel": np.zeros((4, 3, 3, 3))}, "block1_conv1"),
        (lambda p: p | {"block1_conv2/kernel": np.zeros((3, 3, 5, 4))}, "block1_conv2"),
        (lambda p: p | {"block1_conv2/kernel": np.zeros((3, 3))}, "block1_conv2"),
        (lambda p: p | {"block3_conv1/bias": np.zeros(7)}, "block3_conv1"),
        (lambda p: p | {"block3_conv1/bias": np.zeros((8, 1))}, "block3_conv1"),
        (lambda p: {f"conv{i}": v for i, v in enumerate(p.values())}, "block1_conv1"),
    ],
)
def test_layers_that_do_not_fit_together(tmp_path, narrow_parameters, spoil, word):
    path = tmp_path / "vgg19.npz"
    np.savez(path, **spoil(narrow_parameters()))
    refused(lambda: load_weights("vgg19", path), path, word)


def test_pytorch_layout_is_refused(tmp_path, narrow_parameters):
    turned = {
        key: value.transpose(3, 2, 0, 1) if value.ndim == 4 else value
        for key, value in narrow_parameters().items()
    }
    np.savez(tmp_path / "vgg19.npz", **turned)
    refused(lambda: load_weights("vgg19", tmp_path / "vgg19.npz"), "(3, 3, 3, n)")


# --- the right ones


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Record the activations of some weights as those of a network."""

    def record(network, parameters):
        names = [n for n in layer_names(network) if f"{n}/kernel" in parameters]
        maps = feature_maps(parameters, preprocess(known_picture()), names)
        means = {name: float(np.mean(value)) for name, value in maps.items()}
        folder = tmp_path / "facts"
        folder.mkdir()
        facts = {network: {"mean_activations": means}}
        (folder / "networks.json").write_text(json.dumps(facts))
        monkeypatch.setattr("nstlib.data.DATA", folder)
        return means

    return record


def spoilt(parameters, change):
    changed = dict(parameters)
    kernel = "block1_conv1/kernel"
    if change == "RGB for BGR":
        changed[kernel] = changed[kernel][:, :, ::-1]
    elif change == "pixels of 0–1":
        changed[kernel] = changed[kernel] * 255
    elif change == "turned filters":
        changed[kernel] = changed[kernel].transpose(1, 0, 2, 3)
    elif change == "no biases":
        changed.update({k: v * 0 for k, v in parameters.items() if k.endswith("bias")})
    return changed


@pytest.mark.parametrize(
    "change", ["RGB for BGR", "pixels of 0–1", "turned filters", "no biases"]
)
def test_weights_made_for_other_input_are_refused(tmp_path, recorded, change):
    right = load_weights("mini")
    recorded("vgg19", right)
    path = tmp_path / "vgg19.npz"
    np.savez(path, **right)
    load_network("vgg19", weights=path)
    np.savez(path, **spoilt(right, change))
    message = refused(lambda: load_network("vgg19", weights=path), "not the weights of")
    assert "vgg19" in message and "mean of block" in message


def test_half_precision_passes_the_check(tmp_path, recorded):
    right = load_weights("mini")
    recorded("vgg19", right)
    np.savez(tmp_path / "v.npz", **{k: v.astype(np.float16) for k, v in right.items()})
    load_network("vgg19", weights=tmp_path / "v.npz", precision="bfloat16")


def test_check_activations(recorded):
    means = recorded("mini", load_weights("mini"))
    check_activations("mini", means)
    check_activations("mini", {k: v * 1.009 for k, v in means.items()})
    check_activations("vgg16", {"block1_conv1": 1e9})  # no record, nothing to compare
    check_activations("mini", {"block9_conv1": 1.0})
    for factor in (1.02, 0.98, -1, np.nan, np.inf):
        wrong = means | {"block2_conv2": means["block2_conv2"] * factor}
        refused(lambda wrong=wrong: check_activations("mini", wrong), "block2_conv2")


# --- the download


def test_a_failed_download_names_both_remedies(monkeypatch):
    from keras import applications

    def offline(**_):
        raise Exception("URL fetch failure on https://…: None -- timed out")

    monkeypatch.delenv("NSTLIB_WEIGHTS", raising=False)
    for network, attribute in (("vgg19", "VGG19"), ("vgg16", "VGG16")):
        monkeypatch.setattr(applications, attribute, offline)
        message = refused(
            lambda network=network: load_network(network),
            network,
            "weights=",
            "NSTLIB_WEIGHTS",
            "'mini'",
        )
        assert "Traceback" not in message
    assert socket.getdefaulttimeout() is None


def test_a_download_is_bounded_in_time_and_read_by_name(monkeypatch, narrow_parameters):
    from keras import applications

    parameters, seen = narrow_parameters(), {}

    def layer(name):
        values = [parameters[f"{name}/kernel"], parameters[f"{name}/bias"]]
        return SimpleNamespace(name=name, weights=values, get_weights=lambda: values)

    def online(**options):
        seen.update(options, timeout=socket.getdefaulttimeout())
        empty = SimpleNamespace(name="block1_pool", weights=[], get_weights=list)
        return SimpleNamespace(layers=[empty, *map(layer, layer_names("vgg19"))])

    monkeypatch.delenv("NSTLIB_WEIGHTS", raising=False)
    monkeypatch.setattr(applications, "VGG19", online)
    assert same(load_weights("vgg19"), parameters)
    assert seen["weights"] == "imagenet" and seen["include_top"] is False
    assert 0 < seen["timeout"] <= 60 and socket.getdefaulttimeout() is None
