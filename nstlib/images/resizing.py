"""Resizing pictures, masks and opacities.

Taught in: 01_preprocessing.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from PIL.Image import Resampling


def fit_within(height: int, width: int, max_side: int | None) -> tuple[int, int]:
    """Scale a size down so that its longer side is at most ``max_side``.

    Taught in: 01_preprocessing. A size is never scaled up, and no side becomes 0.

    Args:
        height: in pixels.
        width: in pixels.
        max_side: longest side in pixels; None leaves the size as it is.

    Returns:
        The new height and width in pixels.

    Raises:
        ValueError: ``max_side`` is below 1.

    Example:
        >>> fit_within(3000, 4000, 512)
        (384, 512)
        >>> fit_within(300, 400, 512)
        (300, 400)
    """
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be a number of pixels from 1, not {max_side}.")
    scale = min(1.0, (max_side or max(height, width)) / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def scaled_sides(height: int, width: int, longer: int) -> tuple[int, int]:
    """Scale a size, up or down, so that its longer side has a given length.

    Taught in: 11_high_resolution.

    Args:
        height: in pixels.
        width: in pixels.
        longer: the new longer side in pixels.

    Returns:
        The new height and width in pixels, in the same proportion.

    Example:
        >>> scaled_sides(300, 400, longer=2048)
        (1536, 2048)
    """
    scale = max(height, width)
    return (
        max(1, round(height * longer / scale)),
        max(1, round(width * longer / scale)),
    )


def shrink(picture: np.ndarray, max_side: int | None) -> np.ndarray:
    """Scale a picture down so that its longer side is at most ``max_side``.

    Taught in: 01_preprocessing. This is `resize` to the size that `fit_within` returns.
    """
    return resize(picture, *fit_within(picture.shape[0], picture.shape[1], max_side))


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resample a picture to a new size, without aliasing.

    Taught in: 01_preprocessing. Lanczos resampling (Duchon, 1979). When a picture gets
    smaller, the filter covers all source pixels that one new pixel replaces, so that
    fine texture does not turn into false patterns.

    Args:
        picture: ``(H, W, 3)``, 0–255, any real dtype.
        height: new height in pixels, at least 1.
        width: new width in pixels, at least 1.

    Returns:
        float32 ``(height, width, 3)``, clipped to 0–255.

    Raises:
        ValueError: the array is not ``(H, W, 3)``, or a side is below 1.

    Example:
        Stripes that are one pixel wide become gray; picking every fourth column would
        have made them all black:

        >>> import numpy as np
        >>> stripes = np.zeros((16, 64, 3))
        >>> stripes[:, 1::2] = 255
        >>> small = resize(stripes, 4, 16)
        >>> small.shape, bool(abs(small[:, 4:12] - 127.5).max() < 5)
        ((4, 16, 3), True)
    """
    picture = np.asarray(picture, dtype=np.float32)
    if picture.ndim != 3 or picture.shape[-1] != 3 or not picture.size:
        raise ValueError(f"resize needs a picture (H, W, 3), not {picture.shape}.")
    if min(height, width) < 1:
        raise ValueError(f"resize needs sides from 1 pixel, not {width}×{height}.")
    # One channel at a time: Pillow has no mode for three floats.
    channels = [Image.fromarray(picture[..., c].copy()) for c in range(3)]
    resized = [c.resize((width, height), Resampling.LANCZOS) for c in channels]
    return np.clip(np.stack([np.asarray(c) for c in resized], axis=-1), 0.0, 255.0)


def resize_mask(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resample a mask to the size of a picture and scale it to 0–1.

    Bilinear resampling does not overshoot at edges, as `nstlib.images.resize` does.

    Args:
        mask: ``(H, W)``, 0–255.
        height: new height in pixels.
        width: new width in pixels.

    Returns:
        float32 ``(height, width)``, 0–1.
    """
    image = Image.fromarray(np.ascontiguousarray(mask, np.float32) / np.float32(255))
    return np.asarray(image.resize((width, height), Resampling.BILINEAR))


def opacity(alpha: np.ndarray | None, picture: np.ndarray) -> np.ndarray | None:
    """Resample an opacity ``(h, w)``, 0–1, to a picture's size; None stays None."""
    return None if alpha is None else resize_mask(255 * alpha, *picture.shape[:2])


def widened(picture: np.ndarray, margin: int, multiple: int = 1) -> np.ndarray:
    """Mirror a picture, or a mask, beyond its sides.

    Taught in: 09_style_transfer. ``[margin : margin + H, margin : margin + W]`` of the
    result is the picture again.

    Args:
        picture: ``(H, W, 3)`` or ``(H, W)``, any dtype.
        margin: pixels to add on each side.
        multiple: the lower and right sides grow further, until both sides of the
            picture without its margin are multiples of this.
    """
    sides = [(margin, margin + -side % multiple) for side in picture.shape[:2]]
    rest = [(0, 0)] * (picture.ndim - 2)
    return np.pad(picture, [*sides, *rest], "symmetric")
