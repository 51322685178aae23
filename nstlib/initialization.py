"""The pictures that a run, and each of its scales, can start from.

Taught in: 07_optimizing_pixels (photo, noise, a blend), 09_style_transfer,
11_high_resolution (`enlarged`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib import color
from nstlib.images import Picture, resize, resize_mask
from nstlib.objective import widened
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle


def starting_tensor(
    content: Picture, styles: Sequence[WeightedStyle], settings: Settings
) -> np.ndarray:
    """Make the tensor that a run starts from, as `Settings.init` says.

    Args:
        content: the photo at the size of the first scale, ``(H, W, 3)``, 0–255, without
            the margin.
        styles: from `nstlib.styles.as_styles`.
        settings: its `init`, `init_noise`, `noise_sigma`, `seed` and `margin` are used.

    Returns:
        float32 ``(1, H + 2·margin, W + 2·margin, 3)``, preprocessed.
    """
    photo = widened(content, settings.margin)
    height, width, _ = photo.shape
    if settings.init == "content":
        return preprocess(photo)
    if settings.init == "matched":
        return preprocess(_matched(photo, styles, settings.margin))
    if settings.init == "style":
        return preprocess(resize(styles[0].picture, height, width))
    rng = np.random.default_rng(settings.seed)
    noise = rng.normal(size=(1, height, width, 3)).astype(np.float32)
    noise *= settings.noise_sigma
    if settings.init == "noise":
        return noise
    share = settings.init_noise
    return share * noise + (1 - share) * preprocess(photo)


def enlarged(picture: Picture, photo: Picture, settings: Settings) -> Picture:
    """Enlarge the picture of one scale, so that the next one can start from it.

    Taught in: 11_high_resolution. A picture that is only enlarged is blurred. If the
    run began at the photo, this function adds what the photo shows at the new size but
    not at the old one. Otherwise the optimizer would have to find it again.

    Args:
        picture: the finished picture of the coarser scale, ``(h, w, 3)``, 0–255.
        photo: the photo at the finer scale, ``(H, W, 3)``, 0–255.
        settings: its `init` and `content_weight` are used.

    Returns:
        float32 ``(H, W, 3)``, 0–255.

    Example:
        An edge stays sharp, although the picture had only 4 × 4 pixels:

        >>> photo = np.zeros((8, 8, 3), np.float32)
        >>> photo[:, 4:] = 255
        >>> coarse = resize(photo, 4, 4)
        >>> enlarged(coarse, photo, Settings()).round()[0, :, 0].tolist()
        [0.0, 0.0, 0.0, 0.0, 255.0, 255.0, 255.0, 255.0]
    """
    larger = resize(picture, *photo.shape[:2])
    if settings.init not in ("matched", "content") or not settings.content_weight:
        return larger
    seen = resize(resize(photo, *picture.shape[:2]), *photo.shape[:2])
    return np.clip(larger + photo - seen, 0, 255)


def _matched(
    photo: Picture, styles: Sequence[WeightedStyle], margin: int
) -> np.ndarray:
    """Give the photo the colors of the styles, each within its mask.

    This differs from the paper, where a run starts from the photo itself. Then a bright
    photo in the style of a dark painting is still too bright at the end.
    """
    height, width, _ = photo.shape
    size = height - 2 * margin, width - 2 * margin
    masks = [
        np.ones((height, width, 1), np.float32)
        if style.mask is None
        else widened(resize_mask(style.mask, *size)[..., None], margin)
        for style in styles
    ]
    weights = sum(style.weight for style in styles)
    total, matched = np.full((height, width, 1), 1e-6), np.zeros(photo.shape)
    for style, mask in zip(styles, masks, strict=True):
        share = style.weight / weights * mask
        matched += share * color.match_covariance(photo, style.picture)
        total += share
    covered = np.max(masks, axis=0)
    return covered * matched / total + (1 - covered) * photo
