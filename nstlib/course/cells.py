"""What a lesson says, whatever it was run with: the sources of its cells.

Outputs, execution counts and metadata change when a notebook is merely run and saved.
Text and code change only when somebody edits them.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple


class Cell(NamedTuple):
    """One cell without its outputs."""

    kind: str
    """``"code"``, ``"markdown"`` or ``"raw"``."""
    source: str

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that stand for the whole cell."""
        text = f"{self.kind}\0{self.source}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def read_cells(data: bytes) -> list[Cell] | None:
    """The cells of a notebook.

    Args:
        data: the bytes of an ``.ipynb`` file.

    Returns:
        Every cell in order; None if the bytes are no notebook.
    """
    try:
        cells = json.loads(data)["cells"]
        return [Cell(str(c["cell_type"]), "".join(c["source"])) for c in cells]
    except (ValueError, KeyError, TypeError):
        return None


def compare(
    mine: Sequence[Cell], new: Sequence[Cell], base: Collection[str]
) -> list[str]:
    """Show what a newer version of a lesson changes, in lines to be printed.

    Args:
        mine: the lesson as the student has it.
        new: the lesson as the course has it now.
        base: the digests of the cells that the student once got from the course. They
            tell what the course has changed from what the student has changed.

    Returns:
        For each cell that the course changed: an empty line, a title with the number of
        the cell, then its lines, with ``-`` where they are only in ``mine`` and ``+``
        where they are only in ``new``. What only the student changed is left out. Empty
        if nothing is new.
    """
    matcher = difflib.SequenceMatcher(None, mine, new, autojunk=False)
    still = {cell.digest for cell in new}
    lines: list[str] = []
    for tag, m0, m1, n0, n1 in matcher.get_opcodes():
        pairs = [] if tag == "equal" else _pairs(mine[m0:m1], new[n0:n1])
        number = n0  # of the newest cell that the course has up to here, from 1
        for old, fresh in pairs:
            number += fresh is not None
            if fresh:
                news = fresh.digest not in base
            else:
                # What the student wrote is not in the course, and nothing to report.
                news = old is not None and old.digest in {*base} - still
            if news:
                also = bool(base) and old is not None and old.digest not in base
                lines += ["", _title(old, fresh, number, also)]
                lines += _changed_lines(old, fresh)
    return lines


def _pairs(
    old: Sequence[Cell], fresh: Sequence[Cell]
) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Set cells against each other; None stands against what is gone or new."""
    left = list(old)
    for cell in fresh:
        alike = (i for i, other in enumerate(left) if _alike(other, cell))
        at = next(alike, None)
        if at is None:
            yield None, cell
            continue
        yield from ((gone, None) for gone in left[:at])
        yield left[at], cell
        left = left[at + 1 :]
    yield from ((gone, None) for gone in left)


def _alike(a: Cell, b: Cell) -> bool:
    if a.kind != b.kind:
        return False
    return difflib.SequenceMatcher(None, a.source, b.source).ratio() > 0.5


def _title(old: Cell | None, fresh: Cell | None, number: int, also: bool) -> str:
    kind = "code" if (fresh or old or Cell("", "")).kind == "code" else "text"
    if fresh is None:
        return f"After cell {number}, {kind}: no longer in the course"
    added = ", which you changed, too" if also else "" if old else ", new"
    return f"Cell {number}, {kind}{added}"


def _changed_lines(old: Cell | None, fresh: Cell | None) -> list[str]:
    """The lines that differ, with one line around them."""
    before, after = (
        (cell.source if cell else "").splitlines() for cell in (old, fresh)
    )
    pieces = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    return [f"  {'…' if line.startswith('@@') else line}" for line in pieces][1:]
