"""The functions that a student builds in 01_preprocessing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.check.lesson01 import MEANS

Array = np.ndarray


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(101)
    for shape in ((3, 5, 3), (4, 2, 3), (1, 6, 3)):
        yield (rng.uniform(0, 255, shape),)
    yield (rng.integers(0, 256, (2, 3, 3)).astype(np.uint8),)  # as Pillow reads it
    yield (np.float32(rng.uniform(0, 255, (5, 4, 3))),)


def _tensor(picture: Array, means: Array = MEANS, order: int = -1) -> Array:
    """Fill a tensor channel by channel, in double precision."""
    height, width, _ = picture.shape
    tensor = np.zeros((1, height, width, 3))
    for place, channel in enumerate((0, 1, 2)[::order]):
        tensor[0, :, :, place] = np.float64(picture[..., channel]) - means[place]
    return tensor


preprocess = Built(
    of="nstlib.preprocessing.preprocess",
    oracle=_tensor,
    cases=_pictures,
    kind="array",
    dtype="float32",
    mistakes={
        "the channels are still RGB: reverse the last axis, then subtract the means": (
            lambda picture: _tensor(picture, MEANS, 1)
        ),
        "each mean is taken off the wrong channel: BGR_MEANS begins with blue": (
            lambda picture: _tensor(picture, MEANS[::-1])
        ),
        "the channels are still RGB, though each got its own mean: reverse them": (
            lambda picture: _tensor(picture, MEANS[::-1], 1)
        ),
        "the means are still in: subtract BGR_MEANS": (
            lambda picture: _tensor(picture, 0 * MEANS)
        ),
        "the means are added: subtract them": lambda picture: _tensor(picture, -MEANS),
        "you subtracted this picture's own means: VGG wants those of ImageNet": (
            lambda picture: _tensor(picture, picture.mean((0, 1))[::-1])
        ),
        "you divided by 255: VGG was trained on 0 to 255": (
            lambda picture: _tensor(picture) / 255
        ),
        "the axis of length 1 in front is missing: add it with [np.newaxis]": (
            lambda picture: _tensor(picture)[0]
        ),
        "the channels come first, as in PyTorch: here they stay last": (
            lambda picture: np.moveaxis(_tensor(picture), -1, 1)
        ),
        "rows and columns are exchanged: the picture is on its side": (
            lambda picture: _tensor(picture).swapaxes(1, 2)
        ),
    },
    praise="BGR, minus the means, with an axis in front",
)


def _tensors() -> Iterator[Case]:
    rng = np.random.default_rng(102)
    for shape in ((1, 3, 5, 3), (4, 2, 3), (1, 1, 6, 3)):
        yield (rng.uniform(-160, 190, shape),)
    yield (np.float32(rng.uniform(-160, 190, (1, 2, 3, 3))),)


def _picture(
    tensor: Array, means: Array = MEANS, order: int = -1, clip: bool = True
) -> Array:
    height, width = tensor.shape[-3:-1]
    picture = np.zeros((height, width, 3))
    for place, channel in enumerate((0, 1, 2)[::order]):
        values = np.float64(tensor).reshape(height, width, 3)[..., place]
        picture[..., channel] = values + means[place]
    return np.minimum(np.maximum(picture, 0), 255) if clip else picture


deprocess = Built(
    of="nstlib.preprocessing.deprocess",
    oracle=_picture,
    cases=_tensors,
    kind="array",
    dtype="float32",
    mistakes={
        "nothing is clipped: values below 0 or above 255 are no colors": (
            lambda tensor: _picture(tensor, clip=False)
        ),
        "the channels are still BGR: reverse the last axis at the end": (
            lambda tensor: _picture(tensor, MEANS, 1)
        ),
        "each mean goes to the wrong channel: add them before you reverse": (
            lambda tensor: _picture(tensor, MEANS[::-1])
        ),
        "the means are missing: add them": lambda tensor: _picture(tensor, 0 * MEANS),
        "the means are subtracted once more: add them": (
            lambda tensor: _picture(tensor, -MEANS)
        ),
        "you clipped too early: add the means first": (
            lambda tensor: _picture(np.clip(tensor, 0, 255), clip=False)
        ),
        "what is too bright comes out dark: clip, for % 256 begins again at 0": (
            lambda tensor: _picture(tensor, clip=False) % 256
        ),
        "the values are on 0 to 1: a picture of this course goes from 0 to 255": (
            lambda tensor: _picture(tensor) / 255
        ),
        "the fractions are gone: do not round": (
            lambda tensor: np.rint(_picture(tensor))
        ),
        "the fractions are gone: return float32, not whole numbers": (
            lambda tensor: np.floor(_picture(tensor))
        ),
        "of a tensor (H, W, 3), tensor[0] is one row: take it of four axes only": (
            lambda tensor: _picture(tensor)[slice(None) if tensor.ndim == 4 else 0]
        ),
        "the axis of length 1 is still there: a picture is (H, W, 3)": (
            lambda tensor: _picture(tensor)[np.newaxis]
        ),
    },
    praise="RGB, and nothing outside 0 to 255",
)
