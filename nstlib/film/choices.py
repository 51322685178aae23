"""What can be chosen for a film, besides the settings for its frames."""

from __future__ import annotations

from dataclasses import dataclass

from nstlib.errors import SettingsError


@dataclass(frozen=True)
class Choices:
    """How the frames of a film are tied to each other.

    Raises:
        SettingsError: a value makes no sense.
    """

    temporal_weight: float = 200.0
    """The weight of the temporal loss; for method "optimize"."""
    frame_steps: int = 30
    """Evaluations of each frame after the first; for method "optimize"."""
    reach: tuple[int, ...] = (1, 10)
    """How many frames back a frame is compared with, nearest first. The second of these
    frames may show what the first one hides. With none, each frame is painted on its
    own."""
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
            problems.append("--temporal-weight is 0 or more")
        if not 1 <= self.frame_steps <= 10_000:
            problems.append("--frame-steps is from 1 to 10000")
        if list(self.reach) != sorted({n for n in self.reach if 0 < n < 1000}):
            problems.append("--reach is rising numbers of frames, such as 1,10")
        if self.passes not in range(1, 11):
            problems.append("--passes is from 1 to 10")
        if not 0 <= self.smooth <= 0.95:
            problems.append("--smooth is from 0 to 0.95")
        if not 0 <= self.steady <= 0.95:
            problems.append("steady is from 0 to 0.95")
        if problems:
            raise SettingsError(f"{'; '.join(problems)}.")
