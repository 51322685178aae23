"""What the setting `colors` does to the painting, to the photo and to the result.

Taught in: 10_creative_control.
"""

from __future__ import annotations

import numpy as np

from nstlib.color import (
    match_covariance,
    match_histogram,
    match_luminance,
    transfer_luminance,
)
from nstlib.images import resize

COLORS = ("style", "content", "luminance", "match", "histogram", "match_after")
"""Where the colors of a picture by `nstlib.stylize` come from.

``"style"``: from the style. ``"content"``: from the photo; the result gives the
luminance. ``"luminance"``: the same, but painted in gray, from a style with the photo's
brightness and contrast, as in the paper. ``"match"`` and ``"histogram"``: from a style
that is first given the photo's mean and covariance, or its histograms.
``"match_after"``: the result is given the photo's mean and covariance."""

RECOLORED = ("luminance", "match", "histogram")
"""Those for which the style itself is given the photo's colors."""


def prepare_style(style: np.ndarray, photo: np.ndarray, colors: str) -> np.ndarray:
    """Give a style the photo's colors before the transfer, if ``colors`` says so.

    Args:
        style: ``(h, w, 3)``, 0–255.
        photo: ``(H, W, 3)``, 0–255.
        colors: one of `COLORS`.

    Returns:
        The style to use, ``(h, w, 3)``, 0–255.
    """
    if colors == "match":
        return match_covariance(style, photo)
    if colors == "histogram":
        return match_histogram(style, photo)
    return match_luminance(style, photo) if colors == "luminance" else style


def prepare_photo(photo: np.ndarray, colors: str) -> np.ndarray:
    """Return the photo to paint from: gray if ``colors`` is ``"luminance"``."""
    return match_luminance(photo) if colors == "luminance" else photo


def finish(picture: np.ndarray, photo: np.ndarray, colors: str) -> np.ndarray:
    """Give the result of a transfer the photo's colors, if ``colors`` says so.

    Args:
        picture: the result, ``(H, W, 3)``, 0–255.
        photo: ``(h, w, 3)``, 0–255, of any size.
        colors: one of `COLORS`.

    Returns:
        The picture to show, ``(H, W, 3)``, 0–255.
    """
    if colors == "match_after":
        return match_covariance(picture, photo)
    if colors not in ("content", "luminance"):
        return picture
    return transfer_luminance(picture, resize(photo, *picture.shape[:2]))
