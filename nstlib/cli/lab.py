"""The command ``nst lab``, which opens the lessons in JupyterLab."""

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
from nstlib.errors import UsageError
from nstlib.kinds import misplaced

FORWARDS = True
"""Whether unknown options are accepted; they are passed on to JupyterLab."""
_DEFAULTS = Path(notebooks.__file__).parent / "jupyter"
"""A folder of settings for JupyterLab, with which it does not ask about its news."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst lab``."""
    add = parser.add_argument
    lesson = "The lesson to open: its number, its name, or a file."
    add("notebook", nargs="?", metavar="NOTEBOOK", help=lesson)
    no_browser = "Print the address, and open no browser."
    add("--no-browser", action="store_true", help=no_browser)
    add("--port", metavar="N", help="The port, default 8888 or the next that is free.")
    address = "The address to listen on, default this computer only."
    add("--ip", metavar="ADDRESS", help=address)
    parser.epilog = (
        "All other options, written as --name=value, are handed on to JupyterLab. If "
        "you are root, add --allow-root."
    )


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst lab`` and return its exit status."""
    forwarded = ["--no-browser"] if args.no_browser else []
    forwarded += [f"--port={args.port}"] if args.port else []
    forwarded += [f"--ip={args.ip}"] if args.ip else []
    return open_lab(args.notebook, [*forwarded, *args.forwarded])


def open_lab(notebook: str | None = None, forwarded: Sequence[str] = ()) -> int:
    """Start JupyterLab in the course, and wait until it ends.

    Its root is the folder above the lessons, so that it shows the pictures, too.

    Args:
        notebook: the lesson to open, see `find_lesson`; None opens the folder of the
            lessons.
        forwarded: more options for JupyterLab.

    Returns:
        The exit status, 0 or 1.

    Raises:
        UsageError: there is no course here, no such lesson, JupyterLab is not
            installed, or it would refuse to run as root.
    """
    root = notebooks.course_folder()
    lessons = root / "notebooks"
    notebooks.all_lessons(lessons)
    notebooks.need("jupyterlab")
    path = lessons if notebook is None else notebooks.find_lesson(notebook, lessons)
    if path.is_file() and (told := misplaced(path, "notebook")):
        raise UsageError(f"{path} {told}")
    _check_root(forwarded)
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
    # JupyterLab gets the Ctrl-C as well, and asks whether to stop.
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, cwd=root, env=_environment()) as process:
        try:
            return process.wait() and 1
        finally:
            process.terminate()


def _check_root(forwarded: Sequence[str]) -> None:
    """Raise a `UsageError` if JupyterLab would refuse to run as root."""
    allowed = any("allow-root" in o or "allow_root" in o for o in forwarded)
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not allowed:
        raise UsageError(
            "Jupyter refuses to run as root, because whoever reaches it could change "
            "everything on this computer: work as another user, or, in a container, "
            "type nst lab --allow-root."
        )


def _environment() -> dict[str, str]:
    """Return the environment of JupyterLab.

    In it, a clone's lessons can import nstlib. The settings of `_DEFAULTS` come after
    those that the environment names; what people chose in JupyterLab counts most.
    """
    config = [os.environ.get("JUPYTER_CONFIG_PATH"), str(_DEFAULTS)]
    paths = [os.environ.get("PYTHONPATH")]
    if IN_CLONE:
        paths.insert(0, str(Path(notebooks.NOTEBOOKS).parent))
    made = {"JUPYTER_CONFIG_PATH": config, "PYTHONPATH": paths}
    joined = {name: os.pathsep.join(filter(None, p)) for name, p in made.items()}
    return os.environ | {name: text for name, text in joined.items() if text}
