"""What can be chosen for a film, besides the settings for its frames."""

from __future__ import annotations

from dataclasses import dataclass

from nstlib.errors import SettingsError

REACH = "--reach must be 0, or numbers from 1 to 999 in rising order, such as 1,10"
"""What is said about a reach that makes no sense."""


@dataclass(frozen=True)
class Choices:
    """How the frames of a film are tied to each other.

    Raises:
        SettingsError: a value makes no sense.
    """

    temporal_weight: float = 200.0
    """The weight of the temporal loss, for the method "optimize"."""
    frame_steps: int = 30
    """The evaluations for each frame after the first, for the method "optimize"."""
    reach: tuple[int, ...] = (1, 10)
    """How far back, in frames, the frames are that each frame is compared with, nearest
    first. The second of them may show what the first one hides. If there are none, each
    frame is painted on its own."""
    passes: int = 1
    """The number of passes over the film, forwards and backwards in turn."""
    smooth: float = 0.0
    """The share of the previous frame that is mixed in along the flow, 0 to 0.95."""
    steady: float = 0.8
    """The share of the previous frame in the colors of areas larger than a stroke, 0 to
    0.95; for methods "adain", "wct", "swap" and "neighbors"."""

    def __post_init__(self) -> None:
        """Check the values."""
        problems = []
        if not 0 <= self.temporal_weight < 1e9:
            problems.append(
                f"--temporal-weight must be 0 or more, not {self.temporal_weight:g}"
            )
        if not 1 <= self.frame_steps <= 10_000:
            problems.append(
                f"--frame-steps must be from 1 to 10000, not {self.frame_steps}"
            )
        if list(self.reach) != sorted({n for n in self.reach if 0 < n < 1000}):
            problems.append(REACH)
        if self.passes not in range(1, 11):
            problems.append(f"--passes must be from 1 to 10, not {self.passes}")
        if not 0 <= self.smooth <= 0.95:
            problems.append(f"--smooth must be from 0 to 0.95, not {self.smooth:g}")
        if not 0 <= self.steady <= 0.95:
            problems.append(f"steady must be from 0 to 0.95, not {self.steady:g}")
        if problems:
            raise SettingsError(f"{'; '.join(problems)}.")
