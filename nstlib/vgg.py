"""VGG networks, and the feature maps that they see in a picture.

Taught in: 02_feature_maps. The architecture is that of Simonyan & Zisserman (2015):
blocks of 3×3 convolutions with ReLU, each block but the last followed by 2×2 pooling.
A feature map named ``blockB_convJ`` is always the one after the ReLU.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from nstlib import weights as weight_files
from nstlib.weights import NetworkError

CONVOLUTIONS = {
    "mini": (2, 2, 4, 4, 1),
    "random": (2, 2, 4, 4, 1),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}
"""How many convolutions each block of a network has."""

PRECISIONS = ("auto", "float32", "bfloat16")
POOLINGS = ("max", "avg")


def layer_names(network: str = "vgg19") -> list[str]:
    """Name the layers of a network, from the picture upwards.

    Taught in: 02_feature_maps.

    Args:
        network: ``"mini"``, ``"random"``, ``"vgg16"`` or ``"vgg19"``.

    Returns:
        ``["block1_conv1", "block1_conv2", "block2_conv1", …]``.

    Raises:
        NetworkError: there is no such network.
    """
    if network not in CONVOLUTIONS:
        raise NetworkError(
            f"There is no network {network!r}; choose from {', '.join(CONVOLUTIONS)}."
        )
    return [
        f"block{block}_conv{conv}"
        for block, count in enumerate(CONVOLUTIONS[network], start=1)
        for conv in range(1, count + 1)
    ]


def full_name(layer: str) -> str:
    """Spell a layer's name out: ``"conv4_2"`` and ``"relu4_2"`` → ``"block4_conv2"``."""
    for prefix in ("conv", "relu"):
        if layer.startswith(prefix):
            block, _, conv = layer[len(prefix) :].partition("_")
            return f"block{block}_conv{conv}"
    return layer


def stride(layer: str) -> int:
    """Pixels of the picture between two neighbours of a layer: 1, 2, 4, 8 or 16."""
    return 2 ** (int(full_name(layer)[5]) - 1)


def receptive_field(layer: str, network: str = "vgg19") -> int:
    """Side, in pixels, of the square that one value of a layer can see.

    Taught in: 02_feature_maps. Each 3×3 convolution adds two strides, each 2×2
    pooling adds one.
    """
    size, block = 1, 1
    for name in layer_names(network):
        if int(name[5]) != block:
            size += stride(f"block{block}_conv1")
            block += 1
        size += 2 * stride(name)
        if name == full_name(layer):
            return size
    raise NetworkError(f"{network} has no layer {layer!r}.")


def feature_maps(
    parameters: Mapping[str, Any],
    tensor: tf.Tensor,
    layers: Iterable[str],
    pooling: str = "max",
    dtype: tf.DType = tf.float32,
) -> dict[str, tf.Tensor]:
    """Run a tensor through a VGG, up to the deepest layer asked for.

    Taught in: 02_feature_maps.

    Args:
        parameters: ``"blockB_convJ/kernel"`` (3, 3, in, out) and ``"…/bias"`` (out,).
        tensor: float32 ``(batch, H, W, 3)``, preprocessed.
        layers: full layer names.
        pooling: ``"max"``, as VGG was trained, or ``"avg"`` (Gatys et al. 2015, §2).
        dtype: what the convolutions compute in.

    Returns:
        float32 ``(batch, h, w, C)`` for each layer, in the order asked for.
    """
    wanted = list(layers)
    depth = len({key for key in parameters if key.endswith("/kernel")})
    names = [n for n in layer_names("vgg19") if f"{n}/kernel" in parameters][:depth]
    found: dict[str, tf.Tensor] = {}
    pool = {"max": tf.nn.max_pool2d, "avg": tf.nn.avg_pool2d}[pooling]
    x, block = tensor, "1"
    for name in names:
        if name[5] != block:
            x = pool(x, 2, strides=2, padding="VALID")
            block = name[5]
        kernel, bias = parameters[f"{name}/kernel"], parameters[f"{name}/bias"]
        # Pixels have more digits than bfloat16 keeps: the first layer stays float32.
        x = tf.nn.conv2d(x, tf.cast(kernel, x.dtype), strides=1, padding="SAME")
        x = tf.cast(tf.nn.relu(tf.nn.bias_add(x, tf.cast(bias, x.dtype))), dtype)
        if name in wanted:
            found[name] = tf.cast(x, tf.float32)
            if len(found) == len(set(wanted)):
                break
    return {name: found[name] for name in wanted}
