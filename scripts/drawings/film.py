"""How one frame of a film is painted, so that it fits to the one before."""

from __future__ import annotations

from svg import Box

from drawings.card import Card

ROWS = 78, 206, 326
"""The tops of the rows: what was filmed, what is painted, and the loss that ties."""
COLUMNS = (24, 146), (216, 156), (424, 146), (618, 118)
"""The left edges and the widths of the columns."""
HIGH = 70


def film() -> Card:
    """From the frame before, by flow and warping, to the new painted frame."""
    card = Card(
        "One frame of a film",
        "The optical flow of the new frame and the frame before says where each pixel "
        "was, and which are visible in both. Along the flow, the painted frame before "
        "is warped. The warped picture is where L-BFGS begins, and what the temporal "
        "loss compares with wherever pixels are visible in both. Content and style "
        "loss come from the new frame and the painting, as for a single picture. The "
        "result is the new painted frame.",
    )
    before, flow, new = (_box(column, 0) for column in range(3))
    painted, warp, optimizer, result = (_box(column, 1) for column in range(4))
    tie = _box(2, 2)
    _right(card, before, flow, "content")
    y = new.y + HIGH / 2
    card.run([(new.x - 3, y), (flow.x + flow.width + 3, y)], "content", 2.5)
    card.box(before, "content", "frame before")
    card.box(flow, "content", "optical flow", ("flow *d*, mask *m*",))
    card.box(new, "content", "new frame")
    _down(card, flow, warp, "content")
    _down(card, new, optimizer, "content")
    card.text(new.x + 84, 180, "content and style loss", "ink", 14)
    _right(card, painted, warp, "picture")
    _right(card, warp, optimizer, "picture")
    card.text(398, 228, "start", "ink", 13, "middle")
    _right(card, optimizer, result, "gradient")
    card.box(painted, "picture", "painted before")
    card.box(warp, "picture", "warp", ("fetch along *d*",))
    card.box(optimizer, "gradient", "L-BFGS", ("moves the pixels",))
    card.box(result, "picture", "painted", ("new frame",))
    x, y = warp.x + warp.width / 2, tie.y + HIGH / 2
    card.run([(x, warp.y + HIGH + 3), (x, y), (tie.x - 3, y)], "smooth", 2.5)
    x = tie.x + tie.width / 2
    card.run([(x, tie.y - 3), (x, optimizer.y + HIGH + 3)], "smooth", 2.5)
    card.box(tie, "smooth", "temporal loss", ("where *m* is 1",), bold=True)
    card.height = tie.y + HIGH + 28
    return card


def _box(column: int, row: int) -> Box:
    left, width = COLUMNS[column]
    return Box(left, ROWS[row], width, HIGH)


def _right(card: Card, start: Box, end: Box, hue: str) -> None:
    y = start.y + HIGH / 2
    card.run([(start.x + start.width + 3, y), (end.x - 3, y)], hue, 2.5)


def _down(card: Card, start: Box, end: Box, hue: str) -> None:
    x = start.x + start.width / 2
    card.run([(x, start.y + HIGH + 3), (x, end.y - 3)], hue, 2.5)
