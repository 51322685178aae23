"""The loop: sizes, starts, optimizers, callbacks, interruptions, results."""

import dataclasses
import hashlib
import json
import math

import numpy as np
import pytest

from nstlib import lbfgs
from nstlib.backend import tf
from nstlib.color import match_covariance, transfer_luminance
from nstlib.errors import ImageError, NetworkError, SettingsError
from nstlib.images import load_image, read_metadata, resize, save_image
from nstlib.initialization import enlarged
from nstlib.interruption import Interruption
from nstlib.large.scales import plan_scales
from nstlib.methods import stylize
from nstlib.objective import TERMS, Objective, widened
from nstlib.painter import paint
from nstlib.preprocessing import deprocess, preprocess
from nstlib.runs.result import Result
from nstlib.settings import Settings, make_settings
from nstlib.vgg import load_network

# Small enough for a test, and with a layer of every block but the last.
LOADING = "nstlib.store.load_parameters"
SMALL = {
    "size": 48,
    "steps": 6,
    "precision": "float32",
    "style_layers": ("block1_conv1", "block2_conv1"),
    "content_layers": ("block2_conv2",),
    "coarse_to_fine": False,
    "init": "content",
}


@pytest.fixture(scope="module")
def content(make_picture):
    return make_picture(36, 48, 0)


@pytest.fixture(scope="module")
def style(make_picture):
    return make_picture(40, 32, 1)


@pytest.fixture(scope="module")
def plain(content, style):
    """One run that several tests look at."""
    return stylize(content, style, **SMALL)


def lowest(result):
    return min(losses["total"] for losses in result.history)


# --- what goes in


def test_a_sliver_is_refused_before_any_work(style, monkeypatch):
    monkeypatch.setattr(LOADING, lambda *_: pytest.fail("loaded"))
    with pytest.raises(SettingsError, match=r"only 1 pixels across.*block5_conv1"):
        stylize(np.zeros((1, 4000, 3), np.float32), style)
    with pytest.raises(SettingsError, match="only 13 pixels across at 13 × 512 pixels"):
        stylize(np.zeros((4000, 100, 3), np.float32), style)


def test_settings_are_checked_before_any_work(content, style, monkeypatch):
    monkeypatch.setattr(LOADING, lambda *_: pytest.fail("loaded"))
    with pytest.raises(SettingsError, match="stepz"):
        stylize(content, style, stepz=3)
    with pytest.raises(SettingsError, match="entries"):
        stylize(content, style, steps_per_scale=(1, 2, 3, 4, 5, 6))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(content, style, value):
    bad = content.copy()
    bad[3, 4, 1] = value
    for arguments in ((bad, style), (content, bad), (content, [(style, 1), (bad, 1)])):
        with pytest.raises(ValueError, match="not finite"):
            stylize(*arguments, **SMALL)
    with pytest.raises(ValueError, match="not finite"):
        stylize(content, style, start=bad, **SMALL)


@pytest.mark.parametrize("shape", [(48, 36), (48, 36, 4), (0, 36, 3), (1, 48, 36, 3)])
def test_what_is_no_picture_is_refused(content, style, shape):
    for arguments in ((np.zeros(shape), style), (content, np.zeros(shape))):
        with pytest.raises(ValueError, match=r"\(H, W, 3\)"):
            stylize(*arguments, **SMALL)


@pytest.mark.parametrize(
    "weights", [(0, 0), (-1, 2), (math.nan, 1), (math.inf, 1)], ids=str
)
def test_style_weights_that_make_no_sense(content, style, weights):
    with pytest.raises(SettingsError, match="style weights"):
        stylize(content, [(style, weight) for weight in weights], **SMALL)


def test_no_style_at_all(content):
    with pytest.raises(SettingsError, match="at least one"):
        stylize(content, [], **SMALL)


def test_a_missing_file_is_an_image_error(content, tmp_path):
    with pytest.raises(ImageError, match="gone"):
        stylize(content, tmp_path / "gone.jpg", **SMALL)


