"""Where the optimization of a frame starts, given what earlier frames show of it.

Optical flow is uncertain along the edges of moving things, and the mask of what is
visible is ragged there. If the photo filled the gaps pixel by pixel, details that are
finer than a stroke would stay in the film as specks: thirty evaluations do not remove
them. So the previous painted frame is used wherever it probably fits, and the seam
to what is new is soft.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nstlib.film.flow import warp
from nstlib.film.libraries import opencv
from nstlib.images import Picture

SIMILAR = 15.0
"""The largest difference, in gray levels, between two views of the same surface. It is
smaller than `nstlib.film.chain.ALIKE`, because the flow is uncertain here."""
CALM = 1.5
"""The deviation of the blur, in pixels, where a frame starts anew."""
SEAM = 3.0
"""How far colors run over a seam, in pixels."""


class Seen(NamedTuple):
    """What earlier frames show of a frame."""

    warped: Picture
    """The earlier painted frames, warped to this one, ``(H, W, 3)``; 0 where they show
    nothing of it."""
    mask: np.ndarray
    """``(H, W, 1)``: 1 where one of them surely shows it, or else 0."""
    share: np.ndarray
    """``(H, W, 1)``: 1 where one of them surely or probably shows it, or else 0."""


def familiar(
    frame: Picture, before: Picture, forward: np.ndarray, backward: np.ndarray
) -> np.ndarray:
    """Find the pixels that the previous frame probably shows, too.

    `nstlib.film.flow.visible` requires an even flow, so it rejects a wide band along
    all moving edges. The previous frame shows most of this band nevertheless. A pixel
    counts here if its place is inside the picture, if the flows lead back to it within
    a pixel, and if the warped frame has about the same color. The outermost
    pixel of each area is left out, and so are single pixels.

    Args:
        frame, before: this frame and the previous one, ``(H, W, 3)``, 0–255.
        forward: the flow from the previous frame to this one, ``(H, W, 2)``.
        backward: the flow from this frame to the previous one, ``(H, W, 2)``.

    Returns:
        float32 ``(H, W, 1)``: 1 or 0.
    """
    cv2 = opencv()
    height, width = backward.shape[:2]
    y, x = np.mgrid[:height, :width]
    x, y = x + backward[..., 0], y + backward[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    home = np.square(warp(forward, backward) + backward).sum(-1) <= 1
    apart = blurred(np.abs(frame - warp(before, backward)), 1).mean(-1)
    found = (inside & home & (apart <= SIMILAR)).astype(np.uint8)
    found = cv2.medianBlur(cv2.erode(found, np.ones((3, 3), np.uint8)), 5)
    return found.astype(np.float32)[..., None]


def started(seen: Seen, fresh: Picture) -> Picture:
    """Make the picture from which a frame is optimized.

    Where earlier frames show something, the picture is taken from them. Elsewhere, it
    is a fresh start, which is blurred a little and takes on the colors of what is
    near. The two overlap softly.

    Args:
        seen: what earlier frames show of the frame.
        fresh: where the frame would start without them, ``(H, W, 3)``, 0–255.

    Returns:
        ``(H, W, 3)``, 0–255.

    Example:
        Where nothing is seen, only the finest details of the fresh start are missing:

        >>> fresh = np.full((8, 8, 3), 90.0, np.float32)
        >>> nothing = np.zeros((8, 8, 1), np.float32)
        >>> picture = started(Seen(0 * fresh, nothing, nothing), fresh)
        >>> float(picture.min().round(3)), float(picture.max().round(3))
        (90.0, 90.0)
    """
    warped, _, share = seen
    calm = blurred(fresh, CALM)
    calm = calm + blurred(share * (warped - calm), SEAM)
    soft = share * blurred(share, 1)
    return soft * warped + (1 - soft) * calm


def blurred(values: np.ndarray, deviation: float) -> np.ndarray:
    """Blur an array ``(H, W, C)`` by a Gaussian; keep its shape.

    Args:
        values: float32, any number of channels.
        deviation: that of the Gaussian, in pixels.
    """
    soft: np.ndarray = opencv().GaussianBlur(values, (0, 0), deviation)
    return soft.reshape(values.shape)
