"""Converting images of Pillow, of all kinds, to arrays.

Taught in: 01_preprocessing. This module deals with orientation, palettes, grayscale,
CMYK, 16 bits, color profiles and transparency. It works in bands, so that a large
picture is converted without a second copy of all its pixels.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from PIL import ExifTags, Image, ImageCms
from PIL.Image import Resampling

Turn = Callable[[np.ndarray], np.ndarray]
"""Returns a view of an upright array, in which its pixels lie as they are stored."""

# EXIF orientation → where the pixels of the file belong in the upright picture.
_STORED: dict[int, Turn] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}
_LYING = (5, 6, 7, 8)  # those that exchange width and height

BAND_PIXELS = 2**22
"""A band of a large picture has about this many pixels."""


def from_pillow(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Convert an image of Pillow as `nstlib.load_image` converts that of a file.

    Args:
        image: an image of any mode and size.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255, over white; and the opacity, float32
        ``(H, W)``, 0–1, or None if the image has no transparency.
    """
    return scaled_arrays(image, image.height, image.width)


def scaled_arrays(
    image: Image.Image,
    height: int,
    width: int,
    box: tuple[float, float, float, float] | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Scale an image down, turn it upright, and convert it.

    Args:
        image: a decoded image of any mode.
        height: height of the result before it is turned upright.
        width: width of the result before it is turned upright.
        box: the part of the image that is wanted, (left, top, right, bottom) in its
            pixels; None takes all of it.

    Returns:
        What `from_pillow` returns.
    """
    orientation = _orientation(image)
    stored: Turn = _STORED.get(orientation, lambda upright: upright)
    shape = (width, height) if orientation in _LYING else (height, width)
    top = _top_of_gray(image)
    picture, alpha = np.empty((*shape, 3), np.float32), None
    for rows, band in _bands(image, height, width, box, top):
        pixels, opacity = _to_arrays(in_srgb(band))
        stored(picture)[rows] = pixels
        if opacity is not None:
            alpha = np.empty(shape, np.float32) if alpha is None else alpha
            stored(alpha)[rows] = opacity
    return picture, alpha


def _bands(
    image: Image.Image,
    height: int,
    width: int,
    box: tuple[float, float, float, float] | None,
    top: float | None,
) -> Iterator[tuple[slice, Image.Image]]:
    """Yield rows of the result, and the band of the scaled image that has them.

    Each band is scaled together with the rows around it that the filter reaches.
    """
    left, upper, right, lower = box or (0, 0, *image.size)
    scale = (lower - upper) / height
    count = math.ceil(image.width * image.height / BAND_PIXELS)
    step = max(1, math.ceil(height / count))
    same = box is None and (width, height) == image.size
    reach = 0 if same else math.ceil(4 * max(1.0, scale)) + 1
    for first in range(0, height, step):
        rows = slice(first, min(height, first + step))
        begin, end = upper + scale * rows.start, upper + scale * rows.stop
        if rows.stop == height:
            end = lower  # without rounding errors
        start = max(0, math.floor(begin) - reach)
        stop = min(image.height, math.ceil(end) + reach)
        band = in_common_mode(_crop(image, start, stop), top)
        part, size = (
            (left, begin - start, right, end - start),
            (width, rows.stop - first),
        )
        yield rows, band.resize(size, Resampling.LANCZOS, part, reducing_gap=3)


def _crop(image: Image.Image, start: int, stop: int) -> Image.Image:
    whole = (start, stop) == (0, image.height)
    return image if whole else image.crop((0, start, image.width, stop))


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of a picture; 1 if it is upright."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data is ignored
        return 1


def _is_deep(image: Image.Image) -> bool:
    """Return whether an image is gray with more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def _top_of_gray(image: Image.Image) -> float | None:
    """Return the value that is white in a deep gray image; None for other images."""
    if not _is_deep(image):
        return None
    highest = 0.0
    step = max(1, BAND_PIXELS // image.width)
    for start in range(0, image.height, step):
        band = _crop(image, start, min(image.height, start + step))
        highest = max(highest, float(_finite(band).max()))
    # Integers have 16 bits; real numbers may have any of the usual scales.
    scales = (1, 255, 65535) if image.mode == "F" else (65535,)
    return next((float(scale) for scale in scales if highest <= scale), highest)


def _finite(image: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)


def in_common_mode(image: Image.Image, top: float | None) -> Image.Image:
    """Convert to RGB, RGBA, L, CMYK or, for more than 8 bits of gray, F on 0–255.

    Args:
        image: an image of any mode.
        top: the value that is white, if it has more than 8 bits of gray.
    """
    if top is not None:
        return Image.fromarray(np.clip(_finite(image) / np.float32(top / 255), 0, 255))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "CMYK", "RGB") else image.convert("RGB")


def in_srgb(image: Image.Image) -> Image.Image:
    """Convert to RGB, RGBA or F, and the colors from the picture's profile to sRGB."""
    mode = image.mode if image.mode in ("F", "RGBA") else "RGB"
    if profile := image.info.get("icc_profile"):
        # Without a valid profile, or without LittleCMS, the colors stay as they are.
        with suppress(Exception):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(
                image, source, target, outputMode=mode
            )
            return converted or image.convert(mode)
    return image.convert(mode)


def _to_arrays(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Return a picture ``(H, W, 1 or 3)``, 0–255, over white, and its opacity."""
    if image.mode == "F":
        # Clipped, because resampling real numbers overshoots at edges.
        return np.clip(np.asarray(image), 0, 255)[..., None], None
    alpha = None
    if image.mode == "RGBA":
        alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.asarray(image), alpha
