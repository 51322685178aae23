"""Pictures, masks and opacities at another size.

Taught in: 01_preprocessing.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from PIL.Image import Resampling


def fit_within(height: int, width: int, max_side: int | None) -> tuple[int, int]:
    """Scale a shape down so that its longer side is at most ``max_side``.

    Taught in: 01_preprocessing. Each side stays at least 1, and is never scaled up;
    None leaves the shape as it is. All in pixels.

    Raises:
        ValueError: ``max_side`` is below 1.
    """
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be a number of pixels from 1, not {max_side}.")
    scale = min(1.0, (max_side or max(height, width)) / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def scaled_sides(height: int, width: int, longer: int) -> tuple[int, int]:
    """Height and width in the same proportion, the longer of them as given.

    Taught in: 11_high_resolution.
    """
    scale = max(height, width)
    return (
        max(1, round(height * longer / scale)),
        max(1, round(width * longer / scale)),
    )


def shrink(picture: np.ndarray, max_side: int | None) -> np.ndarray:
    """`resize` a picture ``(H, W, 3)`` so that it fits, as `fit_within` says.

    Taught in: 01_preprocessing.
    """
    return resize(picture, *fit_within(picture.shape[0], picture.shape[1], max_side))


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resample a picture to a new size; smoothed first when it gets smaller.

    Taught in: 01_preprocessing. Lanczos resampling (Duchon, 1979) over the source
    pixels that one new pixel covers, so that fine texture does not alias.

    Args:
        picture: ``(H, W, 3)``, 0–255, any real dtype.
        height: new height in pixels, at least 1.
        width: new width in pixels, at least 1.

    Returns:
        float32 ``(height, width, 3)``, clipped to 0–255.

    Raises:
        ValueError: the array is not ``(H, W, 3)``, or a side is below 1.
    """
    picture = np.asarray(picture, dtype=np.float32)
    if picture.ndim != 3 or picture.shape[-1] != 3 or not picture.size:
        raise ValueError(f"resize needs a picture (H, W, 3), not {picture.shape}.")
    if min(height, width) < 1:
        raise ValueError(f"resize needs sides from 1 pixel, not {height}×{width}.")
    # A copy per channel: Pillow has no mode for three floats.
    channels = [Image.fromarray(picture[..., c].copy()) for c in range(3)]
    resized = [c.resize((width, height), Resampling.LANCZOS) for c in channels]
    return np.clip(np.stack([np.asarray(c) for c in resized], axis=-1), 0.0, 255.0)


def resize_mask(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask at the size of a picture, ``(height, width)``, 0–1.

    Without the overshoot at edges that `nstlib.images.resize` has.
    """
    image = Image.fromarray(np.ascontiguousarray(mask, np.float32) / np.float32(255))
    return np.asarray(image.resize((width, height), Resampling.BILINEAR))


def opacity(alpha: np.ndarray | None, picture: np.ndarray) -> np.ndarray | None:
    """Bring an opacity ``(h, w)``, 0–1, to the size of a picture; None stays None."""
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
