"""Figures: that they draw what they are given, and refuse what makes no sense."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgb

from nstlib import plotting
from nstlib.figures import OPTIMIZERS
from nstlib.line_search import Trial


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_pictures_of_different_sizes(make_picture):
    pictures = [make_picture(20, 30), make_picture(40, 10), make_picture(5, 5)]
    figure = plotting.show_pictures(pictures, ["a", "b", "c"], columns=2)
    drawn = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in drawn] == ["a", "b", "c"]
    shown = [axis.images[0].get_array() for axis in drawn]
    for picture, image in zip(pictures, shown, strict=True):
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(image, picture.astype(np.uint8))
    with pytest.raises(ValueError, match="at least one picture"):
        plotting.show_pictures([])
    with pytest.raises(ValueError, match="3 pictures, but 1 titles"):
        plotting.show_pictures(pictures, ["a"])


def test_signed_maps_have_zero_in_the_middle():
    maps = np.random.default_rng(0).normal(size=(1, 4, 6, 3))
    figure = plotting.show_maps(maps, signed=True, columns=3)
    images = [axis.images[0] for axis in figure.axes if axis.images]
    assert len(images) == 3
    for image in images:
        low, high = image.get_clim()
        assert low == -high and image.get_cmap().name == "RdBu_r"
    figure = plotting.show_maps(np.zeros((4, 6, 2)))
    assert {a.images[0].get_cmap().name for a in figure.axes if a.images} == {"viridis"}
    figure = plotting.show_maps(np.full((4, 6, 1), 90), gray=True)
    image = figure.axes[0].images[0]
    assert image.get_cmap().name == "gray" and image.get_clim() == (0, 255)


def test_losses_are_logarithmic_and_differ_in_line_style():
    axis = plotting.plot_losses({"one": [3, 2, 0, 1], "two": [4, 3]})
    assert axis.get_yscale() == "log" and axis.get_xlabel() and axis.get_ylabel()
    one, two = axis.get_lines()
    assert one.get_linestyle() != two.get_linestyle()
    np.testing.assert_array_equal(one.get_ydata(), [3, 2, np.nan, 1])
    np.testing.assert_array_equal(two.get_xdata(), [1, 2])
    axis = plotting.plot_losses({"one": [3, 2]}, {"one": [0.5, 0.9]}, "seconds")
    np.testing.assert_array_equal(axis.get_lines()[0].get_xdata(), [0.5, 0.9])


def test_an_optimizer_looks_the_same_in_every_figure():
    axis = plotting.plot_losses({"Adagrad": [3, 2], "L-BFGS, 30 pairs": [4, 3]})
    path, box = [[1, 1], [0, 0]], (-1, 1, -1, 1)
    bowl = lambda x: (float(x @ x), 2 * x)  # noqa: E731
    other = plotting.plot_paths(bowl, {"L-BFGS": path, "last": path}, box, [0.5])
    for line in (axis.get_lines()[1], other.get_lines()[0]):
        assert (line.get_color(), line.get_linestyle()) == ("crimson", "-")
        assert line.get_marker() == "o"


def test_a_curve_of_another_kind_has_no_optimizer_s_color():
    curves = {f"start {number}": [3, 2] for number in range(6)}
    axis = plotting.plot_losses(curves)
    shades = [to_hex(line.get_color()) for line in axis.get_lines()]
    assert len({*shades}) == 5
    assert not {*shades} & {to_hex(color) for color, *_ in OPTIMIZERS.values()}


def test_what_leaves_the_box_is_cut_off():
    path, box = [[1, 1], [90, 0]], (-1, 1, -2, 2)
    axis = plotting.plot_paths(lambda x: (x @ x, x), {"far": path}, box, [0.5])
    assert axis.get_xlim() + axis.get_ylim() == box


def test_a_history_has_four_curves():
    history = [{"total": 3.0, "content": 1.0, "style": 1.5, "tv": 0.5}] * 3
    assert len(plotting.plot_history(history).get_lines()) == 4


def test_paths_and_contours():
    def bowl(x):
        return float(x @ x), 2 * x

    paths = {"zigzag": [[1, 1], [0.5, -0.5]], "straight": [[1, 1], [0, 0]]}
    axis = plotting.plot_paths(bowl, paths, (-1, 1, -1, 1), [0.5, 1], "a bowl")
    assert [line.get_label() for line in axis.get_lines()] == list(paths)
    np.testing.assert_array_equal(axis.get_lines()[1].get_xydata(), paths["straight"])
    assert axis.get_title() == "a bowl" and axis.get_aspect() == 1
    shades = [to_hex(line.get_color()) for line in axis.get_lines()]
    taken = {to_hex(color) for color, *_ in OPTIMIZERS.values()}
    assert len({*shades}) == 2 and not {*shades} & taken
    dark = [sum(to_rgb(shade)) for shade in shades]
    assert dark[0] > dark[1]


def test_a_line_search():
    def phi(t):
        return Trial(t, (t - 1) ** 2, 2 * (t - 1))

    trials = {"near": phi(0.2), "good": phi(0.9)}
    axis = plotting.plot_line_search(phi, trials, lambda t: 0.5 < t < 1.5, 2.0)
    markers = [
        line.get_marker() for line in axis.get_lines() if len(line.get_xdata()) == 1
    ]
    assert markers == ["x", "o"]
    assert [text.get_text() for text in axis.texts] == ["near", "good"]
    (limit,) = [line for line in axis.get_lines() if "c₁" in line.get_label()]
    assert limit.get_ydata()[0] == 1
    assert limit.get_ydata()[-1] == pytest.approx(1 - 1e-4 * 2 * 2)


def test_labeled_rows(make_picture):
    rows = {"photo": [make_picture(8, 9)] * 2, "a_map": [np.ones((4, 5))]}
    figure = plotting.show_rows(rows, 1.0, 2.0)
    labels = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert labels == ["photo", "a\nmap"]
    maps = [image for axis in figure.axes for image in axis.images][2]
    assert maps.get_clim() == (0, 2)


def test_a_grid_with_a_title_above_each_column(make_picture):
    rows = {"low": [make_picture(8, 9)] * 2, "high": [make_picture(8, 9)] * 2}
    bare, grid = (plotting.show_rows(rows, titles=t) for t in ((), ("left", "right")))
    assert [axis.get_title() for axis in grid.axes] == ["left", "right", "", ""]
    assert bare.get_figheight() < grid.get_figheight() < bare.get_figheight() + 0.4


def test_maps_on_one_scale_get_a_color_bar_that_says_what_is_cut():
    maps = np.stack([np.eye(4), -3 * np.eye(4)], axis=-1)
    for signed, ends in ((True, "min"), (False, "min")):
        figure = plotting.show_maps(maps, signed=signed, top=2)
        *drawn, bar = figure.axes
        scales = {axis.images[0].get_clim() for axis in drawn}
        assert scales == {(-2 if signed else 0, 2)}
        assert bar.get_label() == "<colorbar>" and not bar.images
        assert drawn[-1].images[0].colorbar.extend == ends
    rows = {"one": [np.eye(4)], "more": [np.eye(4) * 5]}
    shown = plotting.show_rows(rows, top=2.0).axes[-2].images[0]
    assert shown.get_clim() == (0, 2) and shown.colorbar.extend == "max"
    assert len(plotting.show_maps(maps).axes) == 2
