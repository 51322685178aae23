"""Pictures written to files, whole or not at all.

Taught in: 01_preprocessing. Nothing here reads a picture; what cannot be written is
told by `ImageError`, in one sentence.
"""

from __future__ import annotations

import io
import json
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nstlib.errors import ImageError, about_pictures
from nstlib.files import as_path, atomic_write, new_file_beside, shown

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
}
"""Suffixes that `save_image` knows, with Pillow's name of the format."""
DESCRIPTION = 0x010E
"""The EXIF field that holds the metadata of a JPEG, WebP or TIFF, as JSON."""

_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}


def save_image(
    picture: np.ndarray,
    path: str | os.PathLike[str],
    metadata: Mapping[str, object] | None = None,
    alpha: np.ndarray | None = None,
) -> Path:
    """Save a picture whole or not at all: never a half-written file.

    Taught in: 01_preprocessing.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, uint8 or any real dtype (clipped, rounded).
        path: the suffix names the format, one of `FORMATS`; missing folders are made.
        metadata: names and values that `read_metadata` reads back as text; stored as
            text in PNG and as EXIF in JPEG, WebP and TIFF, nowhere else.
        alpha: ``(H, W)``, opacity from 0 to 1; left out of JPEG, BMP and GIF.

    Returns:
        The path written.

    Raises:
        ImageError: wrong suffix, shape or values; the file cannot be written.
    """
    with about_pictures():
        path = as_path(path)
    kind, pixels = _format(path), _in_bytes(picture, path)
    if alpha is not None:
        opacity = np.asarray(alpha)
        if opacity.shape != pixels.shape[:2] or not np.isfinite(opacity).all():
            raise ImageError(
                f"{shown(path)} was not saved: its alpha must be finite and of shape "
                f"{pixels.shape[:2]}, not {opacity.shape}."
            )
        if kind in ("PNG", "WEBP", "TIFF"):
            opacity = np.rint(np.clip(opacity, 0, 1) * 255).astype(np.uint8)
            pixels = np.dstack([pixels, opacity])
    encoded = io.BytesIO()
    try:
        options = _OPTIONS.get(kind, {}) | _tags(kind, metadata or {})
        Image.fromarray(pixels).save(encoded, kind, **options)
    except Exception as error:  # Pillow's writers raise any kind
        reason = shown(str(error) or type(error).__name__)
        raise ImageError(
            f"{shown(path)} cannot be written as {kind} ({reason}): change the "
            "metadata, or save as PNG."
        ) from error
    with about_pictures():
        return atomic_write(path, lambda file: file.write(encoded.getbuffer()))


def _format(path: Path) -> str:
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ImageError(
            f"{shown(path)} does not name a format: end it with one of "
            f"{', '.join(FORMATS)}."
        )
    return kind


def _in_bytes(picture: np.ndarray, path: Path) -> np.ndarray:
    picture = np.asarray(picture)
    numbers = np.can_cast(picture.dtype, np.float64, "same_kind")
    if not numbers or picture.ndim != 3 or picture.shape[-1] != 3 or not picture.size:
        raise ImageError(
            f"{shown(path)} was not saved: a picture is an array of numbers (H, W, 3), "
            f"not {picture.dtype} {picture.shape}; deprocess turns a tensor into one."
        )
    if picture.dtype == np.uint8:
        return picture
    whole = picture.dtype.kind in "bui"
    picture = picture.astype(np.float32)
    lost = np.count_nonzero(~np.isfinite(picture).all(axis=-1))
    if lost:
        raise ImageError(
            f"{shown(path)} was not saved: {lost} of {picture[..., 0].size} pixels are "
            "not finite; lower the weights or the learning rate and run again."
        )
    if not whole and picture.min() >= 0 and 0 < picture.max() <= 1:
        warnings.warn(
            f"{shown(path)} will look black: its values are within 0–1, and pictures "
            "go from 0 to 255; multiply by 255 first.",
            stacklevel=3,
        )
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def _tags(kind: str, metadata: Mapping[str, object]) -> dict[str, Any]:
    texts = {str(key): str(value) for key, value in metadata.items()}
    if not texts:
        return {}
    if kind == "PNG":
        info = PngInfo()
        for key, value in texts.items():
            if not re.fullmatch(r"[ -~]{1,79}", key):  # what PNG allows for a name
                raise ValueError(f"the name {key!r} is not 1 to 79 ASCII characters")
            info.add_text(key, value)
        return {"pnginfo": info}
    if kind in ("JPEG", "WEBP", "TIFF"):
        exif = Image.Exif()
        exif[DESCRIPTION] = json.dumps(texts)
        return {"exif": exif}
    warnings.warn(f"{kind} cannot hold metadata; save as PNG to keep it.", stacklevel=3)
    return {}


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before a long run whether `save_image` will be able to write there.

    Taught in: 01_preprocessing. Missing folders are made; a file that exists is left
    as it is. A disk that fills up later is not foreseen.

    Raises:
        ImageError: as `save_image` would, for the same path.
    """
    with about_pictures():
        path = as_path(path)
        _format(path)
        with new_file_beside(path):
            pass
