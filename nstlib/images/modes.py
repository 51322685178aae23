"""Converting images of Pillow, of all kinds, to arrays.

Taught in: 01_preprocessing. This module deals with orientation, palettes, greyscale,
CMYK, 16 bits, colour profiles and transparency.
"""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
from PIL import ExifTags, Image, ImageCms
from PIL.Image import Transpose

# EXIF orientation → what turns the picture upright.
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def from_pillow(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Convert an image of Pillow as `nstlib.load_image` converts that of a file.

    Args:
        image: an image of any mode and size.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255, over white; and the opacity, float32
        ``(H, W)``, 0–1, or None if the image has no transparency.
    """
    turn = turn_of(image)
    image = in_srgb(in_common_mode(image))
    return to_arrays(image if turn is None else image.transpose(turn))


def turn_of(image: Image.Image) -> Transpose | None:
    """Return how to turn a picture upright, by its EXIF data; None if it is upright."""
    try:
        return _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data is ignored
        return None


def in_common_mode(image: Image.Image) -> Image.Image:
    """Convert to RGB, RGBA, L, CMYK or, for more than 8 bits of grey, F on 0–255."""
    if image.mode == "F" or image.mode.startswith("I"):
        grey = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
        # Integers have 16 bits; real numbers may have any of the usual scales.
        scales = (1, 255, 65535) if image.mode == "F" else (65535,)
        top = next((scale for scale in scales if grey.max() <= scale), grey.max())
        return Image.fromarray(np.clip(grey / (top / 255), 0, 255))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "CMYK") else image.convert("RGB")


def in_srgb(image: Image.Image) -> Image.Image:
    """Convert to RGB, RGBA or F, and the colours from the picture's profile to sRGB."""
    mode = image.mode if image.mode in ("F", "RGBA") else "RGB"
    if profile := image.info.get("icc_profile"):
        # Without a valid profile, or without LittleCMS, the colours stay as they are.
        with suppress(Exception):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(
                image, source, target, outputMode=mode
            )
            return converted or image.convert(mode)
    return image.convert(mode)


def to_arrays(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Return a picture ``(H, W, 3)``, 0–255, over white, and its opacity if any."""
    if image.mode == "F":
        # Clipped, because resampling real numbers overshoots at edges.
        return np.stack([np.clip(np.asarray(image), 0, 255)] * 3, axis=-1), None
    alpha = None
    if image.mode == "RGBA":
        alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.asarray(image, dtype=np.float32), alpha
