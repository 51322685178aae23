"""Finding the lesson that was asked for, in the student's own copy or in a clone."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from nstlib.course.own_copy import find_workbook
from nstlib.course.places import IN_CLONE, ROOT
from nstlib.errors import UsageError

NOTEBOOKS = ROOT / "notebooks"
"""The lessons of the package. In a clone people work on them; in a wheel they are a
master copy."""
INSTALL = (
    'run pip install -e ".[course]" in the clone'
    if IN_CLONE
    else 'run pip install "nstlib[course]"'
)


def course_folder() -> Path:
    """Return the folder whose lessons should be opened and run.

    This is the student's own copy if the current folder is in one or holds one, and
    otherwise the clone. It is never the package that a wheel installed, because the
    next update would overwrite all changes there.

    Returns:
        The folder above ``notebooks``.

    Raises:
        UsageError: there is no course, or the current folder holds several.
    """
    own = find_workbook()
    if own is None and not IN_CLONE:
        raise UsageError(
            "there is no course in this folder: nst course lays out a copy of your own "
            "here; or go to the folder that holds yours."
        )
    return own or NOTEBOOKS.parent


def find_lesson(text: str, folder: Path) -> Path:
    """Find a lesson by its number, by the beginning of its name, or by its file.

    Args:
        text: what was typed.
        folder: the folder of the lessons.

    Raises:
        UsageError: there is no such lesson, or there are none at all.

    Example:
        >>> [find_lesson(text, NOTEBOOKS).name for text in ("3", "04_gram")]
        ['03_content_loss.ipynb', '04_gram_matrices.ipynb']
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
    """List the notebooks in a folder, sorted by name.

    Raises:
        UsageError: there are none.
    """
    lessons = sorted(folder.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"{folder} holds no lessons: nst course lays them out.")
    return lessons


def need(package: str) -> None:
    """Raise a `UsageError` if a package is not installed."""
    if not importlib.util.find_spec(package):
        raise UsageError(f"{package} is not installed: {INSTALL}.")
