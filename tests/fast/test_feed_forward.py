"""Repainting with trained networks, and mixing them."""

import numpy as np
import pytest

import nstlib
from nstlib import stylize
from nstlib.errors import NetworkError, SettingsError
from nstlib.feedforward import random_transformer
from nstlib.transformers import save_transformer

FAST = {"method": "feedforward", "size": 96, "precision": "float32"}


@pytest.fixture(scope="module")
def photo():
    return nstlib.paint("tapestry", 72, 96)


def image(photo, style, **overrides):
    return stylize(photo, style, **(FAST | overrides)).image


def test_weights_are_shares(photo):
    one, other = (image(photo, name) for name in ("starry_night", "great_wave"))
    same = image(photo, [("starry_night", 3.0), ("starry_night", 1.0)])
    np.testing.assert_allclose(same, one, atol=0.05)
    alone = image(photo, [("starry_night", 1.0), ("great_wave", 0.0)])
    np.testing.assert_allclose(alone, one, atol=0.05)
    much, little = (
        np.abs(image(photo, [("starry_night", w), ("great_wave", 1.0)]) - one).mean()
        for w in (4.0, 1.0)
    )
    assert 1 < much < little < np.abs(other - one).mean()


def test_masks_say_where(photo):
    left = np.zeros((72, 96))
    left[:, :48] = 255
    pair = [("starry_night", 1.0, left), ("great_wave", 1.0, 255 - left)]
    made = image(photo, pair)
    one, other = (image(photo, name) for name in ("starry_night", "great_wave"))
    for part, near, far in (
        (np.s_[:, :24], one, other),
        (np.s_[:, 72:], other, one),
    ):
        away, wrong = (np.abs(made - p)[part].mean() for p in (near, far))
        assert away < 0.7 * wrong


def test_the_photo_stays_where_no_mask_is_white(photo):
    left = np.zeros((72, 96))
    left[:, :48] = 255
    made = image(photo, [("starry_night", 1.0, left)])
    np.testing.assert_allclose(made[:, 50:], photo[:, 50:], atol=1)
    np.testing.assert_allclose(
        made[:, :46], image(photo, "starry_night")[:, :46], atol=0.1
    )


def test_colors_and_precision_keep_working_in_a_mix(photo):
    pair = [("starry_night", 1.0), ("great_wave", 2.0)]
    plain = image(photo, pair)
    gray = image(photo, pair, colors="luminance")
    assert np.abs(gray - plain).mean() > 3
    assert np.abs(image(photo, pair, precision="bfloat16") - plain).mean() < 4


def test_what_was_trained_apart_cannot_be_mixed(photo, tmp_path):
    own = save_transformer(
        random_transformer(), np.zeros((9, 9, 3)), tmp_path / "own.npz", {}
    )
    with pytest.raises(NetworkError, match="cannot be mixed, because they were"):
        image(photo, [own, "great_wave"])
    assert image(photo, [own, own]).shape == photo.shape


def test_styles_that_make_no_sense(photo):
    with pytest.raises(NetworkError, match="takes a trained network"):
        image(photo, [photo])
    with pytest.raises(SettingsError, match="no style"):
        image(photo, [])
    with pytest.raises(SettingsError, match="not negative"):
        image(photo, [("great_wave", -1.0)])


def test_a_film_goes_from_one_style_to_another(photo):
    ends = image(photo, "starry_night"), image(photo, "great_wave")
    film = nstlib.interpolate_styles(
        photo, "starry_night", "great_wave", [0, 0.5, 1], **FAST
    )
    for found, wanted in ((film[0].image, ends[0]), (film[2].image, ends[1])):
        np.testing.assert_allclose(found, wanted, atol=0.05)
    assert np.abs(film[1].image - ends[0]).mean() > 1
