"""Smoothing a film along the optical flow, and measuring its flicker.

Taught in: 15_video.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from nstlib.film.chain import is_cut
from nstlib.film.choices import Choices
from nstlib.film.flow import optical_flow, visible, warp
from nstlib.film.start import blurred
from nstlib.film.temporal import warping_error
from nstlib.images import Picture
from nstlib.settings import Settings
from nstlib.universal import METHODS

PAIRS = 24
"""About how many pairs of frames are measured, spread over the film."""
STROKE = 1 / 64
"""The deviation of the blur that leaves colors and no strokes, as a share of the longer
side."""


class Smoother:
    """Mixes each frame with the previous smoothed one where both show the same thing.

    This is an exponential moving average along the flow. Lang et al. (2012) also filter
    along motion paths. The colors of areas that are larger than a stroke can have a
    share of their own, which leaves the strokes sharp.

    Args:
        share: the share of the previous frame, 0 to 1.
        steady: the share of the previous frame in the colors of larger areas, 0 to 1.
            It counts if it is above ``share``.
    """

    def __init__(self, share: float, steady: float = 0.0):
        self.share, self.more = share, max(0.0, steady - share)
        self.before: tuple[Picture, Picture] | None = None

    def __bool__(self) -> bool:
        """Return whether anything is mixed."""
        return bool(self.share or self.more)

    def __call__(self, frame: Picture, painted: Picture) -> Picture:
        """Smooth a painted frame, given the frame of the original."""
        made = painted
        if self.before and not is_cut(self.before[0], frame):
            last, smoothed = self.before
            backward, forward = optical_flow(frame, last), optical_flow(last, frame)
            apart = warp(smoothed, backward) - painted
            apart *= visible(forward, backward)
            made = painted + self.share * apart
            if self.more:
                made += self.more * blurred(apart, STROKE * max(frame.shape))
        self.before = frame, made
        return made


def smoother_for(settings: Settings, choices: Choices) -> Smoother:
    """Make the smoother of a film.

    AdaIN, WCT and the methods that exchange patches see a frame through a coarse grid
    of features. When things move across it, the colors of whole areas change. So their
    colors are steadied; those of other methods are steady enough.
    """
    return Smoother(
        choices.smooth, choices.steady if settings.method in METHODS else 0.0
    )


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
