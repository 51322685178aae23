"""Painting frames in their order, each tied to the frames before it."""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

import numpy as np

from nstlib.film.chain import FrameOptimizer, Recent
from nstlib.film.choices import Choices
from nstlib.film.painters import InColors, Painter, frame_painter
from nstlib.film.places import Masks, seen_styles, with_masks
from nstlib.film.smoothing import smoother_for
from nstlib.images import Picture
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import Style


class Methods(NamedTuple):
    """What paints single frames. It keeps nothing of them, so threads can share it."""

    alone: Painter
    """Paints a frame on its own."""
    optimizer: FrameOptimizer | None = None
    """Paints a frame so that it matches the earlier ones; None if frames are not tied
    by optimization."""


def is_chained(style: Style | None, settings: Settings, choices: Choices) -> bool:
    """Return whether each frame is optimized to match the earlier ones."""
    return bool(style is not None and settings.method == "optimize" and choices.reach)


def methods_for(
    first: Picture,
    style: Style | None,
    settings: Settings,
    choices: Choices,
    store: Store,
    colors: Picture | None = None,
) -> Methods:
    """Make what paints the frames of a film.

    Args:
        first: the first frame, ``(H, W, 3)``, RGB, 0–255.
        style: the styles, as `nstlib.stylize` takes them; None changes nothing.
        settings: the settings; their size is that of the frames.
        choices: how frames are tied to each other.
        store: where networks and compiled functions are kept.
        colors: a picture with the colors of the film, as for `frame_painter`.

    Raises:
        NstError: a style or a network cannot be used.
    """
    if style is None:
        return Methods(_unchanged)
    alone, styles = frame_painter(first, style, settings, store, colors)
    if not is_chained(style, settings, choices):
        return Methods(alone)
    return Methods(alone, FrameOptimizer(styles, settings, choices, store))


class FrameSequence:
    """Paints one frame after the other.

    Args:
        methods: what paints single frames.
        settings: the settings; their size is that of the frames.
        choices: how frames are tied to each other.

    Attributes:
        last: the last frame as ``"original"`` and as ``"film"``. If it was smoothed,
            ``"unsmoothed"`` is the painted frame before that.
    """

    def __init__(self, methods: Methods, settings: Settings, choices: Choices):
        self.methods, self.settings, self.choices = methods, settings, choices
        self.recent = Recent(choices.reach)
        self.smoother = smoother_for(settings, choices)
        self.last: dict[str, Picture] = {}
        self.masks: Masks | None = None

    def remember(
        self, frame: Picture, painted: Picture, masks: Masks | None = None
    ) -> None:
        """Remember a frame that was painted before, and where the styles went."""
        if self.methods.optimizer is not None:
            self.recent.cut(frame)
            self.recent.add(frame, painted)
        self.smoother.before = frame, painted
        self.last, self.masks = {"original": frame, "film": painted}, masks

    def __call__(
        self, frame: Picture, masks: Masks | None = None
    ) -> dict[str, Picture]:
        """Paint a frame.

        Args:
            frame: ``(H, W, 3)``, RGB, 0–255.
            masks: where the styles go in it; None if they have masks of their own.

        Returns:
            What `last` is now. The painted frame has whole numbers.
        """
        now = {"original": frame}
        if self._is_repeated(frame, masks):
            now |= {n: self.last[n] for n in self.last if n != "original"}
        elif self.recent.cut(frame) or not self.recent.pairs:
            now["film"] = self.methods.alone(frame, masks)
        else:
            now["film"] = self._tied(frame, masks)
        # The run goes on with what is kept, so a run that was cut off ends the same.
        now["film"] = whole_levels(now["film"])
        if self.smoother:
            now["unsmoothed"] = now["film"]
            now["film"] = whole_levels(self.smoother(frame, now["film"]))
        self.smoother.before = frame, now["film"]
        if self.methods.optimizer is not None:
            self.recent.add(frame, now["film"])
        self.last, self.masks = now, masks
        return now

    def again(self, frame: Picture, own: Picture, masks: Masks | None) -> Picture:
        """Paint a frame in another pass.

        Ruder et al. (2016), section 4.4: each frame starts from a blend of the frame
        that the previous pass painted and its warped neighbor in this pass.

        Args:
            frame: ``(H, W, 3)``, RGB, 0–255.
            own: what the previous pass painted.
            masks: as for a call.
        """
        self.recent.cut(frame)
        painted = own
        if self.recent.pairs:
            painted = whole_levels(self._tied(frame, masks, own))
        self.recent.add(frame, painted)
        return painted

    def _is_repeated(self, frame: Picture, masks: Masks | None) -> bool:
        if "original" not in self.last:
            return False
        if not np.array_equal(frame, self.last["original"]):
            return False
        if masks is None:
            return True
        return self.masks is not None and all(
            map(np.array_equal, _arrays(masks), _arrays(self.masks))
        )

    def _tied(
        self, frame: Picture, masks: Masks | None, own: Picture | None = None
    ) -> Picture:
        """Optimize a frame so that it matches the earlier ones."""
        optimizer, seen = copy(self.methods.optimizer), self.recent.seen(frame)
        assert optimizer is not None
        optimizer.styles = with_masks(optimizer.styles, masks)
        if masks is not None:
            optimizer.styles = seen_styles(optimizer.styles, frame, self.settings)
        if not optimizer.styles:
            return frame
        more: dict[str, Any] = {}
        if own is not None:
            more["start"] = own + 0.5 * seen.mask * (seen.warped - own)
            more["steps"] = max(1, self.choices.frame_steps // 2)

        def paint(frame: Picture, masks: Masks | None = None) -> Picture:
            return optimizer(frame, seen, **more)

        return InColors(paint, self.settings.colors)(frame)


def whole_levels(picture: Picture) -> Picture:
    """Round to whole gray levels from 0 to 255, as a file holds them."""
    return np.rint(np.clip(picture, 0, 255))


def _arrays(masks: Masks) -> list[np.ndarray]:
    return [np.zeros(0) if mask is None else mask for mask in masks]


def _unchanged(frame: Picture, masks: Masks | None = None) -> Picture:
    return frame
