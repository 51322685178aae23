"""Exercises of 04_gram_matrices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise
from nstlib.check.feedback import of_shape

_SHAPES = ((4, 6, 3), (3, 5, 1), (5, 7, 4))


def _maps() -> Iterator[np.ndarray]:
    """Yield maps ``(h, w, C)`` after a ReLU, in which no channel is all 0."""
    rng = np.random.default_rng(5)
    for shape in _SHAPES:
        maps = np.maximum(rng.normal(0.4, 1, shape), 0)
        maps[0, 0] += 0.5
        yield maps * rng.uniform(1, 4, shape[-1])


def _gram(f: np.ndarray, g: np.ndarray | None = None) -> np.ndarray:
    other = f if g is None else g
    return np.asarray(np.einsum("yxi,yxj->ij", f, other))


def _mixed(f: np.ndarray) -> np.ndarray:
    """Make the wrong Gram of maps that were reshaped to ``(C, N)``."""
    rows = f.reshape(f.shape[-1], -1)
    return rows @ rows.T


def _pairs() -> Iterator[Case]:
    for maps, (i, j) in zip(_maps(), ((0, 2), (0, 0), (3, 1)), strict=True):
        yield maps, i, j


gram_entry = Exercise(
    oracle=lambda f, i, j: float(np.sum(f[..., i] * f[..., j])),
    cases=_pairs,
    mistakes={
        "you added up first: multiply at each position, then add up": (
            lambda f, i, j: float(f[..., i].sum() * f[..., j].sum())
        ),
        "this is a mean: equation 2 is a sum, it does not divide by the positions": (
            lambda f, i, j: float(np.mean(f[..., i] * f[..., j]))
        ),
        "you took rows of the picture, not channels: the channel is the last axis": (
            lambda f, i, j: float(np.sum(f[i] * f[j]))
        ),
        "you took columns of the picture, not channels: the channel is the last axis": (
            lambda f, i, j: float(np.sum(f[:, i] * f[:, j]))
        ),
        "these are the products: add them up": lambda f, i, j: f[..., i] * f[..., j],
        "you subtracted the means: equation 2 multiplies the answers as they are": (
            lambda f, i, j: float(
                np.sum((f[..., i] - f[..., i].mean()) * (f[..., j] - f[..., j].mean()))
            )
        ),
        "reshape to (C, N) mixes channels and positions: f[..., i] is channel i": (
            lambda f, i, j: float(_mixed(f)[i, j])
        ),
        "you added the maps: multiply them": (
            lambda f, i, j: float(np.sum(f[..., i] + f[..., j]))
        ),
    },
    praise="multiplied position by position, then added up",
)


def _cosine(f: np.ndarray) -> np.ndarray:
    root = np.sqrt(np.diag(_gram(f)))
    return np.asarray(_gram(f) / np.outer(root, root))


def _centered(f: np.ndarray) -> np.ndarray:
    return np.asarray(f - f.mean(axis=(0, 1)))


gram_cosine = Exercise(
    oracle=_cosine,
    cases=lambda: ((maps,) for maps in _maps()),
    mistakes={
        "the root is missing: divide by √(G_ii G_jj)": lambda f: (
            _gram(f) / np.outer(np.diag(_gram(f)), np.diag(_gram(f)))
        ),
        "you subtracted the means: this is the correlation of statistics, R divides "
        "the Gram as it is": lambda f: _cosine(_centered(f)),
        "reshape to (C, N) mixes channels and positions: reshape to (N, C)": lambda f: (
            _mixed(f) / np.sqrt(np.outer(np.diag(_mixed(f)), np.diag(_mixed(f))))
        ),
        "reshape to (C, N) mixes channels and positions, and the division by "
        "√(G_ii G_jj) is missing: reshape to (N, C) first": _mixed,
        "reshape to (C, N) mixes channels and positions, and you subtracted the means: "
        "reshape to (N, C), and leave the means in": lambda f: np.atleast_2d(
            np.corrcoef(f.reshape(f.shape[-1], -1))
        ),
        "this is the Gram itself: divide it by √(G_ii G_jj)": _gram,
        "you divided rows by G_ii only: R has the root of both, G_ii and G_jj": (
            lambda f: _gram(f) / np.diag(_gram(f))[:, None]
        ),
        "you divided columns by G_jj only: R has the root of both, G_ii and G_jj": (
            lambda f: _gram(f) / np.diag(_gram(f))
        ),
        "you divided by the root of one only: it takes √G_ii times √G_jj": (
            lambda f: _gram(f) / np.sqrt(np.diag(_gram(f)))
        ),
        "you divided by the largest entry: each entry has its own divisor": (
            lambda f: _gram(f) / _gram(f).max()
        ),
        "you divided by the size of the whole matrix: each entry has its own divisor": (
            lambda f: _gram(f) / np.sqrt(np.sum(_gram(f) ** 2))
        ),
        "you divided by the number of positions: divide by √(G_ii G_jj)": (
            lambda f: _gram(f) / (f.shape[0] * f.shape[1])
        ),
    },
    praise="loud and quiet filters now count alike",
)


def _positive() -> Iterator[Case]:
    rng = np.random.default_rng(56)  # no angle of a convenient size fits all three
    for shape in ((3, 4, 2), (2, 5, 3), (4, 3, 4)):
        yield (rng.uniform(0.5, 2, shape),)


def _turned(f: np.ndarray) -> np.ndarray:
    """Mix two positions u and v as c u + s v and s u − c v, where c² + s² = 1."""
    rows = f.reshape(-1, f.shape[-1]).copy()
    u, v = rows[0].copy(), rows[1].copy()
    angle = np.arctan(0.5 * np.min(u / v))
    c, s = np.sin(angle), np.cos(angle)
    rows[0], rows[1] = c * u + s * v, s * u - c * v
    return rows.reshape(f.shape)


def _is_reordered(twin: np.ndarray, f: np.ndarray) -> bool:
    """Return whether each position of `twin` is one of `f`, to within 0.01."""
    a, b = (maps.reshape(-1, 1, maps.shape[-1]) for maps in (twin, f))
    apart = np.abs(a - b.transpose(1, 0, 2)).max(axis=-1)
    return bool(apart.min(axis=1).max() < 0.01)


_NO_NUMBER = "some values are nan or infinite: look for a division by 0"
_MULTIPLE = "your Gram is the right one times a number: the size has to agree, too"
_DIAGONAL = (
    "the diagonal of your Gram is right, the entries beside it are not: move all "
    "channels of a position together"
)
_ANOTHER = "your Gram is another: print gram_matrix(yours) - gram_matrix(features)"
_REORDERED = (
    "these are the same positions, in this or another order: that was equation 3. "
    "Find maps with other vectors in them"
)
_NEGATIVE = (
    "the Gram is right, but after a ReLU nothing is below 0: find maps without minus "
    "signs"
)


def _not_a_twin(answer: Any, f: np.ndarray) -> str | None:
    """Say why maps are no example of other vectors with the same Gram matrix."""
    if complaint := of_shape([answer], [f]):
        return complaint
    twin = np.asarray(answer, float)
    if not np.isfinite(twin).all():
        return _NO_NUMBER
    theirs, right = _gram(twin), _gram(f)
    tolerance = 1e-4 * right.max()
    if np.abs(theirs - right).max() > tolerance:
        factor = np.sum(theirs * right) / np.sum(right**2)
        if np.abs(theirs - factor * right).max() < tolerance:
            return _MULTIPLE
        alike = np.abs(np.diag(theirs - right)).max() < tolerance
        return _DIAGONAL if alike else _ANOTHER
    if _is_reordered(twin, f):
        return _REORDERED
    return _NEGATIVE if twin.min() < 0 else None


gram_twin = OpenExercise(
    oracle=_turned,
    cases=_positive,
    flaw=_not_a_twin,
    mistakes={
        _NO_NUMBER: lambda f: f * np.nan,
        _MULTIPLE: lambda f: 2 * f,
        _DIAGONAL: lambda f: np.concatenate([f[::-1, ::-1, :1], f[..., 1:]], -1),
        _ANOTHER: lambda f: f + 0.5,
        _REORDERED: lambda f: f[::-1],
        _NEGATIVE: lambda f: -f,
    },
    praise="other vectors, the same Gram: it forgets even more than places",
)
