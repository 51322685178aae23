"""A picture of one color has neither contrast nor distribution: nothing is made up."""

from __future__ import annotations

import numpy as np
import pytest

from nstlib import color, color_choice, stylize

RNG = np.random.default_rng(7)
PHOTO = RNG.uniform(20, 220, (24, 32, 3)).astype(np.float32)
CONSTANTS = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (12, 200, 77)]


def one_color(rgb, noise=0.0):
    picture = np.full((16, 20, 3), rgb, np.float32)
    picture += noise * RNG.choice([-1, 1], picture.shape)
    return np.clip(picture, 0, 255)


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("rgb", CONSTANTS, ids=str)
@pytest.mark.parametrize("colors", ["match", "histogram", "luminance"])
def test_a_style_of_one_color_gets_the_mean_of_the_photo(colors, rgb, noise):
    style = color_choice.prepare_style(one_color(rgb, noise), PHOTO, colors)
    mean = PHOTO.mean((0, 1))
    if colors == "luminance":
        mean = np.full(3, mean @ color.RGB_TO_YIQ[0])
    np.testing.assert_allclose(style.mean((0, 1)), mean, atol=0.1)
    assert style.std(axis=(0, 1)).max() <= 1.0  # noise is not stretched to a pattern


@pytest.mark.parametrize("rgb", CONSTANTS, ids=str)
@pytest.mark.parametrize("colors", color_choice.COLORS)
def test_a_photo_of_one_color_is_matched(colors, rgb):
    photo = one_color(rgb)
    style = color_choice.prepare_style(PHOTO, photo, colors)
    model = color_choice.prepare_photo(photo, colors)
    made = color_choice.finish(PHOTO, model, colors)
    for picture in (style, model, made):
        assert np.isfinite(picture).all()
        assert picture.min() >= 0 and picture.max() <= 255
    if colors in ("match", "histogram"):
        np.testing.assert_allclose(style, np.broadcast_to(rgb, style.shape), atol=0.01)
    if colors == "match_after":
        np.testing.assert_allclose(made, np.broadcast_to(rgb, made.shape), atol=0.01)


@pytest.mark.parametrize("rgb", CONSTANTS, ids=str)
def test_a_result_of_one_color_is_matched_after(rgb):
    made = color_choice.finish(one_color(rgb), PHOTO, "match_after")
    np.testing.assert_allclose(made.mean((0, 1)), PHOTO.mean((0, 1)), atol=0.1)


def test_a_channel_that_is_flat_stays_flat_and_the_others_are_matched():
    style = RNG.uniform(0, 255, (20, 20, 3))
    style[..., 1] = 0
    matched = color.match_histogram(style, PHOTO)
    np.testing.assert_allclose(matched[..., 1], PHOTO[..., 1].mean(), atol=1e-3)
    assert matched[..., 0].std() > 20 and matched[..., 2].std() > 20


@pytest.mark.parametrize("rgb", [(0, 0, 0), (255, 255, 255)], ids=str)
def test_a_black_style_does_not_make_the_photo_white(rgb):
    made = stylize(PHOTO, one_color(rgb), size=32, steps=3, colors="histogram").image
    assert abs(made.mean() - PHOTO.mean()) < 25
