"""What all commands share: printing, handling signals, checking names."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from nstlib.errors import UsageError, did_you_mean, shorten

Parser = argparse.ArgumentParser

# Control characters but for tabs and new lines, separators of lines, what changes the
# direction of writing, and bytes of names that are no text.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e"
    "\u2066-\u2069\ud800-\udfff]"
)


ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP: the terminal was closed
    if hasattr(signal, name)  # Windows has no SIGHUP
]


class Signals:
    """Turns the signals of `ENDING` into a KeyboardInterrupt, and remembers the last.

    The second signal is ignored, because people press Ctrl-C again if saving takes
    long. The third one interrupts again.

    Attributes:
        number: number of the last signal; 0 if there was none.
        count: how many signals came.
    """

    number = count = 0

    def __call__(self, number: int, _: Any) -> None:
        """Handle one signal."""
        self.number, self.count = number, self.count + 1
        if self.count != 2:
            raise KeyboardInterrupt

    def __enter__(self) -> Signals:
        """Start handling signals. This has no effect outside of the main thread."""
        self.before: dict[int, Any] = {}
        for number in ENDING:
            # If the shell had us ignore a signal (nohup, &), it stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self.before[number] = signal.signal(number, self)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the handlers that were there before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


@contextmanager
def open_streams() -> Iterator[None]:
    """Open streams to write to, if the program was started without any.

    Services have none, and neither has pythonw on Windows: those of Python are None
    then. TensorFlow writes to whatever is open under the numbers 1 and 2, so no file
    of weights may get one of them.
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
    """Print a line and flush it. If the reader is gone, discard all further output.

    Names of files and texts in them may hold characters that steer a terminal. They are
    printed as escapes, such as ``\\x1b``.
    """
    if stream is None or stream.closed:
        return
    text = _STEERING.sub(lambda found: ascii(found[0])[1:-1], text)
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def check_name(what: str, name: str, known: Iterable[str]) -> None:
    """Check that a name is known.

    Args:
        what: what the name stands for, such as ``"setting"``.
        name: the name that was typed.
        known: the names that exist.

    Raises:
        UsageError: there is no such name. The message suggests a similar one.
    """
    if name not in known:
        hint = did_you_mean(name, known)
        raise UsageError(f"there is no {what} {shorten(name)!r}: {hint}")


def interrupted(signals: Signals, told: str) -> int:
    """Print one sentence about an interruption, and return the exit status for it."""
    write(sys.stderr, f"nst: interrupted; {told}")
    return 128 + (signals.number or signal.SIGINT)


def nearest(path: Path) -> Path:
    """Return a path relative to the current folder, if the path is inside it."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted
        return path
    inside = path.is_absolute() and path.is_relative_to(here)
    return path.relative_to(here) if inside else path


class Job:
    """A command that paints a picture and shows its `Progress`.

    Args:
        args: what was typed, with ``quiet`` and ``json``.
        signals: tells whether a signal came.
    """

    out: Path

    def __init__(self, args: argparse.Namespace, signals: Signals):
        self.args, self.signals = args, signals

    def say(self, text: str) -> None:
        """Print a line to stdout, or to stderr with ``--json``; nothing if quiet."""
        if text and not self.args.quiet:
            write(sys.stderr if self.args.json else sys.stdout, text)
