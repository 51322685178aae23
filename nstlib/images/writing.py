"""Writing pictures to files, completely or not at all.

Taught in: 01_preprocessing. Failures raise an `ImageError` with a one-sentence message.
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
from nstlib.images.arrays import as_array

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
"""Suffixes that `save_image` accepts → Pillow's name of the format."""
DESCRIPTION = 0x010E
"""The EXIF field that holds the metadata of a JPEG, WebP or TIFF, as JSON."""

_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}


def save_image(
    picture: Any,
    path: str | os.PathLike[str],
    metadata: Mapping[str, object] | None = None,
    alpha: np.ndarray | None = None,
) -> Path:
    """Save a picture to a file, which is written completely or not at all.

    Taught in: 01_preprocessing.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, of any real dtype: an array, a tensor, or an
            image of Pillow. Values are clipped and rounded to uint8.
        path: where to save. The suffix chooses the format, see `FORMATS`. Missing
            folders are created.
        metadata: names and values to store with the picture, as PNG text or as EXIF
            in JPEG, WebP and TIFF. `read_metadata` returns them as text. Other formats
            cannot hold them and give a warning.
        alpha: ``(H, W)``, opacity from 0 to 1. JPEG, BMP and GIF do not store it.

    Returns:
        The path that was written.

    Raises:
        ImageError: the suffix, the shape or the values are wrong, or the file cannot be
            written.

    Example:
        A painting can carry the settings that it was made with:

        >>> import tempfile
        >>> import numpy as np
        >>> from nstlib.images import read_metadata
        >>> painting = np.zeros((16, 24, 3))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_image(painting, f"{folder}/painting.png", {"steps": 300})
        ...     read_metadata(path)
        {'steps': '300'}
    """
    with about_pictures():
        path = as_path(path)
    array = as_array(picture)
    kind, pixels = _format(path), _in_bytes(picture if array is None else array, path)
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
    except Exception as error:  # Pillow's writers raise exceptions of any type
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
    if picture.max() > 1000:  # more than an optimizer overshoots
        warnings.warn(
            f"{shown(path)} will look white: its values go to {picture.max():.5g}, and "
            "pictures go from 0 to 255; divide 16 bits by 257 first.",
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
            if not re.fullmatch(r"[ -~]{1,79}", key):  # what the PNG standard allows
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
    """Check, before a long run, that `save_image` will be able to write to a path.

    Taught in: 01_preprocessing. Missing folders are created; an existing file is left
    as it is. The check cannot foresee that the disk fills up later.

    Args:
        path: where a picture will be saved.

    Raises:
        ImageError: `save_image` would raise one for this path.
    """
    with about_pictures():
        path = as_path(path)
        _format(path)
        with new_file_beside(path):
            pass
