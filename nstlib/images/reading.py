"""Reading pictures, whatever state the file is in.

Taught in: 01_preprocessing. As an array, a picture is float32 ``(H, W, 3)``, RGB,
0–255. Files that cannot be used raise an `ImageError` with a one-sentence message.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from nstlib.errors import ImageError
from nstlib.files import shown
from nstlib.images.arrays import as_array, check_picture
from nstlib.images.decoding import check_decoding
from nstlib.images.modes import scaled_arrays
from nstlib.images.resizing import fit_within
from nstlib.images.sources import Source, open_source
from nstlib.images.writing import DESCRIPTION
from nstlib.kinds import Kind, is_camera_raw, kind_of, unreadable

Picture = np.ndarray
"""float32 ``(H, W, 3)``, RGB, 0–255."""

MAX_PIXELS = 200_000_000
"""Larger pictures are refused as soon as their header is read."""
MIN_SIDE = 8
"""A picture is refused if both of its sides are shorter, in pixels."""

_ORIENTATION = 0x0112  # the EXIF field; from 5 on, height and width are exchanged
_FRAMES = "holds several frames or pages; the first is used."
# For EPS, Pillow would start Ghostscript; of the others it knows only the name.
_NOT_OPENED = ("EPS", "HDF5", "BUFR", "GRIB")
# Pillow's pixel limit and Python's warning filters are global to the process.
_PILLOW = threading.Lock()


def _renew_lock() -> None:
    """Renew the lock in a forked process, where its holder would never release it."""
    global _PILLOW
    _PILLOW = threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_renew_lock)


def load_image(source: Source, max_side: int | None = None) -> np.ndarray:
    """Load a picture from a file, an http(s) address, bytes or a stream.

    Taught in: 01_preprocessing. EXIF orientation, palettes, grayscale, CMYK and 16 bits
    are handled. Transparent pixels are composited over white (see `load_alpha`), and
    color profiles are converted to sRGB. Of several frames, the first one is used,
    with a warning.

    Args:
        source: path (``~`` is the home folder), address, bytes or binary stream.
        max_side: longest side in pixels. A larger picture is scaled down to it; a
            smaller one is never scaled up.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255.

    Raises:
        ImageError: the picture cannot be loaded, has more than `MAX_PIXELS` pixels,
            does not fit into the memory, or both of its sides are below `MIN_SIDE`.
        ValueError: ``max_side`` is below 1.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("L", (640, 480), 255).save(file, "PNG")  # grayscale
        >>> picture = load_image(file.getvalue(), max_side=64)
        >>> picture.shape, str(picture.dtype), float(picture.max())
        ((48, 64, 3), 'float32', 255.0)
    """
    picture, _, several = _decode(source, max_side)
    if several:
        warnings.warn(f"{shown(source)} {_FRAMES}", stacklevel=2)
    return picture


def load_with_alpha(
    source: Source, max_side: int | None = None
) -> tuple[Picture, np.ndarray | None]:
    """Load a picture and its opacity, reading the source once.

    Arguments and exceptions are those of `load_image`.

    Returns:
        What `load_image` and `load_alpha` return.
    """
    picture, alpha, several = _decode(source, max_side)
    if several:
        warnings.warn(f"{shown(source)} {_FRAMES}", stacklevel=2)
    return picture, alpha


def picture_size(source: Source) -> tuple[int, int]:
    """Return the height and the width that `load_image` would give, from the header.

    Arguments and exceptions are those of `load_image`. A file that is damaged further
    on is not noticed.
    """
    with _opened(source) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in range(5, 9)
    return (width, height) if turned else (height, width)


def as_picture(source: Any) -> Picture:
    """Return a picture, given an array or anything that `load_image` reads.

    Args:
        source: an array or tensor ``(H, W, 3)``, RGB, 0–255, of any numbers; an image
            of Pillow; or a path, an address, bytes or a stream.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255.

    Raises:
        ImageError: a file cannot be read, or an array has another shape or range; see
            `nstlib.images.arrays.check_picture`.
    """
    array = as_array(source)
    return load_image(source) if array is None else check_picture(array)


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
            if is_camera_raw(stream):  # of which Pillow would show the preview
                raise ImageError(_other_kind(name, kind_of(stream)))
            stream.seek(0)
            Image.init()
            formats = [known for known in Image.ID if known not in _NOT_OPENED]
            with Image.open(stream, formats=formats) as image:
                yield image
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            raise ImageError(_other_kind(name, unreadable(stream))) from error
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


def _other_kind(name: str, kind: Kind) -> str:
    return f"{name} is {kind.what}: {kind.advice}."


def _decode(
    source: Source, max_side: int | None
) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Return the picture, its opacity, and whether the file has more frames."""
    fit_within(1, 1, max_side)  # reports a wrong max_side before any work
    with _opened(source) as image:
        full = width, height = image.size
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
        check_decoding(shown(source), image, full, height, width)
        image.load()
        if drafted is None:  # loading turns a TIFF upright, so its sides may change
            height, width = fit_within(image.height, image.width, max_side)
        box = drafted[1] if drafted else None
        return *scaled_arrays(image, height, width, box), several


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
