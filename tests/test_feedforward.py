"""A network per style: its layers, its files, its training, its TF-Lite files."""

import json

import numpy as np
import pytest
import tensorflow as tf

from nstlib import deprocess, feedforward, load_network, preprocess, universal
from nstlib.cli.main import main
from nstlib.decoders import decode, load_decoder
from nstlib.errors import CheckpointError, ImageError, NetworkError, SettingsError
from nstlib.fast import tflite as lite
from nstlib.fast import training as fitting
from nstlib.fast.one_pass import plan_levels
from nstlib.fast.photo_crops import load_photos, random_batch
from nstlib.feedforward import (
    instance_norm,
    load_transformer,
    random_transformer,
    repaint,
    save_transformer,
    transform,
    transformer_plan,
)
from nstlib.images import save_image
from nstlib.settings import Settings

TINY = {"side": 64, "batch": 2}


@pytest.fixture(scope="module")
def parameters():
    return random_transformer(seed=3)


@pytest.fixture
def photos(make_picture):
    return [make_picture(80, 96, seed).astype(np.uint8) for seed in range(3)]


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


def test_it_begins_near_mid_grey(parameters):
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


# --- photos


def test_photos_of_a_folder(tmp_path, make_picture):
    save_image(make_picture(300, 200), tmp_path / "in" / "a.png")
    save_image(make_picture(20, 30), tmp_path / "b.jpg")
    (tmp_path / "c.jpg").write_bytes(b"nothing")
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.warns(UserWarning, match="1 of 3"):
        found = load_photos(tmp_path, 64)
    assert [min(photo.shape[:2]) >= 64 for photo in found] == [True, True]
    assert max(max(photo.shape) for photo in found) <= 128
    assert {photo.dtype for photo in found} == {np.dtype(np.uint8)}


def test_a_folder_without_photos(tmp_path):
    with pytest.raises(ImageError, match="no picture that can be read"):
        load_photos(tmp_path, 64)


def test_batches_are_crops(photos):
    rng = np.random.default_rng(0)
    batch = random_batch(photos, 64, 5, rng).numpy()
    assert batch.shape == (5, 64, 64, 3)
    again = random_batch(photos, 64, 5, np.random.default_rng(0))
    np.testing.assert_array_equal(batch, again)
    assert np.abs(batch[0] - batch[1]).mean() > 1


# --- training


def loss_of(settings, style):
    from nstlib.vgg import load_network

    layers = [*settings.content_layers, *settings.style_layers]
    network = load_network("mini", dict.fromkeys(layers), precision="float32")
    return fitting.PerceptualLoss(network, style, settings)


def test_the_loss_is_the_mean_of_objectives(make_picture):
    from nstlib.objective import Objective
    from nstlib.preprocessing import preprocess

    settings = Settings(precision="float32", content_layers=["conv2_1"])
    style = make_picture(48, 64, 9)
    loss = loss_of(settings, style)
    made, goals = (
        np.concatenate([preprocess(make_picture(48, 64, s)) for s in seeds])
        for seeds in ((1, 2), (3, 3))
    )
    found = loss(tf.constant(made), tf.constant(goals)).numpy()
    objective = Objective(
        loss.extractor, make_picture(48, 64, 3), [(style, 1.0)], settings
    )
    each = [objective.losses(tf.constant(one[None])).numpy() for one in made]
    np.testing.assert_allclose(found, np.mean(each, axis=0), rtol=1e-4)


def test_training_lowers_the_loss_and_can_be_watched(photos, make_picture):
    seen = []
    settings = Settings(content_layers=["conv2_1"], precision="float32")

    def watch(fit):
        seen.append(fit)
        return fit.step == 12

    parameters, state = fitting.train_transformer(
        make_picture(90, 90, 8), photos, settings, steps=600, callback=watch, **TINY
    )
    assert [fit.step for fit in seen] == [*range(1, 13)]
    assert state.steps == 12 and set(parameters) == set(random_transformer())
    assert seen[-1].losses["total"] < seen[0].losses["total"]
    assert np.abs(parameters["in/kernel"] - random_transformer()["in/kernel"]).max() > 0


