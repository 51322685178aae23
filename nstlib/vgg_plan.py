"""The plan of the VGG networks: their layers, how wide each is, and what it can see.

Taught in: 02_feature_maps. The architecture is that of Simonyan & Zisserman (2015).
`nstlib.vgg` fills the plan with numbers.
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
"""How many convolutions each block of a network has."""

MINI_WIDTHS = (32, 80, 128, 128, 128)
"""Channels in each block of MiniVGG."""
VGG_WIDTHS = (64, 128, 256, 512, 512)
"""Channels in each block of VGG16 and VGG19."""

FIRST_CONVS = tuple(f"block{block}_conv1" for block in range(1, 6))
"""The first layer of each block: where style is measured, and what can be decoded."""


def block_widths(network: str) -> tuple[int, ...]:
    """Channels in each block of a network."""
    return MINI_WIDTHS if network in ("mini", "random") else VGG_WIDTHS


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


def used_layers(network: str, layers: Iterable[str]) -> dict[str, int]:
    """All layers up to the deepest of these, each with its number of channels."""
    names, widths = layer_names(network), block_widths(network)
    used = names[: max(map(names.index, layers)) + 1]
    return {name: widths[int(name[5]) - 1] for name in used}