def test_files_are_read(content, style, plain, tmp_path):
    paths = []
    for name, picture in (("content", content), ("style", style)):
        paths.append(save_image(np.rint(picture), tmp_path / f"{name}.png"))
    result = stylize(str(paths[0]), [paths[1]], **SMALL)
    assert result.history[0]["style"] == pytest.approx(
        plain.history[0]["style"], rel=0.05
    )


@pytest.mark.parametrize("size", [(36, 48), (20, 90), (200, 31), (16, 16)], ids=str)
def test_styles_of_any_size_and_shape(content, make_picture, size):
    result = stylize(content, make_picture(*size, 2), **SMALL)
    assert result.image.shape == (36, 48, 3) and np.isfinite(result.image).all()
    assert lowest(result) < result.history[0]["total"]


def test_too_small_a_style_is_told(content, make_picture):
    deep = {**SMALL, "style_layers": "block5_conv1"}
    with pytest.raises(NetworkError, match=r"12 × 8 pixels.*block5_conv1"):
        stylize(content, make_picture(8, 12), **deep)


def test_style_scale_changes_what_the_style_is(content, make_picture):
    large = make_picture(96, 96, 1)
    starts = [
        stylize(content, large, **{**SMALL, "steps": 1}, style_scale=scale).history[0]
        for scale in (0.5, 1.0, 4.0, 20.0)
    ]
    values = [start["style"] for start in starts]
    assert len(set(values[:3])) == 3
    assert values[2] == values[3]  # never enlarged
    assert len({start["content"] for start in starts}) == 1


def test_two_styles_share_by_weight(content, style, make_picture):
    other = make_picture(50, 50, 3)
    start = {**SMALL, "steps": 1}

    def first(styles):
        return stylize(content, styles, **start).history[0]["style"]

    one, two = first(style), first([other])
    assert one != pytest.approx(two, rel=1e-2)
    assert first([style, other]) == pytest.approx((one + two) / 2, rel=1e-4)
    weighted = first([(style, 3), (other, 1)])
    assert weighted == pytest.approx((3 * one + two) / 4, rel=1e-4)
    assert first((style, other)) == first([style, other])
    mixed = first([style, (other, 1.0)])
    assert mixed == first([style, other])


# --- where it begins


def first_picture(content, style, **options):
    """The picture of the first evaluation."""
    seen = []

    def callback(step):
        seen.append(step.picture())
        return True

    stylize(content, style, callback=callback, **{**SMALL, **options})
    return seen[0]


def test_inits(content, style):
    found = first_picture(content, style, init="content")
    np.testing.assert_allclose(found, content, atol=1e-3)
    found = first_picture(content, style, init="style", margin=0)
    np.testing.assert_allclose(found, resize(style, 36, 48), atol=1e-3)

    found = first_picture(content, [(style, 3), (content, 1)], init="matched", margin=0)
    mixed = 0.75 * match_covariance(content, style) + 0.25 * content
    np.testing.assert_allclose(found, mixed, atol=1e-2)

    noise = np.random.default_rng(7).normal(size=(1, 36, 48, 3)) * 40
    start = {"seed": 7, "noise_sigma": 40.0, "margin": 0}
    found = first_picture(content, style, init="noise", **start)
    np.testing.assert_allclose(found, deprocess(noise), atol=1e-3)
    mixed = deprocess(0.25 * noise + 0.75 * preprocess(content))
    found = first_picture(content, style, init="blend", init_noise=0.25, **start)
    np.testing.assert_allclose(found, mixed, atol=1e-3)


def test_a_matched_start_has_the_colors_of_each_mask(content, style):
    left = np.zeros((36, 48))
    left[:, :24] = 255
    options = {"init": "matched", "margin": 0}
    found = first_picture(content, [(style, 1.0, left)], **options)
    matched = match_covariance(content, style)
    np.testing.assert_allclose(found[:, :20], matched[:, :20], atol=1e-2)
    np.testing.assert_allclose(found[:, 28:], content[:, 28:], atol=1e-2)


