"""What a film is, in whatever form it is stored: frames, one after the other."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

import numpy as np
from PIL import ImageColor

from nstlib.errors import FilmError, shorten
from nstlib.images import scaled_sides

LARGEST = 512
"""The longer side of a painted film in pixels, if no size is given and it is larger."""
FASTEST = 120
"""The most frames in a second."""


@dataclass(frozen=True)
class Wanted:
    """Which part of a film is wanted, and in which form.

    Raises:
        FilmError: a value makes no sense.
    """

    begin: float = 0.0
    """Where to begin, in seconds."""
    end: float | None = None
    """Where to end, in seconds; at the end of the film if None."""
    rate: float | None = None
    """Frames in a second; those of the film if None."""
    size: int | None = None
    """The longer side in pixels; the film's own, but at most `LARGEST`, if None."""
    background: tuple[int, int, int] = (255, 255, 255)
    """The color behind transparent pixels, RGB."""

    def __post_init__(self) -> None:
        """Check the values."""
        last = math.inf if self.end is None else self.end
        if not 0 <= self.begin < last:  # nor is it NaN
            raise FilmError(
                "--from must be 0 or more seconds, and --to must be later than --from."
            )
        if self.rate is not None and not 0.1 <= self.rate <= FASTEST:
            raise FilmError(
                f"--fps must be from 0.1 to {FASTEST} frames a second, not "
                f"{self.rate:g}."
            )

    def sides(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width of the frames, given those of the film."""
        side = self.size or min(LARGEST, max(height, width))
        return scaled_sides(height, width, side)


class Facts(NamedTuple):
    """What is known about the wanted part of a film before it is read."""

    height: int
    width: int
    """The size of the frames as they are read, in pixels."""
    rate: Fraction
    """Frames in a second."""
    length: int
    """About how many frames there are; 0 if that is not known."""
    sound: bool
    """Whether there is sound."""


class Film(Protocol):
    """A film that can be read from its beginning, any number of times."""

    facts: Facts

    @property
    def problem(self) -> str:
        """What went wrong in reading the frames; an empty text if nothing did."""

    def frames(self) -> Generator[np.ndarray, None, None]:
        """Read the frames, uint8 ``(height, width, 3)``, RGB."""

    def hash(self) -> str:
        """Return a hash of what is read."""


def color_of(text: str) -> tuple[int, int, int]:
    """Return the RGB values of a color such as ``black`` or ``#00ff00``.

    Raises:
        FilmError: there is no such color.
    """
    try:
        red, green, blue, *_ = ImageColor.getrgb(text)
    except ValueError:
        raise FilmError(
            f"{shorten(text) or '(empty)'} is not a color: choose one such as black or "
            "#00ff00."
        ) from None
    return red, green, blue


def over(picture: np.ndarray, alpha: np.ndarray, color: tuple[int, ...]) -> np.ndarray:
    """Put a picture with transparent pixels on a color.

    Args:
        picture: uint8 ``(H, W, 3)``.
        alpha: uint8 ``(H, W)``, 255 where it is opaque.
        color: RGB, 0–255.

    Returns:
        uint8 ``(H, W, 3)``.
    """
    share = (alpha.astype(np.float32) / 255)[..., None]
    mixed = share * picture + (1 - share) * np.array(color, np.float32)
    return np.rint(mixed).astype(np.uint8)
