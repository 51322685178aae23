"""Telling people that they interrupted a call, and letting a second interrupt through.

Ctrl-C in a terminal and the button ■ in Jupyter raise a KeyboardInterrupt. A run
catches it and returns the picture so far. If it caught every interrupt, a loop would go
on with the next picture, and nobody could stop it.
"""

from __future__ import annotations

import sys
import time
import warnings
from types import FrameType

AGAIN = 10.0
"""A second interrupt within this many seconds is meant for the loop. If it was meant
for the run, no more than the work of these seconds is lost."""


class Interruption(Warning):
    """A call was interrupted, and returned what it had so far.

    It is not a `UserWarning`, because the command line prints those, and it reports an
    interruption in its own way.
    """


class Interruptions:
    """Tells the first interrupt of several from the second.

    Attributes:
        last: the time of the last interrupt, in seconds of `time.monotonic`.
    """

    last = float("-inf")

    def tell(self, done: str) -> None:
        """Warn about an interrupt, or pass it on if it is the second one.

        Args:
            done: how far the run came, such as ``"7 of 300 evaluations"``.

        Raises:
            KeyboardInterrupt: the last interrupt was less than `AGAIN` seconds ago.
        """
        before, self.last = self.last, time.monotonic()
        if self.last - before < AGAIN:
            self.last = float("-inf")
            raise KeyboardInterrupt
        hint = f"Interrupt again within {AGAIN:.0f} seconds to end a loop."
        warn_interrupted(f"{done}; the result is the picture so far. {hint}")


def warn_interrupted(done: str) -> None:
    """Warn that a call was interrupted, and name the user's line that made the call.

    Args:
        done: how far the call came, to follow "interrupted after".
    """
    frame = sys._getframe()
    while frame.f_back and _is_ours(frame):
        frame = frame.f_back
    # `warnings.warn` would say the same words at the same line only once.
    warnings.warn_explicit(
        f"interrupted after {done}",
        Interruption,
        frame.f_code.co_filename,
        frame.f_lineno,
    )


def warn_minimize(done: str) -> None:
    """Warn as `warn_interrupted` does, for a minimizer that calls this function.

    Nothing is said if the package itself called the minimizer, such as for `stylize`:
    that call warns by itself.

    Args:
        done: how far the minimizer came, and what it returns.
    """
    minimizer = sys._getframe(1)
    if minimizer.f_back and not _is_ours(minimizer.f_back):
        warn_interrupted(done)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("nstlib.")
