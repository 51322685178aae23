"""Exercises of 12_adain_wct."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise
from nstlib.check.feedback import Mistake


def _rows(rng: np.random.Generator, count: int, channels: int) -> np.ndarray:
    mixed = rng.normal(size=(count, channels)) @ rng.normal(size=(channels, channels))
    return mixed * rng.uniform(1, 4, channels) + rng.uniform(1, 3, channels)


def _correlated() -> Iterator[Case]:
    rng = np.random.default_rng(21)
    # Two channels at least: of one, np.cov makes a number in place of a matrix.
    for count, channels in ((9, 3), (8, 2), (20, 5)):
        yield (_rows(rng, count, channels),)


def _covariance(rows: np.ndarray) -> np.ndarray:
    return np.cov(rows.T, bias=True)


def _power(rows: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(_covariance(rows))
    return (vectors * values**exponent) @ vectors.T


def _uncentered_root(rows: np.ndarray) -> np.ndarray:
    """Return the inverse root of the second moments, with the mean inside."""
    values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    return (vectors / np.sqrt(values)) @ vectors.T


def _cholesky(rows: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.linalg.cholesky(_covariance(rows)))


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
        "E stands at the end once more: turn the rows back with its transpose, Eᵀ": (
            lambda x: _centered(x) @ _turned(x) @ np.linalg.eigh(_covariance(x))[1]
        ),
        "all channels lost one mean together: each has its own, axis=0": (
            lambda x: (x - x.mean()) @ _power(x, -0.5)
        ),
        "these are correlations: take the covariance, which knows the deviations": (
            lambda x: _centered(x) @ _power(_centered(x) / x.std(0), -0.5)
        ),
        "the covariance is divided by N − 1: here it is a mean, divided by N": (
            lambda x: _centered(x) @ _power(x, -0.5) * np.sqrt(1 - 1 / len(x))
        ),
        "the covariance is a sum: divide it by the number of rows": (
            lambda x: _centered(x) @ _power(x, -0.5) / np.sqrt(len(x))
        ),
        "only the mean is gone": _centered,
        "the covariance is not centered: subtract the mean before you multiply": (
            lambda x: _centered(x) @ _uncentered_root(x)
        ),
        "the rows are not centered: subtract the mean, then compute the covariance": (
            lambda x: x @ _uncentered_root(x)
        ),
        "this is Cholesky's root: it whitens, too, but it is not symmetric. Take "
        "E Λ^-½ Eᵀ": lambda x: _centered(x) @ _cholesky(x).T,
        "this is Cholesky's root, and on the wrong side: take E Λ^-½ Eᵀ, which is "
        "symmetric": lambda x: _centered(x) @ _cholesky(x),
    },
    praise="mean 0, every deviation 1, and no channel knows of another",
)


def _turned(rows: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(_covariance(rows))
    return vectors / np.sqrt(values)


def _patch_sets() -> Iterator[Case]:
    rng = np.random.default_rng(22)
    for count, other, size in ((5, 8, 6), (3, 4, 2), (7, 9, 5)):
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
        "the patches have the lengths of the photo's: return them as they were": (
            lambda f, s: (
                _taken(f, _unit(s), f @ _unit(s).T)
                * np.linalg.norm(f, axis=1, keepdims=True)
            )
        ),
        "these are numbers of patches: return the patches": (
            lambda f, s: np.argmax(f @ _unit(s).T, axis=1)
        ),
        "these are the photo's patches: return the style's": (
            lambda f, s: f[np.argmax(_unit(f) @ _unit(s).T, axis=0)]
        ),
        "argmax looked along the wrong axis: axis=1 asks each patch of the photo": (
            lambda f, s: _taken(f, s, (f @ _unit(s).T).T)
        ),
        "each channel was divided by its length: a patch is a row, axis=1": (
            lambda f, s: _taken(f, s, f @ (s / np.linalg.norm(s, axis=0)).T)
        ),
        "the sign got lost: opposite patches are not similar": (
            lambda f, s: _taken(f, s, np.abs(f @ _unit(s).T))
        ),
    },
    praise="each patch has found its like",
)


def _adain(f: np.ndarray, s: np.ndarray) -> np.ndarray:
    return (f - f.mean(0)) / f.std(0) * s.std(0) + s.mean(0)


def _wct(f: np.ndarray, s: np.ndarray) -> np.ndarray:
    return _centered(f) @ _power(f, -0.5) @ _power(s, 0.5) + s.mean(0)


def _swap(f: np.ndarray, s: np.ndarray) -> np.ndarray:
    return _taken(f, s, f @ _unit(s).T)


@dataclass(frozen=True)
class Method:
    """A method into which a student cannot look: rows of photo and painting → rows.

    Args:
        name: what the oracle reads.
        inside: the method itself.
        label: what a student is told about it.
    """

    name: str
    inside: Callable[[np.ndarray, np.ndarray], np.ndarray]
    label: str

    def __call__(self, content: Any, style: Any) -> np.ndarray:
        """Change rows ``(N, C)`` with the help of rows ``(M, C)``."""
        f, s = (np.asarray(rows, np.float64) for rows in (content, style))
        if f.ndim != 2 or s.ndim != 2 or f.shape[1] != s.shape[1] or f.shape[1] < 2:
            raise Mistake(
                "change takes two tables, (N, C) and (M, C), with the same two or more "
                f"channels, and got the shapes {f.shape} and {s.shape}"
            )
        with np.errstate(all="ignore"):
            return self.inside(f, s)


_METHODS = (
    Method("adain", _adain, "box 1"),
    Method("wct", _wct, "box 2"),
    Method("swap", _swap, "box 3"),
    Method("none", lambda f, s: f - f.mean(0) + s.mean(0), "box 4"),
    Method("none", lambda f, s: _adain(f, s)[::-1], "box 5"),
    Method("none", lambda f, s: _wct(f, s) + f.mean(0) - s.mean(0), "box 6"),
    Method("none", lambda f, s: _taken(f, s, f @ s.T), "box 7"),
)
"""The three methods, and four with a mistake: the deviations of the photo stay, nobody
is where it was, the mean of the photo comes back, the longest patches win."""
Said = Callable[[np.ndarray, np.ndarray], str]


def _by(say: Said) -> Callable[[Method], str]:
    """Return a student who tries one pair, and looks at the result and the style."""
    rng = np.random.default_rng(23)
    content, style = _rows(rng, 30, 3), _rows(rng, 25, 3)
    return lambda change: say(change(content, style), style)


def _by_statistics(found: np.ndarray, style: np.ndarray) -> str:
    if np.isin(found, style).all():
        return "swap"
    if not np.allclose(found.mean(0), style.mean(0)):
        return "none"
    if np.allclose(_covariance(found), _covariance(style)):
        return "wct"
    return "adain" if np.allclose(found.std(0), style.std(0)) else "none"


def _instead(wrong: str, right: str) -> Said:
    """Return how somebody answers who takes one method for another."""
    return lambda found, style: (
        wrong if (said := _by_statistics(found, style)) == right else said
    )


def _trusting(found: np.ndarray, style: np.ndarray) -> str:
    said = _by_statistics(found, style)
    same_mean = np.allclose(found.mean(0), style.mean(0))
    return "adain" if said == "none" and same_mean else said


which_method = Exercise(
    oracle=lambda change: change.name,
    cases=lambda: ((box,) for box in _METHODS),
    mistakes={
        "the statistics alone do not tell: one box has the right ones at the wrong "
        "positions, and another takes patches, but not the most similar ones": (
            _by(_by_statistics)
        ),
        "WCT gives the painting's deviations, too: ask for the covariance before you "
        "say adain": _by(_instead("adain", "wct")),
        "the right mean is not enough for AdaIN: look at the deviations": (
            _by(_trusting)
        ),
        "some boxes have a mistake inside: say none if nothing fits": (
            _by(_instead("adain", "none"))
        ),
        "you always say adain: call change with rows, and look at what comes out": (
            lambda change: "adain"
        ),
        "you always say none: call change with rows, and compare with adain": (
            lambda change: "none"
        ),
    },
    praise="your experiment tells the methods apart, and finds their mistakes",
)
