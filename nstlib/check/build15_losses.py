"""The measure of flicker and the temporal loss, for `nstlib.check.build15`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.check.building import ROUNDED, Built
from nstlib.check.exercise import Case

Array = np.ndarray
MEANS = np.array([123.68, 116.779, 103.939])
"""Mean red, green and blue of the photos that VGG was trained on."""
GRAY = 127.5


def sampled(
    picture: Array, flow: Array, edge: str = "clip", exchanged: bool = False
) -> Array:
    """Look up a picture at the ends of a flow, in double precision.

    Args:
        picture: ``(H, W, C)``.
        flow: ``(H, W, 2)``, to the right and down.
        edge: ``"clip"``, or ``"wrap"`` to go on at the other side.
        exchanged: whether neighbors get each other's shares, which is a mistake.
    """
    sides = np.array(picture.shape[:2])
    places = (
        np.moveaxis(np.indices(picture.shape[:2]), 0, -1) + np.float64(flow)[..., ::-1]
    )
    if edge == "clip":
        places = np.clip(places, 0, sides - 1)
    low = np.floor(places).astype(int)
    made = np.zeros((*flow.shape[:2], picture.shape[2]))
    for corner in np.ndindex(2, 2):
        shares = np.where(corner, places - low, 1 - places + low)
        if exchanged:
            shares = 1 - shares
        at = low + corner
        at = at % sides if edge == "wrap" else np.minimum(at, sides - 1)
        made += shares.prod(-1)[..., None] * picture[at[..., 0], at[..., 1]]
    return made


def _frames() -> Iterator[Case]:
    rng = np.random.default_rng(156)
    for shape in ((3, 4, 3), (5, 2, 1), (4, 6, 3)):
        here, there = rng.uniform(0, 255, (2, *shape))
        mask = (rng.random((*shape[:2], 1)) < 0.6).astype(float)
        mask[0, 0] = 1
        yield here, there, rng.normal(0, 1, (*shape[:2], 2)), mask


def _error(
    here: Array,
    there: Array,
    flow: Array,
    mask: Array,
    power: float = 0.5,
    count: Callable[[Array, Array], float] = lambda here, mask: (
        here.shape[-1] * mask.sum()
    ),
) -> float:
    squares = mask * (here - sampled(there, flow)) ** 2
    return float((squares.sum() / count(here, mask)) ** power)


warping_error = Built(
    of="nstlib.film.temporal.warping_error",
    oracle=lambda here, there, flow, mask: _error(here, there, flow, mask),
    cases=_frames,
    kind="number",
    names={"warp": sampled},
    tolerance=ROUNDED,
    mistakes={
        "hidden pixels count above: multiply the squares by the mask": (
            lambda here, there, flow, mask: (
                _error(here, there, flow, np.ones_like(mask))
                / np.sqrt(mask.sum() / mask.size)
            )
        ),
        "the mask is not used at all": (
            lambda here, there, flow, mask: _error(
                here, there, flow, np.ones_like(mask)
            )
        ),
        "the mask is turned around: 1 means visible": (
            lambda here, there, flow, mask: _error(here, there, flow, 1 - mask)
        ),
        "you divided by the number of all values: only visible ones count": (
            lambda here, there, flow, mask: _error(
                here, there, flow, mask, count=lambda here, mask: here.size
            )
        ),
        "the number of channels is missing: each visible pixel has several values": (
            lambda here, there, flow, mask: _error(
                here, there, flow, mask, count=lambda here, mask: mask.sum()
            )
        ),
        "the root is missing": (
            lambda here, there, flow, mask: _error(here, there, flow, mask, 1.0)
        ),
        "the frame before was not warped": (
            lambda here, there, flow, mask: _error(here, there, 0 * flow, mask)
        ),
        "you warped the new frame: warp the other one, there": (
            lambda here, there, flow, mask: _error(there, here, flow, mask)
        ),
    },
    praise="a number in gray levels, of visible pixels only",
)


def _pairs() -> Iterator[Case]:
    rng = np.random.default_rng(157)
    for shape in ((1, 3, 4, 3), (1, 5, 2, 1), (1, 2, 6, 3)):
        picture, warped = rng.normal(0, 50, (2, *shape))
        mask = (rng.random((*shape[:3], 1)) < 0.6).astype(float)
        mask[0, 0, :2, 0] = 0, 1
        yield picture, warped, mask
    yield tuple(np.float32(part) for part in (picture, warped, mask))


def _loss(picture: Array, warped: Array, mask: Array) -> float:
    return float(np.mean(mask * (np.float64(picture) - warped) ** 2))


temporal_loss = Built(
    of="nstlib.film.temporal.temporal_loss",
    oracle=_loss,
    cases=_pairs,
    kind="gradient",
    dtype="same",
    mistakes={
        "you took the mean over visible pixels: take it over all, hidden ones are 0": (
            lambda picture, warped, mask: (
                _loss(picture, warped, mask) * mask.size / mask.sum()
            )
        ),
        "the mask is not used: what was hidden must not be tied": (
            lambda picture, warped, mask: _loss(picture, warped, np.ones_like(mask))
        ),
        "the mask is turned around: 1 means visible": (
            lambda picture, warped, mask: _loss(picture, warped, 1 - mask)
        ),
        "this is the sum: take the mean": (
            lambda picture, warped, mask: _loss(picture, warped, mask) * picture.size
        ),
        "these are sizes of differences: square them": (
            lambda picture, warped, mask: float(
                np.mean(mask * np.abs(np.float64(picture) - warped))
            )
        ),
        "the root is too much: a loss is the mean of the squares itself": (
            lambda picture, warped, mask: _loss(picture, warped, mask) ** 0.5
        ),
        "the mask belongs to the squared difference, not to the picture alone": (
            lambda picture, warped, mask: _loss(mask * picture, warped, mask * 0 + 1)
        ),
    },
    praise="it ties what was visible, and nothing else",
)


def _ties() -> Iterator[Case]:
    rng = np.random.default_rng(158)
    for shape, weight in (((3, 4, 3), 2.0), ((5, 2, 3), 0.5), ((4, 6, 3), 200.0)):
        mask = np.float32(rng.random((*shape[:2], 1)) < 0.6)
        warped = np.float32(rng.uniform(0, 255, shape))
        yield warped, mask, weight, np.float32(rng.normal(0, 60, (1, *shape)))


def _prepared(picture: Array) -> Array:
    return np.float32((picture - MEANS)[..., ::-1])[None]


def _pull(
    goal: Array, mask: Array, weight: float, x: Array, unit: float = GRAY
) -> tuple[float, Array]:
    apart = (np.float64(x) - goal) / unit
    value = weight * float(np.mean(mask[None] * apart**2))
    return value, weight * 2 * mask[None] * apart / (unit * x.size)


def _mistaken(change: Callable[..., Any]) -> Callable[..., Any]:
    """Make a mistake of what is done with the preprocessed goal."""
    return lambda warped, mask, weight, x: change(_prepared(warped), mask, weight, x)


def _called(
    function: Callable[..., Any], warped: Array, mask: Array, weight: float, x: Array
) -> Any:
    found = function(warped, mask, weight)
    if found is ... or found is None:
        return found
    if not callable(found):
        raise TypeError("return a function of x, which returns value and gradient")
    value, gradient = found(tf.constant(x))
    return np.float64(value), np.float64(gradient)


tied = Built(
    of="15_video.tied",
    oracle=_mistaken(_pull),
    cases=_ties,
    names={
        "temporal_loss": lambda picture, warped, mask: tf.reduce_mean(
            mask * tf.square(picture - warped)
        ),
        "preprocess": _prepared,
        "GRAY": GRAY,
    },
    use=_called,
    tolerance=10 * ROUNDED,
    mistakes={
        "the warped picture is not preprocessed, and x is": (
            lambda warped, mask, weight, x: _pull(warped[None], mask, weight, x)
        ),
        "the pixels are not divided by GRAY": _mistaken(
            lambda goal, mask, weight, x: _pull(goal, mask, weight, x, 1.0)
        ),
        "the weight is missing": _mistaken(
            lambda goal, mask, weight, x: _pull(goal, mask, 1.0, x)
        ),
        "the weight is in the value, but not in the gradient: multiply inside the "
        "tape": _mistaken(
            lambda goal, mask, weight, x: (
                _pull(goal, mask, weight, x)[0],
                _pull(goal, mask, 1.0, x)[1],
            )
        ),
        "the mask is not used: hand it on to temporal_loss": _mistaken(
            lambda goal, mask, weight, x: _pull(goal, mask * 0 + 1, weight, x)
        ),
        "the mask is turned around: 1 means visible": _mistaken(
            lambda goal, mask, weight, x: _pull(goal, 1 - mask, weight, x)
        ),
        "return value and gradient, in this order": _mistaken(
            lambda *case: _pull(*case)[::-1]
        ),
    },
    praise="a spring between two frames, wherever both show the same",
)
