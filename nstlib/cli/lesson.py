"""The command ``nst lesson``, which runs a lesson with other parameters."""

from __future__ import annotations

import argparse
import ast
import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from nstlib.cli.console import Parser, Signals, check_name, interrupted, nearest, write
from nstlib.course import notebooks
from nstlib.course.executed import (
    follow_links,
    name_of_copy,
    tell_parameters,
    without_places,
)
from nstlib.course.execution import execute
from nstlib.course.parameters import read_parameters, set_parameters
from nstlib.course.pictures import find
from nstlib.errors import CellError, ImageError, SourceError, UsageError, shorten
from nstlib.files import as_path


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst lesson``."""
    add = parser.add_argument
    add("lesson", metavar="LESSON", help="Its number, its name, or a file.")
    other = "Another value for a name in its parameter cell. It can be repeated."
    add("-p", action="append", default=[], metavar="NAME=VALUE", help=other)
    where = "The executed copy, default output/LESSON-NAME=VALUE.ipynb."
    add("-o", "--out", help=where)


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst lesson`` and return its exit status."""
    try:
        return run_lesson(args.lesson, args.p, args.out)
    except KeyboardInterrupt:
        return interrupted(signals, "no copy was written.")


def run_lesson(text: str, given: Sequence[str], out: str | None = None) -> int:
    """Run a copy of a lesson with other values in its parameter cell.

    Args:
        text: the lesson, see `find_lesson`.
        given: ``NAME=value`` for each parameter to change. A value is read as a Python
            literal, or else as a text. The name of a course picture or of a file is
            replaced by the full path of the file.
        out: where to write the copy. None means a file in ``output`` that is named
            after the lesson and the values.

    Returns:
        The exit status, 0.

    Raises:
        UsageError: there is no course here, or no such lesson or parameter; nbclient is
            not installed; the copy would replace a lesson; or a cell fails.
        FileError: the lesson cannot be read, or the copy cannot be written.
    """
    root = notebooks.course_folder()
    lesson = notebooks.find_lesson(text, root / "notebooks")
    notebooks.need("nbclient")
    copy = notebooks.read_notebook(lesson)
    defaults = read_parameters(copy)
    typed = dict(_split(item, lesson, defaults) for item in given)
    values = {name: _code(name, text, defaults[name]) for name, text in typed.items()}
    name = name_of_copy(lesson, typed)
    path = (
        as_path(out)
        if out is not None
        else nearest(notebooks.output_folder(root) / name)
    )
    folders = (root / "notebooks", notebooks.NOTEBOOKS)
    notebooks.check_out(path, ".ipynb", lesson, *folders)
    set_parameters(copy, values)
    write(sys.stdout, f"Running {lesson.stem}, which takes up to a minute or so …")
    began, failure = time.perf_counter(), None
    try:
        execute(copy, lesson)
    except CellError as error:
        failure = error
    tell_parameters(copy, lesson, values, defaults)
    copy = without_places(copy, [root, Path.cwd()])
    follow_links(copy, lesson.parent, path.parent)
    notebooks.write_notebook(path, copy)
    if failure:
        raise UsageError(f"{failure} {path} holds the copy up to that cell.")
    seconds = time.perf_counter() - began
    next_step = f"nst lab {shlex.quote(str(path))}"
    write(sys.stdout, f"Saved {path} after {seconds:.0f} s. Next: {next_step}")
    return 0


def _split(item: str, lesson: Path, defaults: Mapping[str, str]) -> tuple[str, str]:
    """Split ``NAME=value``, and check the name."""
    if not item.isascii() and item != item.encode("utf-8", "ignore").decode():
        raise UsageError(
            f"-p {shorten(item)!r} holds bytes that are not UTF-8: type a text."
        )
    name, equals, text = item.partition("=")
    if not equals:
        raise UsageError(f"-p needs NAME=value, not {shorten(item)!r}.")
    if not defaults:
        raise UsageError(f"{lesson.name} has no parameter cell: leave out -p.")
    check_name("parameter", name.strip(), defaults)
    return name.strip(), text


def _code(name: str, text: str, default: str) -> str:
    """Return a value that was typed as the code for it."""
    try:
        ast.literal_eval(text)
        return ast.unparse(ast.parse(text.strip(), mode="eval"))
    # The last three: brackets that are too many, or a set of lists.
    except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError):
        pass
    if not default.startswith(("'", '"')):  # otherwise it is a word, not a path
        try:
            found = Path(find(text, "style" if "STYLE" in name else "content").source)
            text = str(found.resolve()) if notebooks.is_file(found) else text
        except (ImageError, SourceError):
            pass
    return json.dumps(text, ensure_ascii=False)
