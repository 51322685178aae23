"""What paints the frames of a film one by one, with the style fixed for all of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nstlib import color_choice
from nstlib.backend import tf
from nstlib.errors import NetworkError
from nstlib.fast.feed_forward import check_mixed, mixed
from nstlib.fast.passes import transformers_of
from nstlib.feedforward import EDGE, MULTIPLE, Blend, fused_norm, transform
from nstlib.files import shown
from nstlib.film.places import Masks, seen_styles, with_masks
from nstlib.film.source import Film
from nstlib.images import Picture, widened
from nstlib.methods import Stylizer
from nstlib.preprocessing import deprocess, preprocess
from nstlib.settings import Settings, make_settings
from nstlib.store import Store
from nstlib.styles import Style, WeightedStyle, as_entries, as_styles, recolored
from nstlib.vgg import computed_in

SAMPLE = 16
"""At least so many frames of a longer film are asked for its colors."""
SAMPLE_SIDE = 128
"""The longer side of these frames in pixels."""


class Painter(Protocol):
    """Paints one frame after the other."""

    def __call__(self, frame: Picture, masks: Masks | None = None) -> Picture:
        """Paint a frame ``(H, W, 3)``, RGB, 0–255, on its own; keep its shape.

        The masks replace those of the styles, if there are any.
        """


class InColors:
    """A painter that gives its pictures the colors that `Settings.colors` asks for.

    A painting is recolored once, in the colors of the film. If it were recolored for
    each frame, it would change all the time.

    Args:
        paint: paints a frame, whose colors may have been removed.
        colors: one of `nstlib.color_choice.COLORS`.
    """

    def __init__(self, paint: Painter, colors: str):
        self.paint, self.colors = paint, colors

    def __call__(self, frame: Picture, masks: Masks | None = None) -> Picture:
        """Paint a frame."""
        painted = self.paint(color_choice.prepare_photo(frame, self.colors), masks)
        return color_choice.finish(painted, frame, self.colors)


def colors_of(film: Film, settings: Settings) -> Picture | None:
    """Collect pixels from the whole film, if paintings get the film's colors.

    The first frame alone may be black, or show what is never seen again.

    Args:
        film: the film, which is read to its end.
        settings: their method and colors are used.

    Returns:
        A picture made of `SAMPLE` frames or more, at most twice as many, with the same
        number of frames between them, ``(H, W, 3)``, 0–255; None if nothing depends on
        the film's colors.
    """
    by_network = settings.method == "feedforward"
    if by_network or settings.colors not in color_choice.RECOLORED:
        return None
    step = math.ceil(max(film.facts.height, film.facts.width) / SAMPLE_SIDE)
    kept: list[np.ndarray] = []
    every = 1
    for index, frame in enumerate(film.frames()):
        if index % every == 0:
            kept.append(frame[::step, ::step].copy())
        if len(kept) > 2 * SAMPLE:
            kept, every = kept[::2], 2 * every
    return np.concatenate(kept).astype(np.float32)


def frame_painter(
    first: Picture,
    style: Style,
    settings: Settings,
    store: Store,
    colors: Picture | None = None,
) -> tuple[Painter, list[WeightedStyle]]:
    """Make a painter that paints each frame on its own.

    Args:
        first: the first frame, ``(H, W, 3)``, RGB, 0–255.
        style: the styles, as `nstlib.stylize` takes them.
        settings: the settings. Their size is that of the frames.
        store: where networks and compiled functions are kept.
        colors: a picture with the colors of the film, from `colors_of`; those of the
            first frame count if None.

    Returns:
        The painter, and the paintings in the colors that it uses.

    Raises:
        NstError: a style or a network cannot be used.
    """
    plain = make_settings(settings, colors="style", progress_every=0)
    if settings.method == "feedforward" and not settings.refine:
        networks, styles = transformers_of(style, store.transformer)
        check_mixed(networks)
        paint: Painter = _Network(networks, styles, first, settings)
    else:
        if settings.method == "feedforward":
            styles = as_entries(style)
        else:
            model = first if colors is None else colors
            styles = recolored(as_styles(style), model, settings.colors)
        stylizer = Stylizer(plain, store=store)

        def paint(frame: Picture, masks: Masks | None = None) -> Picture:
            given = with_masks(styles, masks)
            if masks is not None:
                given = seen_styles(given, frame, plain)
            if not given:
                return frame
            result = stylizer(frame, given)
            if result.stop_reason == "interrupted":
                raise KeyboardInterrupt
            return result.image

    return InColors(paint, settings.colors), styles


class _Network:
    """A trained network, compiled for frames of one size.

    `nstlib.feedforward.repaint` runs operation by operation, so a single photo needs no
    compilation.
    """

    def __init__(
        self,
        networks: Any,
        styles: list[WeightedStyle],
        first: Picture,
        settings: Settings,
    ):
        self.networks, self.styles = networks, styles
        self.fixed = mixed(networks, styles, first)
        self.path, self.precision = networks[0].path, computed_in(settings.precision)
        parameters, precision = self.fixed[0], self.precision
        self.run = tf.function(
            lambda tensor: transform(parameters, tensor, precision, fused_norm),
            autograph=False,
        )
        self.run_mixed = tf.function(self._mixed, autograph=False)

    def _mixed(self, tensor: tf.Tensor, shares: dict[str, tf.Tensor]) -> tf.Tensor:
        """Run a network whose mix differs from frame to frame."""
        weights = np.ones(len(self.networks), np.float32)
        parameters = Blend([network.parameters for network in self.networks], weights)
        parameters.shares = shares
        return transform(parameters, tensor, self.precision, fused_norm)

    def __call__(self, frame: Picture, masks: Masks | None = None) -> Picture:
        """Paint a frame."""
        height, width, _ = frame.shape
        tensor = tf.constant(preprocess(widened(frame, EDGE, MULTIPLE)))
        _, where = self.fixed
        if masks is None:
            made = deprocess(self.run(tensor).numpy())
        else:
            placed = with_masks(self.styles, masks)
            blend, where = mixed(self.networks, placed, frame)
            assert isinstance(blend, Blend)
            made = deprocess(self.run_mixed(tensor, blend.shares).numpy())
        made = made[EDGE : EDGE + height, EDGE : EDGE + width]
        if not np.isfinite(made).all():
            raise NetworkError(
                f"{shown(self.path)} gives numbers that are not finite (NaN or Inf) "
                "for a frame: train it again, or use another network."
            )
        if where is not None:
            made = where * made + (1 - where) * frame
        return made


def seconds_of(work: Callable[[], Any], warm: bool = True) -> float:
    """Return how long work takes; if ``warm``, without the first compilation."""
    if warm:
        work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
