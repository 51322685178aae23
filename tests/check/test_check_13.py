"""Wrong answers that students of lesson 13 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda x: (x - np.mean(x)) / np.std(x), "one mean and deviation together"
        ),
        wrong(lambda x: x / tf.math.reduce_std(x, axis=[0, 1]), "the mean is still"),
        wrong(lambda x: x - x.mean(axis=(0, 1)), "only the mean is gone"),
        wrong(
            lambda x: (x - x.mean(axis=(0, 1))) / x.var(axis=(0, 1)), "by the variance"
        ),
        wrong(lambda x: (x - x.mean((0, 1))) * x.std((0, 1)), "you multiplied"),
        wrong(lambda x: (x - x.min((0, 1))) / np.ptp(x, axis=(0, 1)), "from 0 to 1"),
        wrong(lambda x: x.mean(axis=(0, 1)), "✗"),
    ],
)
def test_normalized(answer, hint):
    assert hint in check.normalized.verdict(answer)


def put_down(values, kernel, stride=2, add=True):
    row = np.zeros(stride * (len(values) - 1) + len(kernel))
    for i, value in enumerate(values):
        part = slice(stride * i, stride * i + len(kernel))
        row[part] = value * kernel + (row[part] if add else 0)
    return row


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda v, k: put_down(v, k, 1), "the stride is 1"),
        wrong(lambda v, k: put_down(v, k, add=False), "overwrite earlier"),
        wrong(lambda v, k: put_down(v, k[::-1]), "the kernel is turned round"),
        wrong(lambda v, k: np.convolve(np.repeat(v, 2), k), "the values were repeated"),
        wrong(lambda v, k: put_down(v * 0 + 1, k), "the values are not used"),
        wrong(lambda v, k: np.convolve(v, k), "the stride is 1"),
    ],
)
def test_transposed_row(answer, hint):
    assert hint in check.transposed_row.verdict(answer)


def factors(weights, steps=127):
    largest = np.abs(weights).max(axis=(0, 1, 2))
    return np.where(largest > 0, largest / steps, 1.0)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda w: np.rint(w / (abs(w).max() / 127)) * abs(w).max() / 127,
            "share one factor",
        ),
        wrong(lambda w: np.rint(w / factors(w, 128)) * factors(w, 128), "of 128 steps"),
        wrong(lambda w: np.rint(w / factors(w, 255)) * factors(w, 255), "of 255 steps"),
        wrong(lambda w: np.rint(w / factors(w)), "these are whole numbers"),
        wrong(
            lambda w: np.fix(w / factors(w)) * factors(w),
            "this is cut off, not rounded",
        ),
        wrong(lambda w: w, "nothing was rounded"),
    ],
)
def test_rounded_weights(answer, hint):
    assert hint in check.rounded_weights.verdict(answer)
