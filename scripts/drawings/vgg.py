"""The plan of VGG19: five blocks, sixteen layers, and the layers that are compared."""

from __future__ import annotations

from itertools import pairwise

from svg import Box, short

from drawings.card import EDGE, Card

SIDE = 224
"""Of the picture whose maps are drawn, in pixels."""
CONTENT = "block4_conv2"
"""The layer that compares with the photo by default."""
COLUMN, PITCH = 136, 144
"""The width of a block, and the distance of two."""
WIDTHS = {64: 24, 128: 34, 256: 48, 512: 70}
"""Channels → the width of a slab."""
MIDDLE, DEPTH = 146, 0.24
"""The height of the middle of all slabs, and their depth in heights."""


def vgg() -> Card:
    """The five blocks beside each other, from the picture upwards."""
    from nstlib.vgg_plan import CONVOLUTIONS, FIRST_CONVS, MINI_WIDTHS, VGG_WIDTHS

    blocks = list(zip(CONVOLUTIONS["vgg19"], VGG_WIDTHS, strict=True))
    card = Card(
        "VGG19: maps get smaller and more numerous",
        f"A picture of {SIDE} × {SIDE} pixels goes through five blocks. "
        + " ".join(
            f"Block {number}: {layers} layers with {channels} channels of "
            f"{SIDE >> number - 1} × {SIDE >> number - 1} values."
            for number, (layers, channels) in enumerate(blocks, start=1)
        )
        + " Between two blocks, pooling halves the maps. Style is compared at the "
        "first layer of each block, content at conv4_2.",
    )
    fronts = [_front(index, channels) for index, (_, channels) in enumerate(blocks)]
    for left, right in pairwise(fronts):
        start = left.x + left.width + DEPTH * left.height
        card.run([(start + 8, MIDDLE), (right.x - 6, MIDDLE)], "network", 2)
        middle = (start + right.x) / 2 + 1
        card.text(middle, MIDDLE - 11, "pool", "network bold", 13.5, "middle")
    for index, (layers, channels) in enumerate(blocks):
        x = EDGE + PITCH * index
        _slab(card, fronts[index])
        _heading(card, x, index, channels)
        for row in range(layers):
            name = f"block{index + 1}_conv{row + 1}"
            _layer(card, Box(x, 312 + 32 * row, COLUMN, 26), name, FIRST_CONVS)
    card.text(EDGE, 474, "MiniVGG", "ink bold", 14)
    text = "keeps the plan, with fewer channels and one layer in block 5:"
    card.text(EDGE + 78, 474, text, "ink", 14)
    mini = zip(CONVOLUTIONS["mini"], MINI_WIDTHS, strict=True)
    for index, (layers, width) in enumerate(mini):
        middle = EDGE + PITCH * index + COLUMN / 2
        words = f"{layers} layer{'s' * (layers > 1)} × {width}"
        card.text(middle, 498, words, "muted", 14, "middle")
    card.height = 504
    return card


def _slab(card: Card, box: Box) -> None:
    """The maps of a block as a slab, whose front is the box."""
    deep = DEPTH * box.height
    lid = (
        f"M{short(box.x)} {short(box.y)}l{short(deep)} {short(-deep)}"
        f"h{short(box.width)}l{short(-deep)} {short(deep)}z"
    )
    side = (
        f"M{short(box.x + box.width)} {short(box.y)}l{short(deep)} {short(-deep)}"
        f"v{short(box.height)}l{short(-deep)} {short(deep)}z"
    )
    for shape in (lid, side):
        card.path(shape, "network-line network-pale round", 1.5)
    card.rectangle(box, "network", 1)


def _front(index: int, channels: int) -> Box:
    """The front of a slab: higher for larger maps, wider for more of them."""
    height, width = 8.2 * (SIDE >> index) ** 0.5, WIDTHS[channels]
    deep = DEPTH * height
    left = EDGE + PITCH * index + (COLUMN - width - deep) / 2
    return Box(left, MIDDLE - height / 2 + deep / 2, width, height)


def _heading(card: Card, x: float, index: int, channels: int) -> None:
    middle, side = x + COLUMN / 2, SIDE >> index
    card.text(middle, 248, f"block {index + 1}", "ink bold", 15, "middle")
    card.lines(middle, 270, (f"{side} × {side}", f"{channels} channels"))


def _layer(card: Card, box: Box, name: str, styles: tuple[str, ...]) -> None:
    """One layer, marked if it is compared."""
    hue = "content" if name == CONTENT else "style" if name in styles else "network"
    card.rectangle(box, f"{hue}-pale {hue}-line", 5)
    card.text(box.x + 9, box.y + 18, f"conv{name[5]}_{name[-1]}", "ink", 14)
    if hue != "network":
        card.text(box.x + box.width - 8, box.y + 18, hue, f"{hue} bold", 12.5, "end")
