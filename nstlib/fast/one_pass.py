"""Style transfer in one pass: encode photo and styles, change the maps, decode them.

Taught in: 12_adain_wct.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nstlib import color
from nstlib.errors import NetworkError
from nstlib.fast.level_painter import LevelPainter
from nstlib.feedforward import Transformer, repaint
from nstlib.files import shown
from nstlib.images import Picture, resize, scaled_sides
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import WeightedStyle, recolored, sized
from nstlib.vgg import computed_in


def stylize_in_one_pass(
    photo: Picture,
    styles: Sequence[WeightedStyle],
    settings: Settings,
    store: Store,
    callback: Callable[[Step], Any] | None = None,
    **made_of: Any,
) -> Result:
    """Repaint a photo by a method that optimizes nothing and is trained for no style.

    Taught in: 12_adain_wct. `nstlib.stylize` calls this function.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        styles: the styles. Their weights are shares, and their masks have any size.
        settings: settings whose method is "adain", "wct", "swap" or "neighbors".
        store: the store from which the network and the decoders are taken.
        callback: called with a `Step` after each level. A true return value ends the
            run.
        made_of: the fields of the `Result` that describe its inputs.

    Raises:
        NetworkError: weights or a decoder cannot be used, or a picture is too small.
    """
    model = _model(photo, settings)
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
    image = color.finish(painter.picture(), photo, settings.colors)
    seconds = time.perf_counter() - began
    return Result(image, [], {}, done, seconds, reason, settings, **made_of)


def stylize_feed_forward(
    photo: Picture,
    network: Transformer,
    settings: Settings,
    callback: Callable[[Step], Any] | None = None,
    **made_of: Any,
) -> Result:
    """Repaint a photo with a network that was trained for one style.

    Taught in: 13_feed_forward. `nstlib.stylize` calls this function.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        network: from `nstlib.feedforward.load_transformer`.
        settings: their size, colors and precision are used.
        callback: called once, with a `Step`, when the picture is finished.
        made_of: the fields of the `Result` that describe its inputs.

    Raises:
        NetworkError: what the network paints is not finite.
    """
    began = time.perf_counter()
    model = _model(photo, settings)
    precision = computed_in(settings.precision)
    made = repaint(network.parameters, model, precision)
    if not np.isfinite(made).all():
        raise NetworkError(
            f"{shown(network.path)} gives numbers that are not finite (NaN or Inf) for "
            "this photo: train it again, or use another network."
        )
    if callback is not None:
        callback(Step(1, 1, (made.shape[0], made.shape[1]), {}, lambda: made))
    image = color.finish(made, photo, settings.colors)
    seconds = time.perf_counter() - began
    return Result(image, [], {}, 1, seconds, "one pass", settings, **made_of)


def _model(photo: Picture, settings: Settings) -> Picture:
    """Return the photo at the size of the result, in gray if the colors ask for it."""
    sides = scaled_sides(photo.shape[0], photo.shape[1], settings.size)
    return resize(color.prepare_photo(photo, settings.colors), *sides)
