"""Training a network for one style."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib.errors import CheckpointError, SettingsError
from nstlib.fast import perceptual_loss
from nstlib.fast import training as fitting
from nstlib.feedforward import GRAIN, random_transformer
from nstlib.settings import Settings
from nstlib.transformers import mean_transformer

TINY = {"side": 64, "batch": 2}


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


@pytest.mark.parametrize("from_scratch", [False, True])
def test_a_photo_of_one_color_does_no_harm(from_scratch, make_picture):
    plain = [np.full((64, 64, 3), level, np.uint8) for level in (0, 128, 255)]
    parameters, state = fitting.train_transformer(
        make_picture(90, 90, 8), plain, steps=4, from_scratch=from_scratch, **TINY
    )
    assert state.steps == 4 and np.isfinite(state.losses).all()
    assert all(np.isfinite(value).all() for value in parameters.values())


def test_it_begins_with_the_network_that_ships_or_with_random_numbers(
    photos, make_picture
):
    for from_scratch, begin in (
        (False, mean_transformer()),
        (True, random_transformer(Settings().seed)),
    ):
        made, _ = fitting.train_transformer(
            make_picture(90, 90, 8), photos, steps=1, from_scratch=from_scratch, **TINY
        )
        for key in ("res0a/kernel", "res0a/scale"):
            assert 0 < np.abs(made[key] - begin[key]).max() < 1.1 * fitting.PEAK


def test_a_training_that_began_otherwise_is_not_resumed(photos, make_picture, tmp_path):
    style, path = make_picture(90, 90, 8), tmp_path / "run.npz"
    fitting.train_transformer(style, photos, steps=1, checkpoint=path, **TINY)
    with pytest.raises(CheckpointError, match="another network to begin with"):
        fitting.train_transformer(
            style, photos, steps=2, checkpoint=path, resume=True, from_scratch=True,
            **TINY,
        )  # fmt: skip


def test_a_side_that_does_not_fit(photos, make_picture):
    with pytest.raises(SettingsError, match="multiple of 4"):
        fitting.train_transformer(make_picture(70, 70), photos, steps=1, side=66)
    with pytest.raises(SettingsError, match="how long to train"):
        fitting.train_transformer(make_picture(70, 70), photos)


def test_the_network_sees_grain_and_the_loss_does_not(
    monkeypatch, photos, make_picture
):
    painted, compared = [], []
    transform, compare = perceptual_loss.transform, fitting.PerceptualLoss.__call__

    def painting(variables, seen, precision):
        painted.append(seen.numpy())
        return transform(variables, seen, precision)

    def comparing(self, made, goals):
        compared.append(goals.numpy())
        return compare(self, made, goals)

    monkeypatch.setattr(perceptual_loss, "transform", painting)
    monkeypatch.setattr(fitting.PerceptualLoss, "__call__", comparing)
    settings = Settings(content_layers=["conv2_1"], precision="float32")
    tf.config.run_functions_eagerly(True)
    try:
        fitting.train_transformer(
            make_picture(90, 90, 8), photos, settings, steps=2, **TINY
        )
    finally:
        tf.config.run_functions_eagerly(False)
    first, shaken, *_ = painted  # each step paints a photo again, for stability
    assert first.shape == compared[0].shape != shaken.shape
    levels = (first - compared[0]).std((1, 2, 3))
    assert levels.min() > 0.1 and levels.max() < 1.3 * GRAIN
    assert len(set(levels)) == len(levels)
