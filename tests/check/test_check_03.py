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
        wrong(lambda w, s: w / (s[1] * s[2]), "the second and the third side"),
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
        wrong(lambda f, p: np.where(np.minimum(f, p) > 0, f - p, 0), "at F alone"),
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


def rows(picture):
    return np.linspace(-1, 1, len(picture))[:, None]


def deeper_falls(picture):
    """Make each fall 10 deeper, and keep each rise."""
    steps = np.diff(picture, axis=1)
    steps = np.where(steps < 0, steps - 10, steps)
    first = picture[:, :1] + 60
    return np.hstack([first, first + np.cumsum(steps, axis=1)])


def one_pixel(picture):
    changed = picture.copy()
    changed[2, 3] += 90
    return changed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: p, "nearly the same picture"),
        wrong(lambda p: p + 10, "added one number to all pixels"),
        wrong(lambda p: p + 2 * rows(p), "nearly the same picture"),
        wrong(lambda p: p + 200 * rows(p), "from 0 to 255"),
        wrong(lambda p: p * np.inf, "nan or infinite"),
        wrong(lambda p: p[:, ::-1], "the layer notices"),
        wrong(lambda p: 1.2 * p, "the layer notices"),
        wrong(lambda p: np.roll(p, 1, axis=0), "the layer notices"),
        wrong(one_pixel, "the layer notices"),
        wrong(lambda p: p[:, :-1], "the shape should be"),
        wrong(lambda p: p.T, "the shape should be"),
    ],
)
def test_unnoticed(answer, hint):
    assert hint in check.unnoticed.verdict(answer)


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: p - 15 * rows(p),
        lambda p: (p + 15 * rows(p)).tolist(),
        lambda p: tf.constant(p) + 15 * rows(p),
        deeper_falls,
    ],
)
def test_many_answers_go_unnoticed(answer):
    assert check.unnoticed.verdict(answer).startswith("✓")
