"""The forms in which `nstlib.stylize` accepts styles, and one common form for all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from nstlib.color_choice import prepare_style
from nstlib.errors import NetworkError, SettingsError
from nstlib.images import Picture, as_picture, shrink
from nstlib.masks import as_mask
from nstlib.vgg_plan import stride

# A picture or a path; or a list of these, of (picture, weight), or of (picture, weight,
# mask), see `nstlib.masks.as_mask`.
Style = Any


class WeightedStyle(NamedTuple):
    """A style picture with its weight and its mask."""

    picture: Picture
    weight: float = 1.0
    mask: np.ndarray | None = None
    """``(H, W)`` of any size, 0–255: where the style goes; everywhere if None."""


def as_styles(style: Style) -> list[WeightedStyle]:
    """Convert the ``style`` of `nstlib.stylize` to a list of `WeightedStyle`.

    Args:
        style: a picture or a path; or a list of pictures or paths, each alone, as
            ``(picture, weight)`` or as ``(picture, weight, mask)``.

    Raises:
        ImageError: a picture cannot be loaded.
        SettingsError: there is no style, or a weight or a mask makes no sense.
        ValueError: an array is not a picture.
    """
    return [s._replace(picture=as_picture(s.picture)) for s in as_entries(style)]


def as_entries(style: Style) -> list[WeightedStyle]:
    """Do what `as_styles` does, but leave the pictures as they were given.

    So they may be names of trained networks.
    """
    entries = list(style) if isinstance(style, list | tuple) else [style]
    if not entries:
        raise SettingsError("there is no style picture, give at least one.")
    found = [
        WeightedStyle(*e) if isinstance(e, tuple) and len(e) in (2, 3) else e
        for e in entries
    ]
    styles = [e if isinstance(e, WeightedStyle) else WeightedStyle(e) for e in found]
    try:
        weights = [float(style.weight) for style in styles]
    except (TypeError, ValueError) as error:
        raise SettingsError(
            "a style is (picture, weight) or (picture, weight, mask): the weight is a "
            "number, a mask comes third."
        ) from error
    if min(weights) < 0 or not 0 < sum(weights) < np.inf:
        raise SettingsError("style weights are finite, not negative, and not all 0.")
    return [
        WeightedStyle(
            style.picture,
            weight,
            None if style.mask is None else as_mask(style.mask),
        )
        for style, weight in zip(styles, weights, strict=True)
    ]


def recolored(
    styles: Sequence[WeightedStyle], photo: Picture, colors: str
) -> list[WeightedStyle]:
    """Give styles the photo's colors if ``colors`` says so; see `prepare_style`."""
    return [s._replace(picture=prepare_style(s.picture, photo, colors)) for s in styles]


def sized(
    styles: Sequence[WeightedStyle], side: int, shortest: int = 0
) -> list[WeightedStyle]:
    """Scale styles down to a longer side, which is at least 16 pixels.

    Args:
        styles: from `as_styles`.
        side: the longer side in pixels.
        shortest: number of pixels that the shorter side keeps, if it has that many. So
            a thin painting still reaches the deepest layer.
    """
    found = []
    for style in styles:
        sides = style.picture.shape[:2]
        longer = max(side, 16, math.ceil(shortest * max(sides) / min(sides)))
        found.append(style._replace(picture=shrink(style.picture, longer)))
    return found


def check_sizes(styles: Sequence[WeightedStyle], layers: Iterable[str]) -> None:
    """Raise a `NetworkError` if a style is too small for a layer, and name it."""
    deepest = max(layers, key=stride)
    for number, style in enumerate(styles, start=1):
        height, width, _ = style.picture.shape
        if min(height, width) < stride(deepest):
            which = f"style {number}" if len(styles) > 1 else "the style"
            raise NetworkError(
                f"{which} has only {width} × {height} pixels, and {deepest} needs "
                f"{stride(deepest)} each way: give a larger picture."
            )
