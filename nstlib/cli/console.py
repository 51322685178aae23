"""What every command shares: printing, signals, names that were typed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from nstlib.errors import UsageError, did_you_mean

Parser = argparse.ArgumentParser


ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP: the terminal was closed
    if hasattr(signal, name)  # Windows has no SIGHUP
]


class Signals:
    """Makes the signals of `ENDING` raise KeyboardInterrupt, and remembers which came.

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
        for number in ENDING:
            # What the shell told us to ignore (nohup, &) stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self.before[number] = signal.signal(number, self)
        return self

    def __exit__(self, *_: object) -> None:
        """As it was before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


@contextmanager
def open_streams() -> Iterator[None]:
    """Give the program streams to write to, where it was started without any.

    Services, and pythonw on Windows, have none: Python's are None then. What is open
    as 1 or 2 is written to by TensorFlow, whatever it may be: a file of weights must
    not get such a number.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    before = sys.stdout, sys.stderr
    with ExitStack() as opened:
        for name, stream in zip(("stdout", "stderr"), before, strict=True):
            if stream is None or getattr(stream, "closed", False):
                nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
                setattr(sys, name, opened.enter_context(nowhere))
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def write(stream: TextIO | None, text: str, end: str = "\n") -> None:
    """Print a line at once; if nobody listens any more, go on in silence."""
    if stream is None or stream.closed:
        return
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def check_name(what: str, name: str, known: Iterable[str]) -> None:
    """Raise `UsageError`, with a suggestion, if there is no such name."""
    if name not in known:
        hint = did_you_mean(name, known)
        raise UsageError(f"there is no {what} {name!r}: {hint}")


def is_memory(error: BaseException) -> bool:
    """Whether there was too little memory."""
    # TensorFlow's own kind, by name: it may not have been imported.
    return isinstance(error, MemoryError) or (
        type(error).__name__ == "ResourceExhaustedError"
    )


def nearest(path: Path) -> Path:
    """Relative to the current folder, if it is inside."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted
        return path
    inside = path.is_absolute() and path.is_relative_to(here)
    return path.relative_to(here) if inside else path


class Job:
    """A command that paints a picture: what `Progress` has to know of it."""

    out: Path

    def __init__(self, args: argparse.Namespace, signals: Signals):
        self.args, self.signals = args, signals

    def say(self, text: str) -> None:
        """Tell the person; with ``--json``, stdout is for JSON only."""
        if text and not self.args.quiet:
            write(sys.stderr if self.args.json else sys.stdout, text)
