"""The functions that a student builds in 15_video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.build15_losses import (
    sampled,
    temporal_loss,
    tied,
    warping_error,
)
from nstlib.check.building import ROUNDED, Built
from nstlib.check.exercise import Case

__all__ = [
    "lucas_kanade",
    "temporal_loss",
    "tied",
    "visible",
    "warp",
    "warping_error",
]

Array = np.ndarray


def _windows() -> Iterator[Case]:
    rng = np.random.default_rng(153)
    for shape in ((3, 4), (7, 5), (6, 9)):
        here = rng.normal(100, 30, shape)
        yield here, here + rng.normal(0, 5, shape)


def _motion(
    here: Array, there: Array, slopes_of: int = 0, apart: bool = False
) -> Array:
    """Solve the normal equations; the keywords are mistakes."""
    down, right = np.gradient((here, there)[slopes_of])
    change = there - here
    xx, xy, yy = (right**2).sum(), (right * down).sum(), (down**2).sum()
    if apart:
        xy = 0.0
    sums = np.array([-(right * change).sum(), -(down * change).sum()])
    return np.linalg.inv([[xx, xy], [xy, yy]]) @ sums


lucas_kanade = Built(
    of="15_video.lucas_kanade",
    oracle=_motion,
    cases=_windows,
    kind="array",
    tolerance=1e-7,
    mistakes={
        "the sign is wrong: in (1) there is a minus before the slopes": (
            lambda here, there: -_motion(here, there)
        ),
        "right and down are exchanged: np.gradient returns the slopes down first": (
            lambda here, there: _motion(here, there)[::-1]
        ),
        "these are the slopes of the second picture: take those of the first, here": (
            lambda here, there: _motion(here, there, slopes_of=1)
        ),
        "you solved for right and down apart: solve for both together": (
            lambda here, there: _motion(here, there, apart=True)
        ),
        "the motion is half of what it should be: a slope is a difference per pixel": (
            lambda here, there: _motion(here, there) / 2
        ),
        "these are the slopes of the change: take those of the picture here": (
            lambda here, there: _motion(there - here, 2 * there - 2 * here)
        ),
    },
    praise="many equations, two unknowns, one motion",
)


def _fields() -> Iterator[Case]:
    rng = np.random.default_rng(154)
    for shape in ((2, 4, 1), (5, 3, 3), (4, 7, 2)):
        picture = rng.uniform(0, 255, shape)
        yield picture, rng.normal(0, 1.5, (*shape[:2], 2))


def _rounded(picture: Array, flow: Array, whole: Callable[..., Any]) -> Array:
    return sampled(picture, whole(flow))


warp = Built(
    of="nstlib.film.flow.warp",
    oracle=lambda picture, flow: sampled(picture, flow),
    cases=_fields,
    kind="array",
    dtype="float32",
    tolerance=ROUNDED,
    mistakes={
        "the sign of the flow is wrong: fetch from the pixel's place plus its flow": (
            lambda picture, flow: sampled(picture, -flow)
        ),
        "right and down are exchanged: flow[..., 0] goes to the right, so it belongs "
        "to x": lambda picture, flow: sampled(picture, flow[..., ::-1]),
        "you took the nearest pixel: mix the four around the place": (
            lambda picture, flow: _rounded(picture, flow, np.rint)
        ),
        "you cut the flow off to whole pixels: mix the four around the place": (
            lambda picture, flow: _rounded(picture, flow, np.floor)
        ),
        "the shares of the two neighbors are exchanged: dx belongs to the right one, "
        "and dy to the lower one": (
            lambda picture, flow: sampled(picture, flow, exchanged=True)
        ),
        "beyond the edge you go on at the other side: np.clip keeps a place inside": (
            lambda picture, flow: sampled(picture, flow, edge="wrap")
        ),
        "nothing was moved: add the flow to x and y": lambda picture, flow: picture,
    },
    praise="each pixel has fetched its color",
)


def _motions() -> Iterator[Case]:
    """A square that moves before a camera that moves, and uneven flows."""
    rng = np.random.default_rng(155)
    for (height, width), way in (((24, 30), (5, 0)), ((30, 22), (-4, 3))):
        forward, backward = np.zeros((2, height, width, 2))
        forward[..., 0], backward[..., 0] = -1, 1
        rows, columns = slice(8, 18), slice(8, 16)
        forward[rows, columns] = way
        moved = np.zeros((height, width, 1))
        moved[rows, columns] = 1
        moved = np.roll(moved, (way[1], way[0]), (0, 1))[..., 0] == 1
        backward[moved] = np.negative(way)
        yield forward, backward
    y, x = np.mgrid[:16, :20]
    for strength in (0.02, 0.2):
        wavy = np.stack([1.5 + strength * x, np.sin(strength * y)], -1)
        yield -wavy + rng.normal(0, 0.1, wavy.shape), wavy


def _seen(forward: Array, backward: Array, without: str = "") -> Array:
    """Take the three conditions together, in NumPy; one may be left out."""
    height, width = backward.shape[:2]
    rows, columns = np.indices((height, width))
    x, y = columns + backward[..., 0], rows + backward[..., 1]
    inside = (np.minimum(x, y) >= 0) & (x < width - 0.999999) & (y < height - 0.999999)
    there = forward if without == "warp" else sampled(forward, backward)
    sign = -1 if without == "sum" else 1
    squares = [(part**2).sum(-1) for part in (there + sign * backward, backward, there)]
    slack = 0.0 if without == "slack" else 0.5
    home = squares[0] <= 0.01 * (squares[1] + squares[2]) + slack
    down, right = np.gradient(backward, axis=(0, 1))
    even = (down**2 + right**2).sum(-1) <= 0.01 * squares[1] + 0.002
    parts = {"inside": inside, "home": home, "even": even}
    kept = [part for name, part in parts.items() if name != without]
    return np.float32(np.all(kept, axis=0))[..., None]


visible = Built(
    of="nstlib.film.flow.visible",
    oracle=lambda forward, backward: _seen(forward, backward),
    cases=_motions,
    kind="array",
    dtype="float32",
    names={"warp": lambda picture, flow: np.float32(sampled(picture, flow))},
    mistakes={
        "the mask is turned around: 1 means visible in both": (
            lambda forward, backward: 1 - _seen(forward, backward)
        ),
        "the two flows are exchanged: the mask belongs to the new frame, so begin "
        "with backward": lambda forward, backward: _seen(backward, forward),
        "take the flow forward where the flow back points: warp(forward, backward)": (
            lambda forward, backward: _seen(forward, backward, "warp")
        ),
        "the two flows should cancel each other: add them, do not subtract": (
            lambda forward, backward: _seen(forward, backward, "sum")
        ),
        "what comes from outside the picture was not visible: test the place": (
            lambda forward, backward: _seen(forward, backward, "inside")
        ),
        "the round trip is missing: a pixel has to come home": (
            lambda forward, backward: _seen(forward, backward, "home")
        ),
        "where the flow is uneven it is not to be trusted: test its slopes": (
            lambda forward, backward: _seen(forward, backward, "even")
        ),
        "the 0.5 in (3) is missing": (
            lambda forward, backward: _seen(forward, backward, "slack")
        ),
    },
    praise="there and back again",
)
