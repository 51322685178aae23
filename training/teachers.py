"""The two teachers of MiniVGG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from shared import InputError

from nstlib.archives import read_arrays
from nstlib.backend import tf
from nstlib.preprocessing import BGR_MEANS
from nstlib.vgg import feature_maps
from nstlib.vgg_plan import layer_names

SHALLOW = layer_names("mini")[:8]
"""block1_conv1 … block3_conv4: taught by the exact VGG19."""

DEEP = layer_names("mini")[8:]
"""block4_conv1 … block5_conv1: taught by the encoder of Wang et al. (CVPR 2020)."""


def of_tensorflow(array: np.ndarray) -> tf.Tensor:
    """PyTorch keeps kernels as (out, in, 3, 3), TensorFlow as (3, 3, in, out)."""
    return tf.constant(array if array.ndim == 1 else array.transpose(2, 3, 1, 0))


class Teachers:
    """Feature maps of both teachers, after the ReLU.

    Args:
        folder: holds ``vgg19_blocks1to3.npz`` and ``vgg19_16x_encoder.npz``.
        dtype: what the convolutions compute in.

    Raises:
        InputError: one of them is missing.
        NetworkError: one of them cannot be read.
    """

    def __init__(self, folder: Path, dtype: tf.DType = tf.float32):
        self.dtype = dtype
        files = [folder / f"vgg19_{of}.npz" for of in ("blocks1to3", "16x_encoder")]
        for path in files:
            if not path.is_file():
                raise InputError(f"there is no {path}: --data has no such teacher.")
        exact, encoder = map(read_arrays, files)
        self.vgg19 = {key: tf.constant(value) for key, value in exact.items()}
        self.encoder = {key: of_tensorflow(value) for key, value in encoder.items()}

    def __call__(self, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
        """Preprocessed ``(batch, H, W, 3)`` → the maps of SHALLOW and DEEP."""
        exact = feature_maps(self.vgg19, tensor, SHALLOW, dtype=self.dtype)
        return exact | self._encode(tensor)

    def _encode(self, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
        rgb = tf.reverse(tensor + BGR_MEANS, axis=[-1]) / 255.0
        x = tf.nn.conv2d(rgb, self.encoder["conv0.weight"], 1, "VALID")
        x = tf.cast(x + self.encoder["conv0.bias"], self.dtype)
        found, block = {}, "1"
        for name in layer_names("mini"):
            if name[5] != block:
                x, block = tf.nn.max_pool2d(x, 2, 2, "VALID"), name[5]
            short = f"conv{block}{name[-1]}"
            x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
            kernel = tf.cast(self.encoder[f"{short}.weight"], self.dtype)
            bias = tf.cast(self.encoder[f"{short}.bias"], self.dtype)
            x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "VALID"), bias))
            if name in DEEP:
                found[name] = tf.cast(x, tf.float32)
        return found
