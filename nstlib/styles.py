"""What `stylize` accepts as pictures, brought to one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nstlib.color import prepare_style
from nstlib.errors import SettingsError
from nstlib.images import Picture, as_picture, shrink
from nstlib.masks import as_mask

# A picture or path; a list of them, of (picture or path, weight), or of those with a
# mask as third; see `nstlib.masks.as_mask`.
Style = Any


class WeightedStyle(NamedTuple):
    """A style in the form that all others are brought to."""

    picture: Picture
    weight: float = 1.0
    mask: np.ndarray | None = None
    """``(H, W)`` of any size, 0–255: where it goes; everywhere if None."""


def as_styles(style: Style) -> list[WeightedStyle]:
    """Bring every accepted form to [(picture, weight, mask), …].

    Raises:
        ImageError, ValueError: as `as_picture`.
        SettingsError: no style at all, weights that make no sense, or a mask that
            makes none.
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
            as_picture(style.picture),
            weight,
            None if style.mask is None else as_mask(style.mask),
        )
        for style, weight in zip(styles, weights, strict=True)
    ]


def recoloured(
    styles: Sequence[WeightedStyle], photo: Picture, colors: str
) -> list[WeightedStyle]:
    """Styles in the photo's colours, if ``colors`` asks for it."""
    return [s._replace(picture=prepare_style(s.picture, photo, colors)) for s in styles]


def sized(styles: Sequence[WeightedStyle], side: int) -> list[WeightedStyle]:
    """Styles at this longer side, at least 16 pixels, but never enlarged."""
    return [s._replace(picture=shrink(s.picture, max(side, 16))) for s in styles]
