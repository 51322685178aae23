"""The Gram matrix: each position gives a table of products; their sum is the Gram."""

from __future__ import annotations

import numpy as np
from svg import Box

from drawings.card import EDGE, WIDTH, Card

FEATURES = np.array([[1, 2, 3, 4], [1, 0, 1, 0], [1, 0, 1, 2], [1, 2, 3, 2]])
"""Four positions, four channels. The first row is V of lesson 04; the other three are
chosen so that the sum of the tables, divided by 4, has no fractions."""
CELL, SMALL = 34, 27


def gram() -> Card:
    """From maps to a matrix of positions, to a table for each, to their sum over N."""
    tables = [np.outer(row, row) for row in FEATURES]
    mean = np.sum(tables, 0) // len(tables)
    rows = "; ".join(" ".join(map(str, row)) for row in mean)
    card = Card(
        "Gram matrix: which channels speak together",
        "Four feature maps of 2 × 2 positions become a matrix F with a row for each "
        "position and a column for each channel. The first row is V = 1, 2, 3, 4. Each "
        "position gives the table of all products of its row. The sum of the four "
        "tables, F transposed times F, is the Gram matrix G. Shown is G divided by N: "
        f"{rows}.",
    )
    _maps(card)
    x, y = 304, 104
    card.run([(226, y + 68), (x - 14, y + 68)], "network")
    card.table(x, y, FEATURES, CELL, "network")
    card.words(x + 68, y - 14, "*F*, shape (*N*, *C*)", "ink", 14, "middle")
    card.words(x + 68, y + 160, "a row for each position", "ink", 14, "middle")
    card.run([(x + 68, y + 170), (x + 68, y + 208)], "network")
    card.frame(Box(x, y, 4 * CELL, CELL), "style", 4)
    card.words(x + 146, y + 23, "*V*", "style bold", 17)
    _tables(card, tables)
    x = WIDTH - EDGE - 4 * CELL
    card.table(x, y, mean, CELL, "style")
    card.words(x + 68, y - 14, "*G*/*N*, shape (*C*, *C*)", "ink", 14, "middle")
    card.words(x + 68, y + 160, "*G* = *F*ᵀ*F*", "ink bold", 16, "middle")
    card.run([(x + 68, 366), (x + 68, 276)], "style", 2.5)
    card.lines(x + 68, 390, ("the sum is *G*;", "divide it by *N* = 4"))
    card.height = 458
    return card


def _maps(card: Card) -> None:
    """The maps, one behind the other; the first position of each is marked."""
    for channel in range(4):
        x, y = EDGE + 4 + 40 * channel, 104 + 27 * channel
        values = FEATURES[:, channel].reshape(2, 2).astype(str)
        if channel < 3:
            values[1, 1] = ""  # the next one lies over it
        card.table(x, y, values, CELL)
        card.frame(Box(x, y, CELL, CELL), "style", 3)
    card.words(EDGE, 90, "feature maps (*h*, *w*, *C*)", "ink", 14)
    card.words(EDGE, 277, "*N* = *h*·*w* = 4 positions", "ink", 14)


def _tables(card: Card, tables: list[np.ndarray]) -> None:
    """The products of each position, to be added up."""
    for index, table in enumerate(tables):
        x, y = EDGE + 4 + 140 * index, 340
        hue = "network" if index else "style"
        card.table(x, y, table, SMALL, hue)
        name = f"position {index + 1}" + ("" if index else ": *VV*ᵀ")
        card.words(x + 54, y - 12, name, "ink", 14, "middle")
        if index < 3:
            card.text(x + 124, y + 61, "+", "ink bold", 20, "middle")
    end = EDGE + 4 + 140 * 3 + 108
    card.run([(end + 8, 394), (end + 34, 394)], "style", 2.5)
