"""Loading the pictures of ``nst stylize``, and describing them for the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.cli.inputs import Inputs
from nstlib.course.pictures import load_mask
from nstlib.feedforward import load_transformer
from nstlib.files import as_path
from nstlib.images import Downloads, Picture, load_image, load_with_alpha, shrink
from nstlib.runs.facts import hash_of, weights_of
from nstlib.runs.provenance import Origin, origins, record
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle


class Loaded(NamedTuple):
    """The pictures that were typed, loaded."""

    photo: Picture
    styles: list[WeightedStyle]
    alpha: np.ndarray | None
    """Opacity of the photo, ``(H, W)``, 0–1; None if it is opaque."""
    origins: list[Origin]

    def sources(self, inputs: Inputs, settings: Settings, side: int) -> dict[str, Any]:
        """Return what the result stores about the files that it is made from."""
        found = record(self.origins, inputs.out.absolute().parent, side)
        if settings.method == "feedforward":
            found["network"] = hash_of(as_path(inputs.styles[0].source))
        elif weights := weights_of(settings):
            found["vgg"] = weights
        return found


def load_inputs(inputs: Inputs, method: str, side: int) -> Loaded:
    """Load all pictures. Those that are larger than necessary are scaled down.

    Args:
        inputs: the pictures that were typed.
        method: with "feedforward", the style is a trained network.
        side: longest side in pixels that a picture may have.

    Raises:
        NstError: a picture or a network cannot be loaded.
    """
    content, downloads = inputs.content, Downloads()
    photo, alpha = load_with_alpha(downloads(content.source), side)
    found, places = [], []
    colors: list[str | None] = []
    for style, mask in zip(inputs.styles, inputs.masks, strict=True):
        where = None if mask is None else mask.source
        region = None if mask is None else load_mask(mask, side, downloads)
        picture = _painting(style.source, method, side, downloads)
        found.append(WeightedStyle(picture, style.weight, region))
        places.append((style.source, style.weight, where))
        colors.append(None if mask is None else mask.color)
    made_of = origins(content.source, places, photo, found, colors)
    return Loaded(photo, found, alpha, made_of)


def _painting(
    source: str | Path, method: str, side: int, downloads: Downloads
) -> Picture:
    """Load a painting; of a trained network, its style picture."""
    if method == "feedforward":
        return shrink(load_transformer(source).style, side)
    return load_image(downloads(source), side)
