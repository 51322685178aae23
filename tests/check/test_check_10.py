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
        wrong(lambda p, c: p + ((c - p) @ WEIGHTS)[..., None], "the wrong way around"),
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


def weights_of(features, mask):
    h, w = features.shape[:2]
    s = len(mask) // h
    return mask.reshape(h, s, w, s).mean(axis=(1, 3))


def gram(features, weights):
    return np.einsum("yx,yxi,yxj->ij", weights, features, features)


def guided(weigh=weights_of, count=np.sum):
    def answer(features, mask):
        weights = weigh(features, mask)
        return gram(features, weights) / count(weights)

    return answer


def right_way(features, mask):
    sums = feature_sums(features, weights_of(features, mask))
    return sums.second / sums.count


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(guided(count=np.size), "by the number of positions"),
        wrong(
            lambda f, m: guided(count=lambda w: (w > 0).sum())(f, m),
            "by the number of weights above 0",
        ),
        wrong(
            lambda f, m: gram(f, weights_of(f, m)) / m.sum(),
            "by the sum of the mask",
        ),
        wrong(lambda f, m: feature_sums(f, weights_of(f, m)).second, "this is the sum"),
        wrong(
            lambda f, m: np.tensordot(f, f, ((0, 1), (0, 1))) / f[..., 0].size,
            "the mask is not used",
        ),
        wrong(
            guided(lambda f, m: m[:: len(m) // len(f), :: len(m) // len(f)]),
            "one pixel for each position",
        ),
        wrong(
            lambda f, m: gram(f, weights_of(f, m) ** 2) / weights_of(f, m).sum(),
            "the weights came in twice",
        ),
        wrong(
            lambda f, m: gram(f, weights_of(f, m) ** 0.5) / weights_of(f, m).sum(),
            "a root too much",
        ),
        wrong(guided(lambda f, m: weights_of(f, m) > 0), "soft edges got lost"),
        wrong(lambda f, m: gram(f, m), "raised ValueError"),
        wrong(lambda f, m: f * 1.0, "the shape should be"),
        wrong(
            lambda f, m: guided()(f, m) * np.nan, "some values are nan, which is not"
        ),
    ],
)
def test_guided_gram(answer, hint):
    assert hint in check.guided_gram.verdict(answer)


def test_guided_gram_by_the_function_of_the_lesson():
    assert check.guided_gram.verdict(right_way).startswith("✓")


def test_a_wrong_divisor_is_shown_with_a_small_input():
    said = check.guided_gram.verdict(lambda f, m: 2.0 * right_way(f, m))
    assert "the values are not. For example:\n  f: " in said
    assert "\n  right: " in said and "\n  yours: " in said


def root(matrix, exponent=0.5):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda s, r: -root(r) @ root(s, -0.5), "✓"),
        wrong(
            lambda s, r: root(r) @ np.diag([1, -1, -1]) @ root(s, -0.5),
            "✓ mean and covariance fit",
        ),
        wrong(lambda s, r: root(r) @ root(s, -0.5), "times as far as (3)"),
        wrong(
            lambda s, r: np.linalg.cholesky(r) @ np.linalg.inv(np.linalg.cholesky(s)),
            "it fulfills (2), and moves the colors",
        ),
        wrong(lambda s, r: -np.eye(3), "A Σ_s Aᵀ is not Σ_r"),
        wrong(lambda s, r: root(s, -0.5) @ root(r), "\n  yours: "),
        wrong(lambda s, r: -r @ np.linalg.inv(s), "are not matched. For example:"),
        wrong(lambda s, r: np.full((3, 3), np.nan), "nan or infinite"),
        wrong(lambda s, r: np.ones(3), "return a matrix (3, 3)"),
        wrong(lambda s, r: "a negative", "return a matrix (3, 3)"),
    ],
)
def test_wrong_colors(answer, hint):
    assert hint in check.wrong_colors.verdict(answer)
