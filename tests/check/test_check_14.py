"""Wrong answers that students of lesson 14 give, each with the hint that it gets."""

import math

import numpy as np
import pytest

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda t, a, b: math.ceil(t / (b - a)), "equally long, or yours"),
        wrong(lambda t, a, b: t / (b - a), "not always a whole number"),
        wrong(lambda t, a, b: t // b + 1, "for each picture, too"),
        wrong(lambda t, a, b: t // (a + b) + 1, "are added"),
        wrong(lambda t, a, b: t // a + 1, "your own method"),
        wrong(lambda t, a, b: t // (b - a), "one picture short"),
        wrong(lambda t, a, b: b, "✗"),
    ],
)
def test_break_even(answer, hint):
    assert hint in check.break_even.verdict(answer)


def loop(keep, empty=(), best=min):
    def answer(seconds, losses, deadlines, start):
        found = []
        for deadline in deadlines:
            times = zip(seconds, losses, strict=True)
            ready = [loss for second, loss in times if keep(second, deadline)]
            found.append(best(ready or empty or [start]))
        return np.array(found)

    return answer


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(loop(lambda s, d: s <= d, best=lambda r: r[-1]), "the last loss"),
        wrong(
            lambda s, v, d, start: [min([start, *v[s < one]]) for one in d],
            "exactly at the deadline",
        ),
        wrong(lambda s, v, d, start: np.full(len(d), min(v)), "of the whole curve"),
        wrong(loop(lambda s, d: s <= d), "stays at hand"),
        wrong(loop(lambda s, d: s <= d, empty=[0]), "there is the photo"),
        wrong(
            lambda s, v, d, start: [min([start, *v[s > one]]) for one in d],
            "still to come",
        ),
        wrong(
            lambda s, v, d, start: [max([start, *v[s <= one]]) for one in d],
            "take the lowest",
        ),
        wrong(lambda s, v, d, start: np.minimum.accumulate(v), "✗"),
        wrong(lambda s, v, d, start: np.interp(d, s, v), "✗"),
    ],
)
def test_best_by(answer, hint):
    assert hint in check.best_by.verdict(answer)


def places(losses, axis=0):
    return 1 + np.argsort(np.argsort(losses, axis=axis), axis=axis)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda x: 1 + np.argsort(x, axis=0).mean(axis=1), "apply it twice"),
        wrong(lambda x: (places(x) - 1).mean(axis=1), "begin at 1"),
        wrong(lambda x: places(-x).mean(axis=1), "not the highest"),
        wrong(lambda x: places(x).mean(axis=0), "axis 1"),
        wrong(places, "on each pair"),
        wrong(lambda x: x.mean(axis=1), "mean loss"),
        wrong(lambda x: places(x.mean(axis=1)), "rank each pair first"),
    ],
)
def test_mean_ranks(answer, hint):
    assert hint in check.mean_ranks.verdict(answer)
