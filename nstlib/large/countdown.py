"""Predicting, while a run goes on, how much longer it takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from nstlib.large.cost import passes, pixels_seen


class Countdown:
    """Predicts how much longer a run takes, from the evaluations that it has made.

    Args:
        plan: the scales, from `nstlib.large.scales.plan_scales`.
        settings: the settings of the run.
    """

    def __init__(self, plan: Sequence[tuple[int, int, int]], settings: Any):
        self.scales = [
            ((h, w), pixels_seen(h, w, settings) * passes(h, w, settings), n)
            for h, w, n in plan
        ]
        self.index, self.done, self.began = -1, 0, 0.0

    def seconds(self, size: tuple[int, int]) -> float | None:
        """Return how many seconds are left; None until a scale has two evaluations.

        This has to be called after each evaluation.

        Args:
            size: height and width of the current scale.
        """
        sizes, now = [size for size, *_ in self.scales], time.perf_counter()
        if size not in sizes:
            return None
        if self.index != sizes.index(size):
            # The first evaluation of a scale takes longer, so it does not count.
            self.index, self.done, self.began = sizes.index(size), 0, now
            return None
        self.done += 1
        _, pixels, evaluations = self.scales[self.index]
        work = pixels * (evaluations - 1 - self.done)
        work += sum(pixels * n for _, pixels, n in self.scales[self.index + 1 :])
        return (now - self.began) / self.done / pixels * work

    def left(self, size: tuple[int, int]) -> str:
        """Return `seconds` as a text such as ``", 40 s left"``, or an empty text."""
        seconds = self.seconds(size)
        return "" if seconds is None else f", {duration(seconds)} left"


def duration(seconds: float) -> str:
    """Format a number of seconds for people: ``"40 s"``, ``"3 min"``, ``"2.5 h"``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