def test_a_resumed_training_goes_on(photos, make_picture, tmp_path):
    style, path = make_picture(90, 90, 8), tmp_path / "run.npz"
    settings = Settings(content_layers=["conv2_1"], precision="float32")

    def train(steps, **options):
        stop = lambda fit: fit.step >= steps  # noqa: E731
        return fitting.train_transformer(
            style, photos, settings, steps=9, callback=stop, **TINY, **options
        )

    train(2, checkpoint=path)
    resumed, state = train(4, checkpoint=path, resume=True)
    unbroken, _ = train(4)
    assert state.steps == 4
    for key, value in unbroken.items():
        np.testing.assert_allclose(resumed[key], value, atol=1e-5, err_msg=key)


def test_checkpoints_that_cannot_be_resumed(photos, make_picture, tmp_path):
    style = make_picture(70, 70)
    for path in (None, tmp_path / "none.npz"):
        with pytest.raises(CheckpointError):
            fitting.train_transformer(
                style, photos, steps=1, checkpoint=path, resume=True
            )
    (tmp_path / "bad.npz").write_bytes(b"PK nonsense")
    with pytest.raises(CheckpointError, match="no checkpoint of nst train"):
        fitting.train_transformer(
            style, photos, steps=1, checkpoint=tmp_path / "bad.npz", resume=True
        )


def test_a_side_that_does_not_fit(photos, make_picture):
    with pytest.raises(SettingsError, match="multiple of 4"):
        fitting.train_transformer(make_picture(70, 70), photos, steps=1, side=66)
    with pytest.raises(SettingsError, match="how long to train"):
        fitting.train_transformer(make_picture(70, 70), photos)


# --- TF-Lite


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
    ],
)
def test_lite_files_that_cannot_be(arguments, words, parameters, tmp_path):
    with pytest.raises(SettingsError, match=words):
        lite.export_lite(parameters, tmp_path / "a.tflite", *arguments)


# --- the commands


def test_train_then_stylize_then_reproduce(tmp_path, monkeypatch, capsys, make_picture):
    monkeypatch.chdir(tmp_path)
    for seed in range(2):
        save_image(make_picture(90, 80, seed), tmp_path / "photos" / f"{seed}.png")
    words = ["train", "great_wave", "--photos", "photos", "--minutes", "0.02"]
    assert main([*words, "-o", "wave.npz", "--side", "64", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["photos"] == 2 and facts["steps"] >= 1
    assert (tmp_path / "wave-progress" / "0000.png").is_file()
    assert not (tmp_path / "wave.checkpoint.npz").exists()
    words = ["stylize", "cat", "wave.npz", "--method", "feedforward", "-o", "a.png"]
    assert main([*words, "--size", "64", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["settings"]["method"] == "feedforward"
    assert main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, message",
    [
        (["train", "great_wave", "--minutes", "0"], "--minutes is a number above 0"),
        (["train", "great_wave", "--side", "66"], "--side is a multiple of 4"),
        (["train", "great_wave", "--photos", "nowhere"], "is no folder"),
        (["train", "great_wave", "-o", "a.png"], "a trained network ends in .npz"),
        (["train", "great_wave", "-o", "x.npz", "--resume"], "nothing to resume"),
        (
            ["stylize", "cat", "nobody", "--method", "feedforward"],
            "no trained network nobody",
        ),
        (
            ["stylize", "cat", "a.npz", "b.npz", "--method", "feedforward"],
            "name one network",
        ),
        (
            ["stylize", "cat", "a.npz", "--mask", "b", "--method", "feedforward"],
            "no masks",
        ),
    ],
)
def test_commands_refuse_in_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
