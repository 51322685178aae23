"""Any style in one pass: `stylize` with adain, wct and swap, and the command."""

import json

import numpy as np
import pytest

from nstlib import stylize
from nstlib.cli.main import main
from nstlib.course.pictures import IMAGES
from nstlib.errors import NetworkError, SettingsError
from nstlib.fast import strips
from nstlib.images import load_image

METHODS = ("adain", "wct", "swap", "neighbors")
methods = pytest.mark.parametrize("method", METHODS)
SMALL = {"size": 64, "precision": "float32"}


@pytest.fixture(scope="module")
def night():
    return load_image(IMAGES / "style" / "starry_night.jpg", 64)


@pytest.fixture(scope="module")
def wave():
    return load_image(IMAGES / "style" / "great_wave.jpg", 64)


@methods
def test_without_any_style_the_photo_comes_back_as_it_is_decoded(
    method, photo, night, wave
):
    one, two = (
        stylize(photo, style, method=method, alpha=0.0, **SMALL).image
        for style in (night, wave)
    )
    np.testing.assert_array_equal(one, two)
    # The decoder of AdaIN draws strokes and contours, whatever it decodes.
    share = 0.7 if method == "adain" else 0.5
    assert np.mean((one - photo) ** 2) < share * photo.var()


@pytest.mark.parametrize(
    ("options", "apart"),
    [
        ({"method": "adain"}, 20),
        ({"method": "wct", "levels": 1}, 4),
        ({"method": "swap"}, 12),
    ],
)
def test_the_photo_as_its_own_style_changes_little(options, apart, photo):
    # Without the margin the style sees other pixels at the border than the photo; and
    # a second level puts right what the decoder of the first got wrong.
    plain, own = (
        stylize(photo, photo, alpha=alpha, **options, **SMALL).image
        for alpha in (0.0, 1.0)
    )
    assert np.abs(own - plain).mean() < apart


@methods
def test_more_alpha_is_more_style(method, photo, night):
    pictures = [
        stylize(photo, night, method=method, alpha=alpha, **SMALL).image
        for alpha in (0.0, 0.4, 1.0)
    ]
    steps = [np.abs(p - pictures[0]).mean() for p in pictures[1:]]
    assert 1 < steps[0] < steps[1]


@methods
def test_a_result_says_how_it_came_about(method, photo, night):
    levels = {"adain": 2, "wct": 4, "swap": 1, "neighbors": 4}
    seen = []
    result = stylize(photo, night, method=method, callback=seen.append, **SMALL)
    assert result.stop_reason == "one pass"
    assert result.evaluations == len(seen) == levels[method]
    assert result.image.shape == seen[-1].picture().shape == photo.shape
    assert result.history == [] and result.losses == {}
    assert result.image.min() >= 0 and result.image.max() <= 255
    assert result.report().content > 0


@pytest.mark.parametrize("shape", [(37, 53), (80, 31), (16, 16)])
def test_pictures_of_any_shape(shape, night):
    photo = np.random.default_rng(0).uniform(0, 255, (*shape, 3)).astype(np.float32)
    style = night[:21, :33]
    for method in METHODS:
        made = stylize(photo, style, method=method, size=max(shape)).image
        assert made.shape == photo.shape
        assert np.isfinite(made).all()


def test_a_picture_that_is_too_small_is_told_so(night):
    with pytest.raises(NetworkError, match="too small"):
        stylize(night[:3], night, method="wct", size=64)


@methods
def test_a_mask_keeps_the_style_where_it_is_white(method, photo, night):
    white, left = np.full((20, 30), 255.0), np.zeros((64, 64))
    left[:, :32] = 255
    plain = stylize(photo, night, method=method, alpha=0.0, **SMALL).image
    whole = stylize(photo, night, method=method, **SMALL).image
    masked = stylize(photo, [(night, 1, white)], method=method, **SMALL).image
    np.testing.assert_allclose(masked, whole, atol=0.01)
    half = stylize(photo, [(night, 1, left)], method=method, **SMALL).image
    away = np.abs(half - plain).mean((0, 2))
    assert away[-4:].mean() < 0.25 * away[:16].mean()


@methods
def test_masks_that_share_the_picture_leave_nothing_of_the_photo(method, photo, night):
    ramp = np.tile(np.linspace(0, 255, photo.shape[1]), (photo.shape[0], 1))
    whole = stylize(photo, night, method=method, **SMALL).image
    sides = [(night, 1, ramp), (night, 1, 255 - ramp)]
    shared = stylize(photo, sides, method=method, **SMALL).image
    np.testing.assert_allclose(shared, whole, atol=0.2)


