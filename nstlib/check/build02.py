"""The functions that a student builds in 02_feature_maps."""

from __future__ import annotations

from collections.abc import Iterator

from nstlib.check.building import Built
from nstlib.check.exercise import Case

PLANS = {
    "vgg19": (2, 2, 4, 4, 4),
    "vgg16": (2, 2, 3, 3, 3),
    "mini": (2, 2, 4, 4, 1),
}


def _names(network: str = "vgg19") -> list[str]:
    names = []
    for block in range(5):
        for conv in range(PLANS[network][block]):
            names.append(f"block{block + 1}_conv{conv + 1}")
    return names


def _numbered(network: str) -> list[str]:
    """Number the convolutions through, without beginning anew in each block."""
    return [f"{name[:6]}_conv{k}" for k, name in enumerate(_names(network), 1)]


def _counted_from_zero(network: str) -> list[str]:
    return [f"block{int(n[5]) - 1}_conv{int(n[-1]) - 1}" for n in _names(network)]


layer_names = Built(
    of="nstlib.vgg.layer_names",
    oracle=_names,
    cases=lambda: [("vgg19",), ("vgg16",), ("mini",), ()],
    kind="list",
    mistakes={
        "these are the layers of VGG19, whatever the network: look into CONVOLUTIONS": (
            lambda network="vgg19": _names()
        ),
        "blocks and layers count from 1, and Python from 0: start=1": (
            lambda network="vgg19": _counted_from_zero(network)
        ),
        "the layers of a block count from 1: range(1, count + 1)": (
            lambda network="vgg19": [
                f"{n[:-1]}{int(n[-1]) - 1}" for n in _names(network)
            ]
        ),
        "the last layer of each block is missing: range stops before its end": (
            lambda network="vgg19": [
                n for n in _names(network) if int(n[-1]) < PLANS[network][int(n[5]) - 1]
            ]
        ),
        "each block begins with conv1 again": (
            lambda network="vgg19": _numbered(network)
        ),
        "these are the paper's names: here conv1_1 is called block1_conv1": (
            lambda network="vgg19": [
                n.replace("block", "conv")[:5] + n[-2:].replace("v", "_")
                for n in _names(network)
            ]
        ),
        "the layers go from the last to the first: begin at the picture": (
            lambda network="vgg19": _names(network)[::-1]
        ),
        "only the first layer of each block is there": (
            lambda network="vgg19": [n for n in _names(network) if n[-1] == "1"]
        ),
    },
    praise="the names that Keras gives them, too",
)


def _layers() -> Iterator[Case]:
    yield from [(name,) for name in _names()]
    yield from [(name, "vgg16") for name in _names("vgg16")]
    yield ("block4_conv3", "mini")


def _field(
    layer: str,
    network: str = "vgg19",
    *,
    begin: int = 1,
    conv: int = 2,
    pool: int = 1,
    growing: bool = True,
) -> int:
    """Go back from one value to the picture, and count what it depends on."""
    names = _names(network)
    below = names[: names.index(layer) + 1]
    field = begin
    for number, name in enumerate(below):
        apart = 2 ** (int(name[5]) - 1) if growing else 1
        field += conv * apart
        if number and name[5] != below[number - 1][5]:
            field += pool * apart // 2 if growing else pool
    return field


def _before(layer: str, network: str = "vgg19") -> int:
    names = _names(network)
    place = names.index(layer)
    return _field(names[place - 1], network) if place else 1


receptive_field = Built(
    of="nstlib.vgg.receptive_field",
    oracle=_field,
    cases=_layers,
    mistakes={
        "one pixel is missing: before the first convolution a value sees 1 pixel": (
            lambda layer, network="vgg19": _field(layer, network, begin=0)
        ),
        "the poolings are missing: each adds one neighbor of the layer below": (
            lambda layer, network="vgg19": _field(layer, network, pool=0)
        ),
        "a pooling adds the stride of the maps that it pools, not of those it makes": (
            lambda layer, network="vgg19": _field(layer, network, pool=2)
        ),
        "neighbors move apart at each pooling: multiply by the stride": (
            lambda layer, network="vgg19": _field(layer, network, growing=False)
        ),
        "each convolution adds 2 strides, not 2 pixels, and the poolings are missing": (
            lambda layer, network="vgg19": _field(layer, network, pool=0, growing=False)
        ),
        "a convolution has a neighbor on both sides: it adds 2 strides": (
            lambda layer, network="vgg19": _field(layer, network, conv=1)
        ),
        "a 3×3 convolution adds 2 strides, not 3: the middle was there before": (
            lambda layer, network="vgg19": _field(layer, network, conv=3)
        ),
        "the layer itself is missing: add its own step before you return": _before,
        "this is the field of the network's last layer: stop at the one asked for": (
            lambda layer, network="vgg19": _field(_names(network)[-1], network)
        ),
        "these are the neighbors on one side: the field has two": (
            lambda layer, network="vgg19": _field(layer, network) // 2
        ),
    },
    praise="step by step, as far as the layer",
)
