"""Smoothing a film along the optical flow, and measuring its flicker.

Taught in: 15_video.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from nstlib.film.chain import is_cut
from nstlib.film.flow import optical_flow, visible, warp
from nstlib.film.temporal import warping_error
from nstlib.images import Picture

PAIRS = 24
"""About how many pairs of frames are measured, spread over the film."""


class Smoother:
    """Mixes each frame with the previous smoothed one where both show the same thing.

    This is an exponential moving average along the flow. Lang et al. (2012) also filter
    along motion paths.

    Args:
        share: the share of the previous frame, 0 to 1.
    """

    def __init__(self, share: float):
        self.share = share
        self.before: tuple[Picture, Picture] | None = None

    def __call__(self, frame: Picture, painted: Picture) -> Picture:
        """Smooth a painted frame, given the frame of the original."""
        made = painted
        if self.before and not is_cut(self.before[0], frame):
            last, smoothed = self.before
            backward, forward = optical_flow(frame, last), optical_flow(last, frame)
            share = self.share * visible(forward, backward)
            made = painted + share * (warp(smoothed, backward) - painted)
        self.before = frame, made
        return made


@dataclass
class Flicker:
    """The warping errors of a film and of its original, over pairs of frames.

    Args:
        every: the step between the pairs that are measured.
    """

    every: int = 1
    squares: dict[str, list[float]] = field(default_factory=dict)

    def wanted(self, index: int) -> bool:
        """Return whether the pair of a frame and the previous one is measured."""
        return index % self.every == 0

    def see(self, before: dict[str, Picture], now: dict[str, Picture]) -> None:
        """Measure a pair of frames.

        Args:
            before: name → the previous frame, ``(H, W, 3)``; one is the ``"original"``.
            now: the same for this frame.
        """
        first, second = before["original"], now["original"]
        if is_cut(first, second):
            return
        backward, forward = optical_flow(second, first), optical_flow(first, second)
        mask = visible(forward, backward)
        for name, picture in now.items():
            error = warping_error(picture, before[name], backward, mask)
            if math.isfinite(error):
                self.squares.setdefault(name, []).append(error**2)

    def errors(self) -> dict[str, float]:
        """Return name → root of the mean squared error, in gray levels."""
        return {n: float(np.sqrt(np.mean(v))) for n, v in self.squares.items()}


def spread_over(count: int) -> int:
    """Return the step between the measured pairs of a film with ``count`` frames."""
    return max(1, round(count / PAIRS))
