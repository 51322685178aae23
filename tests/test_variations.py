"""Series of pictures: between two styles, and over settings."""

import numpy as np
import pytest

from nstlib import variations
from nstlib.errors import SettingsError
from nstlib.methods import stylize
from nstlib.settings import Settings
from nstlib.variations import interpolate_styles, vary

SMALL = {
    "size": 48,
    "steps": 4,
    "precision": "float32",
    "style_layers": ("block1_conv1", "block2_conv1"),
    "content_layers": ("block2_conv2",),
    "coarse_to_fine": False,
}


@pytest.fixture(scope="module")
def pictures(make_picture):
    return [make_picture(36, 48, 0), make_picture(40, 40, 1), make_picture(30, 50, 2)]


def test_the_ends_of_a_series_are_the_styles_alone(pictures):
    content, one, other = pictures
    results = interpolate_styles(content, one, other, [0, 0.5, 1], warm=False, **SMALL)
    alone = [stylize(content, style, **SMALL).image for style in (one, other)]
    assert np.array_equal(results[0].image, alone[0])
    assert np.array_equal(results[2].image, alone[1])
    half = stylize(content, [one, other], **SMALL).image
    assert np.array_equal(results[1].image, half)


def test_a_warm_series_goes_on_where_it_was(pictures):
    content, one, other = pictures
    warm = interpolate_styles(content, one, other, (0.0, 0.1), **SMALL)
    again = stylize(content, [(one, 0.9), (other, 0.1)], start=warm[0].image, **SMALL)
    assert np.array_equal(warm[1].image, again.image)
    assert np.array_equal(warm[0].image, stylize(content, one, **SMALL).image)


@pytest.mark.parametrize("shares", [[], [0.5, 1.1], [-0.1], [float("nan")]])
def test_shares_that_make_no_sense(pictures, shares):
    with pytest.raises(SettingsError, match="shares are one or more numbers from 0"):
        interpolate_styles(*pictures, shares, **SMALL)


def test_every_combination_has_a_picture_and_a_label(pictures):
    found = vary(
        pictures[0],
        pictures[1],
        {"seed": [1, 2], "pooling": ("max", "avg")},
        init="noise",
        **SMALL,
    )
    assert [variation.label for variation in found] == [
        "seed 1, pooling max",
        "seed 1, pooling avg",
        "seed 2, pooling max",
        "seed 2, pooling avg",
    ]
    assert [v.result.settings.pooling for v in found] == ["max", "avg", "max", "avg"]
    alone = stylize(*pictures[:2], seed=2, pooling="avg", init="noise", **SMALL)
    assert np.array_equal(found[3].result.image, alone.image)
    assert len({v.result.image.tobytes() for v in found}) == 4


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"seed": [1, -2]}, "seed must be a whole number"),
        ({"seeds": [1, 2]}, "did you mean seed"),
        ({"init": "noise"}, "init is to take a list of values, not 'noise'"),
        ({"seed": 3}, "seed is to take a list of values, not 3"),
        ({}, "nothing varies"),
        ({"seed": []}, "nothing varies"),
    ],
)
def test_changes_are_checked_before_any_work(pictures, changes, text, monkeypatch):
    monkeypatch.setattr(variations, "stylize", lambda *_, **__: pytest.fail("worked"))
    with pytest.raises(SettingsError, match=text):
        vary(*pictures[:2], changes)


def test_a_series_is_watched_and_ended(pictures):
    seen = []

    def callback(number, count, step):
        seen.append((number, count, step.evaluation))
        return number == 2 and step.evaluation == 3

    options = {**SMALL, "callback": callback}
    results = interpolate_styles(*pictures, [0, 0.4, 0.8], **options)
    wanted = [(1, 3, n) for n in (1, 2, 3, 4)] + [(2, 3, n) for n in (1, 2, 3)]
    assert seen == wanted and len(results) == 2
    seen.clear()
    found = vary(
        *pictures[:2], {"seed": [1, 2, 3]}, Settings(**SMALL), callback=callback
    )
    assert seen == wanted and len(found) == 2
