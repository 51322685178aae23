"""The two teachers of MiniVGG, and the pictures that it learns from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from nstlib.preprocessing import BGR_MEANS
from nstlib.vgg import feature_maps, layer_names

SHALLOW = layer_names("mini")[:8]
"""block1_conv1 … block3_conv4: taught by the exact VGG19."""

DEEP = layer_names("mini")[8:]
"""block4_conv1 … block5_conv1: taught by the encoder of Wang et al. (CVPR 2020)."""

HELD_OUT_EVERY = 20
"""Every twentieth crop is kept for measuring and never trained on."""


class Teachers:
    """Feature maps of both teachers, after the ReLU.

    Args:
        folder: holds ``vgg19_blocks1to3.npz`` and ``vgg19_16x_encoder.npz``.
        dtype: what the convolutions compute in.
    """

    def __init__(self, folder: Path, dtype: tf.DType = tf.float32):
        self.dtype = dtype
        with np.load(folder / "vgg19_blocks1to3.npz") as file:
            self.vgg19 = {key: tf.constant(file[key]) for key in file.files}
        with np.load(folder / "vgg19_16x_encoder.npz") as file:
            self.encoder = {
                # PyTorch keeps (out, in, 3, 3), TensorFlow (3, 3, in, out).
                key: tf.constant(
                    file[key].T
                    if file[key].ndim == 1
                    else file[key].transpose(2, 3, 1, 0)
                )
                for key in file.files
            }

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


def load_crops(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the training crops.

    Args:
        folder: holds ``train.json`` and ``train/*.jpg``, 256×256 each.

    Returns:
        Two uint8 ``(n, 256, 256, 3)`` RGB arrays: to train on, and held out.
    """
    names = [entry["file"] for entry in json.loads((folder / "train.json").read_text())]
    crops = []
    for name in names:
        with Image.open(folder / "train" / name) as image:
            crops.append(np.asarray(image.convert("RGB")))
    every = np.stack(crops)
    held_out = np.arange(len(every)) % HELD_OUT_EVERY == 0
    return every[~held_out], every[held_out]
