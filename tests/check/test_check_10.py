"""Wrong answers that students of lesson 10 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check, color
from nstlib.statistics import feature_sums


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


WEIGHTS = np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p, c: p + ((c - p) @ WEIGHTS)[..., None], "the wrong way round"),
        wrong(lambda p, c: c - ((p - c) @ WEIGHTS)[..., None], "the sign is wrong"),
        wrong(
            lambda p, c: c + tf.reduce_mean(p - c, axis=-1, keepdims=True),
            "the mean of R, G and B",
        ),
        wrong(
            lambda p, c: c + ((p - c) @ [0.114, 0.587, 0.299])[..., None],
            "in the order of BGR",
        ),
        wrong(lambda p, c: c + (p @ WEIGHTS)[..., None], "the whole luminance"),
        wrong(
            lambda p, c: tf.repeat((p @ WEIGHTS)[..., None], 3, axis=-1),
            "this is gray",
        ),
        wrong(lambda p, c: c + WEIGHTS * (p - c), "differences of the channels"),
        wrong(
            lambda p, c: np.tile(((p - c) @ WEIGHTS)[..., None], 3),
            "only the difference",
        ),
        wrong(color.transfer_luminance, "clipping is not asked for"),
        wrong(lambda p, c: (p - c) @ WEIGHTS, "the shape should be"),
        wrong(lambda p, c: c + (p - c) @ WEIGHTS, "raised ValueError"),
    ],
)
def test_swapped_luminance(answer, hint):
    assert hint in check.swapped_luminance.verdict(answer)


def weighted_sum(features, weights):
    return tf.reduce_sum(features * weights[..., None], axis=(0, 1))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda f, w: np.mean(f * w[..., None], axis=(0, 1)),
            "by the number of positions",
        ),
        wrong(lambda f, w: feature_sums(f, w).first, "this is the sum"),
        wrong(lambda f, w: tf.reduce_mean(f, axis=(0, 1)), "weights are not used"),
        wrong(lambda f, w: f[w > 0].mean(axis=0), "with a weight above 0"),
        wrong(
            lambda f, w: weighted_sum(f, np.rint(w)) / max(np.rint(w).sum(), 1),
            "rounded to 0 and 1",
        ),
        wrong(
            lambda f, w: weighted_sum(f, w**0.5) / np.sum(w**0.5),
            "you took the root of the weights",
        ),
        wrong(
            lambda f, w: weighted_sum(f, tf.sqrt(w)) / w.sum(),
            "the root of the weights stands above",
        ),
        wrong(
            lambda f, w: weighted_sum(f, w * w) / np.sum(w * w),
            "the weights are squared",
        ),
        wrong(
            lambda f, w: np.sum(f * w[..., None]) / np.sum(w), "keep the channels apart"
        ),
        wrong(
            lambda f, w: weighted_sum(f * f, w) / np.sum(w), "this is the mean of sq"
        ),
        wrong(lambda f, w: f * w[..., None] / w.sum(), "the shape should be"),
        wrong(lambda f, w: feature_sums(f, w), "return one value, not 3"),
    ],
)
def test_guided_mean(answer, hint):
    assert hint in check.guided_mean.verdict(answer)


def by_channel(function):
    def every(source, reference):
        result = np.empty(source.shape)
        for c in range(source.shape[-1]):
            row = function(source[..., c].ravel(), reference[..., c].ravel())
            result[..., c] = np.reshape(row, source.shape[:2])
        return result

    return every


def ranks(row):
    return np.argsort(np.argsort(row))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            by_channel(lambda s, r: np.sort(r)[s.argsort()]),
            "you took the order for the ranks",
        ),
        wrong(by_channel(lambda s, r: r[ranks(s)]), "the reference is not sorted"),
        wrong(
            by_channel(lambda s, r: np.sort(r)[ranks(-s)]), "the brightest pixel got"
        ),
        wrong(by_channel(lambda s, r: tf.sort(r)), "the reference's values in order"),
        wrong(by_channel(lambda s, r: ranks(s)), "these are ranks"),
        wrong(
            lambda s, r: by_channel(lambda a, b: np.sort(a)[ranks(b)])(s, r),
            "the wrong way round",
        ),
        wrong(
            lambda s, r: np.sort(r, axis=None)[ranks(s.ravel())].reshape(s.shape),
            "all channels were sorted together",
        ),
        wrong(
            lambda s, r: np.stack(
                [
                    by_channel(lambda a, b: np.sort(b)[ranks(a)])(s[:, [x]], r[:, [x]])[
                        :, 0
                    ]
                    for x in range(s.shape[1])
                ],
                axis=1,
            ),
            "each column was sorted by itself",
        ),
        wrong(
            by_channel(lambda s, r: r.mean() + r.std() / s.std() * (s - s.mean())),
            "mean and spread fit",
        ),
        wrong(lambda s, r: np.sort(r.ravel()), "the shape should be"),
        wrong(lambda s, r: s, "the shape is right, the values are not"),
    ],
)
def test_swapped_histogram(answer, hint):
    assert hint in check.swapped_histogram.verdict(answer)
