"""Wrong answers that students of lesson 05 give, each with the hint that it gets."""

import re

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check
from nstlib.losses import gram_matrix, positions, style_loss


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def loss(f, style, count=True, convention="relative"):
    count = positions(style) if count else None
    return style_loss(f, gram_matrix(style), count, convention)


def naive(f, style):
    goal = gram_matrix(style)
    distance = tf.reduce_sum((gram_matrix(f) - goal) ** 2)
    return distance / tf.reduce_sum(goal**2)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, a, b, s: s * loss(f, a) + (1 - s) * loss(f, b), "swapped"),
        wrong(lambda f, a, b, s: loss(f, a) + s * loss(f, b), "add up to one"),
        wrong(lambda f, a, b, s: (loss(f, a) + loss(f, b)) / 2, "half and half"),
        wrong(
            lambda f, a, b, s: style_loss(
                f,
                (1 - s) * gram_matrix(a) / positions(a)
                + s * gram_matrix(b) / positions(b),
                1.0,
            ),
            "you mixed the Grams",
        ),
        wrong(
            lambda f, a, b, s: (1 - s) * loss(f, a, False) + s * loss(f, b, False),
            "the sizes got mixed up",
        ),
        wrong(
            lambda f, a, b, s: (1 - s) * naive(f, a) + s * naive(f, b),
            "divided by its own N",
        ),
        wrong(
            lambda f, a, b, s: (
                (1 - s) * loss(f, a, convention="gatys")
                + s * loss(f, b, convention="gatys")
            ),
            "this is the gatys convention",
        ),
        wrong(
            lambda f, a, b, s: (
                f.shape[-1] ** 4
                * (
                    (1 - s) * loss(f, a, convention="johnson")
                    + s * loss(f, b, convention="johnson")
                )
            ),
            "not relative yet",
        ),
        wrong(
            lambda f, a, b, s: (1 - s) * gram_matrix(a) + s * gram_matrix(b),
            "the shape should be ()",
        ),
    ],
)
def test_two_styles(answer, hint):
    assert hint in check.two_styles.verdict(answer)


def stretched(f, first, second):
    """Maps beside themselves: each half with a factor of its own."""
    return np.concatenate([first * f, second * f], axis=1)


@pytest.mark.parametrize(
    "answer",
    [
        lambda f: stretched(f, 2**0.5, 0),
        lambda f: stretched(f, 1.3, 0.31**0.5),
        lambda f: np.concatenate([2 * f, 0 * f, 0 * f, 0 * f]),
        lambda f: tf.concat([3.0**0.5 * f, 0 * f, 0 * f], axis=0),
    ],
    ids=["one half dark", "uneven halves", "three quarters dark", "a tensor"],
)
def test_same_gram_has_many_answers(answer):
    assert check.same_gram.verdict(answer).startswith("✓")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f: f, "Another order is no news"),
        wrong(lambda f: np.tile(f[::-1], (3, 2, 1)), "Another order is no news"),
        wrong(lambda f: -f, "below 0"),
        wrong(lambda f: stretched(f, 2, 0), "another G/N"),
        wrong(lambda f: stretched(f, 1, 0), "another G/N"),
        wrong(lambda f: f[..., ::-1] + 1, "another G/N"),
        wrong(lambda f: f.reshape(-1, f.shape[-1]), "of shape (h, w, C)"),
        wrong(lambda f: np.concatenate([f, 0 * f], axis=2), "with C as in the input"),
        wrong(lambda f: f / 0, "no numbers"),
        wrong(lambda f: f[:0], "no numbers"),
        wrong(lambda f: "dark", "of shape (h, w, C)"),
    ],
)
def test_same_gram(answer, hint):
    with np.errstate(all="ignore"):
        assert hint in check.same_gram.verdict(answer)


def test_same_gram_says_how_far_off():
    said = check.same_gram.verdict(lambda f: 2 * f)
    was, yours = (float(x) for x in re.findall(r"\d+\.\d+", said))
    assert yours == pytest.approx(4 * was, rel=1e-3)


def by_tape(features, target, divisor):
    features = tf.convert_to_tensor(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        value = tf.reduce_sum((gram_matrix(features) - target) ** 2) / divisor
    return tape.gradient(value, features)


def of_crossed_table(features, target):
    table = np.reshape(features, (features.shape[-1], features[..., 0].size)).T
    pull = table @ (table.T @ table - target)
    return pull.reshape(features.shape) / features.size**2


def of_mixture(features, target):
    rows = np.reshape(features, (features.shape[-1], features[..., 0].size))
    pull = np.einsum("ij,jk->ik", rows @ rows.T - target, rows)
    return pull.reshape(features.shape) / features.size**2


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, a: by_tape(f, a, 16.0 * f.size**2), "four times too small"),
        wrong(lambda f, a: by_tape(f, a, 8.0 * f.size**2), "two times too small"),
        wrong(lambda f, a: by_tape(f, a, 1.0 * f.size**2), "1/4 of equation (1)"),
        wrong(lambda f, a: -by_tape(f, a, 4.0 * f.size**2), "sign"),
        wrong(lambda f, a: by_tape(f, a, 4.0 * f.shape[-1] ** 2), "divide by N²"),
        wrong(
            lambda f, a: by_tape(f, a, 4.0 * (f.size // f.shape[-1]) ** 2),
            "divide by C²",
        ),
        wrong(lambda f, a: by_tape(f, a, 4.0 * f.size), "both are squared"),
        wrong(
            lambda f, a: np.reshape(by_tape(f, a, 4.0 * f.size**2), (-1, f.shape[-1])),
            "reshape to (h, w, C)",
        ),
        wrong(lambda f, a: by_tape(f, a, 3.0), "the values are not"),
        wrong(
            lambda f, a: by_tape(f, a, 4.0 * f.size * f.shape[-1]), "N is not squared"
        ),
        wrong(
            lambda f, a: by_tape(f, a, 4.0 * f.size * f[..., 0].size),
            "C is not squared",
        ),
        wrong(lambda f, a: by_tape(f, a, 2.0 * f.size**2), "two times too large"),
        wrong(of_mixture, "reshape to (C, N) mixes"),
        wrong(of_crossed_table, "and .T do not swap axes"),
    ],
)
def test_style_gradient(answer, hint):
    assert hint in check.style_gradient.verdict(answer)


def test_the_tape_agrees():
    answer = check.style_gradient.verdict(lambda f, a: by_tape(f, a, 4.0 * f.size**2))
    assert answer.startswith("✓")
