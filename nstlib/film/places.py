"""Where each painting goes in each frame of a film."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from typing import Any, NamedTuple

import numpy as np

from nstlib.course.pictures import NamedMask
from nstlib.errors import SettingsError
from nstlib.files import as_path
from nstlib.film.masks import MovingMask, is_moving, moving_mask, named_mask, still_mask
from nstlib.film.source import Film, Wanted
from nstlib.images import Picture, resize_mask
from nstlib.large.scales import plan_scales
from nstlib.masks import guidance, warn_if_stretched
from nstlib.runs.provenance import Origin, origin
from nstlib.settings import Settings, optimized_half
from nstlib.styles import Style, WeightedStyle

Masks = Sequence[np.ndarray | None]
"""For each painting its mask ``(H, W)``, 0–255, or None if it goes everywhere."""


Moving = dict[int, np.ndarray]
"""Number of a painting, from 0 → its mask in one frame, uint8 ``(H, W)``."""


class Placed(NamedTuple):
    """A frame, and its masks that move: those of films."""

    frame: np.ndarray
    """uint8 ``(H, W, 3)``, RGB."""
    moving: Moving


def divided(style: Style) -> tuple[list[Any], list[Any]]:
    """Divide styles, as `nstlib.stylize` takes them, into styles and masks.

    A mask that is a film would not be understood elsewhere.
    """
    entries = list(style) if isinstance(style, list | tuple) else [style]
    plain, masks = [], []
    for entry in entries:
        whole = isinstance(entry, tuple) and len(entry) == 3
        plain.append(tuple(entry[:2]) if whole else entry)
        masks.append(entry[2] if whole else None)
    return plain, masks


def placed_styles(plain: Sequence[Any], masks: Masks) -> list[Any]:
    """Put masks into styles from `divided` again."""
    found: list[Any] = []
    for entry, mask in zip(plain, masks, strict=True):
        if mask is not None:
            pair = tuple(entry) if isinstance(entry, tuple) else (entry, 1.0)
            entry = (*pair, mask)
        found.append(entry)
    return found


class Places:
    """Where the paintings of a film go.

    Args:
        film: the film.
        wanted: which part of it is read.
        masks: one for each painting: None, anything that `as_mask` takes, a film, or a
            `NamedMask` with the color that counts. Of a film, the same part is read.

    Raises:
        FilmError: a film cannot be read, or is shorter than the part.
        ImageError: a picture cannot be read.
        SettingsError: a mask is black everywhere, or it has colors and none was named.

    Attributes:
        still: the masks that stay; None for the others.
    """

    def __init__(self, film: Film, wanted: Wanted, masks: Sequence[Any]):
        self.film, height, width = film, *film.facts[:2]
        self.origins: list[Origin | None] = []
        self.still: list[np.ndarray | None] = []
        self.moving: dict[int, MovingMask] = {}
        for index, mask in enumerate(map(named_mask, masks)):
            if isinstance(mask, NamedMask) and is_moving(mask.source):
                self.moving[index] = moving_mask(mask, film.facts, wanted)
                self.still.append(None)
            else:
                self.still.append(still_mask(mask))
            self.origins.append(self._origin(index, mask))
        if any(mask is not None for mask in masks):
            self._warn_if_stretched()
        self.still = [
            None if mask is None else _fitted(mask, height, width)
            for mask in self.still
        ]

    def _warn_if_stretched(self) -> None:
        with closing(self._raw()) as frames:
            for frame, moving in frames:
                warn_if_stretched(masks_of(self.still, moving) or self.still, frame)
                break

    def _origin(self, index: int, mask: Any) -> Origin | None:
        if mask is None:
            return None
        if index in self.moving:
            path = as_path(mask.source).absolute()
            found = Origin(path.name, path, self.moving[index].film.hash())
        else:
            kept = self.still[index]
            assert kept is not None
            source = mask.source if isinstance(mask, NamedMask) else mask
            found = origin(source, kept)
        color = mask.color if isinstance(mask, NamedMask) else None
        return found._replace(color=color)

    def frames(self) -> Generator[Placed, None, None]:
        """Read the frames of the film, and in step with them the masks that move.

        Raises:
            FilmError: a mask ends before the film.
        """
        with closing(self._raw()) as frames:
            for frame, moving in frames:
                yield Placed(
                    frame,
                    {n: _fitted(mask, *frame.shape[:2]) for n, mask in moving.items()},
                )

    def _raw(self) -> Generator[Placed, None, None]:
        """Read the same, with the masks in their own proportions."""
        with ExitStack() as stack:
            frames = stack.enter_context(closing(self.film.frames()))
            readers = {
                number: stack.enter_context(closing(moving.frames()))
                for number, moving in self.moving.items()
            }
            for frame in frames:
                yield Placed(frame, {n: next(masks) for n, masks in readers.items()})


def masks_of(still: Masks, moving: Moving) -> Masks | None:
    """Return the mask of each painting in a frame; None if none moves.

    Args:
        still: the masks that stay.
        moving: from a `Placed`.
    """
    if not moving:
        return None
    return [moving.get(number, mask) for number, mask in enumerate(still)]


def with_masks(
    styles: Sequence[WeightedStyle], masks: Masks | None
) -> list[WeightedStyle]:
    """Give styles the masks of a frame; with None, they keep their own."""
    if masks is None:
        return list(styles)
    pairs = zip(styles, masks, strict=True)
    return [style._replace(mask=mask) for style, mask in pairs]


def seen_styles(
    styles: Sequence[WeightedStyle], frame: Picture, settings: Settings
) -> list[WeightedStyle]:
    """Leave out the styles whose mask is black, or too small for a layer, in a frame.

    This is no error in a film, because a thing with a mask may enter and leave.
    """
    half = optimized_half(settings)
    plan = plan_scales(frame.shape[0], frame.shape[1], half) if half else []

    def seen(mask: np.ndarray | None) -> bool:
        if mask is None:
            return True
        if mask.max() <= 1:
            return False
        try:
            for tall, wide, _ in plan:
                assert half is not None
                small = resize_mask(mask, tall, wide)
                for layer in half.style_layers if small.min() < 1 else ():
                    guidance(small, layer, half.network, half.margin)
        except SettingsError:
            return False
        return True

    return [style for style in styles if seen(style.mask)]


def _fitted(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Stretch a mask to the proportions of the frames; others keep their size."""
    tall, wide = mask.shape
    if abs(wide * height - tall * width) <= max(tall, wide):
        return mask
    return np.rint(255 * resize_mask(mask, height, width)).astype(mask.dtype)
