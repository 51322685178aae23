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
        wrong(lambda x: (x - x.mean(axis=(0, 1))) / x.std(), "by one deviation"),
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
        wrong(lambda v, k: put_down(v, k[::-1]), "the kernel is turned around"),
        wrong(lambda v, k: np.convolve(np.repeat(v, 2), k), "the values were repeated"),
        wrong(lambda v, k: put_down(v * 0 + 1, k), "the values are not used"),
        wrong(lambda v, k: np.convolve(v, k), "the stride is 1"),
    ],
)
def test_transposed_row(answer, hint):
    assert hint in check.transposed_row.verdict(answer)


def moved(norm, pictures=2, channels=3):
    """What moves if one number is changed."""
    maps = np.random.default_rng(5).normal(size=(pictures, 5, 4, channels))
    poked = maps.copy()
    poked[0, 2, 1, 0] += 0.5
    return ~np.isclose(norm(poked), norm(maps))


def told(where):
    """What has moved → which normalization it was."""
    if where[1:].any():
        return "batch"
    if where[0, ..., 1:].any():
        return "layer"
    return "instance" if where.sum() > 1 else "remembered"


def by_statistics(norm):
    maps = norm(np.random.default_rng(6).normal(3, 2, (4, 9, 9, 2)))
    means = maps.mean((1, 2))
    if np.allclose(means, means[0]):
        return "instance"
    return "batch" if np.allclose(maps.mean((0, 1, 2)), 0) else "remembered"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda norm: told(moved(norm, pictures=1)), "with one picture, batch"),
        wrong(lambda norm: told(moved(norm, channels=1)), "with one channel, layer"),
        wrong(lambda norm: told(moved(norm, 1, 1)), "move with all three"),
        wrong(
            lambda norm: "instance" if moved(norm).sum() > 1 else "remembered",
            "ask whether other pictures move",
        ),
        wrong(
            lambda norm: told(moved(norm)).replace("remembered", "instance"),
            "no mean was computed anew",
        ),
        wrong(
            lambda norm: (
                "instance"
                if np.allclose(norm(np.ones((2, 3, 3, 2)) * 3).mean(), 0)
                else "remembered"
            ),
            "hide mean 0 and deviation 1",
        ),
        wrong(by_statistics, "you say 'remembered' where 'batch' is right"),
        wrong(lambda norm: "instance", "you always say instance"),
        wrong(lambda norm: "batch", "you always say batch"),
        wrong(lambda norm: "group", "is none of the answers"),
        wrong(lambda norm: norm(np.ones((3, 3, 2))), "takes maps (n, h, w, C)"),
        wrong(lambda norm: norm, "should be a text"),
    ],
)
def test_which_norm(answer, hint):
    assert hint in check.which_norm.verdict(answer)


def test_another_experiment_finds_every_norm():
    def by_contrast(norm):
        maps = np.random.default_rng(7).normal(size=(2, 8, 8, 2))
        one = maps.copy()
        one[0, ..., 0] *= 10  # one channel of one picture, at another contrast
        before, after = norm(maps), norm(one)
        if not np.allclose(before[1], after[1]):
            return "batch"
        if not np.allclose(before[0, ..., 1], after[0, ..., 1]):
            return "layer"
        return "instance" if np.allclose(before, after, atol=1e-3) else "remembered"

    assert check.which_norm.verdict(by_contrast).startswith("✓")
