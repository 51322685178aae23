"""Where the student's own copy of the course is, seen from the current folder."""

from __future__ import annotations

from pathlib import Path

from nstlib.errors import UsageError

FOLDER = "nst-course"
"""How it is called, if the student does not say otherwise."""
RECORD = ".nst-course.json"
"""The file that makes a folder a course folder."""


def find_workbook() -> Path | None:
    """Find the student's copy that is meant: the current folder is in it, or holds it.

    Raises:
        UsageError: the current folder holds several.
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
