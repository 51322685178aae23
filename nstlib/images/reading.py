"""Reading pictures, whatever state the file is in.

Taught in: 01_preprocessing. As an array, a picture is float32 ``(H, W, 3)``, RGB,
0–255. Files that cannot be used raise an `ImageError` with a one-sentence message.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError
from PIL.Image import Resampling, Transpose

from nstlib.errors import ImageError
from nstlib.files import shown
from nstlib.images.resizing import fit_within
from nstlib.images.sources import Source, open_source
from nstlib.images.writing import DESCRIPTION

Picture = np.ndarray
"""float32 ``(H, W, 3)``, RGB, 0–255."""

MAX_PIXELS = 200_000_000
"""Larger pictures are refused as soon as their header is read."""
MIN_SIDE = 8
"""A picture is refused if both of its sides are shorter, in pixels."""

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
# Pillow's pixel limit and Python's warning filters are global to the process.
_PILLOW = threading.Lock()
# First bytes, in lower case, of what people often give instead of a picture.
_KINDS = [
    (rb"(<[?!].*)?<(!doctype )?html", "a web page, not a picture: save the picture"),
    (rb"(<[?!].*)?<svg", "an SVG drawing: convert it to PNG or JPEG"),
    (rb"....ftyp(hei|hev|mif1|msf1)", "an HEIC photo: convert it to PNG or JPEG"),
    (rb"....ftypavi[fs]", "an AVIF picture: convert it to PNG or JPEG"),
    (rb"....ftyp|\x1a\x45\xdf\xa3", "a video: save one frame as PNG or JPEG"),
    (rb"%pdf|%!ps", "a PDF or PostScript page: convert it to PNG or JPEG"),
    (rb"[\t-\r -~]+\Z|[\t-\r -~]{16}", "text: give a picture, such as a PNG or JPEG"),
    (rb"", "damaged or of an unknown kind: download it again, or give a PNG or JPEG"),
]


def load_image(source: Source, max_side: int | None = None) -> np.ndarray:
    """Load a picture from a file, an http(s) address, bytes or a stream.

    Taught in: 01_preprocessing. EXIF orientation, palettes, greyscale, CMYK and 16 bits
    are handled. Transparent pixels are composited over white (see `load_alpha`), and
    colour profiles are converted to sRGB. Of several frames, the first one is used,
    with a warning.

    Args:
        source: path (``~`` is the home folder), address, bytes or binary stream.
        max_side: longest side in pixels. A larger picture is scaled down to it; a
            smaller one is never scaled up.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255.

    Raises:
        ImageError: the picture cannot be loaded, has more than `MAX_PIXELS` pixels, or
            both of its sides are below `MIN_SIDE`.
        ValueError: ``max_side`` is below 1.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("L", (640, 480), 255).save(file, "PNG")  # greyscale
        >>> picture = load_image(file.getvalue(), max_side=64)
        >>> picture.shape, str(picture.dtype), float(picture.max())
        ((48, 64, 3), 'float32', 255.0)
    """
    picture, _, several = _decode(source, max_side)
    if several:
        message = f"{shown(source)} holds several frames or pages; the first is used."
        warnings.warn(message, stacklevel=2)
    return picture


def as_picture(source: Any) -> Picture:
    """Return a picture, given an array or anything that `load_image` reads.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255.

    Raises:
        ImageError: a file cannot be read.
        ValueError: an array has another shape, or values that are not finite.
    """
    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] != 3 or 0 in source.shape:
            raise ValueError(f"A picture is (H, W, 3), RGB, 0–255, not {source.shape}.")
        if not np.isfinite(source).all():
            raise ValueError("A picture has values that are not finite (NaN or Inf).")
        return np.asarray(source, np.float32)
    return load_image(source)


def fingerprint(picture: Picture) -> str:
    """SHA-256 of a picture's shape and pixels."""
    pixels = np.ascontiguousarray(picture, np.float32)
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def load_alpha(source: Source, max_side: int | None = None) -> np.ndarray | None:
    """Load the opacity of a picture, so that `save_image` can store it again.

    Taught in: 01_preprocessing. Arguments and exceptions are those of `load_image`.

    Returns:
        float32 ``(H, W)``, from 0 (transparent) to 1 (opaque), of the same size as
        `load_image` returns; None if the picture has no transparency.
    """
    return _decode(source, max_side)[1]


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    """Open a picture without decoding it; explain whatever Pillow raises."""
    name = shown(source)
    with open_source(source) as stream, _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Pillow raises above twice its limit, before it decodes.
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS // 2
        try:
            Image.init()
            # All formats but EPS, for which Pillow would start Ghostscript.
            formats = [known for known in Image.ID if known != "EPS"]
            with Image.open(stream, formats=formats) as image:
                yield image
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            stream.seek(0)
            raise ImageError(f"{name} is {_describe(stream.read(512))}.") from error
        except Image.DecompressionBombError as error:
            limit = f"more than {MAX_PIXELS / 1e6:g} megapixels"
            raise ImageError(f"{name} has {limit}: scale it down first.") from error
        except MemoryError as error:
            hint = "give a smaller max_side, or scale it down first"
            raise ImageError(f"{name} does not fit in memory: {hint}.") from error
        except Exception as error:  # damaged files make Pillow raise any type
            reason = shown(str(error) or type(error).__name__)
            raise ImageError(
                f"{name} is damaged or cannot be decoded ({reason}): download or "
                "export it again, or convert it to PNG or JPEG."
            ) from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _describe(head: bytes) -> str:
    if not head:
        return "empty (0 bytes): download or export it again"
    text = head.lstrip(b"\xef\xbb\xbf\t\r\n ").lower()  # a byte order mark, spaces
    return next(what for kind, what in _KINDS if re.match(kind, text, re.DOTALL))