def test_a_start_picture_comes_before_init(content, style, make_picture):
    start = make_picture(72, 96, 5)
    found = first_picture(content, style, init="noise")
    assert np.abs(found - resize(start, 36, 48)).mean() > 10
    stylized = stylize(
        content,
        style,
        start=start,
        callback=lambda step: found.__setitem__(slice(None), step.picture()) or True,
        **SMALL,
    )
    np.testing.assert_allclose(found, resize(start, 36, 48), atol=1e-3)
    assert stylized.evaluations == 1


@pytest.mark.parametrize("init", ["matched", "content", "noise", "style", "blend"])
def test_every_init_goes_down(content, style, init):
    result = stylize(content, style, **SMALL | {"init": init})
    assert lowest(result) < 0.9 * result.history[0]["total"]


# --- the run


def test_the_result(plain, content):
    assert isinstance(plain, Result)
    assert plain.image.shape == content.shape and plain.image.dtype == np.float32
    assert plain.image.min() >= 0 and plain.image.max() <= 255
    assert plain.evaluations == len(plain.history) == 6
    assert plain.stop_reason == "evaluations used up" and plain.seconds > 0
    assert plain.settings == make_settings(**SMALL) and plain.progress == []
    for losses in plain.history:
        assert tuple(losses) == TERMS
        parts = losses["content"] + losses["style"] + losses["tv"]
        assert losses["total"] == pytest.approx(parts, rel=1e-5)
    assert plain.history[0]["content"] == pytest.approx(0, abs=1e-5)
    totals = [losses["total"] for losses in plain.history]
    assert min(totals) < 0.8 * totals[0]


def test_the_same_by_hand(content, style, plain):
    settings = make_settings(**SMALL)
    layers = [*settings.content_layers, *settings.style_layers]
    extractor = load_network("mini", layers, precision="float32", border="replicate")
    margin = settings.margin
    objective = Objective(extractor, content, [(style, 1.0)], settings, margin)
    result = lbfgs.minimize(
        objective.value_and_gradient,
        tf.constant(preprocess(widened(content, margin))),
        settings.steps,
        settings.history,
    )
    inner = deprocess(result.x.numpy())[margin:-margin, margin:-margin]
    np.testing.assert_allclose(plain.image, inner, atol=1e-2)
    totals = [losses["total"] for losses in plain.history]
    assert min(totals) == pytest.approx(result.value, rel=1e-4)


def test_the_same_twice_to_the_byte(content, style, plain):
    again = stylize(content, style, **SMALL)
    assert again.image.tobytes() == plain.image.tobytes()
    assert again.history == plain.history
    noise = [
        stylize(
            content, style, **SMALL | {"init": "noise", "seed": seed}
        ).image.tobytes()
        for seed in (1, 1, 2)
    ]
    assert noise[0] == noise[1] != noise[2]


def test_settings_and_overrides_say_the_same(content, style, plain):
    by_object = stylize(content, style, make_settings(**SMALL))
    assert by_object.image.tobytes() == plain.image.tobytes()
    mixed = stylize(content, style, make_settings(**SMALL), steps=2)
    assert mixed.evaluations == 2 and mixed.settings.size == 48
    stop = {"callback": lambda step: True}
    default = stylize(content, style, **stop)
    same = stylize(content, style, settings=Settings(), **stop)
    assert default.image.tobytes() == same.image.tobytes()
    assert default.settings == same.settings == Settings()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "adagrad", "rmsprop", "sgd"])
def test_every_optimizer_lowers_the_loss(content, style, optimizer):
    options = {**SMALL, "steps": 12, "optimizer": optimizer}
    if optimizer == "rmsprop":  # a longer memory begins with a leap
        options["beta_2"] = 0.9
    result = stylize(content, style, **options)
    assert result.evaluations == 12
    assert lowest(result) < 0.9 * result.history[0]["total"]


