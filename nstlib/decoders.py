"""Decoders, which turn feature maps of MiniVGG back into pictures.

Taught in: 12_adain_wct. There is one decoder for each of `LEVELS`. It mirrors the
network: it has 3×3 convolutions with ReLU, and where the network pools, it doubles the
sides by nearest-neighbor upsampling. Every convolution pads by reflection, so that the
picture gets no frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nstlib.archives import read_arrays
from nstlib.backend import tf
from nstlib.data import DATA, known_facts
from nstlib.vgg_plan import FIRST_CONVS
from nstlib.vgg_weights import random_kernel

LEVELS = FIRST_CONVS
"""The layers that have a decoder, from fine to coarse."""

PLAN = {"5": (128,), "4": (128, 128), "3": (128, 128, 128, 80), "2": (80, 32)}
"""Block → channels of its convolutions. The sides double after each block."""

FIRST = {"4": (128,), "3": (80,), "2": (32,)}
"""Block → channels, if the decoder begins with this block and `PLAN` has more."""


def decoder_plan(level: str) -> list[tuple[str, int, bool]]:
    """List the convolutions of a decoder.

    Args:
        level: one of `LEVELS`.

    Returns:
        ``(name, output channels, whether the sides double after it)`` of each
        convolution, in the order in which they run.
    """
    begin, plan = level[5], []
    for block in range(int(begin), 1, -1):
        widths = (FIRST if str(block) == begin else PLAN).get(str(block), PLAN["5"])
        for number, width in enumerate(widths, start=1):
            plan.append((f"block{block}_conv{number}", width, number == len(widths)))
    return [*plan, ("block1_conv1", 32, False), ("block1_conv2", 3, False)]


def decoder_level(name: str) -> str:
    """Return the layer whose feature maps the decoder of this name takes."""
    return "block4_conv1" if name == "adain" else name


def decoder_reach(level: str) -> int:
    """Return the largest distance, in pixels, over which a feature affects a pixel."""
    return sum(2 ** (int(name[5]) - 1) for name, *_ in decoder_plan(level))


def load_decoder(name: str) -> dict[str, np.ndarray]:
    """Load a decoder that ships with the package.

    Args:
        name: one of `LEVELS`, or ``"adain"`` for a decoder of block4_conv1 that was
            trained with AdaIN.

    Returns:
        The parameters for `decode`.

    Raises:
        NetworkError: the file is missing or damaged.
    """
    facts = known_facts("decoders")[name]
    return read_arrays(DATA / f"decoder_{name}.npz", facts["sha256"])


def decode(
    parameters: Mapping[str, Any],
    features: tf.Tensor,
    level: str,
    dtype: Any = "float32",
) -> tf.Tensor:
    """Turn feature maps into a picture.

    Taught in: 12_adain_wct.

    Args:
        parameters: ``"blockB_convJ/kernel"`` → ``(3, 3, in, out)`` and
            ``"blockB_convJ/bias"`` → ``(out,)`` of each convolution. ``"mean"`` and
            ``"spread"`` → ``(C,)`` standardize the features.
        features: float32 ``(batch, h, w, C)``, feature maps of MiniVGG at the layer
            ``level``; h and w are at least 2.
        level: one of `LEVELS`.
        dtype: the precision in which the convolutions compute.

    Returns:
        A preprocessed tensor, float32 ``(batch, H, W, 3)``. H and W are h and w times
        the stride of the level.
    """
    # Standardized, because the scales of the channels differ by a factor of hundreds.
    x = tf.cast((features - parameters["mean"]) / parameters["spread"], dtype)
    for name, _, doubled in decoder_plan(level):
        kernel, bias = parameters[f"{name}/kernel"], parameters[f"{name}/bias"]
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
        x = tf.nn.conv2d(x, tf.cast(kernel, dtype), strides=1, padding="VALID")
        x = tf.nn.bias_add(x, tf.cast(bias, dtype))
        if name != "block1_conv2":
            x = tf.nn.relu(x)
        if doubled:
            x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
    return tf.cast(x, tf.float32)


def random_decoder(level: str, channels: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Make the parameters of an untrained decoder.

    Args:
        level: one of `LEVELS`.
        channels: channels of the features that it takes.
        seed: seed of the random filters, which come from `random_kernel`.

    Returns:
        The parameters for `decode`. They leave the features unstandardized.
    """
    rng = np.random.default_rng(seed)
    parameters = {
        "mean": np.zeros(channels, np.float32),
        "spread": np.ones(channels, np.float32),
    }
    for name, width, _ in decoder_plan(level):
        parameters[f"{name}/kernel"] = random_kernel(rng, 3, channels, width)
        parameters[f"{name}/bias"] = np.zeros(width, np.float32)
        channels = width
    return parameters
