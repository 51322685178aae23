"""The command ``nst refresh``, which stores the outputs of lessons in their files."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from nstlib.cli.console import Parser, Signals, interrupted, write
from nstlib.course import notebooks
from nstlib.course.places import IN_CLONE
from nstlib.course.refresh import refresh
from nstlib.errors import CellError, UsageError


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst refresh``."""
    lessons = "Numbers, names or files of lessons, default all."
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=lessons)


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst refresh`` and return its exit status."""
    try:
        return run_refresh(args.lessons)
    except KeyboardInterrupt:
        return interrupted(signals, "the lesson that was running was not changed.")


def run_refresh(names: Sequence[str]) -> int:
    """Execute lessons and write their outputs into their files.

    Args:
        names: the lessons, see `find_lesson`; all lessons if empty.

    Returns:
        The exit status, 0.

    Raises:
        UsageError: this is not a clone, there is no such lesson, or a cell fails. The
            file of a lesson that fails is not changed.
        FileError: a lesson cannot be read or written.
    """
    if not IN_CLONE:
        raise UsageError("nst refresh is for authors: it needs a clone of the course.")
    folder = notebooks.NOTEBOOKS
    lessons = [notebooks.find_lesson(name, folder) for name in names]
    lessons = lessons or notebooks.all_lessons(folder)
    notebooks.need("nbclient")
    for lesson in lessons:
        notebooks.read_notebook(lesson)  # before the first one runs for a minute
    for lesson in lessons:
        began = time.perf_counter()
        try:
            word = "changed" if refresh([lesson]) else "as before"
        except CellError as error:
            raise UsageError(f"{error} Its file was not changed.") from error
        seconds = time.perf_counter() - began
        write(sys.stdout, f"{lesson.stem}: {word}, {seconds:.0f} s")
    return 0
