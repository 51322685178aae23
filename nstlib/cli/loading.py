"""Loading the pictures of ``nst stylize``, and describing them for the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.cli.inputs import Inputs
from nstlib.course.pictures import load_mask
from nstlib.files import as_path
from nstlib.images import Downloads, Picture, load_image, load_with_alpha, shrink
from nstlib.runs.facts import hash_of, weights_of
from nstlib.runs.provenance import Origin, origins, record
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle
from nstlib.transformers import load_transformer, network_file
from nstlib.vgg_weights import check_local_weights


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
            found["network"] = hash_of(network_file(as_path(inputs.styles[0].source)))
        if weights := weights_of(settings):
            found["vgg"] = weights
        return found


def load_inputs(inputs: Inputs, settings: Settings, side: int) -> Loaded:
    """Load all pictures, and see that a file of weights can be used.

    Pictures that are larger than necessary are scaled down. TensorFlow is not started.

    Args:
        inputs: the pictures that were typed.
        settings: with method "feedforward", the style is a trained network.
        side: the longest side that a picture may have, in pixels.

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
        picture = _painting(style.source, settings.method, side, downloads)
        found.append(WeightedStyle(picture, style.weight, region))
        places.append((style.source, style.weight, where))
        colors.append(None if mask is None else mask.color)
    if settings.method != "feedforward" or settings.refine:
        check_local_weights(settings.network, settings.weights)
    made_of = origins(content.source, places, photo, found, colors)
    return Loaded(photo, found, alpha, made_of)


def _painting(
    source: str | Path, method: str, side: int, downloads: Downloads
) -> Picture:
    """Load a painting, or the style picture of a trained network."""
    if method == "feedforward":
        return shrink(load_transformer(source).style, side)
    return load_image(downloads(source), side)
