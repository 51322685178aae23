"""Wrong answers that students of lesson 00 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda h: h[-1]["style"] / h[0]["style"] * 100, "what is left"),
        wrong(
            lambda h: (h[0]["style"] - h[-1]["style"]) / h[0]["style"],
            "share from 0 to 1",
        ),
        wrong(
            lambda h: (h[0]["style"] - h[-1]["style"]) / h[-1]["style"] * 100,
            "divided by the last",
        ),
        wrong(lambda h: 100 * (h[-1]["style"] - h[0]["style"]) / h[0]["style"], "sign"),
        wrong(lambda h: h[0]["style"] - h[-1]["style"], "the difference itself"),
        wrong(lambda h: 100 * h[0]["style"] - 100 * h[-1]["style"], "100 times"),
        wrong(lambda h: 100 * (1 - h[-1]["total"] / h[0]["total"]), "took the total"),
        wrong(lambda h: h[0]["stile"], "raised KeyError: 'stile', for the input [{'to"),
        wrong(lambda h: h["style"], "your function raised TypeError"),
    ],
)
def test_fall_in_percent(answer, hint):
    assert hint in check.fall_in_percent.verdict(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda a, b, s: a * s + b * (1 - s), "swapped"),
        wrong(lambda a, b, s: a + b * s, "add up to one"),
        wrong(lambda a, b, s: np.mean([a, b], axis=0), "half and half"),
        wrong(lambda a, b, s: b * s, "forgot the share of the photo"),
        wrong(lambda a, b, s: s * (b - a), "the photo's part is missing"),
        wrong(lambda a, b, s: (a * (1 - s) + b * s).mean(), "the shape should be"),
        wrong(lambda a, b, s: np.clip(a * (1 - s) + b * s, 0, 1), "values are not"),
    ],
)
def test_mix(answer, hint):
    assert hint in check.mix.verdict(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda: {"style_weight": 2500}, "the content distance and style left"),
        wrong(lambda: {"style_weight": 10, "init": "content"}, "the style left should"),
        wrong(lambda: {}, "the content distance and style left should be smaller"),
        wrong(lambda: {"style_wieght": 5}, "did you mean style_weight?"),
        wrong(lambda: {"tv_weight": -1}, "tv_weight"),
        wrong(lambda: {"steps": 400}, "steps is the same for everybody"),
        wrong(lambda: {5: 400}, "return a dictionary of settings"),
        wrong(lambda: 500.0, "return a dictionary of settings"),
        wrong(lambda: None, "returns nothing"),
    ],
)
def test_better_settings(answer, hint):
    said = check.better_settings.verdict(answer)
    assert said.startswith("✗") and hint in said


@pytest.mark.parametrize(("weight", "more"), [(100, "margin"), (120, "tv_weight")])
def test_several_settings_beat_the_defaults(weight, more):
    said = check.better_settings.verdict(lambda: {"style_weight": weight, more: 0})
    assert said.startswith("✓ nearer to the photo")
