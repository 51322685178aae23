"""The command line: ``nst``, the same as ``python -m nstlib``.

This module decides exit statuses and explains errors. It knows nothing about style
transfer. Each command is a module of this folder with ``options(parser)`` and
``run(args, signals) -> status``. It is imported only when it is called, so that
``--help`` is instant.

Exit statuses: 0 if all went well; 1 for a fault of nstlib; 2 for unusable input, which
is explained in one line; 128 + n after signal n (130 for Ctrl-C), after the picture so
far was saved.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

from nstlib import __version__
from nstlib.cli.console import (
    Signals,
    check_name,
    open_streams,
    write,
)
from nstlib.errors import NstError, UsageError, shorten
from nstlib.limits import ELSEWHERE, is_memory

COMMANDS = {
    "stylize": "Repaint a photo in the style of a painting.",
    "studio": "Repaint photos in the browser, alone or with a class.",
    "video": "Repaint a film in the style of a painting.",
    "webcam": "Repaint what a camera sees.",
    "gallery": "Paint many photos in many styles, and show them on a page.",
    "settings": "List all settings, or explain one of them.",
    "paint": "Paint a picture to take a style from.",
    "estimate": "Predict time and memory, and the largest size that fits.",
    "train": "Train a network that paints one style in a moment.",
    "reproduce": "Make a picture again from what is written in it.",
    "course": "Make your own copy of the course, or update it.",
    "lab": "Open the lessons in JupyterLab.",
    "lesson": "Run a lesson with other parameters.",
    "slides": "Make slides of a lesson.",
    "refresh": "Run lessons and store their outputs in them; for authors.",
    "doctor": "Check whether this computer is ready.",
}

SMALLER = dict.fromkeys(
    ("stylize", "video", "paint", "estimate", "gallery"), "try a smaller --size"
)
"""What to do, by command, if there was too little memory."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise a `UsageError` with one line, in place of printing the whole usage."""
        raise UsageError(f"{shorten(message, 300)}; see {self.prog} --help.")

    def _print_message(self, message: str, file: Any = None) -> None:
        # In Python 3.10, the method of argparse raises if the pipe is closed.
        write(file or sys.stderr, message or "", end="")


def main(argv: list[str] | None = None) -> int:
    """Run ``nst``.

    Args:
        argv: the arguments; those of the process if None.

    Returns:
        The exit status.
    """
    with open_streams():
        return _main(sys.argv[1:] if argv is None else argv)


def _main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows may not be able to print × and …
            stream.reconfigure(errors="replace")
    with Signals() as signals, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module="nstlib")
        warnings.showwarning = _show_warning
        try:
            status = _run(argv, signals)
        except SystemExit as stop:  # argparse, after --help or --version
            status = stop.code if isinstance(stop.code, int) else 0
        except BaseException as error:
            status, text = _explain(error, signals, argv[0])
            write(sys.stderr, f"nst: {' '.join(text.split())}")
            if status == 1 and os.environ.get("NSTLIB_DEBUG"):
                traceback.print_exc()
    write(sys.stdout, "", end="")  # argparse does not flush, and the pipe may be closed
    return status


def _run(argv: list[str], signals: Signals) -> int:
    name = argv[0] if argv and not argv[0].startswith("-") else None
    if name is None:
        parser = _general_parser()
        parser.parse_args(argv)
        parser.print_help()
        return 0
    check_name("command", name, COMMANDS)
    command = importlib.import_module(f"nstlib.cli.{name}")
    # No subparsers, because those cannot read options between CONTENT and STYLE.
    parser = _Parser(f"nst {name}", description=COMMANDS[name], allow_abbrev=False)
    command.options(parser)
    args, unknown = parser.parse_known_intermixed_args(argv[1:])
    if unknown and not hasattr(command, "FORWARDS"):
        parser.error(f"unrecognized arguments: {shorten(' '.join(unknown), 200)}")
    args.forwarded, args.words = unknown, argv
    if getattr(args, "quiet", False):
        warnings.simplefilter("ignore")
    status: int = command.run(args, signals)
    return status


def _general_parser() -> _Parser:
    commands = [f"  {name:10} {what}" for name, what in COMMANDS.items()]
    parser = _Parser(
        "nst",
        usage="nst COMMAND …",
        description="Neural style transfer. nst COMMAND --help tells more.",
        epilog="\n".join(["commands:", *commands]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nst {__version__}")
    return parser


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    write(sys.stderr, f"nst: note: {message}")


def _has_folder() -> bool:
    try:
        return bool(Path.cwd())
    except OSError:
        return False


def _explain(error: BaseException, signals: Signals, command: str) -> tuple[int, str]:
    """Return the exit status for an error, and one line that says what to do."""
    if signals.number or isinstance(error, KeyboardInterrupt):
        number = signals.number or signal.SIGINT
        return 128 + number, "interrupted before there was anything to save."
    if isinstance(error, NstError):
        return 2, str(error)
    if is_memory(error):
        return 2, f"there is not enough memory: {SMALLER.get(command, ELSEWHERE)}."
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return 2, "the current folder was deleted: change to another one."
    if isinstance(error, ImportError):
        return 1, f"a part is missing or broken ({error}): nst doctor says what to do."
    told = shorten(f"{type(error).__name__}: {error}", 300)
    return 1, (
        f"this is a fault of nstlib, not yours ({told}). "
        "Please report it with your command and what it prints when the environment "
        "variable NSTLIB_DEBUG is 1."
    )
