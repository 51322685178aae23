"""The command ``nst slides``, which makes slides of a lesson."""

from __future__ import annotations

import argparse
import sys

from nstlib.cli.console import Parser, Signals, nearest, write
from nstlib.course import notebooks
from nstlib.files import as_path, atomic_write
from nstlib.names import beside


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst slides``."""
    add = parser.add_argument
    add("lesson", metavar="LESSON", help="Its number, its name, or a file.")
    add("-o", "--out", help="The slides, default output/LESSON.slides.html.")
    parser.epilog = (
        "The slides need no connection and no other file. In the browser, the arrow "
        "keys turn the pages, S shows the presenter's notes, and F11 fills the screen."
    )


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst slides`` and return its exit status."""
    root = notebooks.course_folder()
    lesson = notebooks.find_lesson(args.lesson, root / "notebooks")
    for package in ("nbconvert", "latex2mathml"):
        notebooks.need(package)
    from nstlib.course.slides import make_slides

    notebook = notebooks.read_notebook(lesson)
    name = beside(lesson, ".slides.html").name
    default = nearest(notebooks.output_folder(root) / name)
    path = as_path(args.out) if args.out is not None else default
    notebooks.check_out(path, ".html", lesson)
    page = make_slides(notebook, lesson.parent).encode("utf-8", "replace")
    atomic_write(path, lambda file: file.write(page))
    keys = "The arrow keys turn the pages, and S shows the notes."
    write(sys.stdout, f"Saved {path}. Open it in a browser. {keys}")
    return 0
