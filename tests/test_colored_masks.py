"""Masks with colors, and of another shape than the photo."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from nstlib import stylize
from nstlib.cli import main as cli
from nstlib.errors import SettingsError
from nstlib.images import save_image
from nstlib.masks import as_mask, mask_of_color

RNG = np.random.default_rng(2)
PHOTO = RNG.uniform(2, 250, (32, 48, 3)).astype(np.float32)
STYLE = RNG.uniform(2, 250, (32, 32, 3)).astype(np.float32)
LABELS = np.zeros((32, 48, 3), np.uint8)  # red, green and blue columns
LABELS[:, :16, 0] = LABELS[:, 16:32, 1] = LABELS[:, 32:, 2] = 255
SMALL = {"size": 48, "steps": 2}


def palette():
    image = Image.fromarray(np.argmax(LABELS, axis=2).astype(np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    return image


@pytest.mark.parametrize("form", ["array", "floats", "Pillow", "palette", "file"])
def test_a_colored_mask_is_told(form, tmp_path):
    mask = {
        "array": LABELS,
        "floats": LABELS.astype(np.float32),
        "Pillow": Image.fromarray(LABELS),
        "palette": palette(),
        "file": save_image(LABELS, tmp_path / "labels.png"),
    }[form]
    with pytest.raises(SettingsError, match=r"has colors, such as #.*--mask-color"):
        as_mask(mask)
    with pytest.raises(SettingsError, match="#ff0000"):
        stylize(PHOTO, [(STYLE, 1.0, mask)], **SMALL)


def test_a_gray_mask_in_three_channels_may_be_a_little_off():
    gray = np.clip(RNG.normal(128, 5, (32, 48, 3)), 0, 255)
    assert as_mask(gray).shape == (32, 48)
    assert as_mask(tf.constant(gray[..., 0])).shape == (32, 48)
    assert as_mask(Image.new("L", (48, 32), 255)).min() == 255
    with pytest.raises(SettingsError, match="numbers, not of object"):
        as_mask(gray.astype(object))


@pytest.mark.parametrize("color", ["#ff0000", "red", "rgb(255, 0, 0)", (255, 0, 0)])
def test_one_color_of_a_map(color):
    mask = mask_of_color(LABELS, color)
    assert mask.dtype == np.float32 and set(np.unique(mask)) == {0, 255}
    np.testing.assert_array_equal(mask[0] > 0, np.arange(48) < 16)
    np.testing.assert_array_equal(mask_of_color(palette(), color), mask)


def test_jpeg_changes_colors_within_the_tolerance(tmp_path):
    path = save_image(LABELS, tmp_path / "labels.jpg")
    mask = mask_of_color(path, "#00ff00")
    assert (mask[:, 18:30] == 255).mean() > 0.95 and not mask[:, :14].any()


def test_colors_that_are_not_there():
    with pytest.raises(SettingsError, match=r"color #ffff00; most of it is #.*00ff"):
        mask_of_color(LABELS, "#ffff00")
    for bad in ("reddish", (1, 2), None):
        with pytest.raises(SettingsError, match="is no color: write it as #ff0000"):
            mask_of_color(LABELS, bad)


@pytest.mark.parametrize("chosen", [SMALL, {"size": 48, "method": "adain"}], ids=str)
def test_a_mask_of_another_shape_is_told(chosen):
    square = np.tile(np.arange(40) < 20, (40, 1))
    words = "mask of style 2 has 40 × 40 pixels and the photo 48 × 32: it is str"
    with pytest.warns(UserWarning, match=words):
        stylize(PHOTO, [STYLE, (STYLE, 1.0, square)], **chosen)


@pytest.mark.parametrize("size", [(32, 48), (64, 96), (21, 32), (300, 451)], ids=str)
def test_a_mask_of_the_same_proportions_may_have_any_size(size):
    mask = np.tile(np.arange(size[1]) < size[1] // 2, (size[0], 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stylize(PHOTO, [(STYLE, 1.0, mask)], method="adain", size=48)


def test_the_command_takes_a_color_for_each_mask(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, picture in (("a", PHOTO), ("s", STYLE), ("map", LABELS)):
        save_image(np.rint(picture), f"{name}.png")
    words = ["stylize", "a.png", "s.png", "s.png", "--method", "adain", "--size", "48"]
    masks = ["--mask", "map.png"] * 2
    assert cli.main([*words, *masks, "-o", "o.png"]) == 2
    error = capsys.readouterr().err
    assert "--mask-color" in error and error.count("\n") == 1
    assert cli.main([*words, *masks, "--mask-color", "red", "-o", "o.png"]) == 2
    assert "Give one --mask-color for each --mask" in capsys.readouterr().err
    colors = ["--mask-color", "#ff0000", "--mask-color", "#00ff00"]
    assert cli.main([*words, *masks, *colors, "-o", "o.png"]) == 0
    capsys.readouterr()
    assert cli.main(["reproduce", "o.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out
