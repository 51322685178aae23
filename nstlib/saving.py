"""Pictures and other files written whole or not at all.

Taught in: 01_preprocessing. `nstlib.images` offers all of it. Nothing here reads a
picture; what cannot be written is told by `ImageError`, in one sentence.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import stat
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nstlib.download import ImageError, as_path, shown

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
_FULL = "because the disk is full: free some space or save elsewhere"
_DENIED = (
    "because that is not allowed: save to another folder, or close the program that "
    "has the file open"
)
_NO_FOLDER = "because part of the path is a file, not a folder: check the path"
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
}


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
    path = as_path(path)
    _format(path)
    with _new_file_beside(path):
        pass


def atomic_write(
    path: str | os.PathLike[str], writer: Callable[[BinaryIO], object]
) -> Path:
    """Write any file so that its name never holds half of it.

    Taught in: 01_preprocessing. The bytes go to a new file in the same folder, to
    the disk, and only then to the name asked for. On failure an older file of that
    name is still there, whole. Missing folders are made.

    Args:
        path: where to write; an older file is replaced.
        writer: called once with the open binary file.

    Returns:
        The path written.

    Raises:
        ImageError: folder not writable, disk full, not the name of a file.
        Exception: whatever else ``writer`` raises.
    """
    path = as_path(path)
    with _new_file_beside(path) as file:
        writer(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()  # Windows does not move an open file
        os.replace(file.name, path)  # noqa: PTH105
    return path


@contextmanager
def _new_file_beside(path: Path) -> Iterator[BinaryIO]:
    """A new file in the same folder, which is gone at the end unless renamed."""
    temporary = path.parent / f".{uuid.uuid4().hex}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                raise ImageError(f"{shown(path)} is not a file: give a file name.")
        with temporary.open("xb") as file:
            yield file
    except OSError as error:
        other = f"({error.strerror or type(error).__name__}): save it elsewhere"
        reason = _REASONS.get(error.errno or 0, other)
        raise ImageError(f"{shown(path)} cannot be written {reason}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
