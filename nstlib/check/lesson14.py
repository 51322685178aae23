"""Exercises of 14_speed_vs_quality."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

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


def _scores() -> Iterator[Case]:
    rng = np.random.default_rng(41)
    for methods, pairs in ((3, 5), (5, 2), (4, 1), (2, 6)):
        yield (rng.permuted(np.tile(np.arange(methods) * 1.5, (pairs, 1)), axis=1).T,)


def _ranks(losses: Array) -> Array:
    """Return the ranks within each column; the lowest loss has rank 1."""
    return 1.0 + (losses[:, None] > losses[None]).sum(axis=1)


mean_ranks = Exercise(
    oracle=lambda losses: _ranks(losses).mean(1),
    cases=_scores,
    mistakes={
        "argsort says which method comes first, not which place a method has: apply it "
        "twice": lambda losses: 1.0 + np.argsort(losses, axis=0).mean(1),
        "places begin at 1, not at 0": lambda losses: _ranks(losses).mean(1) - 1,
        "the lowest loss has place 1, not the highest": (
            lambda losses: _ranks(-losses).mean(1)
        ),
        "each row was ranked: methods compete within a column, on one pair": (
            lambda losses: _ranks(losses.T).T.mean(1)
        ),
        "that is the mean place on each pair, the same for all: take the mean over the "
        "pairs, axis 1": lambda losses: _ranks(losses).mean(0),
        "these are the places on each pair: take the mean of each row": _ranks,
        "that is the mean loss: one hard pair then counts more than all others": (
            lambda losses: losses.mean(1)
        ),
        "that is the place of the mean loss: rank each pair first, then take means": (
            lambda losses: _ranks(losses.mean(1, keepdims=True))[:, 0]
        ),
    },
    praise="the mean place of each method, whatever the size of the losses",
)
