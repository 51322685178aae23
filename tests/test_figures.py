"""Figures in notebooks: sharp, and as small in a file as their content allows."""

import base64
import io

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from IPython.core import formatters, interactiveshell
from matplotlib import pyplot as plt
from PIL import Image

from nstlib import figures, plotting


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def opened(data):
    return Image.open(io.BytesIO(data))


def test_lines_are_png_with_two_pixels_for_one_of_the_page():
    axis = plotting.plot_losses({"one": [3, 2, 1]})
    kind, data, width, height = axis.figure.encoded()
    picture = opened(data)
    assert kind == "image/png" and picture.format == "PNG"
    assert picture.size == (
        pytest.approx(2 * width, abs=1),
        pytest.approx(2 * height, abs=1),
    )
    assert width == pytest.approx(6 * figures.DPI, abs=20)


def test_few_colors_of_a_plot_are_enough():
    curves = {name: [9, n, 1] for n, name in enumerate(figures.OPTIMIZERS, 2)}
    figure = plotting.plot_losses(curves).figure
    whole = io.BytesIO()
    figure.savefig(whole, dpi=figures.DENSITY * figures.DPI, bbox_inches="tight")
    data = figure.encoded()[1]
    before, after = (opened(d).convert("RGB") for d in (whole.getvalue(), data))
    assert len(data) < 0.6 * len(whole.getvalue())
    assert after.getpixel((0, 0)) == (255, 255, 255)
    assert np.abs(np.subtract(before, after, dtype=int)).max() < 24


@pytest.fixture
def photo():
    """Colors that run into each other, with a little grain."""
    rows, columns = np.mgrid[0:90, 0:120]
    smooth = np.stack([rows * 2, columns * 2, 200 - rows], -1)
    return smooth + np.random.default_rng(0).normal(0, 6, smooth.shape)


def test_a_photo_is_jpeg_and_keeps_its_colors(photo):
    kind, data, _, _ = plotting.show_pictures([photo], width=4).encoded()
    picture = opened(data)
    assert kind == "image/jpeg" and picture.format == "JPEG"
    seen = np.asarray(picture).astype(int)
    height, width, _ = seen.shape
    for row, column in ((0.25, 0.25), (0.5, 0.75), (0.75, 0.5)):
        here = seen[int(row * height) - 9 :, int(column * width) - 9 :][:18, :18]
        there = photo[int(row * 90) - 2 :, int(column * 120) - 2 :][:4, :4]
        assert np.abs(here.mean((0, 1)) - there.mean((0, 1))).max() < 8


def test_the_smaller_kind_is_stored(photo):
    detailed = np.random.default_rng(0).normal(size=(300, 400, 2))
    assert plotting.show_maps(detailed).encoded()[0] == "image/jpeg"
    assert plotting.show_maps(np.eye(4)[..., None]).encoded()[0] == "image/png"
    colors = np.array([[[250, 20, 30], [20, 200, 40]], [[30, 40, 220], [9, 9, 9]]])
    assert plotting.show_pictures([colors]).encoded()[0] == "image/png"
    figure, (left, right) = figures.subplots(1, 2, (6, 3))
    left.imshow(photo.clip(0, 255).astype(np.uint8))
    right.plot([1, 2])
    assert figure.encoded()[0] == "image/jpeg"


@pytest.mark.parametrize(
    ("pixels", "columns", "asked"),
    [(64, 4, 1.0), (192, 5, 1.6), (512, 3, 2.0), (900, 1, 3.0), (400, 4, 4.0)],
)
def test_a_photo_keeps_its_pixels_and_a_panel_its_size(
    pixels, columns, asked, make_picture
):
    pictures = [make_picture(pixels // 2, pixels)] * columns
    figure = plotting.show_pictures(pictures, columns=columns, width=asked)
    figure.draw_without_rendering()
    for axis in figure.axes:
        box = axis.get_window_extent()  # in pixels of the page
        assert 2.06 * box.width >= pixels  # a little goes to the gaps
        assert 1.06 * box.width >= min(200, 800 / columns)
        assert 1.06 * box.width >= asked * figures.DPI


def test_pictures_in_one_row_are_equally_high(make_picture):
    pictures = [make_picture(60, 90), make_picture(300, 300), make_picture(80, 50)]
    figure = plotting.show_pictures(pictures, width=2.5)
    figure.draw_without_rendering()
    boxes = [axis.get_window_extent() for axis in figure.axes]
    assert {round(box.height) for box in boxes} == {round(boxes[0].height)}
    for box, picture in zip(boxes, pictures, strict=True):
        shape = picture.shape[1] / picture.shape[0]
        assert box.width / box.height == pytest.approx(shape, rel=0.02)
        assert 2.06 * box.height >= picture.shape[0]


@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (250, 250)])
def test_a_result_is_large_beside_what_it_was_made_of(shape, make_picture):
    pictures = make_picture(90, 120), make_picture(120, 90), make_picture(*shape)
    figure = plotting.show_result(*pictures, "the best")
    figure.draw_without_rendering()
    found = {axis.get_title(): axis for axis in figure.axes}
    assert list(found) == ["photo", "the best", "painting"]
    wide = {name: axis.get_window_extent().width for name, axis in found.items()}
    assert wide["the best"] > 1.7 * max(wide["photo"], wide["painting"])
    assert figure.get_figwidth() == plotting.PAGE
    for name, picture in zip(("photo", "painting", "the best"), pictures, strict=True):
        assert found[name].images[0].get_array().shape == picture.shape


def test_a_notebook_gets_the_picture_its_size_and_a_name(monkeypatch, make_picture):
    shell = interactiveshell.InteractiveShell.instance()
    sent = []
    monkeypatch.setattr(
        shell.display_pub, "publish", lambda **words: sent.append(words)
    )
    figure = plotting.show_pictures([make_picture(30, 40)] * 2)
    assert formatters.DisplayFormatter().format(figure) == ({}, {})  # it shows itself
    (words,) = sent
    kind, data, width, height = figure.encoded()
    assert words["metadata"] == {kind: {"width": width, "height": height}}
    assert base64.b64decode(words["data"][kind]) == data
    assert words["data"]["text/plain"] == "<Figure with 2 Axes>"


def test_the_same_figure_is_the_same_file(make_picture):
    first, second = (
        plotting.show_pictures([make_picture(30, 40)], ["one"]).encoded() for _ in "ab"
    )
    assert first == second


def test_every_optimizer_has_a_look_of_its_own():
    names = "L-BFGS", "gradient descent", "Adam", "momentum", "Adagrad", "RMSprop"
    looks = [figures.look_of(f"{name}, rate 1") for name in names]
    for key in ("color", "ls", "marker"):
        assert len({str(look[key]) for look in looks}) == len(names)
    assert figures.look_of("Newton") == {}
