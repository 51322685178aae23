"""Style transfer in one pass: encode photo and styles, change the maps, decode them.

Taught in: 12_adain_wct.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nstlib import color_choice
from nstlib.fast.level_painter import LevelPainter
from nstlib.images import Picture, resize, scaled_sides
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import WeightedStyle, recolored, sized


class Painted(NamedTuple):
    """What a method painted in one pass, before it gets its final colors."""

    picture: Picture
    """``(H, W, 3)``, 0–255."""
    levels: int
    """How many levels were painted."""
    seconds: float
    reason: str
    """Why it ended: ``"one pass"`` or ``"stopped by callback"``."""


def paint_levels(
    photo: Picture,
    styles: Sequence[WeightedStyle],
    settings: Settings,
    store: Store,
    callback: Callable[[Step], Any] | None = None,
) -> Painted:
    """Repaint a photo by a method that optimizes nothing and is trained for no style.

    Taught in: 12_adain_wct. `nstlib.stylize` calls this function.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        styles: the styles. Their weights are shares, and their masks have any size.
        settings: settings whose method is "adain", "wct", "swap" or "neighbors".
        store: the store from which the network and the decoders are taken.
        callback: called with a `Step` after each level. A true return value ends the
            run.

    Raises:
        NetworkError: weights or a decoder cannot be used, or a picture is too small.
    """
    model = photo_of_size(photo, settings)
    styles = recolored(styles, photo, settings.colors)
    styles = sized(styles, round(settings.size * settings.style_scale))
    painter = LevelPainter(settings, store, model, styles)
    began, reason, done = time.perf_counter(), "one pass", 0
    for done, (level, decoder) in enumerate(painter.plan, start=1):
        painter.repaint(level, decoder)
        step = Step(done, len(painter.plan), painter.shape, {}, painter.picture)
        if callback is not None and callback(step) and done < len(painter.plan):
            reason = "stopped by callback"
            break
    return Painted(painter.picture(), done, time.perf_counter() - began, reason)


def finished(
    painted: Painted, photo: Picture, settings: Settings, **made_of: Any
) -> Result:
    """Give a picture its final colors, and return it as a `Result`."""
    image = color_choice.finish(painted.picture, photo, settings.colors)
    _, levels, seconds, reason = painted
    return Result(image, [], {}, levels, seconds, reason, settings, **made_of)


def photo_of_size(photo: Picture, settings: Settings) -> Picture:
    """Return the photo at the size of the result, in gray if the colors ask for it."""
    sides = scaled_sides(photo.shape[0], photo.shape[1], settings.size)
    return resize(color_choice.prepare_photo(photo, settings.colors), *sides)
