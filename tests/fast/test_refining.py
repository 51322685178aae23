"""`refine`: what a method of one pass painted is optimized for a few evaluations."""

import json

import numpy as np
import pytest

from nstlib import lbfgs, stylize
from nstlib.cli.main import main
from nstlib.course.pictures import IMAGES
from nstlib.errors import CheckpointError, NetworkError, SettingsError
from nstlib.fast.passes import paintings_of, transformers_of
from nstlib.feedforward import random_transformer
from nstlib.images import load_image
from nstlib.interruption import Interruption
from nstlib.large.cost import one_pass_memory, peak_memory, run_memory
from nstlib.large.fitting import tile_that_fits
from nstlib.settings import Settings, one_pass_half, optimized_half
from nstlib.transformers import load_transformer, save_transformer

METHODS = ("adain", "wct", "swap", "neighbors", "feedforward")
LEVELS = {"adain": 2, "wct": 4, "swap": 1, "neighbors": 4, "feedforward": 1}
methods = pytest.mark.parametrize("method", METHODS)
SMALL = {"size": 64, "precision": "float32"}


@pytest.fixture(scope="module")
def wave():
    return load_image(IMAGES / "style" / "great_wave.jpg", 256)


def style_for(method, wave):
    return "great_wave" if method == "feedforward" else wave


# --- settings


@methods
def test_the_halves_have_the_settings_that_they_use(method):
    whole = Settings(method=method, refine=7, tv_weight=3, size=96, colors="content")
    first, then = one_pass_half(whole), optimized_half(whole)
    assert (first.method, first.refine, first.size) == (method, 0, 96)
    assert first.tv_weight == Settings().tv_weight and first.colors == "content"
    assert (then.method, then.steps, then.size) == ("optimize", 7, 96)
    assert then.tv_weight == 3 and then.colors == "content"
    assert not then.coarse_to_fine
    assert optimized_half(first) is None
    assert optimized_half(then) is then


def test_alpha_weakens_the_style_in_both_halves():
    whole = Settings(method="wct", refine=7, alpha=0.4, levels=2, style_weight=100)
    assert one_pass_half(whole).alpha == 0.4 and one_pass_half(whole).levels == 2
    assert optimized_half(whole).style_weight == pytest.approx(40)


@pytest.mark.parametrize(
    "name, value",
    [("steps", 5), ("quality", "quick"), ("init", "noise"), ("smallest", 64)],
)
def test_what_plans_a_run_from_its_start_stays_without_use(name, value):
    with pytest.raises(SettingsError, match=f"adain has no use for {name}"):
        Settings(method="adain", refine=5, **{name: value})


def test_without_refine_the_optimizer_has_no_use():
    with pytest.raises(SettingsError, match="no use for content_weight"):
        Settings(method="adain", content_weight=2)
    assert Settings(method="adain", content_weight=2, refine=1).content_weight == 2
    with pytest.raises(SettingsError, match="optimize has no use for refine"):
        Settings(refine=5)


# --- pictures


@methods
def test_the_loss_falls_from_what_was_painted(method, photo, wave):
    style, seen = style_for(method, wave), []
    plain = stylize(photo, style, method=method, **SMALL)
    result = stylize(
        photo, style, method=method, refine=6, callback=seen.append, **SMALL
    )
    levels = LEVELS[method]
    assert result.evaluations == len(seen) == levels + 6
    assert [step.evaluation for step in seen] == list(range(1, levels + 7))
    assert {step.evaluations for step in seen} == {levels + 6}
    assert [bool(step.losses) for step in seen] == [False] * levels + [True] * 6
    assert len(result.history) == 6
    assert result.losses["total"] < 0.95 * result.history[0]["total"]
    assert result.settings.method == method and result.settings.refine == 6
    assert result.image.shape == plain.image.shape
    # The first evaluation is of the picture that the method painted.
    np.testing.assert_allclose(
        np.clip(seen[levels].picture(), 0, 255), plain.image, atol=0.01
    )


@pytest.mark.parametrize("method", METHODS[:-1])
def test_without_any_style_the_painting_does_not_matter(method, photo, wave):
    one, two = (
        stylize(photo, style, method=method, alpha=0.0, refine=4, **SMALL).image
        for style in (wave, wave[::-1])
    )
    np.testing.assert_allclose(one, two, atol=0.01)


def test_masks_hold_in_both_halves(photo, wave):
    left = np.zeros(photo.shape[:2])
    left[:, :32] = 255
    for method in ("adain", "feedforward"):
        style = style_for(method, wave)
        made = stylize(photo, [(style, 1, left)], method=method, refine=8, **SMALL)
        away = np.abs(made.image - photo).mean((0, 2))
        assert away[-12:].mean() < 0.5 * away[:20].mean()


def test_colors_are_given_back_once(photo, wave):
    hue = photo.mean((0, 1)) - photo.mean()
    for colors in ("content", "luminance", "match", "match_after"):
        made = stylize(photo, wave, method="adain", refine=5, colors=colors, **SMALL)
        found = made.image.mean((0, 1)) - made.image.mean()
        assert np.abs(found - hue).max() < 8, colors


def test_several_paintings_and_networks(photo, wave):
    night = load_image(IMAGES / "style" / "starry_night.jpg", 256)
    mixed = stylize(photo, [wave, (night, 2)], method="adain", refine=2, **SMALL)
    assert mixed.evaluations == 4
    both = [("great_wave", 1.0), ("starry_night", 2.0)]
    mixed = stylize(photo, both, method="feedforward", refine=2, **SMALL)
    assert mixed.evaluations == 3


