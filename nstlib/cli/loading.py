"""Reading the pictures that ``nst stylize`` was given, and what is told about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.cli.inputs import Inputs
from nstlib.feedforward import load_transformer
from nstlib.files import as_path
from nstlib.images import Picture, load_alpha, load_image, shrink
from nstlib.masks import as_mask
from nstlib.runs.facts import hash_of, weights_of
from nstlib.runs.provenance import Origin, origins, record
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle


class Loaded(NamedTuple):
    """The pictures themselves."""

    photo: Picture
    styles: list[WeightedStyle]
    alpha: np.ndarray | None
    """Opacity of the photo."""
    origins: list[Origin]

    def sources(self, inputs: Inputs, settings: Settings, side: int) -> dict[str, Any]:
        """What is written down about what the result is made from."""
        found = record(self.origins, inputs.out.absolute().parent, side)
        if settings.method == "feedforward":
            found["network"] = hash_of(as_path(inputs.styles[0].source))
        elif weights := weights_of(settings):
            found["vgg"] = weights
        return found


def load_inputs(inputs: Inputs, method: str, side: int) -> Loaded:
    """Read all pictures, scaled down where they are larger than any result.

    Raises:
        NstError: one cannot be read.
    """
    content = inputs.content
    photo, found, places = load_image(content.source, side), [], []
    for style, mask in zip(inputs.styles, inputs.masks, strict=True):
        where = None if mask is None else mask.source
        region = None if where is None else as_mask(where, side)
        picture = _painting(style.source, method, side)
        found.append(WeightedStyle(picture, style.weight, region))
        places.append((style.source, style.weight, where))
    alpha = load_alpha(content.source, side)
    made_of = origins(content.source, places, photo, found)
    return Loaded(photo, found, alpha, made_of)


def _painting(source: str | Path, method: str, side: int) -> Picture:
    """A painting, or what a trained network learned to paint like."""
    if method == "feedforward":
        return shrink(load_transformer(source).style, side)
    return load_image(source, side)
