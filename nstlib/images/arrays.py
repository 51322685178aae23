"""Checking pictures that are given as arrays, tensors or images of Pillow.

Taught in: 01_preprocessing. Libraries disagree about what a picture is: values from 0
to 1, 16 bits, channels first, a batch of one. Each of these would become a black or
gray picture, so this module refuses it, and the message has the line that corrects it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from PIL import Image

from nstlib.errors import ImageError
from nstlib.images.modes import from_pillow

SLACK = 0.5
"""How far values may lie beyond 0–255, in levels. Rounding removes this."""
HALF = 0.5
"""A picture whose highest value is above this, and at most 1, has a range of 0–1."""


def as_array(source: Any) -> np.ndarray | None:
    """Return the array that a source is or holds; None if it is no array.

    Args:
        source: an array, a tensor of TensorFlow, PyTorch, JAX or another library that
            NumPy can read, or an image of Pillow; anything else gives None.

    Returns:
        The array, of any shape and dtype.

    Raises:
        ImageError: the library does not give its numbers away.
    """
    if isinstance(source, np.ndarray):
        return source
    if isinstance(source, Image.Image):
        try:
            return from_pillow(source)[0]
        except Exception as error:  # damaged files make Pillow raise any type
            raise ImageError(
                f"the picture that Pillow has opened cannot be decoded ({error}): "
                "open another file, or convert it to PNG or JPEG."
            ) from error
    if not hasattr(source, "__array__"):
        return None
    try:
        array = np.asarray(source)
    except Exception as error:  # a symbolic tensor, one on a GPU, one with gradients
        raise ImageError(
            f"a picture of type {type(source).__name__} cannot become an array: give "
            "picture.numpy(), in PyTorch picture.detach().cpu().numpy()."
        ) from error
    # NumPy itself does not know bfloat16.
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def check_picture(array: np.ndarray) -> np.ndarray:
    """Check that an array is a picture, and return it as float32.

    A picture that is black is accepted. So are, with a warning, the whole numbers 0 and
    1, and values up to `HALF` unless they are those of a file divided by 255.

    Args:
        array: an array that should be ``(H, W, 3)``, RGB, 0–255, of any real dtype.

    Raises:
        ImageError: the array has another shape or range. The message says which, and
            what to do.
    """
    if array.dtype.kind not in "biuf":
        raise ImageError(
            f"A picture is an array of numbers, not of {array.dtype}: convert it with "
            "np.asarray(picture, np.float32)."
        )
    if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise ImageError(
            f"A picture is (H, W, 3), RGB, 0–255, not {array.shape}{_reshaped(array)}."
        )
    if array.dtype.kind == "b":
        raise ImageError(
            "A picture is (H, W, 3), RGB, 0–255, not True and False: multiply it by "
            "255; a mask comes third, as in (picture, weight, mask)."
        )
    picture = np.asarray(array, np.float32)
    if not np.isfinite(picture).all():
        raise ImageError(
            "A picture has values that are not finite (NaN or Inf): replace them, as "
            "with np.nan_to_num."
        )
    _check_range(picture, float(array.min()), float(array.max()), array.dtype)
    return picture


def _reshaped(array: np.ndarray) -> str:
    """Return advice for an array of a known other shape; empty for unknown ones."""
    shape = array.shape
    if 0 in shape:
        return ": it is empty"
    if len(shape) == 4 and shape[0] == 1 and shape[3] == 3 and array.min() < 0:
        return ", a preprocessed tensor: nstlib.deprocess turns it into a picture"
    if len(shape) == 4:
        return ", a batch: give one picture of it, such as batch[0]"
    if len(shape) == 2 or shape[2:] == (1,):
        gray = "picture" if len(shape) == 2 else "picture[..., 0]"
        return f", gray: repeat it, np.stack([{gray}] * 3, axis=-1)"
    if len(shape) == 3 and shape[2] == 4:
        return ", with opacity: leave that out, picture[..., :3]"
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return ", channels first: put them last, np.moveaxis(picture, 0, -1)"
    return ""


def _check_range(picture: np.ndarray, low: float, high: float, kind: np.dtype) -> None:
    """Raise an `ImageError` if the values are not those of a picture."""
    found = f"has values from {low:.5g} to {high:.5g}, but a picture goes from 0 to 255"
    if low < -SLACK:
        signed = low >= -1 and high <= 1
        advice = "map them, (picture + 1) * 127.5" if signed else (
            "cut them off with np.clip(picture, 0, 255), or if it was preprocessed, "
            "undo that with nstlib.deprocess"
        )  # fmt: skip
        raise ImageError(f"The picture {found}: {advice}.")
    if high > 255 + SLACK:
        factor = 65535 if kind == np.uint16 or 4095 < high <= 65535 else high
        advice = f"scale them, picture * (255 / {factor:.5g})"
        raise ImageError(f"The picture {found}: {advice}.")
    if not 0 < high <= 1:
        return
    if (picture == np.rint(picture)).all():
        _warn(f"The picture {found}; multiply it by 255 if 1 is to be white.")
    elif (by := _divided(picture, high, kind)) is not None:
        raise ImageError(f"The picture {found}: multiply it by {by}.")
    else:
        _warn(f"The picture {found}: it is nearly black.")


def _divided(picture: np.ndarray, high: float, kind: np.dtype) -> str | None:
    """Return by what to multiply divided values; None if the picture is just dark.

    The values of a file are whole numbers, so after a division they are whole multiples
    of 1/255 or of 1/255². Resampled values are not, but they reach the upper half.
    """
    rounding = np.finfo(kind).eps / 2
    for factor, name in ((255.0, "255"), (255.0**2, "255 twice")):
        scaled = picture.astype(np.float64) * factor
        off = np.abs(scaled - np.rint(scaled))
        if scaled.max() <= 255.5 and (off <= 1e-3 + rounding * scaled).all():
            return name
    return "255" if high > HALF else None


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=5)