# --- what trained networks have learned


def test_a_shipped_network_is_compared_with_the_whole_painting():
    networks, styles = transformers_of("great_wave", load_transformer)
    (found,) = paintings_of(networks, styles, Settings(size=512))
    assert max(found.picture.shape) > 512 > max(styles[0].picture.shape)


def test_a_network_of_ones_own_holds_a_small_copy(photo, tmp_path, wave):
    own = save_transformer(random_transformer(), wave, tmp_path / "own.npz", {})
    made = stylize(photo, own, method="feedforward", refine=3, **SMALL)
    assert made.losses["total"] < made.history[0]["total"]
    told = r"own\.npz holds only a copy of 256 pixels: set style_scale to 0\.5 or less"
    with pytest.raises(NetworkError, match=told):
        stylize(photo, own, method="feedforward", refine=3, size=512)
    networks, styles = transformers_of(own, load_transformer)
    assert paintings_of(networks, styles, Settings(size=512, style_scale=0.5))


# --- runs that end early


def test_it_ends_when_the_callback_says_so(photo, wave):
    for last in (1, 4, 6):  # a level, the last level, an evaluation
        made = stylize(
            photo, wave, method="wct", refine=9,
            callback=lambda step, last=last: step.evaluation == last, **SMALL,
        )  # fmt: skip
        assert made.stop_reason == "stopped by callback"
        assert made.evaluations == last and made.cut_short
        assert len(made.history) == max(0, last - 4)


def test_an_interrupt_keeps_the_best_picture(photo, wave, monkeypatch):
    def interrupt(step):
        if step.evaluation == 6:
            raise KeyboardInterrupt

    with pytest.warns(Interruption, match="after 4 of 20 evaluations"):
        made = stylize(
            photo, wave, method="adain", refine=20, callback=interrupt, **SMALL
        )
    assert made.stop_reason == "interrupted" and made.evaluations == 6
    assert made.losses["total"] < made.history[0]["total"]


def test_resumed_it_gives_the_same_picture(photo, wave, tmp_path):
    options = {"method": "neighbors", "refine": 10, **SMALL}
    whole = stylize(photo, wave, **options)
    file = tmp_path / "a.npz"
    cut = stylize(
        photo, wave, checkpoint=file, callback=lambda s: s.evaluation == 9, **options
    )
    assert cut.stop_reason == "stopped by callback" and file.is_file()
    seen = []
    made = stylize(
        photo, wave, checkpoint=file, resume=True, callback=seen.append, **options
    )
    assert all(step.losses for step in seen)  # nothing is painted anew
    assert made.evaluations == whole.evaluations == 14 and made.resumed
    np.testing.assert_array_equal(made.image, whole.image)
    with pytest.raises(CheckpointError, match="method was neighbors, is wct"):
        stylize(
            photo, wave, checkpoint=file, resume=True, **(options | {"method": "wct"})
        )


def test_there_is_no_start_but_the_photo(photo, wave):
    with pytest.raises(SettingsError, match="leave start out"):
        stylize(photo, wave, method="adain", refine=2, start=photo)


def test_the_optimizer_may_be_any(photo, wave, monkeypatch):
    monkeypatch.setattr(lbfgs, "minimize", None)
    made = stylize(
        photo, wave, method="adain", refine=4, optimizer="adam", average=0.5, **SMALL
    )
    assert made.evaluations == 6


# --- what it costs


@methods
def test_memory_is_that_of_the_larger_half(method):
    settings = Settings(method=method, size=512, refine=28)
    first = one_pass_memory(300, 400, settings)
    then = peak_memory(384, 512, 28, optimized_half(settings))
    assert run_memory(300, 400, settings) == max(first, then)


def test_tiles_may_help_a_refinement():
    settings = Settings(method="adain", size=1600, refine=28, tile=0)
    free = run_memory(300, 400, settings) - 10**9
    assert tile_that_fits(300, 400, settings, free)
    assert tile_that_fits(300, 400, Settings(method="adain", size=1600), 10) is None


# --- the command


@pytest.mark.parametrize("method", ["neighbors", "feedforward"])
def test_the_command_and_its_repetition(method, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["stylize", "cat", "great_wave", "-o", "a.png", "--size", "64"]
    assert main([*words, "--method", method, "--refine", "4", "--json"]) == 0
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert facts["settings"]["refine"] == 4
    assert facts["evaluations"] == LEVELS[method] + 4
    assert facts["losses"]["last"]["total"] < facts["losses"]["first"]["total"]
    assert f"{method}, in one pass, then 4 evaluations" in said.err
    assert not (tmp_path / "a.checkpoint.npz").exists()
    stored = json.loads((tmp_path / "a.json").read_text())
    assert stored["settings"]["refine"] == 4
    assert main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out


def test_the_command_goes_on_after_a_break(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["stylize", "cat", "great_wave", "-o", "a.png", "--size", "64"]
    words += ["--method", "adain", "--refine", "9"]
    assert main(words) == 0
    whole = load_image("a.png")
    from nstlib.cli import progress

    with monkeypatch.context() as patch:

        def show(_, step, *__):
            if step.evaluation == 7:
                raise KeyboardInterrupt

        patch.setattr(progress.Progress, "show", show)
        main(words)
    out = capsys.readouterr().out
    assert "Stopped after 5 of 9 evaluations" in out and "with --resume" in out
    assert main([*words, "--resume"]) == 0
    np.testing.assert_array_equal(load_image("a.png"), whole)
