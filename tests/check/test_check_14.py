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
        wrong(lambda t, a, b: t / (b - a) + 1, "round down before you add one"),
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
        wrong(
            lambda s, v, d, start: [v[s <= when].min(initial=0) for when in d],
            "give start as initial",
        ),
    ],
)
def test_best_by(answer, hint):
    assert hint in check.best_by.verdict(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda s, v, d, start: [v[s <= one].min(initial=np.inf) for one in d],
            "start is left out",
        ),
        wrong(
            lambda s, v, d, start: [v[s <= one].min() for one in d],
            "there is nothing to choose from: say what counts then. NumPy's",
        ),
        wrong(
            lambda s, v, d, start: [min(v[s <= one]) for one in d],
            "there is nothing to choose from: say what counts then. Python's",
        ),
    ],
)
def test_best_by_without_the_photo(answer, hint):
    assert hint in check.best_by.verdict(answer)


def by_trials(parts, method):
    for t in np.linspace(0, 1, 2001):
        if np.argmin(parts @ [1 - t, t]) == method:
            return 1 - t, t
    return 0, 0


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(by_trials, "✓"),
        wrong(lambda parts, method: np.array(by_trials(parts, method)) * 250, "✓"),
        wrong(lambda parts, method: (1, 1), "another method is lower"),
        wrong(lambda parts, method: (0, 0), "try more of them"),
        wrong(lambda parts, method: (-1, 2), "must not be negative"),
        wrong(lambda parts, method: [1, 2, 3], "return two numbers"),
        wrong(lambda parts, method: (np.nan, 1), "return two numbers"),
        wrong(lambda parts, method: ("a", "b"), "return two numbers"),
        wrong(
            lambda parts, method: (
                pair if any(pair := by_trials(parts, method)) else (0.5, 0.5)
            ),
            "there are no weights",
        ),
    ],
)
def test_weights_for(answer, hint):
    assert hint in check.weights_for.verdict(answer)
