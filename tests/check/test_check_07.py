"""Wrong answers that students of lesson 07 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


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


def designed(
    seed=0, step=1e-5, tolerance=1e-4, unit=np.linalg.norm, count=5, form=float, back=1
):
    """A test along random directions, as students write it, with something changed."""

    def gradient_is_right(loss, gradient, x):
        g, rng = np.asarray(gradient(x)), np.random.default_rng(seed)
        for _ in range(count):
            d = rng.normal(size=x.shape)
            rise = loss(x + step * d) - loss(x - back * step * d)
            slope = rise / (step * (1 + back))
            if abs(form(slope) - form(np.sum(g * d))) > tolerance * unit(g):
                return False
        return True

    return gradient_is_right


def along_ones(loss, gradient, x):
    slope = (loss(x + 1e-6) - loss(x - 1e-6)) / 2e-6
    return np.isclose(slope, np.sum(gradient(x)), rtol=1e-3, atol=0)


def first_number(loss, gradient, x):
    d = np.zeros(x.size)
    d[0] = 1e-6
    d = d.reshape(x.shape)
    return abs((loss(x + d) - loss(x - d)) / 2e-6 / gradient(x).flat[0] - 1) < 1e-3


def direction_only(loss, gradient, x):
    found = np.zeros(x.size)
    for k in range(x.size):
        d = np.zeros(x.size)
        d[k] = 1e-5
        d = d.reshape(x.shape)
        found[k] = loss(x + d) - loss(x - d)
    g = gradient(x).ravel()
    found, g = found / np.linalg.norm(found), g / np.linalg.norm(g)
    return np.linalg.norm(found - g) < 1e-4


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda loss, gradient, x: True, "trusts every gradient: some"),
        wrong(lambda loss, gradient, x: np.False_, "trusts no gradient"),
        wrong(lambda *case: not designed()(*case), "upside down"),
        wrong(along_ones, "along a direction of ones"),
        wrong(first_number, "you test one number only"),
        wrong(direction_only, "twice the length gets past you"),
        wrong(designed(form=abs), "do not take abs of both sides"),
        wrong(
            designed(unit=lambda g: 1.0, tolerance=1e-4), "your tolerance has a unit"
        ),
        wrong(designed(unit=lambda g: 1.0, tolerance=1e-2), "divide the error by"),
        wrong(designed(step=1e-15), "trusts no gradient"),
        wrong(designed(step=0.3), "your step is too long"),
        wrong(designed(step=1e-2, back=0), "Does it step to both sides"),
        wrong(designed(tolerance=0.2), "too generous"),
        wrong(lambda loss, gradient, x: 0.5, "the values are not"),
    ],
)
def test_gradient_is_right(answer, hint):
    assert hint in check.gradient_is_right.verdict(answer)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("step", [1e-4, 1e-5, 1e-6])
def test_good_designs_pass_whatever_the_directions(seed, step):
    answer = designed(seed, step, tolerance=1e-3)
    assert check.gradient_is_right.verdict(answer).startswith("✓")
