"""Several pictures instead of one: from style to style, or one for each setting.

Taught in: 10_creative_control.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nstlib.errors import SettingsError
from nstlib.images import Picture, as_picture
from nstlib.methods import stylize
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings, make_settings
from nstlib.styles import Style

Watcher = Callable[[int, int, Step], Any]
"""Called with the number of the picture, from 1, how many there will be, and the `Step`
after each evaluation; a true answer ends the series."""


class Variation(NamedTuple):
    """One picture of a series."""

    label: str
    """What is special about it, for a contact sheet."""
    result: Result


def interpolate_styles(
    content: Picture | str | Path,
    first: Picture | str | Path,
    second: Picture | str | Path,
    shares: Iterable[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    settings: Settings | None = None,
    *,
    warm: bool = True,
    callback: Watcher | None = None,
    **overrides: Any,
) -> list[Result]:
    """Repaint a photo in a style that goes over into another.

    Taught in: 10_creative_control. The style loss is (1 − share) times that of the
    first style and share times that of the second. Both can not be 0 at once: with Gram
    matrices it is least at a weighted mean of theirs; in the convention "relative" the
    one with the smaller numbers weighs more than its share.

    Args:
        content: as in `nstlib.stylize`.
        first, second: the two styles.
        shares: of the second style, each from 0 to 1, one for each picture.
        settings: see `Settings`.
        warm: begin each picture with the one before, so that strokes stay where they
            are and a film does not jump; False begins each as the settings say. Methods
            that take one pass begin with the photo, and do not jump.
        callback: see `Watcher`.
        overrides: single settings.

    Returns:
        A `Result` for each share, fewer if the series was ended.

    Raises:
        ImageError, SettingsError, NetworkError: as `nstlib.stylize`.
    """
    shares = list(shares)
    if not shares or not all(0 <= share <= 1 for share in shares):
        raise SettingsError("shares are one or more numbers from 0 to 1.")
    settings = make_settings(settings, **overrides)
    if settings.method == "feedforward":
        raise SettingsError(
            "a trained network knows one style, so feedforward cannot go over into "
            "another: take method optimize, adain, wct or swap."
        )
    photo, one, other = as_picture(content), as_picture(first), as_picture(second)
    # What takes one pass always begins with the photo.
    warm = warm and settings.method == "optimize"
    results: list[Result] = []
    for number, share in enumerate(shares, start=1):
        weighted = [(p, w) for p, w in ((one, 1 - share), (other, share)) if w > 0]
        start = results[-1].image if warm and results else None
        if start is not None and start.max() <= 1:
            start = None  # black, and there is nothing in it to keep
        watch = _numbered(callback, number, len(shares))
        results.append(stylize(photo, weighted, settings, start=start, callback=watch))
        if results[-1].cut_short:
            break
    return results


def vary(
    content: Picture | str | Path,
    style: Style,
    changes: Mapping[str, Sequence[Any]],
    settings: Settings | None = None,
    *,
    callback: Watcher | None = None,
    **overrides: Any,
) -> list[Variation]:
    """Make one picture for each value of a setting, or for each combination of values.

    Taught in: 10_creative_control. ``vary(cat, wave, {"seed": [1, 2, 3]},
    init="noise")`` makes three pictures; values of two settings make one for each pair.

    Args:
        content, style: as in `nstlib.stylize`.
        changes: names of settings and the values that each is to take.
        settings: see `Settings`; what stays the same.
        callback: see `Watcher`.
        overrides: single settings that stay the same.

    Returns:
        A `Variation` for each combination, the last setting changing fastest; fewer if
        the series was ended.

    Raises:
        SettingsError: any of the settings makes no sense; before any work.
        ImageError, NetworkError: as `nstlib.stylize`.
    """
    for name, values in changes.items():
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
            raise SettingsError(f"{name} is to take a list of values, not {values!r}.")
    base = make_settings(settings, **overrides)
    combinations = [
        dict(zip(changes, values, strict=True))
        for values in itertools.product(*changes.values())
    ]
    if not changes or not combinations:
        raise SettingsError("nothing varies: give a setting and its values.")
    every = [make_settings(base, **dict(chosen)) for chosen in combinations]
    photo, found = as_picture(content), []
    for number, (chosen, here) in enumerate(
        zip(combinations, every, strict=True), start=1
    ):
        watch = _numbered(callback, number, len(every))
        result = stylize(photo, style, here, callback=watch)
        label = ", ".join(f"{name} {value}" for name, value in chosen.items())
        found.append(Variation(label, result))
        if result.cut_short:
            break
    return found


def _numbered(
    callback: Watcher | None, number: int, count: int
) -> Callable[[Step], Any] | None:
    if callback is None:
        return None
    return lambda step: callback(number, count, step)
