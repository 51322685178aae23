"""Pictures between files and arrays, whatever state the file is in.

Taught in: 01_preprocessing. In an array a picture is float32 ``(H, W, 3)``, RGB,
0–255. Whatever goes wrong with a file is told by `ImageError` in one sentence.
"""

from __future__ import annotations

import errno
import io
import json
import operator
import os
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from nstlib.download import ImageError, Source, as_path, describe, open_source, shown

__all__ = [
    "ImageError", "atomic_write", "check_writable", "fit_within", "load_alpha",
    "load_image", "read_metadata", "resize", "save_image",
]  # fmt: skip

MAX_PIXELS = 200_000_000
"""Larger pictures are refused by their header; nothing of them is decoded."""
MIN_SIDE = 8
"""A picture is refused if both its sides are shorter (pixels)."""
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

_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
_WITH_ALPHA = ("PNG", "WEBP", "TIFF")
_DESCRIPTION = 0x010E  # the EXIF field that holds metadata outside PNG, as JSON
# EXIF orientation → what brings the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pillow's pixel limit and Python's warning filters belong to the whole process.
_PILLOW = threading.Lock()


def load_image(source: Source, max_side: int | None = None) -> np.ndarray:
    """Load a picture from a file, an http(s) address, bytes or a stream.

    Taught in: 01_preprocessing. Handled on the way: EXIF orientation, palette, grey,
    transparency (composited over white, see `load_alpha`), CMYK, 16 bits, colour
    profiles (converted to sRGB), several frames (the first, with a warning).

    Args:
        source: path (``~`` is the home folder), address, bytes or binary stream.
        max_side: longest side in pixels; larger pictures are scaled down to it,
            smaller ones are never scaled up.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255.

    Raises:
        ImageError: anything that cannot be loaded; more than `MAX_PIXELS` pixels;
            both sides below `MIN_SIDE`.
        ValueError: ``max_side`` is below 1.
    """
    image, frames = _decode(source, max_side)
    if frames:
        warnings.warn(
            f"{shown(source)} holds several frames or pages; the first is used.",
            stacklevel=2,
        )
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    picture = np.array(image, dtype=np.float32)
    return picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)


def load_alpha(source: Source, max_side: int | None = None) -> np.ndarray | None:
    """Load the transparency of a picture, to be put back by `save_image`.

    Taught in: 01_preprocessing.

    Args:
        source: as for `load_image`, and of the same size for the same ``max_side``.
        max_side: as for `load_image`.

    Returns:
        float32 ``(H, W)``, 0 (transparent) to 1 (opaque); None if there is none.

    Raises:
        ImageError, ValueError: as for `load_image`.
    """
    image, _ = _decode(source, max_side)
    if image.mode != "RGBA":
        return None
    return np.array(image.getchannel("A"), dtype=np.float32) / 255


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    """Open without decoding; whatever Pillow raises in the block is explained."""
    name = shown(source)
    with open_source(source) as stream, _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS // 2
        try:
            Image.init()
            # All that Pillow reads but EPS, for which it would run Ghostscript.
            formats = [known for known in Image.ID if known != "EPS"]
            with Image.open(stream, formats=formats) as image:
                yield image
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            stream.seek(0)
            raise ImageError(f"{name} is {describe(stream.read(512))}.") from error
        except Image.DecompressionBombError as error:  # above twice Pillow's limit
            raise ImageError(
                f"{name} has more than {MAX_PIXELS / 1e6:g} megapixels: scale it down "
                "in a picture editor first."
            ) from error
        except Exception as error:  # damaged files bring any kind out of Pillow
            raise ImageError(
                f"{name} is damaged or of a kind that cannot be decoded "
                f"({shown(str(error) or type(error).__name__)}): download or export it again, or "
                "convert it to PNG or JPEG."
            ) from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _decode(source: Source, max_side: int | None) -> tuple[Image.Image, bool]:
    """Upright, within max_side, RGB or RGBA, or F (grey of more than 8 bits)."""
    fit_within(1, 1, max_side)  # a bad max_side is told before any work
    with _opened(source) as image:
        width, height = image.size
        if max(width, height) < MIN_SIDE or min(width, height) < 1:
            raise ImageError(
                f"{shown(source)} is only {width}×{height} pixels: give a picture of "
                f"at least {MIN_SIDE} pixels on its longer side."
            )
        several = image.format in ("GIF", "PNG", "WEBP", "AVIF", "TIFF") and getattr(
            image, "is_animated", False
        )
        target = fit_within(height, width, max_side)
        # A JPEG can be decoded at 1/2, 1/4 or 1/8 for a fraction of time and memory.
        drafted = image.draft(image.mode, (2 * target[1], 2 * target[0]))
        image.load()
        ...
