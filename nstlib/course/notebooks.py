"""Which lesson is meant, and which copy of it: the student's own, or the clone's."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from nstlib.course.own_copy import find_workbook
from nstlib.course.places import IN_CLONE, ROOT
from nstlib.errors import UsageError

NOTEBOOKS = ROOT / "notebooks"
"""The lessons of the package: in a clone those to work on, in a wheel a master copy."""
INSTALL = (
    'run pip install -e ".[course]" in the clone'
    if IN_CLONE
    else 'run pip install "nstlib[course]"'
)


def course_folder() -> Path:
    """The folder with the lessons to open and to run.

    It is the student's own copy, if the current folder is in one or holds one. Else it
    is the clone. Never the package that a wheel installed: a lesson that is changed
    there would be lost with the next update.

    Returns:
        The folder above ``notebooks``.

    Raises:
        UsageError: there is none, or the current folder holds several.
    """
    own = find_workbook()
    if own is None and not IN_CLONE:
        raise UsageError(
            "there is no course in this folder: nst course lays out a copy of your own "
            "here; or go to the folder that holds yours."
        )
    return own or NOTEBOOKS.parent


def find_lesson(text: str, folder: Path) -> Path:
    """The notebook that is meant by a number, the beginning of a name, or a file.

    Args:
        text: what was typed.
        folder: where the lessons are.

    Raises:
        UsageError: there is no such lesson, or there are none at all.
    """
    lessons = all_lessons(folder)
    path = Path(text).expanduser()
    if path.is_file():
        return path.resolve()
    number = text.zfill(2) if text.isdigit() else text
    for lesson in lessons:
        if lesson.name.lower().startswith(number.lower()):
            return lesson
    names = ", ".join(lesson.stem for lesson in lessons)
    raise UsageError(f"there is no lesson {text!r}: choose from {names}.")


def all_lessons(folder: Path) -> list[Path]:
    """Every notebook in a folder, in order.

    Raises:
        UsageError: there are none.
    """
    lessons = sorted(folder.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"{folder} holds no lessons: nst course lays them out.")
    return lessons


def need(package: str) -> None:
    """Raise `UsageError` if a package is not installed."""
    if not importlib.util.find_spec(package):
        raise UsageError(f"{package} is not installed: {INSTALL}.")
