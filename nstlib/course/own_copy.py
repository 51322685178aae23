"""Finding the student's own copy of the course from the current folder."""

from __future__ import annotations

from pathlib import Path

from nstlib.errors import UsageError

FOLDER = "nst-course"
"""Default name of the folder of a student's copy."""
RECORD = ".nst-course.json"
"""Name of the file by which a student's copy is recognized."""


def find_workbook() -> Path | None:
    """Find the student's copy that the current folder is in, or that it holds.

    Returns:
        The folder of the copy; None if there is none.

    Raises:
        UsageError: the current folder holds several copies.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, here / FOLDER):
        if (folder / RECORD).is_file():
            return folder
    inside = sorted(path.parent for path in here.glob(f"*/{RECORD}"))
    if len(inside) > 1:
        names = ", ".join(folder.name for folder in inside)
        raise UsageError(f"there are several courses here, {names}: go into one.")
    return inside[0] if inside else None
