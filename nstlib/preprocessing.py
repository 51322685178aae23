"""Conversion between RGB pictures and the tensors that VGG takes.

Taught in: 01_preprocessing. The convention is that of the Caffe VGG models
(Simonyan & Zisserman, 2015): the channels are in the order blue, green, red, and the
ImageNet mean of each channel is subtracted. Nothing is divided.
"""

from __future__ import annotations

import numpy as np

BGR_MEANS = np.array([103.939, 116.779, 123.68], dtype=np.float32)
"""Mean of the blue, green and red channels over ImageNet, on the 0–255 scale."""


def preprocess(picture: np.ndarray) -> np.ndarray:
    """Convert an RGB picture to a VGG tensor: RGB to BGR, minus the channel means.

    Taught in: 01_preprocessing.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, any real dtype.

    Returns:
        float32 ``(1, H, W, 3)``, BGR, from −123.68 to 151.061.

    Raises:
        ValueError: the array is not ``(H, W, 3)``.

    Example:
        A pure red pixel; its red channel is now the last one:

        >>> np.rint(preprocess(np.array([[[255, 0, 0]]]))).tolist()
        [[[[-104.0, -117.0, 131.0]]]]
    """
    picture = np.asarray(picture, dtype=np.float32)
    if picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(
            f"preprocess needs one RGB picture of shape (H, W, 3), not {picture.shape}."
        )
    return (picture[..., ::-1] - BGR_MEANS)[np.newaxis]


def deprocess(tensor: np.ndarray) -> np.ndarray:
    """Convert a VGG tensor back to an RGB picture; the inverse of `preprocess`.

    Taught in: 01_preprocessing.

    Args:
        tensor: ``(1, H, W, 3)`` or ``(H, W, 3)``, BGR, with the means subtracted.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255.

    Raises:
        ValueError: the array is not one picture with three channels.

    Example:
        What an optimizer pushed out of the range of colors is clipped:

        >>> tensor = preprocess(np.full((4, 6, 3), 200.0))
        >>> bool(np.allclose(deprocess(tensor), 200, atol=1e-3))
        True
        >>> float(deprocess(tensor + 1000).max())
        255.0
    """
    tensor = np.asarray(tensor, dtype=np.float32)
    if tensor.ndim == 4 and len(tensor) == 1:
        tensor = tensor[0]
    if tensor.ndim != 3 or tensor.shape[-1] != 3:
        raise ValueError(
            "deprocess needs one tensor of shape (1, H, W, 3) or (H, W, 3), "
            f"not {tensor.shape}."
        )
    return np.clip((tensor + BGR_MEANS)[..., ::-1], 0.0, 255.0)
