"""Panoramas, scrolls and ribbons: thin photos and thin paintings."""

from __future__ import annotations

import numpy as np
import pytest

from nstlib import report, stylize
from nstlib.errors import NetworkError, SettingsError
from nstlib.images import resize
from nstlib.large.scales import check_reach, plan_scales
from nstlib.settings import Settings, make_settings
from nstlib.styles import WeightedStyle, sized

RNG = np.random.default_rng(4)


def picture(height, width):
    """As a photo: smooth, with values of all levels."""
    small = RNG.uniform(0, 255, (max(1, height // 8), max(1, width // 8), 3))
    return resize(small, height, width)


def test_a_panorama_begins_where_its_short_side_carries_the_deepest_layer():
    plan = plan_scales(2000, 20000, Settings())
    assert plan == [(26, 256, 90), (51, 512, 90)]
    assert plan_scales(20000, 2000, Settings()) == [(w, h, n) for h, w, n in plan]
    check_reach(plan, Settings())
    shallow = make_settings(style_layers="conv1_1", content_layers="conv2_1")
    assert [w for _, w, _ in plan_scales(2000, 20000, shallow)] == [128, 256, 512]


def test_steps_of_ones_own_are_kept_when_scales_are_left_out():
    settings = make_settings(size=512, steps_per_scale=(5, 6, 7))
    assert plan_scales(2000, 20000, settings) == [(26, 256, 11), (51, 512, 7)]
    with pytest.raises(SettingsError, match=r"2 entries, but .* 3 scales"):
        plan_scales(2000, 20000, make_settings(size=512, steps_per_scale=(5, 6)))


def test_what_is_too_thin_at_every_scale_is_told_with_width_first():
    words = r"only 3 pixels across at 512 × 3 pixels, .*block5_conv1 needs 16: raise"
    with pytest.raises(SettingsError, match=words):
        stylize(picture(20, 4000), picture(32, 32))


def test_a_panorama_is_painted():
    made = stylize(picture(60, 600), picture(64, 64), size=320, steps=3).image
    assert made.shape == (32, 320, 3) and np.isfinite(made).all()


@pytest.mark.parametrize("size", [(20, 1200), (1200, 20), (16, 300)], ids=str)
def test_a_thin_painting_is_scaled_down_only_as_far_as_the_layers_allow(size):
    result = stylize(picture(40, 48), picture(*size), size=48, steps=3)
    assert np.isfinite(result.image).all()
    assert np.isfinite(list(result.report().style.values())).all()


def test_paintings_are_sized():
    thin, plain = WeightedStyle(picture(20, 1200)), WeightedStyle(picture(60, 80))
    shapes = [s.picture.shape[:2] for s in sized([thin, plain], 40, shortest=16)]
    assert shapes == [(16, 960), (30, 40)]
    assert sized([thin], 40)[0].picture.shape[:2] == (1, 40)


def test_which_style_is_too_small_is_told():
    deep = {"size": 48, "steps": 2}
    styles = [picture(32, 32), (picture(8, 12), 2.0)]
    with pytest.raises(NetworkError, match="style 2 has only 12 × 8 pixels, and bl"):
        stylize(picture(40, 48), styles, **deep)
    with pytest.raises(NetworkError, match="the style has only 12 × 8 pixels"):
        stylize(picture(40, 48), picture(8, 12), **deep)


@pytest.mark.parametrize("method", ["adain", "wct", "swap", "neighbors", "feedforward"])
@pytest.mark.parametrize("size", [(9, 96), (96, 5)], ids=str)
def test_one_pass_takes_thin_photos(method, size):
    style = "starry_night" if method == "feedforward" else picture(40, 44)
    made = stylize(picture(*size), style, method=method, size=96).image
    assert made.shape == (*size, 3) and np.isfinite(made).all()
    assert made.std() > 3


@pytest.mark.parametrize("method", ["adain", "wct", "swap", "neighbors"])
def test_one_pass_takes_thin_paintings(method):
    made = stylize(picture(40, 48), picture(5, 300), method=method, size=48).image
    assert np.isfinite(made).all()


def test_the_border_of_a_thin_photo_is_as_its_middle():
    """Mirroring beyond the sides must leave no frame."""
    photo = np.broadcast_to(picture(1, 96), (8, 96, 3)).astype(np.float32)
    made = stylize(photo, picture(48, 48), method="adain", size=96).image
    rows = made.mean(axis=(1, 2))
    assert np.ptp(rows) < 40


def test_hardly_a_line_is_refused_with_width_first():
    with pytest.raises(NetworkError, match="64 × 3 pixels is too small to be"):
        stylize(picture(3, 64), picture(40, 40), method="swap", size=64)


def test_a_report_about_a_thin_painting():
    photo = picture(40, 48)
    assert np.isfinite(report(photo, photo, picture(20, 1200)).style_left)
