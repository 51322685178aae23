"""Wrong answers that students of lesson 07 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda F, P: (F - P) / np.prod(F.shape), "the 2 is missing"),
        wrong(lambda F, P: 2 * (F - P), "the gradient of the sum"),
        wrong(lambda F, P: F - P, "this is equation (3), for half the sum"),
        wrong(lambda F, P: (F - P) * (F > 0), "equation (3) with its zeros"),
        wrong(lambda F, P: 2 * (F - P) * (F > 0) / F.size, "there is no ReLU"),
        wrong(lambda F, P: 2 / F.size * (P - F), "the sign is wrong"),
        wrong(
            lambda F, P: 2 * (F - P) / len(F.reshape(-1, F.shape[-1])),
            "divided by the positions only",
        ),
        wrong(lambda F, P: 2 * (F - P) / F.shape[-1], "divided by the channels only"),
        wrong(lambda F, P: tf.reduce_mean(tf.square(F - P)), "this is the loss"),
        wrong(lambda F, P: (2 * (F - P)).mean(), "the shape should be"),
        wrong(lambda F, P: 2 * np.abs(F - P) / F.size, "the values are not"),
    ],
)
def test_mean_content_gradient(answer, hint):
    assert hint in check.mean_content_gradient.verdict(answer)


def test_the_tape_knows_the_gradient_of_the_mean():
    def taped(F, P):
        F = tf.constant(F)
        with tf.GradientTape() as tape:
            tape.watch(F)
            loss = tf.reduce_mean(tf.square(F - P))
        return tape.gradient(loss, F)

    assert check.mean_content_gradient.verdict(taped).startswith("✓")


def in_place(x, u, g, rate, share):
    x = x + u
    u = share * u - rate * g
    return x, u


def averaged(x, u, g, rate, share):
    u = share * u - (1 - share) * rate * g
    return x + u, u


def uphill(x, u, g, rate, share):
    u = share * u + rate * g
    return x + u, u


def flipped(x, u, g, rate, share):
    u = share * u + rate * g
    return x - u, u


def like_pytorch(x, u, g, rate, share):
    u = share * u + g
    return x - rate * u, u


def subtracted(x, u, g, rate, share):
    u = share * u - rate * g
    return x - u, u


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(uphill, "this goes uphill"),
        wrong(in_place, "not by the old one"),
        wrong(lambda x, u, g, r, s: (x, s * u - r * g), "add it to the picture"),
        wrong(
            lambda x, u, g, r, s: (x + (s * u - r * g), u), "velocity has not changed"
        ),
        wrong(
            lambda x, u, g, r, s: (s * u - r * g, x + s * u - r * g),
            "the order is wrong",
        ),
        wrong(averaged, "leave out the factor 1 - share"),
        wrong(
            lambda x, u, g, r, s: (x + u - r * g, u - r * g), "whole velocity is kept"
        ),
        wrong(lambda x, u, g, r, s: (x - r * g, -r * g), "the velocity is forgotten"),
        wrong(flipped, "the signs are those of another habit"),
        wrong(subtracted, "should move against the gradient"),
        wrong(lambda x, u, g, r, s: x + s * u - r * g, "return both"),
        wrong(lambda x, u, g, r, s: (np.mean(x), np.mean(u)), "the shape should be"),
        wrong(like_pytorch, "this is PyTorch's momentum"),
    ],
)
def test_heavy_ball(answer, hint):
    assert hint in check.heavy_ball.verdict(answer)


def test_momentum_as_in_keras_passes():
    """Keras multiplies by a momentum, too, and its velocity holds the minus."""

    def keras_like(x, u, g, rate, share):
        u = tf.constant(u) * share - g * rate
        return tf.constant(x) + u, u

    assert check.heavy_ball.verdict(keras_like).startswith("✓")


def differences(picture, axes=(0, 1), first=-1, second=1, factor=2):
    """The solution with something wrong in it."""
    gradient = np.zeros_like(picture)
    for axis in axes:
        d = factor * np.diff(picture, axis=axis)
        none = np.zeros_like(np.take(picture, [0], axis))
        gradient += second * np.concatenate([none, d], axis)
        gradient += first * np.concatenate([d, none], axis)
    return gradient


def convolved_with_zeros(picture):
    h, w, _ = picture.shape
    wide = np.zeros((h + 2, w + 2, picture.shape[2]))
    wide[1:-1, 1:-1] = picture
    around = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
    return 2 * (4 * picture - around)


def rolled(picture):
    total = np.zeros_like(picture)
    for axis in (0, 1):
        for k in (1, -1):
            total += 2 * (picture - np.roll(picture, k, axis))
    return total


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: differences(p, factor=1), "the 2 is missing"),
        wrong(lambda p: differences(p, first=1, second=-1), "the sign is wrong"),
        wrong(lambda p: differences(p, axes=(0,)), "add the horizontal"),
        wrong(lambda p: differences(p, axes=(1,)), "add the vertical"),
        wrong(rolled, "np.roll takes the other side"),
        wrong(lambda p: differences(p, first=0), "the upper and left one"),
        wrong(lambda p: differences(p, second=0), "the lower and right one"),
        wrong(lambda p: differences(p) / p.size, "the plain sum does not divide"),
        wrong(
            lambda p: (
                np.square(np.diff(p, axis=0)).sum()
                + np.square(np.diff(p, axis=1)).sum()
            ),
            "this is the loss",
        ),
        wrong(lambda p: np.diff(p, axis=0), "the shape should be"),
        wrong(lambda p: differences(np.abs(p - 100)), "the values are not"),
        wrong(convolved_with_zeros, "the border is padded with zeros"),
    ],
)
def test_variation_gradient(answer, hint):
    assert hint in check.variation_gradient.verdict(answer)


def test_the_tape_knows_the_gradient_of_the_variation():
    def taped(picture):
        picture = tf.constant(picture)
        with tf.GradientTape() as tape:
            tape.watch(picture)
            down, right = picture[1:] - picture[:-1], picture[:, 1:] - picture[:, :-1]
            loss = tf.reduce_sum(down**2) + tf.reduce_sum(right**2)
        return tape.gradient(loss, picture)

    assert check.variation_gradient.verdict(taped).startswith("✓")
