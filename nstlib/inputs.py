"""What `stylize` accepts as pictures, brought to one form."""

from __future__ import annotations

from typing import Any

import numpy as np

from nstlib.images import load_image
from nstlib.settings import SettingsError

Picture = np.ndarray  # float32 (H, W, 3), RGB, 0–255
Style = Any  # a picture or path, a list of them, or of (picture or path, weight) pairs


def as_picture(source: Any) -> Picture:
    """A picture ``(H, W, 3)``, 0–255, from an array or anything `load_image` reads.

    Raises:
        ImageError: a file cannot be read.
        ValueError: an array of another shape, or with values that are not finite.
    """
    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] != 3 or 0 in source.shape:
            raise ValueError(f"A picture is (H, W, 3), RGB, 0–255, not {source.shape}.")
        if not np.isfinite(source).all():
            raise ValueError("A picture has values that are not finite (NaN or Inf).")
        return np.asarray(source, np.float32)
    return load_image(source)


def as_styles(style: Style) -> list[tuple[Picture, float]]:
    """Bring every accepted form to [(picture, weight), …].

    Raises:
        ImageError, ValueError: as `as_picture`.
        SettingsError: no style at all, or weights that make no sense.
    """
    entries = list(style) if isinstance(style, list | tuple) else [style]
    if not entries:
        raise SettingsError("there is no style picture, give at least one.")
    pairs = [e if isinstance(e, tuple) and len(e) == 2 else (e, 1.0) for e in entries]
    weights = [float(weight) for _, weight in pairs]
    if min(weights) < 0 or not 0 < sum(weights) < np.inf:
        raise SettingsError("style weights are finite, not negative, and not all 0.")
    return [(as_picture(p), w) for (p, _), w in zip(pairs, weights, strict=True)]
