"""Exercises of 13_feed_forward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(30)
    for shape in ((3, 5, 4), (4, 2, 1), (6, 3, 2)):
        yield (rng.normal(2, 3, shape) * rng.uniform(0.5, 4, shape[-1]),)


normalized = Exercise(
    oracle=lambda x: (x - x.mean((0, 1))) / x.std((0, 1)),
    cases=_maps,
    mistakes={
        "all channels have one mean and deviation together: each has its own": (
            lambda x: (x - x.mean()) / x.std()
        ),
        "the mean is still there: subtract it first": lambda x: x / x.std((0, 1)),
        "only the mean is gone: divide by the deviation": lambda x: x - x.mean((0, 1)),
        "you divided by the variance: take its root, the deviation": (
            lambda x: (x - x.mean((0, 1))) / x.var((0, 1))
        ),
        "you multiplied by the deviation: divide": (
            lambda x: (x - x.mean((0, 1))) * x.std((0, 1))
        ),
        "each position was normalized over its channels: normalize each channel over "
        "its positions": (
            lambda x: (
                (x - x.mean(-1, keepdims=True))
                / np.maximum(x.std(-1, keepdims=True), 1e-9)
            )
        ),
        "each column was normalized by itself: take both axes, (0, 1)": (
            lambda x: (x - x.mean(0)) / np.maximum(x.std(0), 1e-9)
        ),
        "these are values from 0 to 1, by least and largest: use mean and deviation": (
            lambda x: (x - x.min((0, 1))) / (x.max((0, 1)) - x.min((0, 1)))
        ),
    },
    praise="mean 0 and deviation 1, whatever the contrast",
)


def _rows() -> Iterator[Case]:
    rng = np.random.default_rng(31)
    for count, size in ((3, 3), (5, 2), (1, 4)):
        yield rng.normal(size=count), rng.normal(size=size)


def _transposed(values: np.ndarray, kernel: np.ndarray, stride: int = 2) -> np.ndarray:
    row = np.zeros(stride * (len(values) - 1) + len(kernel))
    for place, weight in enumerate(kernel):
        row[place : place + stride * len(values) : stride] += weight * values
    return row


def _overwritten(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    row = np.zeros(2 * (len(values) - 1) + len(kernel))
    for i, value in enumerate(values):
        row[2 * i : 2 * i + len(kernel)] = value * kernel
    return row


transposed_row = Exercise(
    oracle=_transposed,
    cases=_rows,
    mistakes={
        "the stride is 1: the kernel moves by two places": (
            lambda v, k: _transposed(v, k, 1)
        ),
        "later kernels overwrite earlier ones where they overlap: add up": _overwritten,
        "the kernel is turned round: it is put down as it is": (
            lambda v, k: _transposed(v, k[::-1])
        ),
        "the values were repeated, then convolved: that is the other way to enlarge": (
            lambda v, k: np.convolve(np.repeat(v, 2), k)
        ),
        "the values are not used: each kernel is multiplied by one": (
            lambda v, k: _transposed(np.ones_like(v), k)
        ),
        "the row is too short: it has 2·(n − 1) + k places": (
            lambda v, k: _transposed(v, k)[: 2 * len(v)]
        ),
    },
    praise="and now you see the stripes",
)


def _kernels() -> Iterator[Case]:
    rng = np.random.default_rng(32)
    for shape in ((3, 3, 2, 4), (1, 1, 5, 1), (3, 1, 4, 3)):
        weights = rng.normal(size=shape) * rng.uniform(0.1, 3, shape[-1])
        if shape[-1] > 1:
            weights[..., 0] = 0.0
        yield (weights,)


def _back(weights: np.ndarray, factor: np.ndarray) -> np.ndarray:
    factor = np.where(factor > 0, factor, 1.0)
    return np.rint(weights / factor) * factor


def _largest(weights: np.ndarray) -> np.ndarray:
    return np.abs(weights).max((0, 1, 2))


rounded_weights = Exercise(
    oracle=lambda w: _back(w, _largest(w) / 127),
    cases=_kernels,
    mistakes={
        "all channels share one factor: each has its own": (
            lambda w: _back(w, np.abs(w).max() / 127)
        ),
        "the factor is that of 128 steps: from −127 to 127 there are 127 each way": (
            lambda w: _back(w, _largest(w) / 128)
        ),
        "the factor is that of 255 steps: from −127 to 127 there are 127 each way": (
            lambda w: _back(w, _largest(w) / 255)
        ),
        "these are whole numbers: multiply them by the factor again": (
            lambda w: np.rint(w / np.where(_largest(w) > 0, _largest(w) / 127, 1.0))
        ),
        "this is cut off, not rounded: use np.rint": (
            lambda w: (
                np.trunc(w / np.where(_largest(w) > 0, _largest(w) / 127, 1.0))
                * np.where(_largest(w) > 0, _largest(w) / 127, 1.0)
            )
        ),
        "this is rounded down: use np.rint": (
            lambda w: (
                np.floor(w / np.where(_largest(w) > 0, _largest(w) / 127, 1.0))
                * np.where(_largest(w) > 0, _largest(w) / 127, 1.0)
            )
        ),
        "a large negative weight was overlooked: take np.abs before the maximum": (
            lambda w: _back(w, w.max((0, 1, 2)) / 127)
        ),
        "nothing was rounded": lambda w: w,
    },
    praise="a byte for each weight",
    tolerance=1e-6,
)
