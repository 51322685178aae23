"""Sliders: each value is drawn once, and nothing is lost without ipywidgets."""

import sys

import numpy as np
import pytest
from matplotlib import pyplot as plt

from nstlib.errors import NstError
from nstlib.notebook import explore


def test_moving_a_slider_draws_the_chosen_value_once():
    asked = []

    def draw(weight, layer):
        asked.append((weight, layer))
        return np.full((4, 6, 3), 100 * weight)

    box = explore(draw, weight=[0.0, 0.5, 1.0, 2.0], layer=["a", "b"])
    weight, layer, screen = box.children
    assert asked == [(1.0, "a")]  # the middle of four, the first of two
    first = screen.value
    weight.index = 0
    layer.value = "b"
    weight.value, layer.value = 1.0, "a"
    assert asked == [(1.0, "a"), (0.0, "a"), (0.0, "b"), (1.0, "b")]
    assert screen.value == first and screen.format == "webp"
    assert [weight.description, layer.description] == ["weight", "layer"]


def test_a_figure_is_drawn_and_closed():
    before = plt.get_fignums()

    def draw(power):
        axis = plt.figure(figsize=(3, 2)).gca()
        axis.plot([0, 1], [0, power])
        return axis

    screen = explore(draw, power=[1, 2, 3]).children[-1]
    assert screen.format == "png" and bytes(screen.value[:4]) == b"\x89PNG"
    assert screen.layout.width == "300px"
    assert plt.get_fignums() == before


def test_without_ipywidgets_a_sentence_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert explore(lambda x: None, x=[1]) is None
    assert "pip install ipywidgets" in capsys.readouterr().out


@pytest.mark.parametrize("choices", [{}, {"x": []}])
def test_nothing_to_choose(choices):
    with pytest.raises(NstError, match="at least one value"):
        explore(lambda **_: None, **choices)
