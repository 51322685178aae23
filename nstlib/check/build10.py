"""The functions that a student builds in 10_creative_control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray
YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.59590059, -0.27455667, -0.32134392],
        [0.21153661, -0.52273617, 0.31119955],
    ]
)
"""NTSC: one row for each of Y, I and Q."""


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(120)
    for shape in ((3, 5, 3), (4, 2, 3), (1, 6, 3)):
        yield (rng.uniform(0, 255, shape),)
    yield (rng.integers(0, 256, (2, 3, 3)).astype(np.uint8),)


def _colors() -> Iterator[Case]:
    for (picture,) in _pictures():
        yield (_mixed(picture) * 1.3,)  # some of it lies outside 0 to 255


def _mixed(picture: Array, matrix: Array = YIQ) -> Array:
    return np.einsum("hwc,kc->hwk", np.float64(picture), matrix)


def _turned(matrix: Array) -> Callable[[Array], Array]:
    return lambda picture: _mixed(picture, matrix)


rgb_to_yiq = Built(
    of="nstlib.color.rgb_to_yiq",
    oracle=lambda picture: _mixed(picture),
    cases=_pictures,
    kind="array",
    dtype="float32",
    mistakes={
        "the matrix is transposed: pixels are rows, so it is picture @ RGB_TO_YIQ.T": (
            _turned(YIQ.T)
        ),
        "this is the matrix of the way back: use RGB_TO_YIQ": _turned(
            np.linalg.inv(YIQ)
        ),
        "the channels are read as BGR: red is the first": _turned(YIQ[:, ::-1]),
        "I and Q are exchanged": _turned(YIQ[[0, 2, 1]]),
        "this is the luminance alone: I and Q are asked for, too": (
            lambda picture: _mixed(picture)[..., 0]
        ),
    },
    praise="luminance first, then two hues",
)

yiq_to_rgb = Built(
    of="nstlib.color.yiq_to_rgb",
    oracle=lambda yiq: _mixed(yiq, np.linalg.inv(YIQ)),
    cases=_colors,
    kind="array",
    dtype="float32",
    mistakes={
        "the matrix is transposed: pixels are rows, so it is yiq @ YIQ_TO_RGB.T": (
            _turned(np.linalg.inv(YIQ).T)
        ),
        "this is the way there once more: use YIQ_TO_RGB": _turned(YIQ),
        "this is the transposed matrix of the way there: its inverse leads back": (
            _turned(YIQ.T)
        ),
        "nothing is clipped here: keep_colors does it once, at the end": (
            lambda yiq: np.clip(_mixed(yiq, np.linalg.inv(YIQ)), 0, 255)
        ),
        "the channels come out as BGR: red is the first": (
            lambda yiq: _mixed(yiq, np.linalg.inv(YIQ))[..., ::-1]
        ),
    },
    praise="there and back gives the picture again",
)


def _two_pictures() -> Iterator[Case]:
    rng = np.random.default_rng(121)
    for shape, other in (((6, 9), (5, 8)), ((12, 4), (3, 11)), ((1, 30), (7, 7))):
        pair = []
        for size in (shape, other):
            turn = np.eye(3) + 0.2 * rng.normal(0, 1, (3, 3))
            noise = rng.normal(0, 9, (*size, 3)) @ turn
            pair.append(128 + rng.normal(0, 10, 3) + noise)
        yield tuple(pair)


def _moments(picture: Array) -> tuple[Array, Array]:
    colors = np.float64(picture).reshape(-1, 3)
    return colors.mean(0), np.cov(colors.T, bias=True)


def _power(matrix: Array, exponent: float) -> Array:
    u, s, _ = np.linalg.svd(matrix)
    return (u * s**exponent) @ u.T


def _matched(
    source: Array, reference: Array, matrix: Callable[[Array, Array], Array]
) -> Array:
    (mean, cov), (goal, other) = _moments(source), _moments(reference)
    moved = np.einsum("hwc,kc->hwk", source - mean, matrix(cov, other)) + goal
    return np.clip(moved, 0, 255)


def _nearest(cov: Array, other: Array) -> Array:
    """Return the symmetric matrix that turns one covariance into the other."""
    root, back = _power(cov, 0.5), _power(cov, -0.5)
    return back @ _power(root @ other @ root, 0.5) @ back


def _cholesky(cov: Array, other: Array) -> Array:
    low, goal = np.linalg.cholesky(cov), np.linalg.cholesky(other)
    return np.asarray(goal @ np.linalg.inv(low))


def _by(matrix: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda source, reference: _matched(source, reference, matrix)


match_covariance = Built(
    of="nstlib.color.match_covariance",
    oracle=_by(_nearest),
    cases=_two_pictures,
    kind="array",
    dtype="float32",
    mistakes={
        "this moves further than it must: use the symmetric roots, not Cholesky": _by(
            _cholesky
        ),
        "this whitens and colors: the covariance fits, but the pixels move further "
        "than they must": _by(lambda a, b: _power(b, 0.5) @ _power(a, -0.5)),
        "the root in the middle is missing": _by(
            lambda a, b: (
                _power(a, -0.5)
                @ (_power(a, 0.5) @ b @ _power(a, 0.5))
                @ _power(a, -0.5)
            )
        ),
        "the roots are in the wrong order: the middle one stands between the others": (
            _by(
                lambda a, b: (
                    _power(_power(a, 0.5) @ b @ _power(a, 0.5), 0.5)
                    @ _power(a, -0.5)
                    @ _power(a, -0.5)
                )
            )
        ),
        "only the means are matched: the covariance counts, too": _by(
            lambda a, b: np.eye(3)
        ),
        "each channel is matched by itself: their covariances count, too": _by(
            lambda a, b: np.diag(np.sqrt(np.diag(b) / np.diag(a)))
        ),
        "source and reference are exchanged: the source gets the other's colors": (
            lambda source, reference: _matched(reference, source, _nearest)
        ),
        "the mean of the source came back: add that of the reference": (
            lambda source, reference: np.clip(
                _matched(source, reference, _nearest)
                - _moments(reference)[0]
                + _moments(source)[0],
                0,
                255,
            )
        ),
    },
    praise="mean and covariance of the reference, by the shortest way",
)


def _weighted() -> Iterator[Case]:
    rng = np.random.default_rng(122)
    for shape in ((4, 6, 3), (5, 3, 1), (2, 7, 4)):
        features, weights = rng.normal(size=shape), rng.uniform(0, 1, shape[:2])
        weights[0, 0] = 0.0
        yield from [(features, weights), (features,)]
    yield features, (np.rint(4 * weights) / 4).tolist()  # as in the lesson by hand
    yield np.float32(features), np.float32(weights)


def _sums(
    features: Array,
    weights: Array | None = None,
    power: float = 1.0,
    form: Callable[[Array], Array] = lambda w: w,
) -> tuple[Array, Array, Any]:
    f = np.float64(features)
    w = np.ones(f.shape[:2]) if weights is None else form(np.float64(weights))
    second = np.einsum("yx,yxi,yxj->ij", w**power, f, f)
    return second, np.einsum("yx,yxi->i", w, f), np.float64(w.sum())


def _fields(function: Callable[..., Any], *case: Any) -> Any:
    found = function(*case)
    if found is ... or found is None:
        return found
    return found.second, found.first, found.count


feature_sums = Built(
    of="nstlib.statistics.feature_sums",
    oracle=lambda features, weights=None: _sums(features, weights),
    cases=_weighted,
    kind="tensor",
    dtype="same",
    use=_fields,
    mistakes={
        "in the products the weights came in twice: multiply F by their roots": (
            lambda features, weights=None: _sums(features, weights, 2.0)
        ),
        "in the products the weights have a root too much": (
            lambda features, weights=None: _sums(features, weights, 0.5)
        ),
        "the weights are not used": lambda features, weights=None: _sums(features),
        "the count is that of all positions: add the weights up": (
            lambda features, weights=None: (
                *_sums(features, weights)[:2],
                np.float64(features[..., 0].size),
            )
        ),
        "these are means: leave the sums as they are": (
            lambda features, weights=None: (
                _sums(features, weights)[0] / _sums(features, weights)[2],
                _sums(features, weights)[1] / _sums(features, weights)[2],
                _sums(features, weights)[2],
            )
        ),
        "soft edges got lost: every weight above 0 counts in full in yours": (
            lambda features, weights=None: _sums(
                features, weights, 1.0, lambda w: (w > 0).astype(float)
            )
        ),
    },
    praise="each position counts as much as its weight says",
)


def _styles() -> Iterator[Case]:
    yield [3.0, 1.0], [1.0, 1.0], 1.0
    yield [1.0, 1.0], [1.0, 0.5], 1.0
    yield [2.0, 1.0, 5.0], [0.25, 0.5, 0.1], 0.7
    yield [4.0], [0.3], 0.3


def _shares(weights: list[float], areas: list[float], covered: float) -> list[float]:
    felt = np.multiply(weights, areas)
    return [float(share) for share in covered * felt / felt.sum()]


style_shares = Built(
    of="nstlib.masks.style_shares",
    oracle=_shares,
    cases=_styles,
    kind="list",
    mistakes={
        "they do not add up to the area covered: divide by the sum": (
            lambda weights, areas, covered: [
                covered * w * a for w, a in zip(weights, areas, strict=True)
            ]
        ),
        "the areas are missing: a weight counts as much as its mask is large": (
            lambda weights, areas, covered: _shares(
                weights, [1.0] * len(areas), covered
            )
        ),
        "they add up to 1: multiply by the area covered": (
            lambda weights, areas, covered: _shares(weights, areas, 1.0)
        ),
        "you divided by the area: a larger mask makes a larger share": (
            lambda weights, areas, covered: _shares(
                weights, [1 / area for area in areas], covered
            )
        ),
        "you divided by the weights alone: divide by the sum of weight times area": (
            lambda weights, areas, covered: [
                covered * w * a / sum(weights)
                for w, a in zip(weights, areas, strict=True)
            ]
        ),
    },
    praise="weight times area, as a share of the whole",
)
