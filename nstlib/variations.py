"""Series of pictures: from one style to another, or with different settings.

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
"""A callback, called after each evaluation with the number of the picture, counted from
1, the number of pictures in the series, and the `Step`. A true return value ends the
series."""


class Variation(NamedTuple):
    """One picture of a series."""

    label: str
    """How it differs from the others, for a contact sheet, such as ``"seed 1"``."""
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
    """Repaint a photo several times, on the way from one style to another.

    Taught in: 10_creative_control. The style loss of a picture is (1 − share) times the
    loss of the first style plus share times the loss of the second. No picture makes
    both zero. With Gram matrices, the sum is lowest at a weighted mean of the two. In
    the convention "relative", a style with small Gram values counts for more than its
    share.

    Args:
        content: the photo, as in `nstlib.stylize`.
        first, second: the two style pictures; with method "feedforward", the names of
            two trained networks that share their kernels.
        shares: the share of the second style in each picture, from 0 to 1.
        settings: the settings of all pictures; the defaults if None.
        warm: whether each picture starts from the one before. Then strokes stay where
            they are, and a film does not jump. Otherwise `Settings.init` decides.
            Methods of one pass always start from the photo.
        callback: called after each evaluation, see `Watcher`.
        overrides: single settings that replace those in ``settings``.

    Returns:
        A `Result` for each share. There are fewer if the series was ended early.

    Raises:
        SettingsError: settings or shares make no sense.
        ImageError: a picture cannot be read.
        NetworkError: the weights cannot be used, or a picture is too small.

    Example:
        Three pictures between two styles:

        >>> from nstlib import paint
        >>> photo = paint("tapestry", 32, 48)
        >>> styles = paint("ink_mountains", 32, 32), paint("great_wave", 32, 32)
        >>> shares = [0.25, 0.5, 0.75]
        >>> film = interpolate_styles(photo, *styles, shares, size=48, steps=1)
        >>> [result.image.shape for result in film]
        [(32, 48, 3), (32, 48, 3), (32, 48, 3)]
    """
    shares = list(shares)
    if not shares or not all(0 <= share <= 1 for share in shares):
        raise SettingsError("shares are one or more numbers from 0 to 1.")
    settings = make_settings(settings, **overrides)
    photo, one, other = as_picture(content), first, second
    if settings.method != "feedforward":  # which takes networks, not pictures
        one, other = as_picture(first), as_picture(second)
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

    Taught in: 10_creative_control.

    Args:
        content, style: the pictures, as in `nstlib.stylize`.
        changes: name of a setting → the values that it should take. With several
            settings, every combination of their values makes a picture.
        settings: the settings that stay the same; the defaults if None.
        callback: called after each evaluation, see `Watcher`.
        overrides: single settings that stay the same and replace those in ``settings``.

    Returns:
        A `Variation` for each combination; the last setting changes fastest. There are
        fewer if the series was ended early.

    Raises:
        SettingsError: some settings make no sense. All of them are checked before the
            first picture.
        ImageError: a picture cannot be read.
        NetworkError: the weights cannot be used, or a picture is too small.

    Example:
        Two seeds and two strengths of the style make four pictures:

        >>> from nstlib import paint
        >>> photo, painting = paint("tapestry", 32, 48), paint("ink_mountains", 32, 32)
        >>> changes = {"seed": [1, 2], "style_weight": [50, 200]}
        >>> series = vary(photo, painting, changes, size=48, steps=1, init="noise")
        >>> for label, result in series:
        ...     print(label, result.image.shape)
        seed 1, style_weight 50 (32, 48, 3)
        seed 1, style_weight 200 (32, 48, 3)
        seed 2, style_weight 50 (32, 48, 3)
        seed 2, style_weight 200 (32, 48, 3)
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
