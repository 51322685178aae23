"""VGG networks and the feature maps that they compute from a picture.

Taught in: 02_feature_maps. The architecture is that of Simonyan & Zisserman (2015):
blocks of 3×3 convolutions with ReLU, and 2×2 pooling between the blocks. The feature
map named ``blockB_convJ`` is always the one after the ReLU.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np

from nstlib.backend import has_native_bfloat16, tf
from nstlib.errors import NetworkError
from nstlib.preprocessing import preprocess
from nstlib.vgg_plan import (
    CONVOLUTIONS,
    full_name,
    layer_names,
    receptive_field,
    stride,
)
from nstlib.vgg_weights import (
    check_activations,
    known_picture,
    load_weights,
    random_parameters,
)

__all__ = [
    "BORDERS", "CONVOLUTIONS", "POOLINGS", "PRECISIONS", "FeatureExtractor",
    "computed_in", "feature_maps", "full_name", "layer_names", "load_network",
    "load_parameters",
    "receptive_field", "stride",
]  # fmt: skip

PRECISIONS = ("auto", "float32", "bfloat16")
POOLINGS = ("max", "avg")
_EDGES = {"replicate": "SYMMETRIC", "reflect": "REFLECT"}  # border → mode of tf.pad
BORDERS = ("zero", *_EDGES)


def feature_maps(
    parameters: Mapping[str, Any],
    tensor: tf.Tensor,
    layers: Iterable[str],
    pooling: str = "max",
    dtype: Any = "float32",
    border: str = "zero",
) -> dict[str, tf.Tensor]:
    """Compute feature maps, running a VGG up to the deepest layer that is needed.

    Taught in: 02_feature_maps.

    Args:
        parameters: ``"blockB_convJ/kernel"`` → ``(3, 3, in, out)`` and
            ``"blockB_convJ/bias"`` → ``(out,)``.
        tensor: float32 ``(batch, H, W, 3)``, preprocessed.
        layers: full layer names.
        pooling: ``"max"``, as VGG was trained, or ``"avg"`` (Gatys et al. 2015, §2).
        dtype: the precision in which the convolutions compute.
        border: how the first layer pads the picture. ``"zero"`` surrounds it with
            zeros, as VGG was trained. ``"replicate"`` repeats the outermost pixels (as
            in crowsonkb/style-transfer-pytorch), and ``"reflect"`` mirrors the picture
            without repeating them; with both, an optimized picture gets no frame.

    Returns:
        Layer → float32 ``(batch, h, w, C)``, in the order of ``layers``.
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
        # The first layer stays float32: bfloat16 cannot hold all values of a pixel.
        x, padding = tf.cast(x, dtype), "SAME"
        if name in wanted:
            found[name] = tf.cast(x, tf.float32)
            if len(found) == len(set(wanted)):
                break
    return {name: found[name] for name in wanted}


class FeatureExtractor:
    """A network that turns a preprocessed tensor into feature maps when it is called.

    `load_network` makes one.

    Attributes:
        name: name of the network.
        layers: full names of the layers whose feature maps it returns.
        available: full names of all layers for which it has weights.
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
        """Compute the feature maps of all its layers, after the ReLU.

        Args:
            tensor: float32 ``(batch, H, W, 3)``, preprocessed.

        Returns:
            Layer → float32 ``(batch, h, w, C)``.

        Raises:
            NetworkError: the tensor has another shape, or the picture is too small for
                the deepest layer.
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
            self.precision,
            self.border,
        )

    def of_layers(self, layers: Iterable[str]) -> FeatureExtractor:
        """Return a copy of this network that computes the maps of other layers."""
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
            size = " × ".join(map(str, sides[::-1]))  # width first
            raise NetworkError(
                f"A picture of {size} pixels is too small: "
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
    """Load a network and check its weights on a known picture.

    Taught in: 02_feature_maps.

    Args:
        name: ``"mini"`` ships with the package. ``"vgg19"`` and ``"vgg16"`` are
            downloaded once or read from a local file. ``"random"`` has the architecture
            of MiniVGG with untrained filters (He initialization, always the same).
        layers: the layers whose feature maps to return, such as ``"block4_conv2"`` or
            ``"conv4_2"``; all of them if None.
        pooling: ``"max"`` or ``"avg"``.
        precision: ``"float32"``, ``"bfloat16"``, or ``"auto"``, which is bfloat16 where
            the hardware multiplies it natively and float32 elsewhere.
        weights: a local weight file, see `nstlib.vgg_weights.load_weights`.
        border: ``"zero"``, ``"replicate"`` or ``"reflect"``, see `feature_maps`.

    Returns:
        A function from a preprocessed tensor to its feature maps.

    Raises:
        NetworkError: an argument or a layer is unknown, or the weights cannot be used.

    Example:
        Deeper layers have fewer positions and more channels:

        >>> import numpy as np
        >>> from nstlib.preprocessing import preprocess
        >>> network = load_network("mini", ["conv1_1", "conv4_2"])
        >>> maps = network(preprocess(np.full((64, 96, 3), 128.0)))
        >>> {name: tuple(values.shape) for name, values in maps.items()}
        {'block1_conv1': (1, 64, 96, 32), 'block4_conv2': (1, 8, 12, 128)}
    """
    for what, value, choices in (
        ("network", name, tuple(CONVOLUTIONS)),
        ("pooling", pooling, POOLINGS),
        ("precision", precision, PRECISIONS),
        ("border", border, BORDERS),
    ):
        if value not in choices:
            raise NetworkError(f"{what} is one of {', '.join(choices)}, not {value!r}.")
    parameters, precision = load_parameters(name, weights), computed_in(precision)
    return FeatureExtractor(name, parameters, layers, pooling, precision, border)


def load_parameters(
    name: str, weights: str | PathLike[str] | None = None
) -> dict[str, np.ndarray]:
    """Load the weights of a network, and run it once to see that they are right.

    Args:
        name, weights: as for `load_network`.

    Returns:
        What `feature_maps` takes.

    Raises:
        NetworkError: weights that cannot be used.
    """
    if name == "random":
        return random_parameters()
    parameters = load_weights(name, weights)
    picture = tf.constant(preprocess(known_picture()))
    present = [n for n in layer_names(name) if f"{n}/kernel" in parameters]
    maps = feature_maps(parameters, picture, present)
    means = {k: float(tf.reduce_mean(v)) for k, v in maps.items()}
    if bad := [layer for layer, mean in means.items() if not math.isfinite(mean)]:
        raise NetworkError(
            f"With these weights of {name}, {bad[0]} is not finite (NaN or Inf) on a "
            "known picture: fetch them again, or train them again."
        )
    if not (name == "mini" and weights):  # a MiniVGG of one's own has no record
        check_activations(name, means)
    return parameters


def computed_in(precision: str) -> str:
    """Resolve a precision: ``"auto"`` becomes the one that suits this machine.

    Args:
        precision: one of `PRECISIONS`.

    Returns:
        ``"float32"`` or ``"bfloat16"``.
    """
    if precision != "auto":
        return precision
    return "bfloat16" if has_native_bfloat16() else "float32"
