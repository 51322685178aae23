"""Wrong answers that students of lesson 06 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check
from nstlib.losses import total_variation_loss


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def board(height, width, low, high):
    picture = np.full((height, width, 1), float(low))
    picture[::2, ::2] = picture[1::2, 1::2] = high
    return picture


@pytest.mark.parametrize(
    "answer",
    [
        lambda height, width: board(height, width, 0, 255),
        lambda height, width: board(height, width, 255, 0).astype(np.uint8),
        lambda height, width: tf.constant(board(height, width, 0, 255)),
    ],
    ids=["white first", "whole numbers, black first", "a tensor"],
)
def test_roughest_picture_has_two_answers(answer):
    assert check.roughest_picture.verdict(answer).startswith("✓")


def noise(height, width):
    return np.random.default_rng(0).uniform(0, 255, (height, width, 1))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda h, w: np.zeros((h, w, 1)), "the smoothest picture of all"),
        wrong(lambda h, w: board(h, w, 0, 1), "differ by more"),
        wrong(lambda h, w: board(h, w, -255, 255), "from 0 to 255"),
        wrong(lambda h, w: board(h, w, 0, 255) / 0, "from 0 to 255"),
        wrong(lambda h, w: board(h, w, 0, 255)[..., 0], "shape (height, width, 1)"),
        wrong(lambda h, w: board(w, h, 0, 255), "shape (height, width, 1)"),
        wrong(lambda h, w: board(h, 1, 0, 255) + np.zeros((1, w, 1)), "are stripes"),
        wrong(noise, "neighbors that are alike"),
        wrong(lambda h, w: 255 * (noise(h, w) > 127), "neighbors that are alike"),
    ],
)
def test_roughest_picture(answer, hint):
    with np.errstate(all="ignore"):
        assert hint in check.roughest_picture.verdict(answer)


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
            "the picture is wrapped around",
        ),
        wrong(lambda p: total_variation_loss(p, 0.5, "sum"), "a root too much"),
        wrong(lambda p: total_variation_loss(p, 1.25, "sum"), "the values are not"),
        wrong(
            lambda p: np.sum(
                np.abs(p[1:, :-1] - p[:-1, :-1]) + np.abs(p[:-1, 1:] - p[:-1, :-1])
            ),
            "both neighbors",
        ),
        wrong(
            lambda p: sum(
                np.abs(p[1:-1, 1:-1] - shifted).sum()
                for shifted in (p[2:, 1:-1], p[1:-1, 2:])
            ),
            "inner pixels only",
        ),
    ],
)
def test_edge_keeping_variation(answer, hint):
    assert hint in check.edge_keeping_variation.verdict(answer)


def squares(picture):
    down, right = picture[1:] - picture[:-1], picture[:, 1:] - picture[:, :-1]
    return down[:, :-1] ** 2 + right[:-1] ** 2


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p, e: total_variation_loss(p, 0.5, "sum"), "epsilon is missing"),
        wrong(lambda p, e: tf.reduce_sum(squares(p) ** 0.5 + e), "outside the root"),
        wrong(lambda p, e: np.sqrt(squares(p)).sum() + e, "added once"),
        wrong(lambda p, e: np.hypot(np.sqrt(squares(p)), e).sum(), "is squared"),
        wrong(lambda p, e: np.sqrt((squares(p) + e).sum()), "one root of the whole"),
        wrong(
            lambda p, e: sum(
                np.sqrt(np.diff(p, axis=axis) ** 2 + e).sum() for axis in (0, 1)
            ),
            "its own root",
        ),
        wrong(lambda p, e: tf.reduce_sum(squares(p) + e), "the root is missing"),
        wrong(lambda p, e: tf.reduce_mean(tf.sqrt(squares(p) + e)), "this is the mean"),
        wrong(
            lambda p, e: np.sqrt(
                (np.diff(p, axis=0)[:, :-1] + np.diff(p, axis=1)[:-1]) ** 2 + e
            ).sum(),
            "square each difference first",
        ),
        wrong(lambda p, e: np.sqrt(squares(p) + e), "the shape should be ()"),
        wrong(lambda p, e: np.sqrt(squares(p) - e).sum(), "some values are nan"),
        wrong(
            lambda p, e: np.hypot(p[1:] - p[:-1], p[:, 1:] - p[:, :-1]).sum(),
            "raised ValueError",
        ),
    ],
)
def test_isotropic_variation(answer, hint):
    with np.errstate(invalid="ignore"):
        assert hint in check.isotropic_variation.verdict(answer)
