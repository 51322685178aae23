"""Finding the picture that was typed: a file, an address, or a course picture."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nstlib.course.places import ROOT
from nstlib.errors import FileError, ImageError, SourceError
from nstlib.files import as_path, is_url, shown
from nstlib.images import Downloads, load_image, open_source
from nstlib.masks import as_mask, mask_of_color
from nstlib.transformers import find_transformer, shipped_styles

IMAGES = ROOT / "images"
"""The folder of the course's pictures, in a clone or in an installed package."""
DEFAULTS = {"content": "content/cat.jpg", "style": "style/starry_night.jpg"}
LOADED_SIDE = 4096  # larger pictures are scaled down, unless the result is larger


class NamedPicture(NamedTuple):
    """A picture that was typed, with its weight as a style."""

    source: str | Path  # a Path if it belongs to the course
    weight: float = 1.0

    @property
    def name(self) -> str:
        """The name of the file, without its folder or host."""
        return re.split(r"[/\\]", shown(self.source).rstrip("/"))[-1]

    def __str__(self) -> str:
        """Return the source as it was typed; the name only, for a course picture."""
        return self.name if isinstance(self.source, Path) else shown(self.source)


class NamedMask(NamedTuple):
    """A mask that was typed, and the color in it that counts."""

    source: str | Path
    color: str | None = None
    """Color of the places where the style goes; None for a gray mask."""


def find(text: str, kind: str) -> NamedPicture:
    """Find the picture that was typed.

    Args:
        text: a path, an address, or the name of a course picture. A style may end in
            ``:NUMBER``, which is its weight.
        kind: ``"content"`` or ``"style"``. If course pictures of both kinds have the
            same name, the kind decides. Only a style has a weight.

    Raises:
        ImageError: there is no such picture.
        SourceError: the weight makes no sense, or the name of a course picture is
            misspelled.
    """
    if kind == "style":
        text, weight = _without_weight(text)
        if weight is not None:
            return find(text, kind)._replace(weight=weight)
    if is_url(text) or exists(text):
        return NamedPicture(text)
    course = [p for p in IMAGES.glob("*/*.*") if p.suffix in (".jpg", ".png")]
    course.sort(key=lambda path: path.parent.name != kind)
    for path in course:
        if text.lower() in (path.name, path.stem):
            return NamedPicture(path)
    try:
        open_source(text).close()  # raises, and says why
    except ImageError as error:
        near = difflib.get_close_matches(text.lower(), [p.stem for p in course], 1)
        if "did you mean" in str(error) or not near:
            raise
        raise SourceError(
            f"{shown(text)} does not exist: did you mean {near[0]}?"
        ) from None
    return NamedPicture(text)


def _without_weight(text: str) -> tuple[str, float | None]:
    """Divide ``"painting:2"`` into text and weight; None if it names no weight."""
    if is_url(text) or exists(text):
        weighted = re.fullmatch(r"(\w+://[^/]+/.+):(\d*\.?\d+)", text)  # no port
    else:
        weighted = re.fullmatch(r"(..+):(-?\d*\.?\d+)", text)  # nor the C: of a drive
    if not weighted or exists(text):
        return text, None
    if not 0 < float(weighted[2]) < math.inf:
        raise SourceError(
            f"{shown(text)}: the weight of a style must be a number above 0."
        )
    return weighted[1], float(weighted[2])


def find_picture(text: str | Path, kind: str = "content") -> str | Path:
    """Return the path of a picture of the course by its name, or of any other picture.

    Taught in: 00_quickstart. So ``"great_wave"`` will do in place of a path.

    Args:
        text: the name of a course picture, a path, or an address.
        kind: ``"content"`` or ``"style"``. If course pictures of both kinds have the
            same name, the kind decides.

    Raises:
        ImageError: there is no such picture.
        SourceError: the name of a course picture is misspelled.
    """
    return text if isinstance(text, Path) else find(text, kind).source


def find_network(text: str | None) -> NamedPicture:
    """Find the trained network that was typed, or the first of the package.

    Args:
        text: a name or a file, which may end in ``:NUMBER``, its weight; None takes the
            first of `shipped_styles`.

    Raises:
        NetworkError: there is no such network.
        SourceError: the weight makes no sense.
    """
    name, weight = _without_weight(text or shipped_styles()[0])
    return NamedPicture(find_transformer(name), 1.0 if weight is None else weight)


def find_or_default(text: str | None, kind: str) -> NamedPicture:
    """Find the picture that was typed, or a default one of the course.

    Args:
        text: as for `find`; None or an empty text takes the default.
        kind: ``"content"`` or ``"style"``.

    Raises:
        ImageError: there is no such picture.
        SourceError: the text makes no sense, see `find`, or the default is missing.
    """
    if text:
        return find(text, kind)
    path = IMAGES / DEFAULTS[kind]
    if not path.is_file():
        raise SourceError(
            f"{path} is missing, nstlib was installed without the course: name a "
            "photo and a painting."
        )
    return NamedPicture(path)


def find_masks(
    given: list[str], styles: int, colors: Sequence[str] = ()
) -> list[NamedMask | None]:
    """Find the masks that were typed, one for each style.

    Args:
        given: what was typed for each mask, or ``"none"``; empty for no masks at all.
        styles: number of styles.
        colors: colors of the masks, one for each; ``"none"`` for a gray mask.

    Returns:
        A mask for each style, or None for a style without one.

    Raises:
        ImageError: there is no such picture.
        SourceError: a name is misspelled, or there are not as many masks as styles, or
            as many colors as masks.
    """
    if colors and len(colors) != len(given):
        raise SourceError(
            f"masks: {len(given)}, colors: {len(colors)}. Give one --mask-color for "
            "each --mask, in the same order, and --mask-color none to a gray mask."
        )
    if given and len(given) != styles:
        raise SourceError(
            f"styles: {styles}, masks: {len(given)}. Give one --mask for each style, "
            "in the same order, and --mask none to a style that goes everywhere."
        )
    shades = [None if c == "none" else c for c in colors or ["none"] * len(given)]
    found = [
        None if name == "none" else NamedMask(find(name, "mask").source, color)
        for name, color in zip(given, shades, strict=True)
    ]
    return found or [None] * styles


def load_mask(mask: NamedMask, side: int | None, downloads: Downloads) -> np.ndarray:
    """Load a mask as `as_mask` does, or make one from a map with colors.

    Args:
        mask: the mask that was typed.
        side: longest side of a gray mask in pixels; None keeps its size. A colored map
            is not scaled, because that would mix its colors.
        downloads: what the run has fetched already.

    Raises:
        ImageError: the file cannot be read.
        SettingsError: the mask is black everywhere, or has not got its color.
    """
    source = downloads(mask.source)
    if mask.color is None:
        return as_mask(source, side)
    return mask_of_color(load_image(source), mask.color)


def exists(text: str) -> bool:
    """Return whether there is a file or folder of this name."""
    try:
        return as_path(text).exists()
    except (FileError, OSError):  # a name that no file can have
        return False
