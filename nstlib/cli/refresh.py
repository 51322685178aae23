"""The command ``nst refresh``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from nstlib.cli.console import Parser, Signals, write
from nstlib.course import notebooks
from nstlib.course.places import IN_CLONE
from nstlib.course.refresh import refresh
from nstlib.errors import CellError, UsageError


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst refresh``."""
    lessons = "numbers, names or files; default all"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=lessons)


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst refresh``; the exit status."""
    return run_refresh(args.lessons)


def run_refresh(names: Sequence[str]) -> int:
    """Execute lessons, all if none is named, and write their outputs into them.

    Raises:
        UsageError: no clone, no such lesson, or one of its cells fails; then its file
            stays as it was.
    """
    if not IN_CLONE:
        raise UsageError("nst refresh is for authors: it needs a clone of the course.")
    folder = notebooks.NOTEBOOKS
    lessons = [notebooks.find_lesson(name, folder) for name in names]
    lessons = lessons or notebooks.all_lessons(folder)
    notebooks.need("nbclient")
    for lesson in lessons:
        began = time.perf_counter()
        try:
            word = "changed" if refresh([lesson]) else "as before"
        except CellError as error:
            raise UsageError(f"{error} Mend it; the file is as it was.") from error
        seconds = time.perf_counter() - began
        write(sys.stdout, f"{lesson.stem}: {word}, {seconds:.0f} s")
    return 0
