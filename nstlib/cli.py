"""The command line: ``nst``, the same as ``python -m nstlib``.

Owns options, messages and exit statuses; knows nothing about style transfer. All that
is heavy is imported inside functions, so that ``--help`` is instant. A new command is
two functions, ``options(parser)``, in `nstlib.arguments`, and ``run(args, signals) ->
status``, in `COMMANDS`.

Exit status: 0 done; 1 a fault of ours; 2 bad usage or input, told in one line;
128 + n after signal n (130: Ctrl-C), the picture so far being saved.
"""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn, TextIO

from nstlib import __version__, arguments


class UsageError(ValueError):
    """One sentence about what was typed: what is wrong with it, and what to do."""


class Signals:
    """Makes Ctrl-C and SIGTERM raise KeyboardInterrupt, and remembers which came.

    The second is ignored: whoever finds that saving takes long presses again.
    """

    number = count = 0

    def __call__(self, number: int, _: Any) -> None:
        """Handle one signal."""
        self.number, self.count = number, self.count + 1
        if self.count != 2:
            raise KeyboardInterrupt

    def __enter__(self) -> Signals:
        """From here on; not in other threads than the main one."""
        self.before: dict[int, Any] = {}
        for number in (signal.SIGINT, signal.SIGTERM):
            # What the shell told us to ignore (nohup, &) stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self.before[number] = signal.signal(number, self)
        return self

    def __exit__(self, *_: object) -> None:
        """As it was before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


def write(stream: TextIO, text: str, end: str = "\n") -> None:
    """Print a line at once; if nobody listens any more, go on in silence."""
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def check_name(what: str, name: str, known: Iterable[str]) -> None:
    """Raise `UsageError`, with a suggestion, if there is no such name."""
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
        )
        raise UsageError(f"there is no {what} {name!r}: {hint}")


def is_memory(error: BaseException) -> bool:
    """Whether there was too little memory."""
    # TensorFlow's own kind, by name: it may not have been imported.
    return isinstance(error, MemoryError) or (
        type(error).__name__ == "ResourceExhaustedError"
    )


def _run_doctor(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.doctor import examine

    return examine(args.json)


def _run_lab(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.lessons import open_lab

    return open_lab(args.notebook)


def _run_lesson(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.lessons import run_lesson

    return run_lesson(args.lesson, args.p, args.out)


def _run_refresh(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.lessons import run_refresh

    return run_refresh(args.lessons)


def _run_stylize(args: argparse.Namespace, signals: Signals) -> int:
    from nstlib.stylizing import run

    return run(args, signals)


def _run_train(args: argparse.Namespace, signals: Signals) -> int:
    from nstlib.train import run

    return run(args, signals)


def _run_estimate(args: argparse.Namespace, signals: Signals) -> int:
    from nstlib.estimating import run

    return run(args, signals)


def _run_reproduce(args: argparse.Namespace, signals: Signals) -> int:
    from nstlib.reproduce import run

    return run(args, signals)


class _Command(NamedTuple):
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Signals], int]


COMMANDS = {
    "stylize": _Command(
        "Repaint a photo in the style of a painting.", arguments.stylize, _run_stylize
    ),
    "estimate": _Command(
        "Predict time and memory, and the largest size.",
        arguments.estimate,
        _run_estimate,
    ),
    "train": _Command(
        "Train a network that paints in one style at once.", arguments.train, _run_train
    ),
    "reproduce": _Command(
        "Make a picture again from what is written in it.",
        arguments.reproduce,
        _run_reproduce,
    ),
    "lab": _Command("Open the lessons in JupyterLab.", arguments.lab, _run_lab),
    "lesson": _Command(
        "Run a lesson with other parameters.", arguments.lesson, _run_lesson
    ),
    "refresh": _Command(
        "Run lessons and store their outputs in them; for authors.",
        arguments.refresh,
        _run_refresh,
    ),
    "doctor": _Command(
        "Check whether this computer is ready.", arguments.doctor, _run_doctor
    ),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, not the whole usage."""
        raise UsageError(f"{message}; see {self.prog} --help.")

    def _print_message(self, message: str, file: Any = None) -> None:
        # Python 3.10's own raises if nobody listens.
        write(file or sys.stderr, message or "", end="")


def _parse(argv: list[str]) -> tuple[_Command | None, argparse.Namespace]:
    # Only the parser that is needed is built. No subparsers, because those cannot read
    # options between CONTENT and STYLE.
    name = argv[0] if argv and not argv[0].startswith("-") else None
    if name is None:
        parser = _general_parser()
        args = parser.parse_args(argv)
        parser.print_help()
        return None, args
    check_name("command", name, COMMANDS)
    command = COMMANDS[name]
    parser = _Parser(f"nst {name}", description=command.help, allow_abbrev=False)
    command.options(parser)
    return command, parser.parse_intermixed_args(argv[1:])


def _general_parser() -> _Parser:
    commands = [f"  {name:10} {command.help}" for name, command in COMMANDS.items()]
    parser = _Parser(
        "nst",
        usage="nst COMMAND …",
        description="Neural style transfer. nst COMMAND --help tells more.",
        epilog="\n".join(["commands:", *commands]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nst {__version__}")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run ``nst`` with these arguments, or those of the process; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not know × and …
            stream.reconfigure(errors="replace")
    with Signals() as signals, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module="nstlib")
        warnings.showwarning = _show_warning
        try:
            command, args = _parse(sys.argv[1:] if argv is None else argv)
            if getattr(args, "quiet", False):
                warnings.simplefilter("ignore")
            status = command.run(args, signals) if command else 0
        except SystemExit as stop:  # argparse, after --help or --version
            status = stop.code if isinstance(stop.code, int) else 0
        except BaseException as error:
            status, text = _explain(error, signals)
            write(sys.stderr, f"nst: {' '.join(text.split())}")
            if status == 1 and os.environ.get("NSTLIB_DEBUG"):
                traceback.print_exc()
    write(sys.stdout, "", end="")  # argparse does not flush, and the pipe may be closed
    return status


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    write(sys.stderr, f"nst: note: {message}")


def _explain(error: BaseException, signals: Signals) -> tuple[int, str]:
    """Exit status, and one line that says what to do."""
    if signals.number or isinstance(error, KeyboardInterrupt):
        number = signals.number or signal.SIGINT
        return 128 + number, "interrupted before there was anything to save."
    if isinstance(error, ValueError) and type(error).__module__.startswith("nstlib."):
        return 2, str(error)  # our own kinds of ValueError are about input
    if is_memory(error):
        return 2, "there is not enough memory: try a smaller --size."
    if isinstance(error, ImportError):
        return 1, f"a part is missing or broken ({error}): nst doctor says what to do."
    return 1, (
        f"this is a fault of nstlib, not yours ({type(error).__name__}: {error}). "
        "Please report it with your command and what it prints when the environment "
        "variable NSTLIB_DEBUG is 1."
    )