def _decode(
    source: Source, max_side: int | None
) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Return the picture, its opacity, and whether the file has more frames."""
    fit_within(1, 1, max_side)  # reports a wrong max_side before any work
    with _opened(source) as image:
        width, height = image.size
        if min(width, height) < 1 or max(width, height) < MIN_SIDE:
            raise ImageError(
                f"{shown(source)} is only {width}×{height} pixels: give a picture "
                f"whose longer side has at least {MIN_SIDE}."
            )
        pages = image.format in ("GIF", "PNG", "WEBP", "AVIF", "TIFF")
        several = pages and getattr(image, "is_animated", False)
        height, width = fit_within(height, width, max_side)
        # A JPEG can be decoded at 1/2, 1/4 or 1/8 for a fraction of time and memory.
        drafted = image.draft(image.mode, (2 * width, 2 * height))
        image.load()
        if drafted is None:  # loading turns a TIFF upright, so its sides may change
            height, width = fit_within(image.height, image.width, max_side)
        turn = _turn(image)
        image = _in_common_mode(image)
        box = drafted[1] if drafted else None
        image = image.resize((width, height), Resampling.LANCZOS, box, reducing_gap=3)
        image = _in_srgb(image)
        return *_arrays(image if turn is None else image.transpose(turn)), several


def _turn(image: Image.Image) -> Transpose | None:
    try:
        return _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF data is ignored
        return None


def _in_common_mode(image: Image.Image) -> Image.Image:
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


def _in_srgb(image: Image.Image) -> Image.Image:
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


def _arrays(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    if image.mode == "F":
        # Clipped, because resampling real numbers overshoots at edges.
        return np.stack([np.clip(np.asarray(image), 0, 255)] * 3, axis=-1), None
    alpha = None
    if image.mode == "RGBA":
        alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.asarray(image, dtype=np.float32), alpha


def read_metadata(source: Source) -> dict[str, str]:
    """Read the names and values that `save_image` stored in a picture.

    Taught in: 01_preprocessing. Arguments and exceptions are those of `load_image`.

    Returns:
        Name → value, both as text; empty if there are none. For a PNG that another
        program wrote, all of its text entries.
    """
    with _opened(source) as image:
        if image.format == "PNG":
            texts = getattr(image, "text", {})
            return {str(key): str(value) for key, value in texts.items()}
        description = image.getexif().get(DESCRIPTION, "")
    try:
        return {str(key): str(value) for key, value in json.loads(description).items()}
    except (AttributeError, TypeError, ValueError):  # not written by save_image
        return {}
