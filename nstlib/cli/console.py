"""What all commands share: printing, handling signals, checking names."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from nstlib.errors import UsageError, did_you_mean

Parser = argparse.ArgumentParser


class Signals:
    """Turns Ctrl-C and SIGTERM into a KeyboardInterrupt, and remembers the signal.

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
        for number in (signal.SIGINT, signal.SIGTERM):
            # If the shell had us ignore a signal (nohup, &), it stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self.before[number] = signal.signal(number, self)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the handlers that were there before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


def write(stream: TextIO, text: str, end: str = "\n") -> None:
    """Print a line and flush it. If the reader is gone, discard all further output."""
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
        raise UsageError(f"there is no {what} {name!r}: {hint}")


def is_memory(error: BaseException) -> bool:
    """Return whether an exception means that there was too little memory."""
    # TensorFlow may not have been imported, so its exception is known by its name.
    return isinstance(error, MemoryError) or (
        type(error).__name__ == "ResourceExhaustedError"
    )


def nearest(path: Path) -> Path:
    """Return a path relative to the current folder, if the path is inside it."""
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return path.relative_to(Path.cwd()) if inside else path


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
