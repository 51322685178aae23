"""How much memory a picture takes while it is read, known from its header."""

from __future__ import annotations

from PIL import Image

from nstlib.errors import ImageError
from nstlib.images.modes import BAND_PIXELS
from nstlib.limits import available_memory, gigabytes

# Bytes for each pixel of the file, measured with Pillow 13 on pictures of 9 and 36
# megapixels, in a process of their own.
_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
_STORED_COLOR = 4
_OWN = {"WEBP": 12, "JPEG2000": 11, "AVIF": 4, "TIFF": 1}
"""What the decoder of a format takes beside that."""
_PROGRESSIVE = 6
"""What a progressive JPEG takes, even if it is decoded small."""
_RESULT, _OPACITY, _BAND = 12, 4, 24
UNCHECKED = 2**27
"""Pictures that take fewer bytes than this are read without asking what is free."""


def decoding_memory(
    image: Image.Image, full: tuple[int, int], height: int, width: int
) -> int:
    """Predict how many bytes reading a picture takes, its result included.

    Args:
        image: a picture that was opened and not yet decoded, with the size that it will
            be decoded at.
        full: width and height in the file.
        height: height of the result in pixels.
        width: width of the result in pixels.
    """
    pixels = image.width * image.height
    each = _STORED.get(image.mode, _STORED_COLOR) + _OWN.get(image.format or "", 0)
    clear = _OPACITY if image.has_transparency_data else 0
    result = (_RESULT + clear) * height * width + _BAND * min(pixels, BAND_PIXELS)
    coefficients = 0
    if image.info.get("progressive"):
        coefficients = _PROGRESSIVE * full[0] * full[1]
    return each * pixels + max(result, coefficients)


def check_decoding(
    name: str, image: Image.Image, full: tuple[int, int], height: int, width: int
) -> None:
    """Raise an `ImageError` if a picture cannot be read in the memory that is free.

    Args:
        name: the name of the picture in the message.
        image, full, height, width: as for `decoding_memory`.
    """
    need = decoding_memory(image, full, height, width)
    free = available_memory() if need >= UNCHECKED else None
    if free is not None and need > free:
        raise ImageError(
            f"{name} has {full[0]}×{full[1]} pixels, and reading it takes about "
            f"{gigabytes(need)} of memory, but only {gigabytes(free)} can be used: "
            "scale it down first, or close other programs."
        )
