"""Pictures: loading, saving and resizing them.

Taught in: 01_preprocessing. As an array, a picture is float32 ``(H, W, 3)``, RGB, with
values from 0 to 255.
"""

from nstlib.errors import ImageError
from nstlib.files import atomic_write
from nstlib.images.animation import save_gif
from nstlib.images.arrays import as_array
from nstlib.images.reading import (
    MAX_PIXELS,
    MIN_SIDE,
    Picture,
    as_picture,
    fingerprint,
    load_alpha,
    load_image,
    load_with_alpha,
    picture_size,
    read_metadata,
)
from nstlib.images.resizing import (
    fit_within,
    opacity,
    resize,
    resize_mask,
    scaled_sides,
    shrink,
    widened,
)
from nstlib.images.sheets import contact_sheet
from nstlib.images.sources import Downloads, Source, fetch, open_source
from nstlib.images.writing import DESCRIPTION, FORMATS, check_writable, save_image

__all__ = [
    "DESCRIPTION",
    "FORMATS",
    "MAX_PIXELS",
    "MIN_SIDE",
    "Downloads",
    "ImageError",
    "Picture",
    "Source",
    "as_array",
    "as_picture",
    "atomic_write",
    "check_writable",
    "contact_sheet",
    "fetch",
    "fingerprint",
    "fit_within",
    "load_alpha",
    "load_image",
    "load_with_alpha",
    "opacity",
    "open_source",
    "picture_size",
    "read_metadata",
    "resize",
    "resize_mask",
    "save_gif",
    "save_image",
    "scaled_sides",
    "shrink",
    "widened",
]
