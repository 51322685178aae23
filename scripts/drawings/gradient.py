"""How the gradient comes to the pixels, and the two loops of L-BFGS."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, WIDTH, Card


def backpropagation() -> Card:
    """Forwards from the pixels to the loss, backwards to the pixels."""
    card = Card(
        "The weights stay, the pixels move",
        "The picture x goes forwards through the blocks of the network to the loss ℒ. "
        "The gradient goes backwards through the same blocks, from ∂ℒ/∂F at the layers "
        "to ∂ℒ/∂x at the pixels. The weights of the network are fixed. Only the pixels "
        "change, against the gradient.",
    )
    y = 150
    photo = Box(EDGE + 2, y - 44, 132, 88)
    card.photo(photo, "end_256.jpg", "picture")
    blocks = [Box(218 + 142 * k, y - 62 + 8 * k, 76, 124 - 16 * k) for k in range(3)]
    for box, name in zip(blocks, ("block 1", "…", "block 5"), strict=True):
        card.box(box, "network", name, () if name == "…" else ("*W* fixed",))
    loss = Box(WIDTH - EDGE - 76, y - 30, 76, 60)
    card.box(loss, "content", "loss ℒ")
    stops = [photo, *blocks, loss]
    names = "*x*", "*F*¹", "", "*F*⁵"
    slopes = "∂ℒ/∂*x*", "∂ℒ/∂*F*¹", "", "∂ℒ/∂*F*⁵"
    for left, right, name, slope in zip(stops, stops[1:], names, slopes, strict=False):
        start, end = left.x + left.width + 6, right.x - 4
        middle = (start + end) / 2
        card.run([(start, y - 16), (end, y - 16)], "network", 2.5)
        card.words(middle - 4, y - 28, name, "ink", 16, "middle")
        card.run([(end, y + 16), (start, y + 16)], "gradient", 2.5, True)
        card.words(middle + 4, y + 42, slope, "gradient", 14.5, "middle")
    x = photo.x + photo.width / 2
    card.text(photo.x, y - 58, "pixels: they move", "picture bold", 14)
    card.run([(x, y + 96), (x, y + 52)], "gradient", 2.5)
    card.words(EDGE, y + 120, "*x* ← *x* − *η* ∂ℒ/∂*x*", "ink", 15)
    legend(card, 250, 276)
    card.height = 290
    return card


def legend(card: Card, x: float, y: float) -> None:
    """What the two kinds of arrow are."""
    card.run([(x + 60, y - 5), (x + 110, y - 5)], "network", 2.5)
    card.text(x + 120, y, "forwards: values", "ink", 14)
    card.run([(x + 310, y - 5), (x + 260, y - 5)], "gradient", 2.5, True)
    card.text(x + 320, y, "backwards: slopes", "ink", 14)


PAIRS = 4
PITCH, FIRST = 130, 196
"""The distance of two columns, and the middle of the first."""
DOWN, UP = Box(0, 84, 112, 58), Box(0, 318, 112, 76)
"""Of a column: the box of the first loop, and that of the second."""


def two_loops() -> Card:
    """The two-loop recursion: down the pairs, scale, up again."""
    card = Card(
        "L-BFGS: two loops over the stored pairs",
        "The gradient g enters on the right. The first loop runs from the newest pair "
        "(s, y) to the oldest: α = ρ s·q, then q becomes q − α y. On the left, q is "
        "divided by ρ y·y of the newest pair and becomes r. The second loop runs back "
        "from the oldest pair to the newest, with the α that was kept: β = ρ y·r, then "
        "r becomes r + (α − β) s. On the right H g comes out.",
    )
    right = WIDTH - EDGE - 46
    for index in range(PAIRS):
        _column(card, index)
    centers = [FIRST + PITCH * index for index in range(PAIRS)]
    top, bottom = DOWN.y + DOWN.height / 2, UP.y + UP.height / 2
    half = DOWN.width / 2
    card.box(Box(right, top - 24, 46, 48), "picture", "*g*")
    card.box(Box(right, bottom - 24, 46, 48), "picture", "*H g*")
    turn = Box(EDGE, 190, 96, 86)
    newest = "(*ρ*_{0} *y*_{0}·*y*_{0})".replace("0", str(PAIRS))
    card.box(turn, "gradient", "scale", ("*r* = *q* /", newest))
    ends = [right, *(x - half for x in reversed(centers))]
    for start, x in zip(ends, reversed(centers), strict=False):
        card.run([(start, top), (x + half, top)], "content", 2.5)
    left = turn.x + turn.width / 2
    card.run([(centers[0] - half, top), (left, top), (left, turn.y)], "content", 2.5)
    foot = turn.y + turn.height
    card.run([(left, foot), (left, bottom), (centers[0] - half, bottom)], "style", 2.5)
    for x, end in zip(centers, [*(x - half for x in centers[1:]), right], strict=True):
        card.run([(x + half, bottom), (end, bottom)], "style", 2.5)
    card.text(EDGE, 74, "first loop: newest → oldest", "content bold", 14)
    card.text(EDGE, 424, "second loop: oldest → newest", "style bold", 14)
    card.height = 430
    return card


def _column(card: Card, index: int) -> None:
    """One pair, and what both loops do with it."""
    x, number = FIRST + PITCH * index, index + 1
    pair = Box(x - 56, 204, 76, 58)
    age = {1: "oldest", PAIRS: "newest"}.get(number, "")
    name = "*s*_{0}, *y*_{0}".replace("0", str(number))
    card.box(pair, "network", name, (age,) if age else ())
    down, up = DOWN._replace(x=x - 56), UP._replace(x=x - 56)
    first = "*α*_{0} = *ρ*_{0} *s*_{0}·*q*", "*q* ← *q* − *α*_{0} *y*_{0}"
    second = (
        "*β*_{0} = *ρ*_{0} *y*_{0}·*r*",
        "*r* ← *r* +",
        "(*α*_{0} − *β*_{0}) *s*_{0}",
    )
    for box, hue, notes in ((down, "content", first), (up, "style", second)):
        card.box(box, hue, "", [note.replace("0", str(number)) for note in notes])
    middle = pair.x + pair.width / 2
    for end in (down.y + down.height, up.y):
        start = pair.y if end < pair.y else pair.y + pair.height
        card.run([(middle, start), (middle, end)], "network", 1.5)
    card.run([(x + 40, down.y + down.height), (x + 40, up.y)], "gradient", 2, True)
    card.words(x + 47, 238, f"*α*_{{{number}}}", "gradient", 16)
