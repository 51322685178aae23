"""The command ``nst course``, which makes and updates a student's own copy."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path, PurePosixPath

from nstlib.cli.console import Parser, Signals, nearest, write
from nstlib.course.own_copy import FOLDER, find_workbook
from nstlib.course.workbook import Changes, Workbook, file_names
from nstlib.errors import UsageError, did_you_mean
from nstlib.files import as_path


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst course``."""
    add = parser.add_argument
    where = f"Your copy, default the one in this folder, or else a new {FOLDER}."
    add("folder", nargs="?", metavar="FOLDER", help=where)
    news = "Show what the course has changed in a lesson since you got it."
    add("--diff", metavar="LESSON", help=news)
    fresh = "Take the course's version, and keep yours under another name."
    add("--fresh", metavar="LESSON", help=fresh)
    mode = parser.add_mutually_exclusive_group()
    building = "Lay the lessons out for building: you write the functions yourself."
    mode.add_argument("--build", action="store_true", help=building)
    reading = "Lay the lessons out for reading, as they are in a new copy."
    mode.add_argument("--read", action="store_true", help=reading)


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst course`` and return its exit status."""
    if args.diff is not None and args.fresh is not None:
        raise UsageError("give either --diff or --fresh: look first, then decide.")
    if (args.build or args.read) and (args.diff or args.fresh) is not None:
        raise UsageError("--build and --read are for all lessons: type them alone.")
    folder = as_path(args.folder) if args.folder is not None else find_workbook()
    if args.diff is None and args.fresh is None:
        chosen = args.build if args.build or args.read else None
        _lay_out(Workbook(folder or Path(FOLDER), chosen))
        return 0
    if folder is None or not (book := Workbook(folder)).exists:
        where = "here" if folder is None else f"in {folder}"
        raise UsageError(f"there is no course {where}: nst course lays one out.")
    if args.diff is not None:
        _show_news(book, _file_of(args.diff))
    else:
        _take_fresh(book, _file_of(args.fresh))
    return 0


def _lay_out(book: Workbook) -> None:
    """Update the student's copy, and print what changed and what is left to decide."""
    changes = book.lay_out()
    _report(changes, nearest(book.folder), book.build)
    _offer(changes.offered)
    try:
        found = find_workbook()
    except UsageError:  # there are several
        found = None
    here = found is not None and found.samefile(book.folder)
    go = "" if here else f"cd {shlex.quote(str(book.folder))} && "
    write(sys.stdout, f"Next: {go}nst lab")


def _report(changes: Changes, folder: Path, build: bool) -> None:
    if changes.added:
        lessons = sum(name.endswith(".ipynb") for name in changes.added)
        others = len(changes.added) - lessons
        counts = [(lessons, "lesson"), (others, "other file")]
        parts = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts if n]
        write(sys.stdout, f"Laid out in {folder}: {' and '.join(parts)}.")
    if changes.renewed:
        write(sys.stdout, f"Brought up to date: {_list(changes.renewed)}.")
    if changes.dropped:
        names = _list(changes.dropped)
        write(sys.stdout, f"No longer in the course, but left here: {names}.")
    if not any(changes):
        write(sys.stdout, f"Nothing to bring: {folder} is up to date.")
    if build:
        write(sys.stdout, "In build mode, you write the functions in the lessons.")


def _offer(names: list[str]) -> None:
    if not names:
        return
    lessons = [name for name in names if name.endswith(".ipynb")]
    first = PurePosixPath(lessons[0]).stem[:2] if lessons else names[0]
    look = f"nst course --diff {first} shows what is new; " if lessons else ""
    kept = "The course has newer versions of these, which stay as you left them"
    write(sys.stdout, f"{kept}: {_list(names)}.")
    write(
        sys.stdout,
        f"  {look}nst course --fresh {first} takes the new version, and keeps yours.",
    )


def _show_news(book: Workbook, name: str) -> None:
    lines, stem = book.news(name), PurePosixPath(name).stem
    if not lines:
        write(sys.stdout, f"{stem}: the course has nothing new.")
        return
    write(sys.stdout, f"{stem}: what is new in the course (- yours, + the course's)")
    for line in lines:
        write(sys.stdout, line)
    next_step = f"nst course --fresh {stem[:2]} takes the new version, and keeps yours."
    write(sys.stdout, f"\n{next_step}")


def _take_fresh(book: Workbook, name: str) -> None:
    kept, path = book.fresh(name), nearest(book.folder / name)
    yours = f" Yours is now {nearest(kept)}." if kept else ""
    write(sys.stdout, f"{path} is the course's version.{yours}")


def _file_of(typed: str) -> str:
    """Return the file that was typed.

    Args:
        typed: number or name of a lesson, or path of any file of the course.

    Raises:
        UsageError: there is no such file.
    """
    names, text = file_names(), typed.replace("\\", "/")
    if text in names:
        return text
    lessons = [name for name in names if name.endswith(".ipynb")]
    start = text.zfill(2) if text.isdigit() else PurePosixPath(text).name.lower()
    for name in lessons:
        if start and PurePosixPath(name).name.lower().startswith(start):
            return name
    hint = did_you_mean(typed, [PurePosixPath(name).stem for name in lessons])
    raise UsageError(f"there is no lesson {typed!r}: {hint}")


def _list(names: list[str]) -> str:
    """Join the names of files for a message, without the folder of the lessons."""
    return ", ".join(name.removeprefix("notebooks/") for name in names)
