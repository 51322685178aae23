"""The functions that a student builds in 04_gram_matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(104)
    for shape in ((3, 5, 4), (1, 6, 2, 1), (2, 2, 7), (1, 4, 3, 2)):
        yield (rng.normal(size=shape),)
    yield (np.float32(rng.normal(size=(1, 5, 4, 3))),)
    yield (rng.integers(0, 9, (1, 3, 2)),)  # the lesson has whole numbers, too


def _vectors(features: Array) -> Array:
    """Return the answers at each position, ``(N, C)``."""
    return np.float64(features).reshape(-1, features.shape[-1])


def _gram(features: Array) -> Array:
    """Add up outer products, as the lesson does by hand."""
    channels = features.shape[-1]
    total = np.zeros((channels, channels))
    for vector in _vectors(features):
        total += np.outer(vector, vector)
    return total


def _mixed(features: Array) -> Array:
    rows = np.float64(features).reshape(features.shape[-1], -1)
    return rows @ rows.T


gram_matrix = Built(
    of="nstlib.losses.gram_matrix",
    oracle=_gram,
    cases=_maps,
    kind="gradient",
    dtype="same",
    mistakes={
        "reshape to (C, N) mixes channels and positions: reshape to (N, C)": _mixed,
        "this is N × N: transpose the other factor, so that it is C × C": (
            lambda features: _vectors(features) @ _vectors(features).T
        ),
        "your Gram is N times too small: equation 2 is a sum, not a mean": (
            lambda features: _gram(features) / len(_vectors(features))
        ),
        "you divided by the number of all values: equation 2 divides by nothing": (
            lambda features: _gram(features) / np.size(features)
        ),
        "you divided by the number of channels: equation 2 divides by nothing": (
            lambda features: _gram(features) / features.shape[-1]
        ),
        "you subtracted the means: equation 2 multiplies the answers as they are": (
            lambda features: _gram(_vectors(features) - _vectors(features).mean(0))
        ),
        "only the diagonal is there: each channel meets every other one, too": (
            lambda features: np.diag(np.diag(_gram(features)))
        ),
        "you added up first: multiply at each position, then add up": (
            lambda features: np.outer(
                _vectors(features).sum(0), _vectors(features).sum(0)
            )
        ),
        "the last row and column of positions are left out": (
            lambda features: _gram(features[..., :-1, :-1, :])
        ),
        "the second factor has its channels in reverse": (
            lambda features: _gram(features)[:, ::-1]
        ),
    },
    praise="which filters fire together, and how strongly",
)


def _count(features: Array) -> np.float64:
    return np.float64(np.shape(features)[-3] * np.shape(features)[-2])


positions = Built(
    of="nstlib.losses.positions",
    oracle=_count,
    cases=_maps,
    kind="number",
    dtype="same",
    mistakes={
        "these are all values: divide by the number of channels": np.size,
        "these are the channels: N is the height times the width": (
            lambda features: features.shape[-1]
        ),
        "this is one side only: N is the height times the width": (
            lambda features: features.shape[-2]
        ),
        "this is one side only, the height: N is the height times the width": (
            lambda features: features.shape[-3]
        ),
        "this is the first axis, which may have length 1: count from the end": (
            lambda features: features.shape[0]
        ),
        "the first two axes need not be the sides: count from the end": (
            lambda features: features.shape[0] * features.shape[1]
        ),
        "maps (h, w, C) have no axis in front: count from the end": (
            lambda features: features.shape[1] * features.shape[2]
        ),
        "you added the sides: N is their product": (
            lambda features: features.shape[-3] + features.shape[-2]
        ),
    },
    praise="with or without an axis in front",
)
