"""The lessons from outside: ``nst lab``, ``nst lesson`` and ``nst refresh``."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from nstlib.errors import UsageError

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
INSTALL = 'run pip install -e ".[course]" in the clone'


def find_lesson(text: str) -> Path:
    """The notebook that is meant by a number, the beginning of a name, or a file.

    Raises:
        UsageError: there is no such lesson, or there are none at all.
    """
    lessons = all_lessons()
    path = Path(text).expanduser()
    if path.is_file():
        return path.resolve()
    number = text.zfill(2) if text.isdigit() else text
    for lesson in lessons:
        if lesson.name.lower().startswith(number.lower()):
            return lesson
    names = ", ".join(lesson.stem for lesson in lessons)
    raise UsageError(f"there is no lesson {text!r}: choose from {names}.")


def all_lessons() -> list[Path]:
    """Every notebook of the course, in order."""
    lessons = sorted(NOTEBOOKS.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"{NOTEBOOKS} holds no lessons: this command needs the clone.")
    return lessons


def need(package: str) -> None:
    """Raise `UsageError` if a package is not installed."""
    if not importlib.util.find_spec(package):
        raise UsageError(f"{package} is not installed: {INSTALL}.")
