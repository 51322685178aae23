"""TF-Lite files paint as the networks do from which they were made."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import deprocess, load_network, preprocess, universal
from nstlib.decoders import decode, load_decoder
from nstlib.errors import NetworkError, NstError, SettingsError
from nstlib.fast import tflite as lite
from nstlib.fast.level_painter import plan_levels
from nstlib.feedforward import random_transformer, transform

FLAT = np.full((32, 32, 3), 90.0)


@pytest.fixture(scope="module")
def parameters():
    return random_transformer(seed=3)


@pytest.mark.parametrize(
    "kind, apart", [("float32", 0.1), ("float16", 1.0), ("int8", 25.0)]
)
def test_a_lite_file_paints_the_same(kind, apart, parameters, make_picture, tmp_path):
    photo = make_picture(32, 48)
    path = lite.export_lite(
        parameters, tmp_path / "a.tflite", 32, 48, kind, [photo, photo[::-1]]
    )
    network = lite.LiteNetwork(path)
    assert network.shape == (32, 48)
    wanted = np.clip(
        transform(
            parameters, tf.constant(photo[None, ..., ::-1] - feedforward_means())
        ).numpy()[0, ..., ::-1]
        + feedforward_means()[::-1],
        0,
        255,
    )
    assert np.abs(network(photo) - wanted).mean() < apart
    with pytest.raises(SettingsError, match="takes 48×32 pixels, not 32×48"):
        network(make_picture(48, 32))


@pytest.mark.parametrize(("kind", "apart"), [("float16", 0.5), ("int8", 12)])
def test_adain_as_a_lite_file(kind, apart, make_picture, tmp_path):
    photo, painting = make_picture(32, 48), make_picture(32, 48, 5)
    path = lite.export_adain_lite(tmp_path / "a.tflite", 32, 48, kind)
    network = lite.LiteNetwork(path)
    extractor = load_network("mini", precision="float32", border="replicate")
    tensor = preprocess(photo)
    for level, name in plan_levels("adain", 1):
        maps = [extractor(t)[level] for t in (tensor, preprocess(painting))]
        rows = [tf.reshape(m, (-1, m.shape[-1])) for m in maps]
        changed = tf.reshape(universal.adain(*rows), maps[0].shape)
        tensor = decode(load_decoder(name), changed, level)
    made = np.clip(deprocess(tensor.numpy()), 0, 255)
    assert np.abs(network(photo, painting) - made).mean() < apart
    assert np.abs(network(painting, photo) - made).mean() > 2 * apart
    with pytest.raises(SettingsError, match="takes 2 pictures, not 1"):
        network(photo)


def test_adain_as_a_lite_file_needs_whole_positions(tmp_path):
    with pytest.raises(SettingsError, match="multiples of 16"):
        lite.export_adain_lite(tmp_path / "a.tflite", 36, 48)


def feedforward_means():
    from nstlib.preprocessing import BGR_MEANS

    return np.asarray(BGR_MEANS, np.float32)


def test_smaller_numbers_make_smaller_files(parameters, make_picture, tmp_path):
    sizes = [
        lite.export_lite(
            parameters, tmp_path / "a.tflite", 16, 16, kind, [make_picture(16, 16)]
        )
        .stat()
        .st_size
        for kind in lite.KINDS
    ]
    assert sizes[0] > 1.7 * sizes[1] > 2.5 * sizes[2]


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((30, 32), "multiples of 4"),
        ((32, 32, "int4"), "kind is one of"),
        ((32, 32, "int8"), "needs examples"),
        ((32, 32, "int8", [np.zeros((32, 32, 3))]), "have one color each"),
        ((32, 32, "int8", [FLAT, FLAT / 2, FLAT * [1, 2, 0]]), "have one color each"),
        ((32, 32, "int8", [FLAT[:16]]), "have 32×32 pixels, not 32×16: resize"),
        ((32, 32, "int8", [FLAT * np.nan]), "not finite"),
        ((32, 32, "int8", [FLAT[..., 0, 0]]), r"\(H, W, 3\)"),
    ],
)
def test_lite_files_that_cannot_be(arguments, words, parameters, tmp_path):
    with pytest.raises(NstError, match=words):
        lite.export_lite(parameters, tmp_path / "a.tflite", *arguments)


def test_one_example_of_one_color_beside_a_photo(parameters, make_picture, tmp_path):
    examples = [FLAT, make_picture(32, 32)]
    path = lite.export_lite(parameters, tmp_path / "a", 32, 32, "int8", examples)
    assert np.isfinite(lite.LiteNetwork(path)(FLAT)).all()


@pytest.mark.parametrize(
    "data, told",
    [
        (None, "does not exist: make a network for TensorFlow Lite"),
        (b"\x1c\0\0\0TFL3" + bytes(40), "is no network for TensorFlow Lite"),
        (b"hello" * 40, "is no network for TensorFlow Lite"),
        (
            b"\x89HDF\r\n\x1a\n",
            "is an HDF5 file, as Keras saves weights, not a network",
        ),
    ],
)
def test_files_that_are_no_lite_networks(tmp_path, data, told):
    path = tmp_path / "a.tflite"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(NetworkError, match=told) as caught:
        lite.LiteNetwork(path)
    assert str(caught.value)[-1] == "." and "\n" not in str(caught.value)