@methods
def test_weights_are_shares(method, photo, night, wave):
    def made(*styles):
        return stylize(photo, list(styles), method=method, **SMALL).image

    one, two = made(night), made(wave)
    np.testing.assert_allclose(made((night, 3), (wave, 0)), one, atol=0.01)
    both = made((night, 2), (wave, 2))
    apart = np.abs(one - two).mean()
    assert np.abs(both - one).mean() < apart > np.abs(both - two).mean()


@methods
def test_strips_are_not_to_be_seen(method, photo, night, monkeypatch):
    tall = np.concatenate([photo] * 6)
    whole = stylize(tall, night, method=method, size=len(tall), precision="float32")
    monkeypatch.setattr(strips.in_strips, "__defaults__", (20_000,))
    parts = stylize(tall, night, method=method, size=len(tall), precision="float32")
    off = np.abs(parts.image - whole.image)
    assert off.mean() < 0.01 and off.max() < 3


def test_the_colors_of_the_photo(photo, night):
    def hue(picture):
        return picture.mean((0, 1)) - picture.mean()

    for colors in ("content", "luminance", "match", "match_after", "histogram"):
        plain, kept = (
            stylize(photo, night, method="adain", colors=c, **SMALL).image
            for c in ("style", colors)
        )
        near, far = (np.abs(hue(p) - hue(photo)).sum() for p in (kept, plain))
        assert near < 0.5 * far, colors


def test_wct_can_be_stopped_between_levels(photo, night):
    result = stylize(photo, night, method="wct", callback=lambda step: True, **SMALL)
    assert result.stop_reason == "stopped by callback" and result.evaluations == 1
    assert result.image.shape == photo.shape


def test_fewer_levels_change_less_of_the_texture(photo, night):
    one, five = (stylize(photo, night, method="wct", levels=n, **SMALL) for n in (1, 5))
    assert one.evaluations == 1 and five.evaluations == 5
    assert np.abs(one.image - five.image).mean() > 3


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"method": "adain", "steps": 10}, "method adain has no use for steps"),
        ({"method": "swap", "network": "vgg19", "levels": 2}, "levels, network"),
        ({"method": "optimize", "alpha": 0.5}, "optimize has no use for alpha"),
        ({"method": "wct", "levels": 6}, "levels must be a whole number from 1 to 5"),
        ({"method": "adain", "alpha": 1.5}, "alpha must be a number from 0 to 1"),
        ({"method": "gan"}, "method must be one of optimize, adain, wct, swap"),
    ],
)
def test_settings_that_make_no_sense(settings, words, photo, night):
    with pytest.raises(SettingsError, match=words):
        stylize(photo, night, **settings)


def test_nothing_to_resume_or_to_begin_with(photo, night, tmp_path):
    for extra in (
        {"resume": True},
        {"checkpoint": tmp_path / "a.npz"},
        {"start": night},
    ):
        with pytest.raises(SettingsError, match="no checkpoint, resume or start"):
            stylize(photo, night, method="adain", **extra)


@methods
def test_the_command_and_its_repetition(method, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["stylize", "cat", "great_wave", "-o", "a.png", "--size", "64"]
    unfinished = tmp_path / "a.checkpoint.npz"  # of another run: it stays
    unfinished.write_bytes(b"precious")
    assert main([*words, "--method", method, "--alpha", "0.8", "--json"]) == 0
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert facts["settings"]["method"] == method
    assert facts["settings"]["alpha"] == 0.8
    assert facts["stop_reason"] == "one pass"
    assert "in one pass" in said.err and "will be replaced" not in said.err
    assert unfinished.read_bytes() == b"precious"
    assert main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, words",
    [
        (["--method", "adain", "--steps", "5"], "adain has no use for steps"),
        (["--method", "magic"], "invalid choice: 'magic'"),
        (["--alpha", "0.5"], "optimize has no use for alpha"),
        (["--method", "wct", "--alpha", "2"], "alpha must be a number from 0 to 1"),
    ],
)
def test_the_command_refuses_in_one_line(options, words, capsys, tmp_path):
    out = str(tmp_path / "a.png")
    assert main(["stylize", "cat", "great_wave", "-o", out, *options]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert words in said[-1]
    assert not (tmp_path / "a.png").exists()
