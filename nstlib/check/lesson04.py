"""Exercises of 04_gram_matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise

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
        "you added the maps: multiply them": (
            lambda f, i, j: float(np.sum(f[..., i] + f[..., j]))
        ),
    },
    praise="multiplied position by position, then added up",
)


def _cosine(f: np.ndarray) -> np.ndarray:
    root = np.sqrt(np.diag(_gram(f)))
    return np.asarray(_gram(f) / np.outer(root, root))


def _centred(f: np.ndarray) -> np.ndarray:
    return np.asarray(f - f.mean(axis=(0, 1)))


def _mixed(f: np.ndarray) -> np.ndarray:
    """Make the wrong Gram of maps that were reshaped to ``(C, N)``."""
    rows = f.reshape(f.shape[-1], -1)
    return rows @ rows.T


gram_cosine = Exercise(
    oracle=_cosine,
    cases=lambda: ((maps,) for maps in _maps()),
    mistakes={
        "the root is missing: divide by √(G_ii G_jj)": lambda f: (
            _gram(f) / np.outer(np.diag(_gram(f)), np.diag(_gram(f)))
        ),
        "you subtracted the means: this is the correlation of statistics, R divides "
        "the Gram as it is": lambda f: _cosine(_centred(f)),
        "reshape to (C, N) mixes channels and positions: reshape to (N, C)": lambda f: (
            _mixed(f) / np.sqrt(np.outer(np.diag(_mixed(f)), np.diag(_mixed(f))))
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


def _shifts() -> Iterator[Case]:
    yield from zip(_maps(), (2, 1, 3), strict=True)
    yield next(_maps()), 0


def _shifted(f: np.ndarray, s: int) -> np.ndarray:
    return _gram(f[:, : f.shape[1] - s], f[:, s:])


gram_shifted = Exercise(
    oracle=_shifted,
    cases=_shifts,
    mistakes={
        "the maps went round: np.roll brings the left edge in at the right, leave "
        "those columns out": lambda f, s: _gram(f, np.roll(f, -s, axis=1)),
        "you shifted to the left, and the map went round: F_j stands at x + s, and "
        "columns outside are left out": lambda f, s: _gram(f, np.roll(f, s, axis=1)),
        "S is transposed: it is F_j, the column, that stands further right": (
            lambda f, s: _shifted(f, s).T
        ),
        "you shifted down: y is the first axis, x the second": (
            lambda f, s: _gram(f[: f.shape[0] - s], f[s:])
        ),
        "the shift is missing: this is the plain Gram": lambda f, s: _gram(f),
        "both windows begin at the left edge: one has to end at the right edge": (
            lambda f, s: _gram(f[:, : f.shape[1] - s])
        ),
        "both windows are the same: shift only one of them": (
            lambda f, s: _gram(f[:, s:])
        ),
        "you divided by the number of positions: S is a sum": (
            lambda f, s: _shifted(f, s) / (f.shape[0] * (f.shape[1] - s))
        ),
    },
    praise="and with shift 0 it is the Gram again",
)
