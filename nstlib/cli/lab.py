"""The command ``nst lab``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from nstlib.cli.console import Parser, Signals, write
from nstlib.course import notebooks


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst lab``."""
    lesson = "lesson to open: its number, name, or file"
    parser.add_argument("notebook", nargs="?", metavar="NOTEBOOK", help=lesson)


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst lab``; the exit status."""
    return open_lab(args.notebook)


def open_lab(notebook: str | None = None) -> int:
    """Start JupyterLab in the folder of the lessons and wait for its end.

    Args:
        notebook: see `find_lesson`; None opens the folder.

    Raises:
        UsageError: no lessons here, no such lesson, no JupyterLab.
    """
    notebooks.all_lessons()
    notebooks.need("jupyterlab")
    command = [sys.executable, "-m", "jupyterlab"]
    if notebook is not None:
        lesson = notebooks.find_lesson(notebook)
        command.append(
            lesson.name if lesson.parent == notebooks.NOTEBOOKS else str(lesson)
        )
    # The lessons find nstlib even where it is not installed.
    paths = [str(notebooks.NOTEBOOKS.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    write(sys.stdout, "Opening JupyterLab; Ctrl-C here ends it.")
    # Ctrl-C reaches JupyterLab itself, which asks whether that is meant.
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, cwd=notebooks.NOTEBOOKS, env=environment) as process:
        try:
            return process.wait() and 1
        finally:
            process.terminate()
