"""Masks, which say where in a picture a style goes, and their meaning for a layer.

Taught in: 10_creative_control (Gatys et al. 2017, "Controlling Perceptual Factors in
Neural Style Transfer", section 4).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import ImageColor

from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.files import shown
from nstlib.images import as_array, as_picture, load_with_alpha
from nstlib.vgg_plan import receptive_field, stride

REACH = 4  # a quarter of the receptive field holds four fifths of the gradient
COLORED = 40
"""A pixel has a color if its red, green and blue differ by more levels than this."""
COLORED_SHARE = 0.005
"""Largest share of colored pixels in a gray mask."""
TOLERANCE = 32.0
"""Number of levels by which a color may differ from the one that was named."""
ASPECT = 0.02
"""Largest difference between the proportions of a mask and those of the photo."""
KEPT = 0.25  # share of a region that has to remain when its edge is taken off


def as_mask(source: Any, max_side: int | None = None) -> np.ndarray:
    """Return a mask, given an array or anything that `load_image` reads.

    Taught in: 10_creative_control. A style goes where its mask is white (255), and not
    where it is black (0). Gray makes a soft edge. Transparent counts as black.

    Args:
        source: a file, an image of Pillow, or an array or tensor ``(H, W)`` or
            ``(H, W, 3)`` of booleans or of numbers from 0 to 255, without colors; see
            `mask_of_color` for maps with colors.
        max_side: longest side of a mask from a file, in pixels; None keeps its size.

    Returns:
        float32 ``(H, W)``, 0–255.

    Raises:
        ImageError: a file cannot be read.
        SettingsError: an array has another shape or range; it has colors, or is black
            everywhere.

    Example:
        A comparison of coordinates makes the mask of the left half:

        >>> column = np.arange(6)
        >>> left = np.tile(column < 3, (4, 1))
        >>> as_mask(left)[0].tolist()
        [255.0, 255.0, 255.0, 0.0, 0.0, 0.0]
    """
    array = as_array(source)
    if array is not None:
        return _checked(array * np.float32(255) if array.dtype == bool else array)
    mask, alpha = load_with_alpha(source, max_side)
    if alpha is not None:  # load_image composites over white
        mask = np.maximum(mask - 255 * (1 - alpha[..., None]), 0)
    try:
        return _checked(mask)
    except SettingsError as error:
        raise SettingsError(f"{shown(source)}: {error}") from error


def _checked(mask: np.ndarray) -> np.ndarray:
    """Check an array and return it as a float32 mask ``(H, W)``."""
    if mask.ndim not in (2, 3) or mask.shape[2:] not in ((), (3,)) or not mask.size:
        raise SettingsError(f"a mask has the shape (H, W), not {mask.shape}.")
    if mask.dtype.kind not in "biuf":
        raise SettingsError(f"a mask is an array of numbers, not of {mask.dtype}.")
    mask = np.asarray(mask, np.float32)
    if mask.ndim == 3:
        if np.mean(np.ptp(mask, axis=2) > COLORED) > COLORED_SHARE:
            raise SettingsError(
                "a mask is gray, but this one has colors, such as "
                f"{', '.join(_main_colors(mask))}: name the color that its style is "
                "to go to, with --mask-color or nstlib.masks.mask_of_color."
            )
        mask = mask.mean(axis=2)
    if not np.isfinite(mask).all() or mask.min() < 0 or mask.max() > 255:
        raise SettingsError("a mask has values from 0, black, to 255, white.")
    if mask.max() == 0:
        raise SettingsError("a mask is all black: paint white where its style goes.")
    if mask.max() <= 1:
        raise SettingsError(
            "a mask goes from 0 to 255, but this one only to 1: multiply it by 255, or "
            "use booleans."
        )
    return mask


def mask_of_color(
    picture: Any, color: str | Sequence[float], tolerance: float = TOLERANCE
) -> np.ndarray:
    """Return the mask that is white where a colored map has one of its colors.

    Args:
        picture: anything that `nstlib.images.as_picture` takes.
        color: ``"#ff0000"``, a name such as ``"red"``, or red, green and blue, 0–255.
        tolerance: number of levels by which each of red, green and blue may differ,
            because JPEG changes colors a little.

    Returns:
        float32 ``(H, W)``: 255 where the picture has the color, 0 elsewhere.

    Raises:
        ImageError: a file cannot be read, or an array is no picture.
        SettingsError: there is no such color, or the picture does not have it.

    Example:
        >>> flag = np.zeros((2, 3, 3))
        >>> flag[:, 0] = 0, 0, 255
        >>> mask_of_color(flag, "#0000ff")[0].tolist()
        [255.0, 0.0, 0.0]
    """
    try:
        wanted = ImageColor.getrgb(color)[:3] if isinstance(color, str) else color
        target = np.asarray(wanted, np.float32).reshape(3)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{color!r:.40} is no color: write it as #ff0000, or by a name such as red."
        ) from None
    values = as_picture(picture)
    mask = np.where((np.abs(values - target) <= tolerance).all(axis=2), 255, 0)
    if not mask.any():
        raise SettingsError(
            f"the mask has nothing of the color {color}; most of it is "
            f"{', '.join(_main_colors(values))}."
        )
    return mask.astype(np.float32)


def _main_colors(picture: np.ndarray, count: int = 3) -> list[str]:
    """List the most frequent colors, as ``"#ff0000"``, in steps of 16 levels."""
    rough = np.clip(np.rint(picture / 17) * 17, 0, 255).astype(int)
    colors, counts = np.unique(rough.reshape(-1, 3), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:count]
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colors[order]]


def warn_if_stretched(masks: Sequence[np.ndarray | None], photo: np.ndarray) -> None:
    """Warn about masks whose proportions differ from those of the photo.

    Masks are resized to the photo, so those of the same proportions may have any size.

    Args:
        masks: for each style its mask ``(h, w)``, or None.
        photo: the photo ``(H, W, 3)``.
    """
    height, width = photo.shape[:2]
    for number, mask in enumerate(masks, start=1):
        if mask is None or mask.min() == mask.max():
            continue
        ratio = mask.shape[1] * height / (mask.shape[0] * width)
        if abs(ratio - 1) > ASPECT:
            of = f" of style {number}" if len(masks) > 1 else ""
            warnings.warn(
                f"the mask{of} has {mask.shape[1]} × {mask.shape[0]} pixels and the "
                f"photo {width} × {height}: it is stretched to the photo's shape.",
                stacklevel=4,
            )


def style_shares(
    weights: Sequence[float], areas: Sequence[float], covered: float
) -> list[float]:
    """Return the share of each style in the style loss.

    Taught in: 10_creative_control. The loss of a region is spread over its positions.
    So the share of a style is its weight times its area: then styles of equal weight
    are equally strong in each of their pixels. On average over the covered area, the
    strength is that of one style without a mask.

    Args:
        weights: one for each style.
        areas: area of each style's mask as a share of the picture; 1 without a mask.
        covered: area that at least one of the masks covers, as a share of the picture.

    Returns:
        One share for each style; they add up to ``covered``.

    Example:
        Two styles of equal weight, one on a quarter of the picture, one on the rest:

        >>> style_shares([1.0, 1.0], [0.25, 0.75], covered=1.0)
        [0.25, 0.75]
    """
    felt = [weight * area for weight, area in zip(weights, areas, strict=True)]
    return [covered * one / sum(felt) for one in felt]


def guidance(
    mask: np.ndarray, layer: str, network: str, margin: int = 0, inside: bool = True
) -> tf.Tensor:
    """Return how much each position of a layer belongs to a region.

    Taught in: 10_creative_control. A position of a deep layer sees a large part of the
    picture. At the edge of a region, half of this lies outside, and would be repainted
    too. So the region is first eroded by a quarter of the layer's receptive field: each
    pixel takes the lowest value within this distance, which keeps soft edges soft. If
    less than a quarter of the region would remain, the distance is halved until more
    does. Beyond its border, the picture is continued by its mirror image.

    Args:
        mask: ``(H, W)``, 0–1, of the picture's size.
        layer: name of a layer.
        network: the network that the layer belongs to.
        margin: pixels by which the picture is extended on each side before the network
            sees it. The guidance is for the maps without this margin.
        inside: whether to erode the region.

    Returns:
        float32 ``(h, w)``, 0–1: the mean over the pixels of each position.

    Raises:
        SettingsError: the region is too small to have a position in this layer.

    Example:
        The left half of a picture, at a layer whose positions are 2 pixels apart:

        >>> mask = np.zeros((8, 16), np.float32)
        >>> mask[:, :8] = 1
        >>> guidance(mask, "conv2_1", "mini", inside=False)[0].numpy().tolist()
        [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
        >>> guidance(mask, "conv2_1", "mini")[0].numpy().tolist()
        [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    reach = receptive_field(layer, network) // REACH if inside else 0
    while reach:
        smaller = _least_within(mask, reach)
        if smaller.sum() >= KEPT * mask.sum():
            mask = smaller
            break
        reach //= 2
    step = stride(layer)
    wide = np.pad(mask, margin, "symmetric")
    height, width = wide.shape[0] // step, wide.shape[1] // step
    blocks = wide[: height * step, : width * step]
    means = blocks.reshape(height, step, width, step).mean(axis=(1, 3))
    cut = margin // step
    means = means[cut : height - cut, cut : width - cut]
    if not means.sum():
        raise SettingsError(
            f"the white of a mask is too small for {layer} at {mask.shape[1]} × "
            f"{mask.shape[0]} pixels: enlarge it, or raise smallest."
        )
    return tf.constant(means, tf.float32)


def _least_within(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return the lowest value in the square of side 2·reach + 1 around each pixel."""
    least = np.pad(mask, reach, "symmetric")
    for axis in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(least, 2 * reach + 1, axis)
        least = windows.min(axis=-1)
    return least
