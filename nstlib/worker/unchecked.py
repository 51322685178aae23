"""Pictures from strangers: looked at before they are decoded, then encoded anew.

Taught in: 16_studio.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from nstlib.errors import ImageError
from nstlib.files import atomic_write
from nstlib.images import Picture, load_image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats in which strangers may hand in pictures."""


class Unchecked(io.BytesIO):
    """Bytes from a stranger. Messages call them "this file"."""

    name = "this file"


def read_unchecked(data: bytes, pixels: int, side: int) -> Picture:
    """Decode bytes from a stranger, if their header promises few enough pixels.

    Raises:
        ImageError: this is not a picture, is damaged, or has too many pixels.
    """
    check_header(data, pixels)
    return load_image(Unchecked(data), max_side=side)


def check_header(data: bytes, pixels: int) -> None:
    """Raise an `ImageError` if bytes are not a picture, or have too many pixels.

    Taught in: 16_studio. Only the header is read, and nothing is decoded.

    Args:
        data: a file of one of the `FORMATS`, or anything that a stranger sent instead.
        pixels: the most pixels that are allowed.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
    except Image.DecompressionBombError:
        width = height = 2**20
    except Exception as error:  # damaged files make Pillow raise any type
        load_image(Unchecked(data), max_side=16)  # says what else it is
        raise ImageError(
            "this file is of a rare kind: convert it to PNG or JPEG."
        ) from error
    if width * height > pixels:
        raise ImageError(
            f"this picture has more than {pixels / 1e6:g} megapixels: scale it down "
            "first."
        )


def jpeg(picture: Picture, quality: int) -> bytes:
    """Encode a picture as JPEG.

    Taught in: 16_studio. The file holds only pixels, and no metadata.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255. Values are clipped and rounded.
        quality: 1–95, as in Pillow.
    """
    stream = io.BytesIO()
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def write_jpeg(picture: Picture, path: Path, quality: int) -> None:
    """Write a picture as JPEG, completely or not at all."""
    data = jpeg(picture, quality)
    atomic_write(path, lambda file: file.write(data))
