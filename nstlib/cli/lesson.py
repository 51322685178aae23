"""The command ``nst lesson``, which runs a lesson with other parameters."""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nstlib.cli.console import Parser, Signals, check_name, nearest, write
from nstlib.course import notebooks
from nstlib.course.executed import remove_places
from nstlib.course.pictures import find
from nstlib.errors import ImageError, SourceError, UsageError
from nstlib.files import as_path, check_target, shown


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst lesson``."""
    add = parser.add_argument
    add("lesson", metavar="LESSON", help="Its number, its name, or a file.")
    other = "Another value for its parameter cell. It can be repeated."
    add("-p", action="append", default=[], metavar="NAME=VALUE", help=other)
    add("-o", "--out", help="The executed copy, default output/LESSON.ipynb.")


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst lesson`` and return its exit status."""
    return run_lesson(args.lesson, args.p, args.out)


def run_lesson(text: str, given: Sequence[str], out: str | None = None) -> int:
    """Run a copy of a lesson with other values in its parameter cell.

    Args:
        text: the lesson, see `find_lesson`.
        given: ``NAME=value`` for each parameter to change. A value is read as a Python
            literal, or else as a text. The name of a course picture or of a file is
            replaced by its full path.
        out: where to write the copy; ``output/LESSON.ipynb`` if None.

    Returns:
        The exit status, 0.

    Raises:
        FileError: the copy cannot be written.
        UsageError: there is no course here, or no such lesson or parameter; papermill
            is not installed; or a cell of the lesson fails.
    """
    root = notebooks.course_folder()
    lesson = notebooks.find_lesson(text, root / "notebooks")
    _check_notebook(lesson)
    path = as_path(out) if out else nearest(_output(root) / lesson.name)
    check_target(path)
    notebooks.need("papermill")
    import papermill
    from papermill.exceptions import PapermillExecutionError

    known = papermill.inspect_notebook(str(lesson))
    defaults = {name: str(facts["default"]) for name, facts in known.items()}
    values = dict(_assignment(item, defaults) for item in given)
    write(sys.stdout, f"Running {lesson.stem}; that takes up to a minute or so …")
    began = time.perf_counter()
    try:
        papermill.execute_notebook(
            str(lesson),
            str(path),
            values,
            cwd=str(lesson.parent),
            progress_bar=False,
            extra_arguments=["--log-level=ERROR"],  # of the kernel
        )
    except PapermillExecutionError as error:
        remove_places(path, [root, Path.cwd()])
        raise UsageError(
            f"{lesson.stem} stopped with {error.ename}: {error.evalue} The copy with "
            f"all that went well is {path}."
        ) from error
    remove_places(path, [root, Path.cwd()])
    seconds = time.perf_counter() - began
    write(sys.stdout, f"Saved {path} after {seconds:.0f} s. Next: nst lab {path}")
    return 0


def _check_notebook(path: Path) -> None:
    try:
        known = isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        known = False
    if not known:
        raise UsageError(
            f"{shown(path)} is no notebook that can be read: name a lesson, or a file "
            "that ends in .ipynb."
        )


def _output(root: Path) -> Path:
    """Return the folder ``output`` of the student's copy, or of the current folder."""
    own = Path.cwd() if root == notebooks.NOTEBOOKS.parent else root
    return own / "output"


def _assignment(item: str, defaults: dict[str, str]) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not equals:
        raise UsageError(f"-p needs NAME=value, not {item!r}.")
    check_name("parameter", name, defaults)
    try:
        return name, ast.literal_eval(text)
    except (SyntaxError, ValueError):
        if defaults[name].startswith(("'", '"')):  # the default is a word, not a path
            return name, text
    try:
        found = find(text, "style" if "STYLE" in name else "content").source
    except (ImageError, SourceError):
        return name, text
    return name, str(Path(found).resolve()) if Path(found).is_file() else text
