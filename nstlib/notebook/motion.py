"""Animations that play inside a notebook.

Taught in: 00_quickstart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.errors import ImageError
from nstlib.images import Picture, resize
from nstlib.notebook.shown import as_html, encoded, screen_width


class Animation:
    """Pictures that a notebook plays in a loop.

    Args:
        pictures: each ``(H, W, 3)``, RGB, 0–255, all of one size.
        alt: what the pictures show, for people who cannot see them.
        seconds: how long each picture is shown.
    """

    def __init__(self, pictures: list[Picture], alt: str, seconds: float) -> None:
        """Encode the pictures."""
        self.count, self.alt = len(pictures), alt
        self.width = screen_width(pictures[0])
        self.data = encoded(pictures, seconds, quality=70)

    def __repr__(self) -> str:
        """Return what a terminal shows."""
        return f"an animation of {self.count} pictures: {self.alt}"

    def _repr_html_(self) -> str:
        return as_html(self.data, self.alt, self.width)


def play(
    pictures: Sequence[Picture],
    alt: str,
    seconds: float = 0.2,
    rest: float = 1.5,
) -> Animation:
    """Play pictures in a loop, in the output of a notebook's cell.

    Taught in: 00_quickstart. The last picture stays a little longer, so that the eye
    can rest on it. `nstlib.images.save_gif` writes a file for other programs.

    Args:
        pictures: each ``(H, W, 3)``, RGB, 0–255. All are resized to the last one, so
            that the pictures of a run over several scales can be played.
        alt: what the pictures show, for people who cannot see them.
        seconds: how long each picture is shown.
        rest: how long the last picture is shown, in seconds.

    Raises:
        ImageError: there are no pictures.
    """
    if not len(pictures):
        raise ImageError("play needs at least one picture.")
    height, width, _ = np.shape(pictures[-1])
    frames = [resize(np.asarray(p, np.float32), height, width) for p in pictures]
    frames += [frames[-1]] * round(rest / seconds)
    return Animation(frames, alt, seconds)
