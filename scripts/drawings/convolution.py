"""A convolution: a small table of weights slides over a picture, step by step."""

from __future__ import annotations

import numpy as np
from svg import Box

from drawings.card import EDGE, WIDTH, Card

PICTURE = np.tile([0, 0, 0, 9, 9, 9], (3, 1))
FILTER = np.tile([-1, 0, 1], (3, 1))
"""The numbers that lesson 02 works by hand: right column minus left column."""
CELL, TOP = 36, 104
SHOWN = 2
"""The place that is worked out where nothing moves."""
SECONDS = 2.5
"""For each place."""
MIDDLE, OUTPUT = EDGE + 8 * CELL + 54, WIDTH - EDGE - 6 * CELL
"""The left sides of the filter and of the result."""


def convolution() -> Card:
    """Picture, filter, result; one sum in words. The window moves, if it may."""
    padded = np.pad(PICTURE, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    result = (windows * FILTER).sum((2, 3))
    row = ", ".join(map(str, result[1]))
    card = Card(
        "Convolution: multiply, add up, move on",
        "A filter of 3 × 3 weights, right column minus left column, lies over a "
        "picture with a step from 0 to 9. At each place nine products add up. The "
        f"middle row of the result is {row}. The window moves along that row.",
    )
    border = np.full(padded.shape, "0")
    border[1:-1, 1:-1] = ""
    card.table(EDGE, TOP, border, CELL, "faded", "muted")
    card.table(EDGE + CELL, TOP + CELL, PICTURE, CELL, "picture")
    card.table(MIDDLE, TOP + CELL, FILTER, CELL)
    card.table(OUTPUT, TOP + CELL, result, CELL)
    y = TOP + 2.5 * CELL + 8
    card.text(MIDDLE - 27, y, "×", "ink bold", 22, "middle")
    card.text(OUTPUT - 25, y, "=", "ink bold", 22, "middle")
    for x, text in (
        (EDGE + 4 * CELL, "picture, zeros around it"),
        (MIDDLE + 1.5 * CELL, "filter"),
        (OUTPUT + 3 * CELL, "result"),
    ):
        card.text(x, TOP - 14, text, "ink", 14, "middle")
    _moving(card)
    for place in range(6):
        _sum(card, place, windows[1, place], int(result[1, place]))
    card.height = 370
    return card


def _moving(card: Card) -> None:
    """The window, the cell of the result, and their way from place to place."""
    order = [(SHOWN + k) % 6 for k in range(6)]
    moves = "".join(
        f"{100 * k / 6:.2f}%{{transform:translate({(place - SHOWN) * CELL}px)}}"
        for k, place in enumerate(order)
    )
    shows = "0%{opacity:1}16.67%{opacity:0}100%{opacity:0}"
    waits = "".join(
        f".place{place}{{animation-delay:{SECONDS * k}s}}"
        for k, place in enumerate(order)
    )
    card.rules = (
        f".later{{opacity:0}}@keyframes slide{{{moves}}}@keyframes show{{{shows}}}"
        "@media (prefers-reduced-motion:no-preference){"
        f".slides{{animation:slide {6 * SECONDS}s step-end infinite}}"
        f".sum{{opacity:0;animation:show {6 * SECONDS}s step-end infinite}}{waits}}}"
    )
    card.parts.append('<g class="slides">')
    for x, y, cells in (
        (EDGE + SHOWN * CELL, TOP + CELL, 3),
        (OUTPUT + SHOWN * CELL, TOP + 2 * CELL, 1),
    ):
        card.frame(Box(x, y, cells * CELL, cells * CELL), "gradient", 4)
    card.parts.append("</g>")


def _sum(card: Card, place: int, window: np.ndarray, total: int) -> None:
    """The nine products of a place, their sum, and what ReLU leaves of it."""
    later = "" if place == SHOWN else " later"
    card.parts.append(f'<g class="sum place{place}{later}">')
    rows = [
        " + ".join(f"{_signed(w)}·{v}" for w, v in zip(weights, values, strict=True))
        for weights, values in zip(FILTER, window, strict=True)
    ]
    card.text(EDGE, 330, " + ".join(rows), "ink", 15)
    shown = str(total).replace("-", "−")
    card.text(EDGE, 364, f"= {shown}", "gradient bold", 17)
    after = f"ReLU keeps what is positive: max(0, {shown}) = {max(0, total)}"
    card.text(EDGE + 92, 364, after, "ink", 15)
    card.parts.append("</g>")


def _signed(weight: int) -> str:
    return "(−1)" if weight < 0 else str(weight)
