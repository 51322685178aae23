"""The checkpoint of ``nst stylize``: where it is, and when it is deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nstlib.cli.targets import CHECKPOINT
from nstlib.errors import UsageError
from nstlib.files import shown
from nstlib.names import beside, is_there
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.checkpoint_file import run_of
from nstlib.runs.result import CUT_SHORT
from nstlib.settings import Settings, optimized_half


class Kept:
    """The checkpoint beside a picture, ``NAME.checkpoint.npz``.

    A file of this name that nst did not write stays as it is.

    Args:
        out: where the picture will be saved.
        seconds: time between two checkpoints; 0 writes none.
        resume: whether to continue from a checkpoint that is there.

    Attributes:
        forgotten: whether the run will replace the checkpoint of an earlier one.

    Raises:
        UsageError: there is nothing to resume, or the seconds are negative.
    """

    def __init__(self, out: Path, seconds: float, resume: bool):
        self.path = beside(out, CHECKPOINT)
        self.seconds, self.resume = check_seconds(seconds), resume
        there = is_there(self.path)
        if resume and not self.path.is_file():
            raise UsageError(nothing_to_resume(self.path))
        self.foreign = there and not resume and run_of(self.path) is None
        self.forgotten = there and not resume and seconds > 0 and not self.foreign

    def checkpoint(self, settings: Settings) -> Any:
        """Return the `Checkpoint` to give to `nstlib.stylize`.

        Only an optimization takes long enough to need one.
        """
        wanted = self.resume or (self.seconds and optimized_half(settings))
        path = self.path if wanted and not self.foreign else None
        self._checkpoint = Checkpoint(path, self.seconds)
        return self._checkpoint

    def hint(self) -> str:
        """Return a sentence for a picture that cannot be saved; empty if none helps."""
        if self._checkpoint.written or self.resume:
            return (
                f"{shown(self.path)} is kept: the same command with --resume goes on."
            )
        return ""

    def close(self, stop_reason: str) -> str:
        """Delete the checkpoint after the picture was saved, unless it can be resumed.

        Args:
            stop_reason: the reason why the run ended.

        Returns:
            A sentence about how to resume the run; empty if it was not cut short.
        """
        if stop_reason not in CUT_SHORT:
            return remove(self._checkpoint.path)
        if self._checkpoint.written or self.resume:
            return "The same command with --resume goes on from here."
        return ""


def check_seconds(seconds: float) -> float:
    """Check the time that was typed after ``--checkpoint``, and return it.

    Raises:
        UsageError: it is negative or not finite.
    """
    if not 0 <= seconds < float("inf"):
        raise UsageError("--checkpoint takes seconds from 0, where 0 means none.")
    return seconds


def nothing_to_resume(path: Path) -> str:
    """Return the message for a checkpoint that does not exist."""
    return (
        f"there is nothing to resume, no {shown(path)}: leave --resume out, or name "
        "the same -o as before."
    )


def remove(path: Path | None) -> str:
    """Delete a checkpoint, if any; return a sentence if that is not possible."""
    try:
        if path is not None:
            path.unlink(missing_ok=True)
    except OSError:  # the folder became read-only
        return f"{shown(path)} is done with, but cannot be removed: delete it some day."
    return ""
