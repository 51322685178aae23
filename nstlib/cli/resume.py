"""The checkpoint of ``nst stylize``: where it is, and when it is deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nstlib.errors import UsageError
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.result import CUT_SHORT


class Kept:
    """The checkpoint beside a picture, ``NAME.checkpoint.npz``.

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
        self.path = out.with_name(f"{out.stem}.checkpoint.npz")
        self.seconds, self.resume = seconds, resume
        if not 0 <= seconds < float("inf"):
            raise UsageError("--checkpoint takes seconds from 0, where 0 means none.")
        there = self.path.is_file()
        if resume and not there:
            raise UsageError(
                f"there is nothing to resume, no {self.path}: leave --resume out, or "
                "name the same -o as before."
            )
        self.forgotten = there and not resume and seconds > 0

    def checkpoint(self, method: str) -> Any:
        """Return the `Checkpoint` to give to `nstlib.stylize`.

        Only the method "optimize" takes long enough to need one.
        """
        wanted = self.resume or (self.seconds and method == "optimize")
        self._checkpoint = Checkpoint(self.path if wanted else None, self.seconds)
        return self._checkpoint

    def close(self, stop_reason: str) -> str:
        """Delete the checkpoint after the picture was saved, unless it can be resumed.

        Args:
            stop_reason: the reason why the run ended.

        Returns:
            A sentence about how to resume the run; empty if it was not cut short.
        """
        if stop_reason not in CUT_SHORT:
            if self._checkpoint.path:
                self.path.unlink(missing_ok=True)
        elif self._checkpoint.written or self.resume:
            return "The same command with --resume goes on from here."
        return ""
