"""The command ``nst lab``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from nstlib.cli.console import Parser, Signals, write
from nstlib.course import notebooks
from nstlib.course.places import IN_CLONE

FORWARDS = True
"""Options that are not known here go on to JupyterLab."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst lab``."""
    add = parser.add_argument
    lesson = "lesson to open: its number, name, or file"
    add("notebook", nargs="?", metavar="NOTEBOOK", help=lesson)
    add("--no-browser", action="store_true", help="print the address, open nothing")
    add("--port", metavar="N", help="default 8888, or the next that is free")
    add("--ip", metavar="ADDRESS", help="to listen on; default only this computer")
    parser.epilog = "Any other option, written --name=value, goes on to JupyterLab."


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst lab``; the exit status."""
    forwarded = ["--no-browser"] if args.no_browser else []
    forwarded += [f"--port={args.port}"] if args.port else []
    forwarded += [f"--ip={args.ip}"] if args.ip else []
    return open_lab(args.notebook, [*forwarded, *args.forwarded])


def open_lab(notebook: str | None = None, forwarded: Sequence[str] = ()) -> int:
    """Start JupyterLab over the course and wait for its end.

    Its root is the folder above the lessons, so that pictures beside them are shown.

    Args:
        notebook: see `find_lesson`; None opens the folder of the lessons.
        forwarded: more options of JupyterLab.

    Raises:
        UsageError: no course here, no such lesson, no JupyterLab.
    """
    root = notebooks.course_folder()
    lessons = root / "notebooks"
    notebooks.all_lessons(lessons)
    notebooks.need("jupyterlab")
    path = lessons if notebook is None else notebooks.find_lesson(notebook, lessons)
    if not path.resolve().is_relative_to(root.resolve()):
        root = path.parent  # a notebook from elsewhere
    inside = path.resolve().relative_to(root.resolve()).as_posix()
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={root.resolve()}",
        f"--LabApp.default_url=/lab/tree/{quote(inside)}",
        *forwarded,
    ]
    write(sys.stdout, f"Opening {root} in JupyterLab; Ctrl-C here ends it.")
    # Ctrl-C reaches JupyterLab itself, which asks whether that is meant.
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, cwd=root, env=_environment()) as process:
        try:
            return process.wait() and 1
        finally:
            process.terminate()


def _environment() -> dict[str, str]:
    """In a clone, lessons find nstlib even where it is not installed."""
    if not IN_CLONE:
        return {**os.environ}
    clone = str(Path(notebooks.NOTEBOOKS).parent)
    paths = [clone, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
