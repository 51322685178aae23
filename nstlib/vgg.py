"""VGG networks, and the feature maps that they see in a picture.

Taught in: 02_feature_maps. The architecture is that of Simonyan & Zisserman (2015):
blocks of 3×3 convolutions with ReLU, each block but the last followed by 2×2 pooling.
A feature map named ``blockB_convJ`` is always the one after the ReLU.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.preprocessing import preprocess
from nstlib.quiet import tf
from nstlib.weights import (
    NetworkError,
    check_activations,
    known_picture,
    load_weights,
)

CONVOLUTIONS = {
    "mini": (2, 2, 4, 4, 1),
    "random": (2, 2, 4, 4, 1),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}
"""How many convolutions each block of a network has."""

MINI_WIDTHS = (32, 80, 128, 128, 128)
"""Channels in each block of MiniVGG; VGG19 has 64, 128, 256, 512, 512."""

PRECISIONS = ("auto", "float32", "bfloat16")
POOLINGS = ("max", "avg")
_EDGES = {"replicate": "SYMMETRIC", "reflect": "REFLECT"}  # as tf.pad says it
BORDERS = ("zero", *_EDGES)


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
    """Spell a layer out: ``"conv4_2"`` and ``"relu4_2"`` → ``"block4_conv2"``."""
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
    border: str = "zero",
) -> dict[str, tf.Tensor]:
    """Run a tensor through a VGG, up to the deepest layer asked for.

    Taught in: 02_feature_maps.

    Args:
        parameters: ``"blockB_convJ/kernel"`` (3, 3, in, out) and ``"…/bias"`` (out,).
        tensor: float32 ``(batch, H, W, 3)``, preprocessed.
        layers: full layer names.
        pooling: ``"max"``, as VGG was trained, or ``"avg"`` (Gatys et al. 2015, §2).
        dtype: what the convolutions compute in.
        border: ``"zero"`` surrounds the picture with zeros, as VGG was trained;
            ``"replicate"`` repeats its outermost pixels, ``"reflect"`` those next to
            them, so that an optimised picture gets no frame (first layer only, as
            ``"replicate"`` in crowsonkb/style-transfer-pytorch).

    Returns:
        float32 ``(batch, h, w, C)`` for each layer, in the order asked for.
    """
    wanted = list(layers)
    found: dict[str, tf.Tensor] = {}
    pool = {"max": tf.nn.max_pool2d, "avg": tf.nn.avg_pool2d}[pooling]
    x, block, padding = tensor, "1", "SAME"
    if border in _EDGES:
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], _EDGES[border])
        padding = "VALID"
    for name in (n for n in layer_names("vgg19") if f"{n}/kernel" in parameters):
        if name[5] != block:
            x = pool(x, 2, strides=2, padding="VALID")
            block = name[5]
        kernel, bias = parameters[f"{name}/kernel"], parameters[f"{name}/bias"]
        x = tf.nn.conv2d(x, tf.cast(kernel, x.dtype), strides=1, padding=padding)
        x = tf.nn.relu(tf.nn.bias_add(x, tf.cast(bias, x.dtype)))
        # Pixels have more digits than bfloat16 keeps: the first layer stays float32.
        x, padding = tf.cast(x, dtype), "SAME"
        if name in wanted:
            found[name] = tf.cast(x, tf.float32)
            if len(found) == len(set(wanted)):
                break
    return {name: found[name] for name in wanted}


class FeatureExtractor:
    """A network, ready to turn a preprocessed tensor into feature maps.

    Made by `load_network`; call it with a float32 tensor ``(batch, H, W, 3)``.

    Attributes:
        name: which network it is.
        layers: full names of the layers it returns.
        available: full names of all layers that its weights hold.
        pooling: ``"max"`` or ``"avg"``.
        precision: ``"float32"`` or ``"bfloat16"``.
        border: ``"zero"``, ``"replicate"`` or ``"reflect"``.
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, Any],
        layers: Iterable[str] | None = None,
        pooling: str = "max",
        precision: str = "float32",
        border: str = "zero",
    ):
        self.name, self.pooling = name, pooling
        self.precision, self.border = precision, border
        self.parameters = {k: tf.constant(v) for k, v in parameters.items()}
        self.available = [n for n in layer_names(name) if f"{n}/kernel" in parameters]
        wanted = self.available if layers is None else layers
        self.layers = [full_name(layer) for layer in wanted]
        missing = [layer for layer in self.layers if layer not in self.available]
        if missing:
            raise NetworkError(
                f"Network {name!r} has no layer {', '.join(missing)}; it has "
                f"{', '.join(self.available)}."
            )

    def __call__(self, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
        """Feature maps after the ReLU: float32 ``(batch, h, w, C)`` for each layer.

        Raises:
            NetworkError: the picture is too small to reach the deepest layer.
        """
        tensor = tf.convert_to_tensor(tensor, tf.float32)
        if tensor.shape.rank != 4 or tensor.shape[-1] != 3:
            raise NetworkError(
                f"A network needs a tensor (1, H, W, 3), not {tuple(tensor.shape)}; "
                "make one with nstlib.preprocess(picture)."
            )
        self.check_size([side for side in tensor.shape[1:3] if side is not None])
        return feature_maps(
            self.parameters,
            tensor,
            self.layers,
            self.pooling,
            tf.as_dtype(self.precision),
            self.border,
        )

    def of_layers(self, layers: Iterable[str]) -> FeatureExtractor:
        """The same network, for other layers."""
        return FeatureExtractor(
            self.name,
            self.parameters,
            layers,
            self.pooling,
            self.precision,
            self.border,
        )

    def check_size(self, sides: Sequence[int]) -> None:
        """Raise a `NetworkError` if a picture of these sides is too small."""
        smallest = max(map(stride, self.layers), default=1)
        smallest = max(smallest, 2 if self.border == "reflect" else 1)
        if sides and min(sides) < smallest:
            raise NetworkError(
                f"A picture of {' × '.join(map(str, sides))} pixels is too small: "
                f"{max(self.layers, key=stride)} needs at least {smallest} each way."
            )


def load_network(
    name: str = "mini",
    layers: Iterable[str] | None = None,
    pooling: str = "max",
    precision: str = "auto",
    weights: str | PathLike | None = None,
    border: str = "zero",
) -> FeatureExtractor:
    """Load a network and check that it is the right one.

    Taught in: 02_feature_maps.

    Args:
        name: ``"mini"``, which ships with the package; ``"vgg19"`` or ``"vgg16"``,
            downloaded once or read from a local file; ``"random"``, MiniVGG's plan
            with filters that never learned anything (He-initialised, always the same).
        layers: which feature maps to return, ``"block4_conv2"`` or ``"conv4_2"``;
            all of them if None.
        pooling: ``"max"`` or ``"avg"``.
        precision: ``"float32"``, ``"bfloat16"``, or ``"auto"``: bfloat16 where the
            processor multiplies it natively, float32 elsewhere.
        weights: a local file for this network, see `nstlib.weights.load_weights`.
        border: ``"zero"``, as VGG was trained, ``"replicate"`` or ``"reflect"``, see
            `feature_maps`.

    Raises:
        NetworkError: an unknown name or layer, or weights that cannot be used.
    """
    for what, value, choices in (
        ("network", name, tuple(CONVOLUTIONS)),
        ("pooling", pooling, POOLINGS),
        ("precision", precision, PRECISIONS),
        ("border", border, BORDERS),
    ):
        if value not in choices:
            raise NetworkError(f"{what} is one of {', '.join(choices)}, not {value!r}.")
    if precision == "auto":
        precision = "bfloat16" if has_native_bfloat16() else "float32"
    if name == "random":
        parameters = random_parameters()
    else:
        parameters = load_weights(name, weights)
        picture = tf.constant(preprocess(known_picture()))
        present = [n for n in layer_names(name) if f"{n}/kernel" in parameters]
        maps = feature_maps(parameters, picture, present)
        if not (name == "mini" and weights):  # a MiniVGG of one's own has no record
            means = {k: float(tf.reduce_mean(v)) for k, v in maps.items()}
            check_activations(name, means)
    return FeatureExtractor(name, parameters, layers, pooling, precision, border)


def random_parameters(seed: int = 0) -> dict[str, np.ndarray]:
    """He-initialised filters and zero biases in MiniVGG's plan (He et al. 2015)."""
    rng = np.random.default_rng(seed)
    parameters, channels = {}, 3
    for name in layer_names("random"):
        width = MINI_WIDTHS[int(name[5]) - 1]
        kernel = rng.normal(size=(3, 3, channels, width)) * np.sqrt(2 / (9 * channels))
        parameters[f"{name}/kernel"] = kernel.astype(np.float32)
        parameters[f"{name}/bias"] = np.zeros(width, np.float32)
        channels = width
    return parameters


def has_native_bfloat16() -> bool:
    """Whether convolutions in bfloat16 are faster than in float32 here.

    On processors, by the flags that Linux reports (elsewhere float32 is the safe
    answer); on NVIDIA GPUs, from compute capability 8.0.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return details.get("compute_capability", (0, 0)) >= (8, 0)
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
