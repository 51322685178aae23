"""Between an RGB picture and the tensor that VGG was trained on.

Taught in: 01_preprocessing. The convention is that of the Caffe VGG models
(Simonyan & Zisserman, 2015): channels in the order blue, green, red, the mean
of each channel over ImageNet subtracted, no division.
"""

from __future__ import annotations

import numpy as np

BGR_MEANS = np.array([103.939, 116.779, 123.68], dtype=np.float32)
"""Mean of the blue, green and red channels over ImageNet, on the 0–255 scale."""


def preprocess(picture: np.ndarray) -> np.ndarray:
    """Turn an RGB picture into a VGG tensor: RGB→BGR, minus the means.

    Taught in: 01_preprocessing.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, any real dtype.

    Returns:
        float32 ``(1, H, W, 3)``, BGR, from −123.68 to 151.061.

    Raises:
        ValueError: the array is not ``(H, W, 3)``.
    """
    picture = np.asarray(picture, dtype=np.float32)
    if picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(
            f"preprocess needs one RGB picture of shape (H, W, 3), not {picture.shape}."
        )
    return (picture[..., ::-1] - BGR_MEANS)[np.newaxis]


def deprocess(tensor: np.ndarray) -> np.ndarray:
    """Turn a VGG tensor back into an RGB picture; the inverse of `preprocess`.

    Taught in: 01_preprocessing.

    Args:
        tensor: ``(1, H, W, 3)`` or ``(H, W, 3)``, BGR, means subtracted.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255.

    Raises:
        ValueError: the array is not one picture of three channels.
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
