"""Where in the picture a style goes: masks, and what they mean for a layer.

Taught in: 10_creative_control (Gatys et al. 2017, "Controlling Perceptual Factors in
Neural Style Transfer", section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.files import shown
from nstlib.images import load_alpha, load_image
from nstlib.vgg_plan import receptive_field, stride

REACH = 4  # within a quarter of the receptive field lie four fifths of the gradient
KEPT = 0.25  # share of a region that has to be left when its edge is taken off


def as_mask(source: Any, max_side: int | None = None) -> np.ndarray:
    """A mask, ``(H, W)``, from an array or anything `load_image` reads.

    Taught in: 10_creative_control. White, 255, is where the style goes, black, 0, where
    it does not; grey is a soft edge. Transparent counts as black.

    Args:
        source: a file, or an array ``(H, W)`` or ``(H, W, 3)``: 0–255 as everywhere in
            the package, or booleans.
        max_side: longer side at most, for a file.

    Returns:
        float32 ``(H, W)``, 0–255.

    Raises:
        ImageError: a file cannot be read.
        SettingsError: an array of another shape or range, or nothing but black.
    """
    if isinstance(source, np.ndarray):
        return _checked(source * np.float32(255) if source.dtype == bool else source)
    mask, alpha = load_image(source, max_side), load_alpha(source, max_side)
    if alpha is not None:  # it was put on white
        mask = np.maximum(mask - 255 * (1 - alpha[..., None]), 0)
    try:
        return _checked(mask)
    except SettingsError as error:
        raise SettingsError(f"{shown(source)}: {error}") from error


def _checked(mask: np.ndarray) -> np.ndarray:
    """The mask as float32 ``(H, W)``, if it is one."""
    if mask.ndim not in (2, 3) or mask.shape[2:] not in ((), (3,)) or not mask.size:
        raise SettingsError(f"a mask is grey, (H, W), not {mask.shape}.")
    mask = np.asarray(mask, np.float32)
    if mask.ndim == 3:
        mask = mask.mean(axis=2)
    if not np.isfinite(mask).all() or mask.min() < 0 or mask.max() > 255:
        raise SettingsError("a mask has values from 0, black, to 255, white.")
    if mask.max() == 0:
        raise SettingsError("a mask is all black: paint white where its style goes.")
    if mask.max() <= 1:
        raise SettingsError(
            "a mask goes from 0 to 255, this one to 1: multiply it by 255, or make it "
            "one of booleans."
        )
    return mask


def style_shares(
    weights: Sequence[float], areas: Sequence[float], covered: float
) -> list[float]:
    """How much of the style loss each style is, so that its strength is its weight.

    Taught in: 10_creative_control. A loss of a region is shared by its positions: the
    share of a style is its weight times its area. In the mean over what is covered at
    all, a pixel feels as much style as it does from one style without a mask.

    Args:
        weights: of the styles.
        areas: of their masks, as shares of the picture; 1 without a mask.
        covered: area that any of the masks covers.

    Returns:
        A list of shares; they add up to ``covered``.
    """
    felt = [weight * area for weight, area in zip(weights, areas, strict=True)]
    return [covered * one / sum(felt) for one in felt]


def guidance(
    mask: np.ndarray, layer: str, network: str, margin: int = 0, inside: bool = True
) -> tf.Tensor:
    """How much each position of a layer belongs to a region.

    Taught in: 10_creative_control. A position of a deep layer sees far: at the edge of
    a region, half of what it sees is outside, and would be repainted too. So the region
    is first made smaller by what the layer reaches, a quarter of its receptive field
    (the least value within reach, which keeps soft edges soft), or by half of that,
    and so on, if less than a quarter of the region would be left. What lies beyond the
    picture is its mirror image.

    Args:
        mask: ``(H, W)``, 0–1, of the size of the picture.
        layer: name of a layer.
        network: whose layer it is.
        margin: pixels by which the network sees more than the picture on each side;
            the guidance is for the maps without them.
        inside: False leaves the region as it is.

    Returns:
        float32 ``(h, w)``, 0–1: the mean over the pixels that become one position.

    Raises:
        SettingsError: the region has no position in this layer.
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
    """The least value in the square of 2·reach + 1 around each pixel."""
    least = np.pad(mask, reach, "symmetric")
    for axis in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(least, 2 * reach + 1, axis)
        least = windows.min(axis=-1)
    return least
