"""Exercises of 10_creative_control."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

_Y = np.array([0.299, 0.587, 0.114])


def _two_pictures() -> Iterator[Case]:
    rng = np.random.default_rng(10)
    for height, width in ((3, 5), (4, 2), (1, 6)):
        painted, picture = rng.uniform(0, 255, (2, height, width, 3))
        yield painted, picture


def _moved(picture: np.ndarray, difference: np.ndarray) -> np.ndarray:
    return picture + difference[..., None]


swapped_luminance = Exercise(
    oracle=lambda p, c: _moved(c, p @ _Y - c @ _Y),
    cases=_two_pictures,
    mistakes={
        "the pictures are the wrong way round: the colors come from the second": (
            lambda p, c: _moved(p, (c - p) @ _Y)
        ),
        "the sign is wrong: the luminance of the painted picture minus that of the "
        "photo": lambda p, c: _moved(c, (c - p) @ _Y),
        "this is the mean of R, G and B: luminance weights them by 0.299, 0.587 and "
        "0.114": lambda p, c: _moved(c, (p - c).mean(axis=-1)),
        "the weights are in the order of BGR: red has 0.299, blue 0.114": (
            lambda p, c: _moved(c, (p - c) @ _Y[::-1])
        ),
        "you added the whole luminance of the painted picture: add the difference": (
            lambda p, c: _moved(c, p @ _Y)
        ),
        "this is gray: the photo's colors got lost": (
            lambda p, c: _moved(np.zeros_like(c), p @ _Y)
        ),
        "these are differences of the channels: all three move by the same amount": (
            lambda p, c: c + (p - c) * _Y
        ),
        "only the difference is returned: add it to the photo": (
            lambda p, c: _moved(np.zeros_like(c), (p - c) @ _Y)
        ),
        "clipping is not asked for here": (
            lambda p, c: np.clip(_moved(c, (p - c) @ _Y), 0, 255)
        ),
    },
    praise="as dark as the painting, in the colors of the photo",
)


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(11)
    for shape in ((3, 5, 4), (4, 2, 1), (2, 6, 3)):
        weights = rng.uniform(0, 1, shape[:2])
        weights[0, 0] = 0.0
        yield rng.normal(1, 2, shape), weights


def _weighted(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("ijc,ij->c", features, weights)


guided_mean = Exercise(
    oracle=lambda f, w: _weighted(f, w) / w.sum(),
    cases=_maps,
    mistakes={
        "you divided by the number of positions: divide by the sum of the weights": (
            lambda f, w: _weighted(f, w) / w.size
        ),
        "this is the sum: divide it by the sum of the weights": _weighted,
        "the weights are not used: this is the mean over all positions": (
            lambda f, w: f.mean(axis=(0, 1))
        ),
        "soft edges got lost: every position with a weight above 0 counts in full": (
            lambda f, w: _weighted(f, w > 0) / np.sum(w > 0)
        ),
        "soft edges got lost: weights were rounded to 0 and 1": (
            lambda f, w: _weighted(f, w > 0.5) / max(np.sum(w > 0.5), 1)
        ),
        "you took the root of the weights: that belongs to products of features": (
            lambda f, w: _weighted(f, np.sqrt(w)) / np.sqrt(w).sum()
        ),
        "the root of the weights stands above and the weights below: take the "
        "weights": lambda f, w: _weighted(f, np.sqrt(w)) / w.sum(),
        "the weights are squared": lambda f, w: _weighted(f, w**2) / (w**2).sum(),
        "this is one number: keep the channels apart": (
            lambda f, w: _weighted(f, w).sum() / w.sum()
        ),
        "this is the mean of squares: the features stand as they are": (
            lambda f, w: _weighted(f**2, w) / w.sum()
        ),
    },
    praise="what lies outside has no say",
)


def _pairs() -> Iterator[Case]:
    rng = np.random.default_rng(12)
    for shape in ((3, 5, 3), (6, 2, 1), (2, 4, 3)):
        count = int(np.prod(shape))
        yield (
            rng.permutation(count).reshape(shape) * 1.0,
            rng.permutation(3 * count)[:count].reshape(shape) * 1.0,
        )


def _by_channel(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    def every(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
        rows = [
            function(source[..., c].ravel(), reference[..., c].ravel())
            for c in range(source.shape[-1])
        ]
        return np.stack(rows, axis=-1).reshape(source.shape)

    return every


def _ranks(row: np.ndarray) -> np.ndarray:
    return np.array([np.sum(row < value) for value in row])


def _matched(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return np.sort(reference)[_ranks(source)]


swapped_histogram = Exercise(
    oracle=_by_channel(_matched),
    cases=_pairs,
    mistakes={
        "you took the order for the ranks: put the sorted values at the places that "
        "argsort gives": _by_channel(lambda s, r: np.sort(r)[np.argsort(s)]),
        "the reference is not sorted: the darkest pixel gets its darkest value": (
            _by_channel(lambda s, r: r[_ranks(s)])
        ),
        "the brightest pixel got the darkest value: sort upwards": (
            _by_channel(lambda s, r: np.sort(r)[::-1][_ranks(s)])
        ),
        "these are the reference's values in order: put them where the source's ranks "
        "are": _by_channel(lambda s, r: np.sort(r)),
        "these are ranks: look up the reference's value of each rank": (
            _by_channel(lambda s, r: _ranks(s))
        ),
        "the arguments are the wrong way round: the second has the values": (
            _by_channel(lambda s, r: _matched(r, s))
        ),
        "all channels were sorted together: each has its own values": (
            lambda s, r: _matched(s.ravel(), r.ravel()).reshape(s.shape)
        ),
        "each column was sorted by itself: a channel is one long row": (
            lambda s, r: np.take_along_axis(
                np.sort(r, axis=0), np.argsort(np.argsort(s, axis=0), axis=0), axis=0
            )
        ),
        "mean and spread fit, but not the values: match by rank": (
            _by_channel(lambda s, r: (s - s.mean()) / s.std() * r.std() + r.mean())
        ),
    },
    praise="the values of one picture at the places of the other",
)
