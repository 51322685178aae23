"""Exercises of 00_quickstart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise
from nstlib.course.pictures import find_picture
from nstlib.errors import NstError
from nstlib.images import load_image
from nstlib.methods import stylize
from nstlib.settings import Settings, make_settings


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
        "this is a share from 0 to 1: times 100 makes it percent": (
            lambda h: 1 - _first_last(h)[1] / _first_last(h)[0]
        ),
        "you divided by the last loss: percent of the first are asked for": (
            lambda h: 100 * (_first_last(h)[0] / _first_last(h)[1] - 1)
        ),
        "the sign is wrong: a loss that gets smaller has fallen by more than 0": (
            lambda h: 100 * (_first_last(h)[1] / _first_last(h)[0] - 1)
        ),
        "this is the difference itself: divide it by the first loss": (
            lambda h: _first_last(h)[0] - _first_last(h)[1]
        ),
        "this is 100 times the difference: divide it by the first loss": (
            lambda h: 100 * (_first_last(h)[0] - _first_last(h)[1])
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


FIXED = {"size": 96, "steps": 40, "network": "mini", "progress_every": 0}
"""Settings of the experiment that are the same for everybody."""


@cache
def _distances(settings: str) -> tuple[float, float]:
    """Paint the cat, and return its content distance and the share of style left.

    Args:
        settings: as `Settings.to_json` writes them.
    """
    photo = load_image(find_picture("cat"))
    painting = load_image(find_picture("starry_night", "style"))
    report = stylize(photo, painting, Settings.from_json(settings)).report()
    return report.content, report.style_left


def _unfit(chosen: Any) -> str | None:
    """Say why an answer is no choice of settings."""
    if not isinstance(chosen, dict) or not all(isinstance(k, str) for k in chosen):
        return 'return a dictionary of settings, such as {"style_weight": 500.0}'
    if taken := sorted({*chosen} & {*FIXED}):
        return f"{', '.join(taken)} is the same for everybody: leave it out"
    try:
        make_settings(**chosen)
    except NstError as error:
        return str(error)
    return None


@dataclass(frozen=True)
class Experiment(OpenExercise):
    """The judge of settings that a student found: no answer is the only right one."""

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        """Say what is wrong with the settings; None if they beat the defaults."""
        if unfit := super()._complaint(answer, given, right):
            return unfit
        parts: list[dict[str, Any]] = [given[0], {}]
        both = [make_settings(**{**part, **FIXED}) for part in parts]
        try:
            mine, defaults = (_distances(settings.to_json()) for settings in both)
        except NstError as error:
            return str(error)
        lost = [m >= d for m, d in zip(mine, defaults, strict=True)]
        if not any(lost):
            return None
        which = ("content distance", "style left")
        worse = [name for name, over in zip(which, lost, strict=True) if over]
        return (
            f"not yet: the {' and '.join(worse)} should be smaller. "
            f"content distance {mine[0]:.3f} (the defaults: {defaults[0]:.3f}), "
            f"style left {mine[1]:.2%} ({defaults[1]:.2%})"
        )


better_settings = Experiment(
    oracle=lambda: {"style_weight": 100.0, "margin": 0},
    cases=lambda: [()] * 3,
    flaw=_unfit,
    mistakes={
        'return a dictionary of settings, such as {"style_weight": 500.0}': (
            lambda: 500.0
        ),
        "steps is the same for everybody: leave it out": lambda: {"steps": 400},
        "size is the same for everybody: leave it out": lambda: {"size": 512},
        "there is no setting 'style_wieght', did you mean style_weight?": (
            lambda: {"style_wieght": 5.0}
        ),
    },
    praise="nearer to the photo, and nearer to the painting, than with the defaults",
)
