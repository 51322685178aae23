"""The text and the code of a lesson, without its outputs, and what changed in them.

Outputs, execution counts and metadata change whenever a notebook is run and saved. Text
and code change only if somebody edits them.
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
        """Hash of the kind and the source, as sixteen hexadecimal digits."""
        text = f"{self.kind}\0{self.source}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def read_cells(data: bytes) -> list[Cell] | None:
    """Read the cells of a notebook.

    Args:
        data: the bytes of an ``.ipynb`` file.

    Returns:
        All cells in order; None if the bytes are not a notebook.
    """
    try:
        cells = json.loads(data)["cells"]
        return [Cell(str(c["cell_type"]), "".join(c["source"])) for c in cells]
    except (ValueError, KeyError, TypeError):
        return None


def compare(
    mine: Sequence[Cell], new: Sequence[Cell], base: Collection[str]
) -> list[str]:
    """List what a newer version of a lesson changes, as lines to print.

    Args:
        mine: the lesson as the student has it.
        new: the lesson as the course has it now.
        base: the digests of the cells that the student once got from the course. They
            show whether the course or the student changed a cell.

    Returns:
        For each cell that the course changed, an empty line, a title with the number of
        the cell, and the lines that differ. ``-`` marks lines that are only in
        ``mine``, ``+`` lines that are only in ``new``. Cells that only the student
        changed are left out. The list is empty if nothing is new.

    Example:
        The student changed the first cell, and the course changed the second:

        >>> old = [Cell("code", "size = 256"), Cell("markdown", "Run teh cell.")]
        >>> mine = [Cell("code", "size = 512"), old[1]]
        >>> new = [old[0], Cell("markdown", "Run the cell.")]
        >>> compare(mine, new, [cell.digest for cell in old])
        ['', 'Cell 2, text', '  -Run teh cell.', '  +Run the cell.']
    """
    matcher = difflib.SequenceMatcher(None, mine, new, autojunk=False)
    still = {cell.digest for cell in new}
    lines: list[str] = []
    for tag, m0, m1, n0, n1 in matcher.get_opcodes():
        pairs = [] if tag == "equal" else _pairs(mine[m0:m1], new[n0:n1])
        number = n0  # how many cells the course's version has up to here
        for old, fresh in pairs:
            number += fresh is not None
            if fresh:
                news = fresh.digest not in base
            else:
                # A cell that the course lacks is news only if the course once had it.
                news = old is not None and old.digest in {*base} - still
            if news:
                also = bool(base) and old is not None and old.digest not in base
                lines += ["", _title(old, fresh, number, also)]
                lines += _changed_lines(old, fresh)
    return lines


def _pairs(
    old: Sequence[Cell], fresh: Sequence[Cell]
) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Pair old cells with similar new ones; cells without a partner get None."""
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
    """Return the lines that differ, with one line of context around them."""
    before, after = (
        (cell.source if cell else "").splitlines() for cell in (old, fresh)
    )
    pieces = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    return [f"  {'…' if line.startswith('@@') else line}" for line in pieces][1:]
