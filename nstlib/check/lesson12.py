"""Exercises of 12_adain_wct."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _rows(rng: np.random.Generator, count: int, channels: int) -> np.ndarray:
    mixed = rng.normal(size=(count, channels)) @ rng.normal(size=(channels, channels))
    return mixed * rng.uniform(1, 4, channels) + rng.uniform(1, 3, channels)


def _three_sets() -> Iterator[Case]:
    rng = np.random.default_rng(20)
    for count, channels, share in ((7, 3, 0.25), (9, 1, 0.7), (12, 5, 0.4)):
        sets = [_rows(rng, count + extra, channels) for extra in (0, 4, 2)]
        yield (*sets, share)


def _adain(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    scaled = (content - content.mean(0)) / content.std(0)
    return scaled * style.std(0) + style.mean(0)


def _between(f: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Give rows the means ``a`` and the standard deviations ``b``, both ``(C,)``."""
    return (f - f.mean(0)) / f.std(0) * b + a


mixed_styles = Exercise(
    oracle=lambda f, a, b, t: (1 - t) * _adain(f, a) + t * _adain(f, b),
    cases=_three_sets,
    mistakes={
        "the shares are the wrong way round: t belongs to the second style": (
            lambda f, a, b, t: t * _adain(f, a) + (1 - t) * _adain(f, b)
        ),
        "both styles have the same share: use t": (
            lambda f, a, b, t: (_adain(f, a) + _adain(f, b)) / 2
        ),
        "the shares do not add up to 1: the first style has 1 − t": (
            lambda f, a, b, t: _adain(f, a) + t * _adain(f, b)
        ),
        "this is the first style alone": lambda f, a, b, t: _adain(f, a),
        "this is the second style alone": lambda f, a, b, t: _adain(f, b),
        "the photo itself is in the mixture: mix what adain makes of it": (
            lambda f, a, b, t: (1 - t) * f + t * _adain(f, b)
        ),
        "both styles were thrown together: each has its own mean and deviation": (
            lambda f, a, b, t: _adain(f, np.concatenate([a, b]))
        ),
        "only the means are mixed: the deviations count, too": (
            lambda f, a, b, t: _between(
                f, (1 - t) * a.mean(0) + t * b.mean(0), a.std(0)
            )
        ),
    },
    praise="a style between two",
)


def _correlated() -> Iterator[Case]:
    rng = np.random.default_rng(21)
    for count, channels in ((9, 3), (8, 1), (20, 5)):
        yield (_rows(rng, count, channels),)


def _power(rows: np.ndarray, exponent: float) -> np.ndarray:
    channels = rows.shape[1]
    covariance = np.cov(rows.T, bias=True).reshape(channels, channels)
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * values**exponent) @ vectors.T


def _centered(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(0)


whitened = Exercise(
    oracle=lambda x: _centered(x) @ _power(x, -0.5),
    cases=_correlated,
    mistakes={
        "the mean is still there: subtract it first": lambda x: x @ _power(x, -0.5),
        "the mean came back at the end: white rows have the mean 0": (
            lambda x: _centered(x) @ _power(x, -0.5) + x.mean(0)
        ),
        "this is the root: whitening takes its inverse": (
            lambda x: _centered(x) @ _power(x, 0.5)
        ),
        "this is the inverse of the covariance: take the inverse of its root": (
            lambda x: _centered(x) @ _power(x, -1.0)
        ),
        "only the deviations are 1: the channels still depend on each other": (
            lambda x: _centered(x) / x.std(0)
        ),
        "the rows are turned to the eigenvectors: turn them back with Eᵀ": (
            lambda x: _centered(x) @ _turned(x)
        ),
        "the covariance is divided by N − 1: here it is a mean, divided by N": (
            lambda x: _centered(x) @ _power(x, -0.5) * np.sqrt(1 - 1 / len(x))
        ),
        "the covariance is a sum: divide it by the number of rows": (
            lambda x: _centered(x) @ _power(x, -0.5) / np.sqrt(len(x))
        ),
        "only the mean is gone": _centered,
    },
    praise="mean 0, every deviation 1, and no channel knows of another",
)


def _turned(rows: np.ndarray) -> np.ndarray:
    channels = rows.shape[1]
    covariance = np.cov(rows.T, bias=True).reshape(channels, channels)
    values, vectors = np.linalg.eigh(covariance)
    return vectors / np.sqrt(values)


def _patch_sets() -> Iterator[Case]:
    rng = np.random.default_rng(22)
    for count, other, size in ((5, 8, 6), (3, 4, 2), (7, 5, 9)):
        content, style = (
            rng.normal(1, 2, (count, size)),
            rng.normal(1, 2, (other, size)),
        )
        yield content, style * rng.uniform(0.2, 5, (other, 1))


def _taken(content: np.ndarray, style: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return style[np.argmax(scores, axis=1)]


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _far(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    return -np.sum((content[:, None] - style[None]) ** 2, axis=2)


nearest_patches = Exercise(
    oracle=lambda f, s: _taken(f, s, f @ _unit(s).T),
    cases=_patch_sets,
    mistakes={
        "the longest patches win: divide each one of the style by its length": (
            lambda f, s: _taken(f, s, f @ s.T)
        ),
        "this is the nearest by distance: the cosine asks for the direction only": (
            lambda f, s: _taken(f, s, _far(f, s))
        ),
        "these are the least similar ones: take the largest cosine": (
            lambda f, s: _taken(f, s, -(f @ _unit(s).T))
        ),
        "patches of length 1 come back: return them as they were": (
            lambda f, s: _taken(f, _unit(s), f @ _unit(s).T)
        ),
        "these are numbers of patches: return the patches": (
            lambda f, s: np.argmax(f @ _unit(s).T, axis=1)
        ),
        "these are the photo's patches: return the style's": (
            lambda f, s: f[np.argmax(_unit(f) @ _unit(s).T, axis=0)]
        ),
        "the sign got lost: opposite patches are not similar": (
            lambda f, s: _taken(f, s, np.abs(f @ _unit(s).T))
        ),
    },
    praise="each patch has found its like",
)
