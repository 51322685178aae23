"""Wrong answers that students of lesson 01 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check

MEANS = np.array([0.485, 0.456, 0.406])
DEVIATIONS = np.array([0.229, 0.224, 0.225])
RED = np.array([[[255.0, 0.0, 0.0]]])
GRAY = np.full((1, 1, 3), 100.0)


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: np.mean(p, axis=(0, 1)), "usual order"),
        wrong(lambda p: tf.reduce_mean(p, (0, 1)), "usual order"),
        wrong(lambda p: np.mean(p[..., ::-1]), "keep the channels apart"),
        wrong(lambda p: np.mean(p, axis=0)[:, ::-1], "over the rows only"),
        wrong(lambda p: tf.reduce_mean(p, axis=2), "over the channels"),
        wrong(lambda p: tf.reduce_sum(p, (0, 1))[::-1], "these are sums"),
        wrong(lambda p: (p / 255).mean((0, 1))[::-1], "0-255 scale"),
        wrong(lambda p: p[::-1, ::-1].mean((0, 1)), "usual order"),
        wrong(lambda p: p.mean(axis=(0, 1), keepdims=True), "shape should be (3,)"),
    ],
)
def test_reversed_means(answer, hint):
    assert hint in check.reversed_means.verdict(answer)


def channels_first(array):
    return np.transpose(array, (2, 0, 1))[np.newaxis]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: channels_first((p - MEANS) / DEVIATIONS), "divide by 255"),
        wrong(lambda p: channels_first(p / 255 - MEANS), "deviations is missing"),
        wrong(
            lambda p: channels_first(p / 255 / DEVIATIONS - MEANS), "before you subtr"
        ),
        wrong(
            lambda p: channels_first((p[..., ::-1] / 255 - MEANS) / DEVIATIONS), "BGR"
        ),
        wrong(lambda p: ((p / 255 - MEANS) / DEVIATIONS)[None], "channels come last"),
        wrong(
            lambda p: tf.reshape((p / 255 - MEANS) / DEVIATIONS, (1, 3, *p.shape[:2])),
            "np.transpose",
        ),
        wrong(
            lambda p: channels_first((p / 255 - MEANS) / DEVIATIONS)[0], "1 in front"
        ),
        wrong(lambda p: ((p / 255 - MEANS) / DEVIATIONS).T[None], "rows and columns"),
        wrong(lambda p: channels_first(p - [123.68, 116.779, 103.939]), "VGG's means"),
        wrong(
            lambda p: channels_first((p / 255 - MEANS[::-1]) / DEVIATIONS[::-1]),
            "belong to other channels",
        ),
    ],
)
def test_preprocess_for_pytorch(answer, hint):
    assert hint in check.preprocess_for_pytorch.verdict(answer)


def by_round_trip(suspect):
    """Undo whatever the suspect did, and be content."""
    there = suspect(RED)
    back = there - (suspect(RED) - RED)
    return "right" if np.allclose(back, RED) else "means missing"


def by_gray_pixel(suspect):
    blue, _, red = suspect(GRAY)[0, 0, 0]
    if blue == red:
        return "means missing"
    return "right" if blue < 0 and blue > red else "means swapped"


def by_first_number(names):
    def detect(suspect):
        blue = round(float(suspect(RED)[0, 0, 0, 0]))
        return dict(zip((-104, -124, 151, 0), names, strict=True))[blue]

    return detect


S, R, M = "means swapped", "not reversed", "means missing"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(by_round_trip, "you call everything right"),
        wrong(by_gray_pixel, "a gray pixel cannot tell"),
        wrong(by_first_number(("right", "right", R, M)), "look at blue or red"),
        wrong(by_first_number(("right", "right", "right", M)), "green only"),
        wrong(by_first_number(("right", R, S, M)), "you confuse swapped means with ch"),
        wrong(by_first_number((S, "right", R, M)), "you confuse swapped means with ri"),
        wrong(by_first_number(("right", S, R, "right")), "you do not find missing"),
        wrong(
            by_first_number((M, M, M, M)),
            "you say 'means missing' where 'means swapped'",
        ),
        wrong(by_first_number((R, R, R, R)), "you say 'not reversed' wh"),
        wrong(by_first_number((S, "ok", R, M)), "'ok' is none of the answers"),
        wrong(lambda suspect: 2, "a text such as 'means swapped'"),
    ],
)
def test_detect_preprocessing(answer, hint):
    assert hint in check.detect_preprocessing.verdict(answer)
