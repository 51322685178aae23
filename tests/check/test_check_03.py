"""Wrong answers that students of lesson 03 give, each with the hint that it gets."""

import math

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda w, shape: w * math.prod(shape), "you multiplied"),
        wrong(lambda w, shape: w / math.prod(shape[:-1]), "positions only"),
        wrong(lambda w, shape: w / shape[-1], "channels only"),
        wrong(lambda w, shape: w / (0.5 * math.prod(shape)), "factor of 2 too many"),
        wrong(lambda w, shape: w / (2 * math.prod(shape)), "½ too many"),
        wrong(lambda w, shape: w / np.sum(shape), "added the sides up"),
        wrong(lambda w, shape: w, "values are not"),
        wrong(lambda w, shape: w / np.array(shape), "the shape should be ()"),
        wrong(lambda w, s: w / s[0] / s[1], "the first two sides"),
        wrong(lambda w, s: w / (s[-2] * s[-3]), "you divided by h·w"),
        wrong(lambda w, s: w / math.prod(s[-3:]), "a batch axis counts"),
    ],
)
def test_content_sum_weight(answer, hint):
    assert hint in check.content_sum_weight.verdict(answer)


def by_tape(features, target):
    """The gradient without the ReLU that the features went through."""
    features = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = 0.5 * tf.reduce_sum((features - target) ** 2)
    return tape.gradient(loss, features)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(by_tape, "the ReLU is missing"),
        wrong(lambda f, p: np.where(f > 0, p - f, 0), "a gradient points uphill"),
        wrong(tf.subtract, "the ReLU is missing"),
        wrong(lambda f, p: p - f, "wrong, and where F is 0"),
        wrong(lambda f, p: np.where(f > 0, 2 * (f - p), 0), "2 too many"),
        wrong(lambda f, p: np.where(p > 0, f - p, 0), "looks at the target"),
        wrong(lambda f, p: tf.nn.relu(f - p), "cut the difference off"),
        wrong(lambda f, p: np.where(f > 0, f - p, 0) / f.size, "gradient of a mean"),
        wrong(lambda f, p: ((f - p) ** 2).sum() / 2, "this is the loss itself"),
        wrong(lambda f, p: np.where(f > 0, f - p, 0)[None], "the shape should be"),
        wrong(lambda f, p: (f - p)[f > 0], "the shape should be"),
    ],
)
def test_content_gradient(answer, hint):
    assert hint in check.content_gradient.verdict(answer)


def test_content_gradient_in_tensorflow():
    def right(features, target):
        return tf.where(features > 0, features - target, 0.0)

    assert check.content_gradient.verdict(right).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda f, p, m: np.mean((f - p) ** 2) / np.mean(p**2), "mask is not used"
        ),
        wrong(
            lambda f, p, m: np.sum(m[..., None] * (f - p) ** 2) / np.sum(p**2),
            "below the fraction line the mask is missing",
        ),
        wrong(
            lambda f, p, m: np.sum((f - p) ** 2) / np.sum(m[..., None] * p**2),
            "above the fraction line the mask is missing",
        ),
        wrong(
            lambda f, p, m: (
                np.sum((m[..., None] * f - m[..., None] * p) ** 2)
                / np.sum((m[..., None] * p) ** 2)
            ),
            "went into the square",
        ),
        wrong(
            lambda f, p, m: (
                np.sum(m[..., None] * (f - p) ** 2) / np.sum(m[..., None] * f**2)
            ),
            "you divided by the features",
        ),
        wrong(
            lambda f, p, m: (
                np.sum((1 - m)[..., None] * (f - p) ** 2)
                / np.sum((1 - m)[..., None] * p**2)
            ),
            "wrong way round",
        ),
        wrong(
            lambda f, p, m: tf.reduce_sum(m[..., None] * (f - p) ** 2),
            "the division is missing",
        ),
        wrong(
            lambda f, p, m: (
                np.sum(m[..., None] * (f - p) ** 2)
                / np.sum(m[..., None] * np.ones_like(f))
            ),
            "the mean inside the mask",
        ),
        wrong(
            lambda f, p, m: np.sum(m * (f - p) ** 2) / np.sum(m * p**2),
            "raised ValueError",
        ),
        wrong(
            lambda f, p, m: (
                np.sum(m[..., None] * (f - p) ** 2, (0, 1))
                / np.sum(m[..., None] * p**2, (0, 1))
            ),
            "the shape should be ()",
        ),
        wrong(
            lambda f, p, m: np.sqrt(
                np.sum(m[..., None] * (f - p) ** 2) / np.sum(m[..., None] * p**2)
            ),
            "values are not",
        ),
    ],
)
def test_content_in_mask(answer, hint):
    assert hint in check.content_in_mask.verdict(answer)
