"""Wrong answers that students of lesson 00 give, each with the hint that it gets."""

import math

import numpy as np
import pytest

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def share(h, w, side):
    return side / max(h, w)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda h, w, s: (s, s), "keep the proportion"),
        wrong(
            lambda h, w, s: (round(h * s / w), round(w * s / w)),
            "always divided by the width",
        ),
        wrong(
            lambda h, w, s: (s, int(w * s / h + 0.5)), "always divided by the height"
        ),
        wrong(lambda h, w, s: [round(x * share(h, w, s)) for x in (w, h)], "swapped"),
        wrong(
            lambda h, w, s: [round(x * s / min(h, w)) for x in (h, w)], "shorter side"
        ),
        wrong(lambda h, w, s: round(h * share(h, w, s)), "return 2 values, not 1"),
        wrong(lambda h, w, s: [x * share(h, w, s) for x in (h, w)], "use round"),
        wrong(lambda h, w, s: [int(x * share(h, w, s)) for x in (h, w)], "cut the fr"),
        wrong(
            lambda h, w, s: [math.ceil(x * share(h, w, s)) for x in (h, w)],
            "always rounded up",
        ),
        wrong(
            lambda h, w, s: [np.round(x * share(h, w, s)) for x in (h, w)],
            "the values are right, but as floats",
        ),
    ],
)
def test_fitted_size(answer, hint):
    assert hint in check.fitted_size.verdict(answer)


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
