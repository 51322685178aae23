"""Exercises of 00_quickstart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _sizes() -> Iterator[Case]:
    yield from [(300, 400, 200), (640, 480, 320), (128, 128, 256), (50, 1000, 100)]


fitted_size = Exercise(
    oracle=lambda h, w, side: (
        round(h * side / max(h, w)),
        round(w * side / max(h, w)),
    ),
    cases=_sizes,
    mistakes={
        "both sides became the longer one: keep the proportion": (
            lambda h, w, side: (side, side)
        ),
        "you made the shorter side that long: divide by the longer one": (
            lambda h, w, side: (
                round(h * side / min(h, w)),
                round(w * side / min(h, w)),
            )
        ),
        "you always divided by the width: the height may be the longer side": (
            lambda h, w, side: (round(h * side / w), side)
        ),
        "you always divided by the height: the width may be the longer side": (
            lambda h, w, side: (side, round(w * side / h))
        ),
        "height and width are swapped: the height comes first": (
            lambda h, w, side: (
                round(w * side / max(h, w)),
                round(h * side / max(h, w)),
            )
        ),
        "pixels are whole numbers: use round": (
            lambda h, w, side: (h * side / max(h, w) + 0.5, w * side / max(h, w))
        ),
    },
    praise="the proportion is kept, whichever side is longer",
    tolerance=1e-6,
)


def _histories() -> Iterator[Case]:
    yield ([{"style": 8.0}, {"style": 2.0}],)
    yield ([{"style": 5.0}, {"style": 7.0}, {"style": 0.5}],)
    yield ([{"style": 3.0}, {"style": 4.0}],)


def _first_last(history: list[dict[str, float]]) -> tuple[float, float]:
    return history[0]["style"], history[-1]["style"]


fall_in_percent = Exercise(
    oracle=lambda h: 100 * (1 - _first_last(h)[1] / _first_last(h)[0]),
    cases=_histories,
    mistakes={
        "this is what is left: the fall is 100 minus it": (
            lambda h: 100 * _first_last(h)[1] / _first_last(h)[0]
        ),
        "this is a share from 0 to 1: times 100 makes it per cent": (
            lambda h: 1 - _first_last(h)[1] / _first_last(h)[0]
        ),
        "you divided by the last loss: per cent of the first are asked for": (
            lambda h: 100 * (_first_last(h)[0] / _first_last(h)[1] - 1)
        ),
        "the sign is wrong: a loss that gets smaller has fallen by more than 0": (
            lambda h: 100 * (_first_last(h)[1] / _first_last(h)[0] - 1)
        ),
        "this is the difference itself: divide it by the first loss": (
            lambda h: _first_last(h)[0] - _first_last(h)[1]
        ),
        "you took the lowest loss: the last one is asked for": (
            lambda h: 100 * (1 - min(e["style"] for e in h) / h[0]["style"])
        ),
    },
    praise="that is the fall, and a rise comes out negative",
)


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(0)
    for height, width, channels, share in (
        (3, 5, 3, 0.25),
        (4, 2, 3, 0.9),
        (6, 5, 1, 0),
    ):
        first, second = rng.uniform(0, 255, (2, height, width, channels))
        yield first, second, share


mix = Exercise(
    oracle=lambda photo, painted, share: photo + share * (painted - photo),
    cases=_pictures,
    mistakes={
        "the shares are swapped: share = 1 should give the painted picture": (
            lambda photo, painted, share: share * photo + (1 - share) * painted
        ),
        "the shares do not add up to one: the photo gets 1 - share": (
            lambda photo, painted, share: photo + share * painted
        ),
        "you forgot the share of the photo: it gets 1 - share": (
            lambda photo, painted, share: share * painted
        ),
        "this is half and half: use share": (
            lambda photo, painted, share: (photo + painted) / 2
        ),
        "the photo's part is missing: add photo to the difference": (
            lambda photo, painted, share: share * (painted - photo)
        ),
    },
    praise="0 gives the photo, 1 the painted picture, and anything between a mixture",
)
