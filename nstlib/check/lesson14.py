"""Exercises of 14_speed_vs_quality."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise

Array = np.ndarray


def _offers() -> Iterator[Case]:
    # Seconds of training, of a picture by its network, of one by the other method.
    yield 600, 1, 31
    yield 1200, 2, 12
    yield 90, 4, 14
    yield 1000, 1, 8
    yield 800, 1, 8


def _break_even(training: float, own: float, other: float) -> int:
    return int(np.floor(training / (other - own))) + 1


break_even = Exercise(
    oracle=_break_even,
    cases=_offers,
    mistakes={
        "with this number both take equally long, or yours still longer: it must be "
        "strictly faster": lambda t, a, b: int(np.ceil(t / (b - a))),
        "that is where both take equally long, and not always a whole number": (
            lambda t, a, b: t / (b - a)
        ),
        "that is not a whole number: round down before you add one": (
            lambda t, a, b: t / (b - a) + 1
        ),
        "round down, then add one: rounding to the nearest may be too early": (
            lambda t, a, b: round(t / (b - a))
        ),
        "the trained network needs its time for each picture, too": (
            lambda t, a, b: int(np.floor(t / b)) + 1
        ),
        "the seconds of both methods are added: what counts is what a picture saves": (
            lambda t, a, b: int(np.floor(t / (a + b))) + 1
        ),
        "you divided by the seconds of your own method: divide by what a picture "
        "saves": lambda t, a, b: int(np.floor(t / a)) + 1,
        "that is one picture short: training counts in full": (
            lambda t, a, b: int(np.floor(t / (b - a)))
        ),
    },
    praise="from this picture on, training was worth it",
)


def _curves() -> Iterator[Case]:
    rng = np.random.default_rng(40)
    for count, deadlines, start in ((6, 4, 7.0), (1, 3, 0.9), (9, 7, 7.0), (4, 2, 3.0)):
        seconds = np.sort(rng.integers(1, 30, count)).astype(float)
        losses = rng.uniform(1, 9, count)
        when = rng.integers(0, 32, deadlines).astype(float)
        # One deadline is exactly one of the times, and one is before all of them.
        when[:2] = seconds[0], 0.5
        yield seconds, losses, when, start


def _best_by(seconds: Array, losses: Array, deadlines: Array, start: float) -> Array:
    return np.array([losses[seconds <= d].min(initial=start) for d in deadlines])


def _last_by(seconds: Array, losses: Array, deadlines: Array, start: float) -> Array:
    known = np.concatenate([[start], losses])
    return known[np.searchsorted(seconds, deadlines, side="right")]


def _best_made(seconds: Array, losses: Array, deadlines: Array, start: float) -> Array:
    ready = [losses[seconds <= d] for d in deadlines]
    return np.array([r.min() if r.size else start for r in ready])


best_by = Exercise(
    oracle=_best_by,
    cases=_curves,
    mistakes={
        "that is the last loss before the deadline: an earlier one may be lower": (
            _last_by
        ),
        "what is ready exactly at the deadline counts: <=, not <": (
            lambda s, v, when, start: np.array(
                [v[s < d].min(initial=start) for d in when]
            )
        ),
        "that is the lowest loss of the whole curve, whatever the deadline": (
            lambda s, v, when, start: np.full(len(when), v.min())
        ),
        "the photo stays at hand: where all pictures are worse, its loss counts": (
            _best_made
        ),
        "with initial=0 nothing can be lower: give start as initial": (
            lambda s, v, when, start: np.array(
                [v[s <= d].min(initial=0.0) for d in when]
            )
        ),
        "start is left out: the photo is there from the beginning, with its loss": (
            lambda s, v, when, start: np.array(
                [v[s <= d].min(initial=np.inf) for d in when]
            )
        ),
        "before the first picture is ready, there is the photo, with the loss start": (
            lambda s, v, when, start: np.array(
                [v[s <= d].min() if (s <= d).any() else 0.0 for d in when]
            )
        ),
        "that is what is still to come: you took the times after the deadline": (
            lambda s, v, when, start: np.array(
                [v[s > d].min(initial=start) for d in when]
            )
        ),
        "that is the highest loss: take the lowest": (
            lambda s, v, when, start: np.array(
                [v[s <= d].max(initial=start) for d in when]
            )
        ),
    },
    praise="the best picture that is there in time",
)


def _contests() -> Iterator[Case]:
    # Content and style loss of each method; who is asked about.
    front = np.array([[1, 9], [2, 4], [4, 2], [9, 1], [5, 5]], float)
    for method in range(5):
        yield front, method
    hollow = np.array([[1, 9], [6, 6], [9, 1], [2, 30]], float)
    for method in (0, 1, 2):
        yield hollow, method
    yield np.array([[3, 0.01], [2, 0.05], [0.5, 0.2]], float), 1


FORM = "return two numbers, alpha and beta"
NEGATIVE = "a weight must not be negative: less than nothing cannot count"
GIVEN_UP = "there are weights with which this method is the lowest: try more of them"
NOBODY = (
    "there are no weights with which this method is the lowest: return (0, 0) for it, "
    "once you have tried both ends and much between"
)
HIGHER = "with your weights another method is lower. Compare all totals, not only one"


def _winning(parts: Array, method: int) -> tuple[float, float]:
    """Return weights in the middle of all that let a method win, or zeros.

    With the share t of the style, content + t · (style − content) must be lower than
    that of each other method, which bounds t from one side.
    """
    content, style = np.delete(parts[method] - parts, method, axis=0).T
    low, high = 0.0, 1.0
    for at_0, at_1 in zip(content, style, strict=True):
        if at_0 >= 0 and at_1 >= 0:
            return 0.0, 0.0
        crossing = at_0 / (at_0 - at_1) if at_0 * at_1 < 0 else None
        if crossing is not None and at_0 > 0:
            low = max(low, crossing)
        elif crossing is not None:
            high = min(high, crossing)
    middle = (low + high) / 2
    return (1 - middle, middle) if low < high else (0.0, 0.0)


def _not_winning(answer: Any, parts: Array, method: int) -> str | None:
    """Say why weights are wrong; None if they let the method win, or nothing can."""
    try:
        alpha, beta = (float(weight) for weight in answer)
    except (TypeError, ValueError):
        return FORM
    if not (np.isfinite(alpha) and np.isfinite(beta)):
        return FORM
    if min(alpha, beta) < 0:
        return NEGATIVE
    possible = any(_winning(parts, method))
    if alpha == beta == 0:
        return GIVEN_UP if possible else None
    if not possible:
        return NOBODY
    totals = parts @ [alpha, beta]
    return None if totals[method] < np.delete(totals, method).min() else HIGHER


weights_for = OpenExercise(
    oracle=_winning,
    cases=_contests,
    mistakes={
        FORM: lambda parts, method: 1.0,
        NEGATIVE: lambda parts, method: (1.0, -1.0),
        HIGHER: lambda parts, method: (1.0, 1.0),
        GIVEN_UP: lambda parts, method: (0.0, 0.0),
        NOBODY: lambda parts, method: (
            found if any(found := _winning(parts, method)) else (1.0, 1.0)
        ),
    },
    flaw=_not_winning,
    praise="who wins depends on the weights, but not everybody can win",
)
