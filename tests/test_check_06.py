"""Wrong answers that students of lesson 06 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check
from nstlib.losses import total_variation_loss


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: p[1:] - p[:-1], "the upper pixel minus the lower one"),
        wrong(lambda p: p[:, :-1] - p[:, 1:], "you went along a row:"),
        wrong(lambda p: np.diff(p, axis=1), "along a row, and with the other sign"),
        wrong(lambda p: p[..., :-1] - p[..., 1:], "subtracted channels"),
        wrong(lambda p: tf.abs(p[1:] - p[:-1]), "the sign got lost"),
        wrong(
            lambda p: np.concatenate([p[:-1] - p[1:], 0 * p[-1:]]), "no neighbour below"
        ),
        wrong(lambda p: p - np.concatenate([p[1:], p[:1]]), "the picture went round"),
        wrong(lambda p: p[:-2] - p[2:], "the shape should be"),
    ],
)
def test_vertical_delta(answer, hint):
    assert hint in check.vertical_delta.verdict(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: total_variation_loss(p, 2, "sum"), "these are squares"),
        wrong(lambda p: total_variation_loss(p, 1), "this is the mean"),
        wrong(lambda p: np.abs(p[1:] - p[:-1]).sum(), "to the right are missing"),
        wrong(lambda p: np.abs(p[:, 1:] - p[:, :-1]).sum(), "down are missing"),
        wrong(
            lambda p: (p[1:] - p[:-1]).sum() + (p[:, 1:] - p[:, :-1]).sum(),
            "signs cancel",
        ),
        wrong(
            lambda p: (
                np.abs((p[1:] - p[:-1]).sum()) + np.abs((p[:, 1:] - p[:, :-1]).sum())
            ),
            "after the sum",
        ),
        wrong(
            lambda p: (
                np.abs(np.diff(p, axis=0)).sum() - np.abs(np.diff(p, axis=1)).sum()
            ),
            "wrong sign",
        ),
        wrong(
            lambda p: sum(np.abs(np.diff(p, axis=axis)).sum() for axis in range(3)),
            "differences of channels",
        ),
        wrong(
            lambda p: sum(
                np.abs(
                    p
                    - np.concatenate([p.take([-1], a), p], a).take(range(p.shape[a]), a)
                ).sum()
                for a in (0, 1)
            ),
            "the picture went round",
        ),
        wrong(lambda p: total_variation_loss(p, 0.5, "sum"), "a root too much"),
        wrong(lambda p: total_variation_loss(p, 1.25, "sum"), "the values are not"),
    ],
)
def test_edge_keeping_variation(answer, hint):
    assert hint in check.edge_keeping_variation.verdict(answer)


def slope(function):
    def answer(picture):
        picture = tf.convert_to_tensor(picture)
        with tf.GradientTape() as tape:
            tape.watch(picture)
            value = function(picture)
        return tape.gradient(value, picture)

    return answer


def squares(difference):
    return tf.reduce_sum(difference**2)


def lower_and_right_only(picture):
    gradient = np.zeros_like(picture)
    gradient[1:] += 2 * (picture[1:] - picture[:-1])
    gradient[:, 1:] += 2 * (picture[:, 1:] - picture[:, :-1])
    return gradient


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(slope(lambda p: 0.5 * total_variation_loss(p, 2, "sum")), "the factor 2"),
        wrong(slope(lambda p: -total_variation_loss(p, 2, "sum")), "sign is wrong"),
        wrong(slope(lambda p: squares(p[1:] - p[:-1])), "only the vertical"),
        wrong(slope(lambda p: squares(p[:, 1:] - p[:, :-1])), "only the horizontal"),
        wrong(lower_and_right_only, "pushes two pixels"),
        wrong(
            slope(lambda p: sum(squares(p - tf.roll(p, 1, a)) for a in (0, 1))),
            "the picture went round",
        ),
        wrong(slope(lambda p: total_variation_loss(p, 2)), "slope of the mean"),
        wrong(slope(lambda p: total_variation_loss(p, 1, "sum")), "the values are not"),
        wrong(lambda p: p[1:] - p[:-1], "the shape should be"),
    ],
)
def test_variation_gradient(answer, hint):
    assert hint in check.variation_gradient.verdict(answer)


def test_the_tape_agrees():
    answer = slope(lambda p: total_variation_loss(p, 2, "sum"))
    assert check.variation_gradient.verdict(answer).startswith("✓")
