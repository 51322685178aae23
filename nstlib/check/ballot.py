"""The blind vote of 14_speed_vs_quality: an order of pictures, and what losses say."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any


def vote(order: Any, losses: Mapping[str, float]) -> None:
    """Print in how many pairs of pictures a vote and the losses have the same order.

    Args:
        order: the letters of the pictures, the best one first, such as ``"BCA"``. A
            list of letters will do, and so will small letters, spaces and commas.
        losses: letter → loss of that picture.

    Example:
        >>> vote("BCA", {"A": 3.0, "B": 1.0, "C": 4.0})
        ✓ your vote counts. You and the losses agree on 2 of 3 pairs of pictures
        >>> vote("AB", {"A": 3.0, "B": 1.0, "C": 4.0})
        ✗ C is missing: every picture needs a place
    """
    print(_verdict(order, losses))


def _verdict(order: Any, losses: Mapping[str, float]) -> str:
    if order is ... or order is None or (isinstance(order, str) and not order.strip()):
        return f"○ no vote yet: write the letters {''.join(losses)}, the best one first"
    if not isinstance(order, Iterable) or not all(isinstance(x, str) for x in order):
        return f"✗ a vote is a text such as {''.join(losses)!r}, the best one first"
    letters = [x for x in "".join(order).upper() if x not in " ,;>-"]
    for letter in letters:
        if letter not in losses:
            return f"✗ {letter} is none of the pictures: they are {', '.join(losses)}"
        if letters.count(letter) > 1:
            return f"✗ {letter} is there twice: every picture has one place"
    if missing := [letter for letter in losses if letter not in letters]:
        what = "is missing" if len(missing) == 1 else "are missing"
        return f"✗ {', '.join(missing)} {what}: every picture needs a place"
    pairs = list(itertools.combinations(letters, 2))
    alike = sum(losses[better] < losses[worse] for better, worse in pairs)
    return (
        f"✓ your vote counts. You and the losses agree on {alike} of {len(pairs)} "
        "pairs of pictures"
    )
