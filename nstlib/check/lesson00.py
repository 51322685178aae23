"""Exercises of 00_quickstart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _sizes() -> Iterator[Case]:
    yield from [(300, 400, 200), (640, 480, 320), (128, 128, 256), (50, 1000, 100)]
    yield from [(333, 500, 100), (500, 333, 200)]  # 66.6 and 133.2


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
            lambda h, w, side: (h * side / max(h, w), w * side / max(h, w))
        ),
        "you cut the fraction off: 66.6 is nearer to 67, so use round": (
            lambda h, w, side: (h * side // max(h, w), w * side // max(h, w))
        ),
        "you always rounded up: 133.2 is nearer to 133, so use round": (
            lambda h, w, side: (-(-h * side // max(h, w)), -(-w * side // max(h, w)))
        ),
    },
    praise="the proportion is kept, whichever side is longer",
    tolerance=1e-6,
)


def _histories() -> Iterator[Case]:
    for styles in ((8.0, 2.0), (5.0, 7.0, 0.5), (3.0, 4.0)):
        yield ([_entry(k, style) for k, style in enumerate(styles)],)


def _entry(number: int, style: float) -> dict[str, float]:
    """Make one entry of a history; all losses in it are different."""
    content, tv = 0.5 + number, 1.25
    return {"total": content + style + tv, "content": content, "style": style, "tv": tv}


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
        "you took the total: the style loss is asked for": (
            lambda h: 100 * (1 - h[-1]["total"] / h[0]["total"])
        ),
        "you took the content loss: the style loss is asked for": (
            lambda h: 100 * (1 - h[-1]["content"] / h[0]["content"])
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
