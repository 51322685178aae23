"""Training photos: reading a folder of them, and cutting random crops.

Taught in: 13_feed_forward.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nstlib.backend import tf
from nstlib.errors import ImageError, SettingsError
from nstlib.images import load_image, resize
from nstlib.preprocessing import preprocess

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


def load_photos(folder: str | Path, side: int) -> list[np.ndarray]:
    """Load all pictures in a folder and its subfolders.

    Pictures that cannot be read are skipped, with a warning that counts them.

    Args:
        folder: the folder.
        side: side of a crop in pixels. Longer sides of pictures are scaled down to
            twice this length. Then, shorter sides are scaled up to it if necessary.

    Returns:
        One uint8 array ``(H, W, 3)``, RGB, for each picture.

    Raises:
        ImageError: the folder holds no picture that can be read.
    """
    files = [p for p in sorted(Path(folder).rglob("*")) if p.suffix.lower() in SUFFIXES]
    photos, bad = [], 0
    for file in files:
        try:
            photos.append(_at_least(load_image(file, 2 * side), side))
        except ImageError:
            bad += 1
    if not photos:
        raise ImageError(f"{folder} holds no picture that can be read.")
    if bad:
        warnings.warn(f"{bad} of {len(files)} pictures cannot be read.", stacklevel=2)
    return photos


def _at_least(photo: np.ndarray, side: int) -> np.ndarray:
    scale = max(1.0, side / min(photo.shape[:2]))
    if scale > 1:
        sides = [math.ceil(scale * n) for n in photo.shape[:2]]
        photo = resize(photo, *sides)
    return np.rint(photo).astype(np.uint8)


def random_batch(
    photos: Sequence[np.ndarray], side: int, count: int, rng: np.random.Generator
) -> tf.Tensor:
    """Cut random crops out of random photos, and mirror half of them.

    Args:
        photos: uint8 arrays ``(H, W, 3)``, with no side shorter than ``side``.
        side: side of the square crops in pixels.
        count: number of crops.
        rng: the source of all random numbers.

    Returns:
        Preprocessed pictures, float32 ``(count, side, side, 3)``.

    Raises:
        SettingsError: there are no photos, or one of them is smaller than a crop.
    """
    if not len(photos):
        raise SettingsError("there are no photos to cut crops from: give some.")
    height, width = min((photo.shape[:2] for photo in photos), key=min)
    if min(height, width) < side:
        raise SettingsError(
            f"a photo of {width}×{height} pixels is smaller than a crop: set side to "
            f"{min(height, width)} or less, or leave the photo out."
        )
    crops = []
    for index in rng.integers(len(photos), size=count):
        photo = photos[index]
        top, left = (rng.integers(n - side + 1) for n in photo.shape[:2])
        crop = photo[top : top + side, left : left + side]
        crops.append(preprocess(crop[:, ::-1] if rng.random() < 0.5 else crop))
    return tf.constant(np.concatenate(crops), tf.float32)
