"""Decoders: from the feature maps of MiniVGG back to a picture.

Taught in: 12_adain_wct. There is one for each of `LEVELS`. A decoder mirrors the
network: 3×3 convolutions with ReLU, and where the network pools, the nearest neighbour
is repeated. Every convolution pads by reflection, so no frame is painted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.data import DATA, known_facts
from nstlib.files import read_arrays
from nstlib.vgg_plan import FIRST_CONVS
from nstlib.vgg_weights import random_kernel

LEVELS = FIRST_CONVS
"""The layers that can be decoded, from fine to coarse."""

PLAN = {"5": (128,), "4": (128, 128), "3": (128, 128, 128, 80), "2": (80, 32)}
"""Channels of the convolutions at each resolution; between them the sides double."""

FIRST = {"4": (128,), "3": (80,), "2": (32,)}
"""Those at the resolution at which a decoder begins, where `PLAN` has more."""


def decoder_plan(level: str) -> list[tuple[str, int, bool]]:
    """Name, channels, and whether the sides double after it, of each convolution."""
    begin, plan = level[5], []
    for block in range(int(begin), 1, -1):
        widths = (FIRST if str(block) == begin else PLAN).get(str(block), PLAN["5"])
        for number, width in enumerate(widths, start=1):
            plan.append((f"block{block}_conv{number}", width, number == len(widths)))
    return [*plan, ("block1_conv1", 32, False), ("block1_conv2", 3, False)]


def decoder_level(name: str) -> str:
    """The level that the decoder of this name takes."""
    return "block4_conv1" if name == "adain" else name


def decoder_reach(level: str) -> int:
    """Pixels beyond which nothing has a say in what a decoder paints, each way."""
    return sum(2 ** (int(name[5]) - 1) for name, *_ in decoder_plan(level))


def load_decoder(name: str) -> dict[str, np.ndarray]:
    """Read the decoder of one of `LEVELS`, or that of ``"adain"`` at block4_conv1.

    Returns:
        What `decode` takes.

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
        parameters: ``"blockB_convJ/kernel"`` (3, 3, in, out) and ``"…/bias"`` (out,) of
            each convolution; ``"mean"`` and ``"spread"`` (C,), by which the features
            are standardised.
        features: float32 ``(batch, h, w, C)`` of MiniVGG's layer ``level``; h and w at
            least 2.
        level: one of `LEVELS`.
        dtype: what the convolutions compute in.

    Returns:
        A preprocessed tensor, float32 ``(batch, H, W, 3)``; H is h times the stride of
        the level.
    """
    # The channels' scales differ by a factor of hundreds.
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
    """A decoder before training: see `random_kernel`; nothing is standardised."""
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
