"""The architecture of the VGG networks: layers, widths, strides, receptive fields.

Taught in: 02_feature_maps. Source: Simonyan & Zisserman (2015). `nstlib.vgg` runs these
networks, and `nstlib.vgg_weights` loads their weights.
"""

from __future__ import annotations

from collections.abc import Iterable

from nstlib.errors import NetworkError

CONVOLUTIONS = {
    "mini": (2, 2, 4, 4, 1),
    "random": (2, 2, 4, 4, 1),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}
"""Network → number of convolutions in each of its five blocks."""

MINI_WIDTHS = (32, 80, 128, 128, 128)
"""Channels of the layers in each block of MiniVGG."""
VGG_WIDTHS = (64, 128, 256, 512, 512)
"""Channels of the layers in each block of VGG16 and VGG19."""

FIRST_CONVS = tuple(f"block{block}_conv1" for block in range(1, 6))
"""The first layer of each block. By default style is measured at these layers, and
there is a decoder for each."""


def block_widths(network: str) -> tuple[int, ...]:
    """Return the number of channels of the layers in each block of a network."""
    return MINI_WIDTHS if network in ("mini", "random") else VGG_WIDTHS


def layer_names(network: str = "vgg19") -> list[str]:
    """List the layers of a network, from the picture upwards.

    Taught in: 02_feature_maps.

    Args:
        network: ``"mini"``, ``"random"``, ``"vgg16"`` or ``"vgg19"``.

    Returns:
        ``["block1_conv1", "block1_conv2", "block2_conv1", …]``.

    Raises:
        NetworkError: there is no such network.

    Example:
        >>> layer_names("mini")[:3]
        ['block1_conv1', 'block1_conv2', 'block2_conv1']
        >>> len(layer_names("vgg16")), len(layer_names("vgg19"))
        (13, 16)
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
    """Return the full name of a layer, given any of the usual short forms.

    Example:
        >>> full_name("conv4_2"), full_name("relu4_2"), full_name("block4_conv2")
        ('block4_conv2', 'block4_conv2', 'block4_conv2')
    """
    for prefix in ("conv", "relu"):
        if layer.startswith(prefix):
            block, _, conv = layer[len(prefix) :].partition("_")
            return f"block{block}_conv{conv}"
    return layer


def stride(layer: str) -> int:
    """Return the distance, in pixels, between neighboring positions of a layer.

    Args:
        layer: name of a layer, in any form that `full_name` takes.

    Returns:
        1, 2, 4, 8 or 16: each pooling between the blocks doubles it.

    Example:
        >>> stride("conv1_1"), stride("conv4_2")
        (1, 8)
    """
    return 2 ** (int(full_name(layer)[5]) - 1)


def receptive_field(layer: str, network: str = "vgg19") -> int:
    """Return the side, in pixels, of the square that one value of a layer depends on.

    Taught in: 02_feature_maps. Each 3×3 convolution adds two strides, each 2×2
    pooling adds one.

    Args:
        layer: name of a layer, in any form that `full_name` takes.
        network: the network it belongs to.

    Raises:
        NetworkError: there is no such network, or it has no such layer.

    Example:
        Deep layers see large parts of a picture:

        >>> [receptive_field(f"conv{block}_1") for block in (1, 2, 3, 4, 5)]
        [3, 10, 24, 68, 156]
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


def used_layers(network: str, layers: Iterable[str]) -> dict[str, int]:
    """Return all layers up to the deepest of those given: name → number of channels."""
    names, widths = layer_names(network), block_widths(network)
    used = names[: max(map(names.index, layers)) + 1]
    return {name: widths[int(name[5]) - 1] for name in used}
