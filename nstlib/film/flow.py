"""Optical flow: where each pixel of a frame is in another frame.

Taught in: 15_video. A flow is an array ``(H, W, 2)`` of displacements in pixels, first
to the right and then downwards.
"""

from __future__ import annotations

import numpy as np

from nstlib.errors import FilmError
from nstlib.film.libraries import opencv
from nstlib.images import Picture

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""The shares of red, green and blue in the gray value of a pixel (ITU-R BT.601)."""

SMALLEST = 16
"""The shortest side of a frame in which motion can be found, in pixels."""


def optical_flow(here: Picture, there: Picture) -> np.ndarray:
    """Estimate where each pixel of a picture is in another picture.

    Taught in: 15_video. Dense inverse search (Kroeger, Timofte, Dai & Van Gool 2016).

    Args:
        here, there: two pictures ``(H, W, 3)``, RGB, 0–255.

    Returns:
        float32 ``(H, W, 2)``: for each pixel of the first picture, the displacement to
        its place in the second one, to the right and downwards, in pixels.

    Raises:
        FilmError: OpenCV is not installed, or a side is shorter than `SMALLEST`.
    """
    if min(here.shape[:2]) < SMALLEST:
        raise FilmError(
            f"no motion can be found in frames of {here.shape[1]}×{here.shape[0]} "
            f"pixels, because each side needs at least {SMALLEST}: choose a larger "
            "--size."
        )
    cv2 = opencv()
    gray = [np.rint(picture @ LUMA).astype(np.uint8) for picture in (here, there)]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow: np.ndarray = search.calc(*gray, None)
    return flow


def warp(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Fetch each pixel from the place to which a flow points.

    Taught in: 15_video. The value between four pixels is interpolated bilinearly
    (Jaderberg, Simonyan, Zisserman & Kavukcuoglu 2015, eq. 5). A place outside the
    picture has the value of the nearest pixel inside.

    Args:
        picture: ``(H, W, C)``.
        flow: ``(H, W, 2)``, from `optical_flow`.

    Returns:
        float32 ``(H, W, C)``. If the flow leads from one frame to another, and the
        picture is that other frame, the result looks like the first one.

    Example:
        >>> row = np.array([[[10.0], [20.0], [30.0]]])
        >>> half_a_pixel = np.full((1, 3, 2), [0.5, 0.0])
        >>> warp(row, half_a_pixel).ravel().tolist()
        [15.0, 25.0, 30.0]
    """
    height, width = flow.shape[:2]
    y, x = np.mgrid[:height, :width]
    x = np.clip(x + flow[..., 0], 0, width - 1)
    y = np.clip(y + flow[..., 1], 0, height - 1)
    left, top = x.astype(int), y.astype(int)
    right = np.minimum(left + 1, width - 1)
    bottom = np.minimum(top + 1, height - 1)
    dx, dy = (x - left)[..., None], (y - top)[..., None]
    upper = (1 - dx) * picture[top, left] + dx * picture[top, right]
    lower = (1 - dx) * picture[bottom, left] + dx * picture[bottom, right]
    return ((1 - dy) * upper + dy * lower).astype(np.float32)


def visible(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Find the pixels of a frame that the previous frame shows, too.

    Taught in: 15_video. Ruder, Dosovitskiy & Brox (2016), eq. 5 and 6, after Sundaram,
    Brox & Keutzer (2010). A pixel counts if the backward flow and then the forward flow
    lead back to it, if the place is inside the picture, and if the flow is about the
    same all around. Flow is unreliable along the edges of moving things.

    Args:
        forward: the flow from the previous frame to this one, ``(H, W, 2)``.
        backward: the flow from this frame to the previous one, ``(H, W, 2)``.

    Returns:
        float32 ``(H, W, 1)``: 1 where a pixel is visible in both frames, or else 0.

    Example:
        The picture moves to the right by one pixel, so its first column is new:

        >>> right = np.full((3, 4, 2), [1.0, 0.0])
        >>> visible(right, -right)[0, :, 0].tolist()
        [0.0, 1.0, 1.0, 1.0]
    """
    height, width = backward.shape[:2]
    y, x = np.mgrid[:height, :width]
    x, y = x + backward[..., 0], y + backward[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    returning = warp(forward, backward)
    apart = np.square(returning + backward).sum(-1)
    length = np.square(backward).sum(-1)
    consistent = apart <= 0.01 * (length + np.square(returning).sum(-1)) + 0.5
    slopes = np.stack(np.gradient(backward, axis=(0, 1)))
    even = np.square(slopes).sum((0, -1)) <= 0.01 * length + 0.002
    return (inside & consistent & even).astype(np.float32)[..., None]
