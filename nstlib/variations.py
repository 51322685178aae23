"""Several pictures instead of one: from style to style, or one for each setting.

Taught in: 10_creative_control.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from nstlib.images import ImageError, atomic_write, resize
from nstlib.inputs import Picture, Style, as_picture
from nstlib.result import Result, Step
from nstlib.settings import Settings, SettingsError, make_settings
from nstlib.transfer import stylize

ENDED = ("interrupted", "stopped by callback")
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
            are and a film does not jump; False begins each as the settings say.
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
    photo, one, other = as_picture(content), as_picture(first), as_picture(second)
    results: list[Result] = []
    for number, share in enumerate(shares, start=1):
        weighted = [(p, w) for p, w in ((one, 1 - share), (other, share)) if w > 0]
        start = results[-1].image if warm and results else None
        watch = _numbered(callback, number, len(shares))
        results.append(stylize(photo, weighted, settings, start=start, callback=watch))
        if results[-1].stop_reason in ENDED:
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
        if result.stop_reason in ENDED:
            break
    return found


def _numbered(
    callback: Watcher | None, number: int, count: int
) -> Callable[[Step], Any] | None:
    if callback is None:
        return None
    return lambda step: callback(number, count, step)


def save_gif(
    pictures: Iterable[Picture],
    path: str | Path,
    seconds: float = 0.2,
    back_and_forth: bool = False,
) -> Path:
    """Write pictures as a film that repeats for ever.

    Taught in: 10_creative_control. A GIF has 256 colours in each picture.

    Args:
        pictures: ``(H, W, 3)``, RGB, 0–255; all are brought to the size of the last.
        path: a file that ends in ``.gif``; an older one is replaced, missing folders
            are made.
        seconds: how long each is shown; the format counts in hundredths.
        back_and_forth: run backwards at the end, in place of jumping to the beginning.

    Returns:
        The path written.

    Raises:
        ImageError: no pictures, another suffix, or the path cannot be written.
    """
    frames = [as_picture(np.asarray(picture)) for picture in pictures]
    if not frames:
        raise ImageError(f"{path} was not written: there are no pictures.")
    if Path(path).suffix.lower() != ".gif":
        raise ImageError(f"{path} is to be a GIF: end it with .gif.")
    if not 0.02 <= seconds <= 600:
        raise ImageError(f"seconds is a number from 0.02 to 600, not {seconds!r}.")
    height, width, _ = frames[-1].shape
    if back_and_forth:
        frames += frames[-2:0:-1]
    images = [
        Image.fromarray(np.rint(resize(frame, height, width)).astype(np.uint8))
        for frame in frames
    ]
    encoded = io.BytesIO()
    images[0].save(
        encoded,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=round(seconds * 1000),
        loop=0,
    )
    return atomic_write(path, lambda file: file.write(encoded.getbuffer()))