def test_a_keras_optimizer_of_ones_own(content, style):
    from keras import optimizers

    mine = optimizers.Adamax(5.0)
    results = [stylize(content, style, optimizer=mine, **SMALL) for _ in range(2)]
    assert results[0].image.tobytes() == results[1].image.tobytes()
    assert results[0].history[-1]["total"] < results[0].history[0]["total"]
    assert int(mine.iterations) == 0


def test_gradient_scale_is_pixels_unless_it_is_chosen(content, style):
    options = {**SMALL, "optimizer": "sgd", "learning_rate": 10.0, "steps": 2}

    def moved(**more):
        result = stylize(content, style, **options, **more)
        losses = [entry["total"] for entry in result.history]
        return losses[1]

    assert moved() == pytest.approx(moved(gradient_scale=36.0 * 48), rel=1e-5)
    assert moved() != pytest.approx(moved(gradient_scale=1.0), rel=1e-5)


def test_clamp_keeps_pixels_in_range(content, style):
    options = {**SMALL, "optimizer": "adam", "learning_rate": 200.0}
    seen = []
    stylize(
        content,
        style,
        clamp=True,
        callback=lambda step: seen.append(step.losses["tv"]) and None,
        **options,
    )
    free = stylize(content, style, **options)
    assert max(seen) < max(losses["tv"] for losses in free.history)


def test_average_is_smoother_than_its_iterates(content, style):
    options = {**SMALL, "optimizer": "adam", "learning_rate": 30.0, "steps": 10}
    once = stylize(content, style, average=0.9, **options)
    best = stylize(content, style, **options)
    assert once.history == best.history
    assert np.abs(once.image - best.image).max() > 1


def test_restarts_forget_the_curvature(content, style, monkeypatch):
    parts = []
    original = lbfgs.minimize

    def watched(*arguments, **options):
        parts.append(arguments[2])
        return original(*arguments, **options)

    monkeypatch.setattr(lbfgs, "minimize", watched)
    result = stylize(content, style, **{**SMALL, "steps": 8, "restart_every": 3})
    assert parts == [3, 3, 2] and result.evaluations == 8
    totals = [losses["total"] for losses in result.history]
    # Each round begins at the best point of the one before.
    assert totals[3] == pytest.approx(min(totals[:3]), rel=1e-5)


def test_coarse_to_fine(content, style):
    seen = []
    options = {**SMALL, "size": 64, "smallest": 32, "steps": 7, "coarse_to_fine": True}
    result = stylize(content, style, callback=seen.append, **options)
    assert [step.size for step in seen] == [(24, 32)] * 4 + [(48, 64)] * 3
    assert [step.evaluation for step in seen] == list(range(1, 8))
    assert {step.evaluations for step in seen} == {7}
    assert result.image.shape == (48, 64, 3)
    # The second scale begins with what the first one made.
    first, second = seen[3].picture(), seen[4].picture()
    assert np.abs(resize(first, 48, 64) - second).mean() < 8


def test_bfloat16_ends_near_float32(content, style, plain):
    short = stylize(content, style, **{**SMALL, "precision": "bfloat16"})
    assert short.history[0]["style"] == pytest.approx(
        plain.history[0]["style"], rel=0.02
    )
    assert short.history[-1]["total"] < 0.9 * short.history[0]["total"]


# --- callbacks, interruptions, progress


