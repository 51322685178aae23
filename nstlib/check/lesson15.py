"""Exercises of 15_video."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise

Array = np.ndarray


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(150)
    for shape in ((2, 4, 1), (5, 3, 3), (4, 7, 3)):
        picture = rng.integers(0, 256, shape).astype(float)
        yield picture, rng.integers(-2, 3, (*shape[:2], 2))


def _fetched(picture: Array, flow: Array, edge: str = "clip") -> Array:
    """Fetch pixel by pixel; ``edge`` says what happens beyond the edge."""
    height, width, _ = picture.shape
    made = np.zeros_like(picture)
    for row, column in np.ndindex(height, width):
        y, x = row + int(flow[row, column, 1]), column + int(flow[row, column, 0])
        if edge == "wrap":
            y, x = y % height, x % width
        inside = 0 <= y < height and 0 <= x < width
        if inside or edge == "clip":
            y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
            made[row, column] = picture[y, x]
    return made


def _pushed(picture: Array, flow: Array) -> Array:
    height, width, _ = picture.shape
    made = np.zeros_like(picture)
    for row, column in np.ndindex(height, width):
        y, x = row + int(flow[row, column, 1]), column + int(flow[row, column, 0])
        y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
        made[y, x] = picture[row, column]
    return made


fetched = Exercise(
    oracle=_fetched,
    cases=_pictures,
    mistakes={
        "the sign of the flow is wrong: fetch from the pixel's place plus its flow": (
            lambda p, f: _fetched(p, -f)
        ),
        "right and down are exchanged: the first number of the flow goes to the right, "
        "so it belongs to the columns": lambda p, f: _fetched(p, f[..., ::-1]),
        "you pushed each pixel to where its flow points: fetch it from there instead": (
            _pushed
        ),
        "beyond the edge you go on at the other side: np.clip keeps a place inside": (
            lambda p, f: _fetched(p, f, "wrap")
        ),
        "beyond the edge you leave zeros: take the nearest pixel inside": (
            lambda p, f: _fetched(p, f, "zero")
        ),
        "you only moved to the right: the second number of the flow goes down": (
            lambda p, f: _fetched(p, f * [1, 0])
        ),
        "you only moved down: the first number of the flow goes to the right": (
            lambda p, f: _fetched(p, f * [0, 1])
        ),
        "nothing was moved": lambda p, f: p,
    },
    praise="each pixel of the new picture has exactly one color",
)


def _several() -> Iterator[Case]:
    rng = np.random.default_rng(151)
    for count, shape in (
        (2, (2, 3, 1)),
        (3, (4, 3, 3)),
        (1, (3, 5, 3)),
        (4, (5, 4, 3)),
    ):
        masks = (rng.random((count, *shape[:2], 1)) < 0.5).astype(float)
        pictures = rng.integers(1, 256, (count, *shape)).astype(float)
        yield list(pictures), list(masks)


def _nearest(pictures: list[Array], masks: list[Array]) -> tuple[Array, Array]:
    """Choose for each pixel the first frame in which it is visible."""
    seen = np.stack(masks)[..., 0] > 0
    first = seen.argmax(0)
    found = seen.max(0)[..., None].astype(float)
    rows, columns = np.indices(first.shape)
    return found * np.stack(pictures)[first, rows, columns], found


def _added(pictures: list[Array], masks: list[Array]) -> tuple[Array, Array]:
    products = [p * m for p, m in zip(pictures, masks, strict=True)]
    return np.sum(products, axis=0), np.sum(masks, axis=0)


def _averaged(pictures: list[Array], masks: list[Array]) -> tuple[Array, Array]:
    total, count = _added(pictures, masks)
    return total / np.maximum(count, 1), np.minimum(count, 1)


def _in_all(pictures: list[Array], masks: list[Array]) -> tuple[Array, Array]:
    everywhere = np.prod(masks, axis=0)
    return pictures[0] * everywhere, everywhere


nearest_seen = Exercise(
    oracle=_nearest,
    cases=_several,
    mistakes={
        "the farthest frame wins: leave alone what a nearer one has filled": (
            lambda p, m: _nearest(p[::-1], m[::-1])
        ),
        "the masks are turned around: 1 means visible": (
            lambda p, m: _nearest(p, [1 - mask for mask in m])
        ),
        "frames are added where several show the same: a frame may fill only what is "
        "still empty": _added,
        "you took the mean of all frames in which a pixel is visible: take the "
        "nearest": _averaged,
        "you only took what is visible in all frames: one of them is enough": _in_all,
        "you only looked at the nearest frame": (lambda p, m: (p[0] * m[0], m[0])),
        "what no frame shows should be 0: multiply by the mask": (
            lambda p, m: (
                np.where(_nearest(p, m)[1] > 0, _nearest(p, m)[0], p[-1]),
                _nearest(p, m)[1],
            )
        ),
        "return both: the picture and the mask": lambda p, m: _nearest(p, m)[0],
    },
    praise="a passer-by leaves no trace",
)


def _films() -> Iterator[Case]:
    """Films of known motion: a noisy scene drifts; a square hides and uncovers."""
    rng = np.random.default_rng(152)
    for (height, width), step, fade in (((12, 20), 1, 0.0), ((16, 14), -1, 0.0),
                                        ((10, 24), 1, 4.0)):  # fmt: skip
        scene = rng.uniform(60, 190, (height, width + 8, 3))
        frames, flows, masks = [], [], []
        for t in range(7):
            offset = t if step > 0 else 7 - t
            clean = scene[:, offset : offset + width] + fade * t
            frames.append(clean + rng.normal(0, 10, clean.shape))
            if t:
                flow = np.zeros((height, width, 2))
                flow[..., 0] = step
                mask = np.ones((height, width, 1))
                mask[:, -1 if step > 0 else 0] = 0
                mask[2:6, 3 : 3 + t] = 0
                frames[-1][2:6, 3 : 3 + t] = rng.uniform(0, 255, (4, t, 3))
                flows.append(flow)
                masks.append(mask)
        yield frames, flows, masks


def _smoothed(
    frames: list[Array],
    flows: list[Array],
    masks: list[Array],
    share: float = 0.65,
    sign: int = 1,
) -> list[Array]:
    film = [frames[0]]
    for frame, flow, mask in zip(frames[1:], flows, masks, strict=True):
        part = share * mask
        film.append(part * _fetched(film[-1], sign * flow) + (1 - part) * frame)
    return film


def _flicker(frames: list[Array], flows: list[Array], masks: list[Array]) -> float:
    """Return the mean warping error; each flow is of whole pixels."""
    errors = [
        np.sqrt((mask * (here - _fetched(there, flow)) ** 2).sum() / (3 * mask.sum()))
        for there, here, flow, mask in zip(
            frames, frames[1:], flows, masks, strict=False
        )
    ]
    return float(np.mean(errors))


LAG = 16.0
"""So far may a calm frame be from the given one where it is visible, on average."""


COUNT = "return as many frames as you get, each of the same shape"
UNCHANGED = "nothing was changed"
GHOSTS = (
    "hidden pixels were changed, which leaves ghosts: where the mask is 0, take the "
    "frame as it is"
)
WORSE = (
    "the film flickers more than before: warp the frame before by its flow, in the "
    "right direction, before you mix it in"
)
RESTLESS = (
    "the flicker did not fall to half: take a larger share of the frame before, and of "
    "that one which you have calmed already"
)
LATE = (
    "the light has changed, and your film has not: take a larger share of each new "
    "frame"
)


def _flaw(
    film: Any, frames: list[Array], flows: list[Array], masks: list[Array]
) -> str | None:
    if not isinstance(film, list | tuple | np.ndarray) or len(film) != len(frames):
        return COUNT
    film = [np.asarray(frame, float) for frame in film]
    if {frame.shape for frame in film} != {frames[0].shape}:
        return COUNT
    if all(map(np.array_equal, film, frames)):
        return UNCHANGED
    hidden = [
        np.abs((1 - mask) * (made - given)).max()
        for made, given, mask in zip(film[1:], frames[1:], masks, strict=True)
    ]
    if max(hidden) > 0.01:
        return GHOSTS
    before, after = (_flicker(f, flows, masks) for f in (frames, film))
    if after > before / 2:
        return WORSE if after > before else RESTLESS
    behind = np.abs(masks[-1] * (film[-1] - frames[-1])).mean() / masks[-1].mean()
    return LATE if behind > LAG else None


def _first_repeated(
    frames: list[Array], flows: list[Array], masks: list[Array]
) -> list[Array]:
    return _smoothed(frames, flows, masks, share=1.0)


def _from_given(
    frames: list[Array], flows: list[Array], masks: list[Array]
) -> list[Array]:
    """Mix in the given frame before, not the calm one."""
    pairs = zip(frames, frames[1:], flows, masks, strict=False)
    mixed = [
        0.3 * mask * _fetched(before, flow) + (1 - 0.3 * mask) * frame
        for before, frame, flow, mask in pairs
    ]
    return [frames[0], *mixed]


smoothed = OpenExercise(
    oracle=_smoothed,
    cases=_films,
    mistakes={
        UNCHANGED: lambda frames, flows, masks: frames,
        COUNT: (lambda frames, flows, masks: _smoothed(frames, flows, masks)[1:]),
        GHOSTS: (
            lambda frames, flows, masks: _smoothed(
                frames, flows, [np.ones_like(mask) for mask in masks]
            )
        ),
        RESTLESS: _from_given,
        WORSE: (lambda frames, flows, masks: _smoothed(frames, flows, masks, sign=-1)),
        LATE: _first_repeated,
    },
    praise="calm, without ghosts, and it still follows the light",
    flaw=_flaw,
)