def test_callback_is_told_everything(content, style):
    steps = []
    result = stylize(content, style, callback=steps.append, **SMALL)
    assert [step.evaluation for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [step.losses for step in steps] == result.history
    assert all(step.size == (36, 48) and step.evaluations == 6 for step in steps)
    pictures = [step.picture() for step in steps]  # also after the run
    assert all(p.shape == (36, 48, 3) and p.dtype == np.float32 for p in pictures)
    np.testing.assert_allclose(pictures[0], content, atol=1e-3)
    assert np.abs(pictures[-1] - pictures[0]).max() > 1


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_callback_stops_the_run_at_every_scale(content, style, optimizer):
    options = {**SMALL, "size": 64, "smallest": 32, "coarse_to_fine": True}
    for stop in (2, 5):
        result = stylize(
            content,
            style,
            optimizer=optimizer,
            callback=lambda step, stop=stop: step.evaluation == stop,
            **options,
        )
        assert result.stop_reason == "stopped by callback"
        assert result.evaluations == len(result.history) == stop
        assert result.image.shape == (48, 64, 3)  # the final size all the same


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("when", [1, 3])
def test_ctrl_c_keeps_the_picture(content, style, optimizer, when, tmp_path):
    def callback(step):
        if step.evaluation == when:
            raise KeyboardInterrupt

    options = {**SMALL, "init": "style", "optimizer": optimizer}
    with pytest.warns(Interruption, match=f"after {when} of 6 evaluations"):
        result = stylize(content, style, callback=callback, **options)
    assert result.stop_reason == "interrupted" and len(result.history) == when
    assert result.image.shape == (36, 48, 3) and np.isfinite(result.image).all()
    saved = result.save(tmp_path / "so_far.png")
    assert json.loads(read_metadata(saved)["nstlib:stop_reason"]) == "interrupted"


def test_ctrl_c_before_the_first_evaluation_ends(content, style, monkeypatch, tmp_path):
    def impatient(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Objective, "value_and_gradient", impatient)
    with pytest.warns(Interruption, match="after 0 of 6 evaluations"):
        result = stylize(content, style, **SMALL)
    assert result.stop_reason == "interrupted" and result.history == []
    np.testing.assert_allclose(result.image, content, atol=1e-3)
    assert result.save(tmp_path / "start.png").is_file()


def test_ctrl_c_between_two_scales(content, style, monkeypatch):
    made = []
    original = Objective.__init__

    def second_time(self, *arguments):
        made.append(arguments)
        if len(made) == 2:
            raise KeyboardInterrupt
        original(self, *arguments)

    monkeypatch.setattr(Objective, "__init__", second_time)
    options = {**SMALL, "size": 64, "smallest": 32, "coarse_to_fine": True}
    with pytest.warns(Interruption):
        result = stylize(content, style, **options)
    assert result.stop_reason == "interrupted"
    assert len(result.history) == plan_scales(36, 48, result.settings)[0][2]
    assert result.image.shape == (48, 64, 3)
    assert np.abs(result.image - resize(content, 48, 64)).max() > 2


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_an_error_in_a_callback_is_not_swallowed(content, style, error):
    def broken(step):
        raise error("mine")

    with pytest.raises(error, match=r"^mine$"):
        stylize(content, style, callback=broken, **SMALL)


def test_progress_pictures(content, style):
    options = {**SMALL, "size": 64, "smallest": 32, "steps": 7, "coarse_to_fine": True}
    result = stylize(content, style, progress_every=2, **options)
    assert [evaluation for evaluation, _ in result.progress] == [2, 4, 6]
    sizes = [picture.shape for _, picture in result.progress]
    assert sizes == [(24, 32, 3), (24, 32, 3), (48, 64, 3)]
    assert all(np.isfinite(p).all() for _, p in result.progress)


# --- colors


def test_colors_of_the_content_stay(content, style, plain):
    result = stylize(content, style, colors="content", **SMALL)
    np.testing.assert_allclose(
        result.image, transfer_luminance(plain.image, content), atol=1e-3
    )
    assert result.history == plain.history


@pytest.mark.parametrize("colors", ["match", "histogram"])
def test_colors_of_the_style_are_matched_first(content, style, plain, colors):
    red = style * np.array([1.0, 0.2, 0.2], np.float32)
    as_it_is = stylize(content, red, **SMALL)
    matched = stylize(content, red, colors=colors, **SMALL)
    assert matched.history[0] != as_it_is.history[0]
    goal = content.mean(axis=(0, 1))

    def off(result):
        return np.abs(result.image.mean(axis=(0, 1)) - goal).max()

    assert off(matched) < off(as_it_is)


# --- what comes out


def test_save_and_read_again(plain, tmp_path):
    path = plain.save(
        tmp_path / "picture.png", sources={"content": "a.jpg", "style": []}
    )
    assert path == tmp_path / "picture.png"
    np.testing.assert_allclose(load_image(path), plain.image, atol=0.5001)
    facts = json.loads((tmp_path / "picture.json").read_text(encoding="utf-8"))
    inside = {
        key.removeprefix("nstlib:"): json.loads(value)
        for key, value in read_metadata(path).items()
        if key.startswith("nstlib:")
    }
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.pop("picture") == {"name": "picture.png", "sha256": digest}
    assert inside == facts
    assert Settings.from_json(json.dumps(facts["settings"])) == plain.settings
    assert facts["evaluations"] == 6 and facts["seed"] == 0
    assert facts["stop_reason"] == plain.stop_reason
    assert facts["sources"] == {"content": "a.jpg", "style": []}
    assert facts["losses"] == {"first": plain.history[0], "last": plain.history[-1]}
    assert facts["versions"]["tensorflow"] == tf.__version__
    assert {"nstlib", "numpy", "python", "machine"} <= facts["versions"].keys()


def test_save_puts_the_opacity_back(plain, tmp_path):
    from nstlib.images import load_alpha

    alpha = np.linspace(0, 1, 36 * 48).reshape(36, 48)
    saved = plain.save(tmp_path / "picture.png", alpha=alpha)
    np.testing.assert_allclose(load_alpha(saved), alpha, atol=0.003)


def test_save_to_nowhere_is_told(plain, tmp_path):
    with pytest.raises(ImageError):
        plain.save(tmp_path / "picture.xyz")
    assert list(tmp_path.iterdir()) == []


def test_a_saved_run_can_be_made_again(content, style, plain, tmp_path):
    facts = read_metadata(plain.save(tmp_path / "picture.png"))
    settings = Settings.from_json(facts["nstlib:settings"])
    again = stylize(content, style, settings)
    assert again.image.tobytes() == plain.image.tobytes()


def test_losses_that_are_not_finite_are_saved_as_null(plain, tmp_path):
    losses = dict(plain.losses, total=float("nan"), style=float("inf"))
    result = dataclasses.replace(plain, losses=losses)
    text = result.save(tmp_path / "a.png").with_suffix(".json").read_text("utf-8")
    strict = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert strict["losses"]["last"]["total"] is None
    assert strict["losses"]["last"]["tv"] == plain.losses["tv"]


def test_a_finer_scale_gets_the_details_of_the_photo():
    photo = paint("tapestry", 48, 64)
    coarse = resize(photo, 24, 32)
    assert np.allclose(enlarged(coarse, photo, Settings()), photo, atol=1e-3)
    blurred = resize(coarse, 48, 64)
    for other in ({"init": "noise"}, {"init": "style"}, {"content_weight": 0}):
        assert np.array_equal(enlarged(coarse, photo, Settings(**other)), blurred)


def test_each_scale_starts_from_the_enlarged_picture_of_the_one_before():
    photo, painting = paint("tapestry", 48, 64), paint("ink_mountains", 64, 64)
    settings = Settings(size=64, smallest=32, scale_step=2, steps_per_scale=[3, 1])
    stages = []
    result = stylize(
        photo, painting, settings, callback=lambda step: stages.append(step.picture())
    )
    best = min(range(3), key=lambda i: result.history[i]["total"])
    start = enlarged(stages[best], photo, settings)
    assert np.abs(stages[3] - start.clip(0, 255)).max() < 1.5
    assert np.abs(stages[3] - resize(stages[best], 48, 64)).max() > 5
