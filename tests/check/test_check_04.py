"""Wrong answers that students of lesson 04 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf
from nstlib.losses import gram_matrix


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def gram(features):
    return gram_matrix(features).numpy()


def entry_of_mixture(f, i, j):
    rows = np.reshape(f, (f.shape[-1], -1))
    return np.dot(rows[i], rows[j])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, i, j: np.sum(f[..., i]) * np.sum(f[..., j]), "added up first"),
        wrong(
            lambda f, i, j: tf.reduce_mean(f[:, :, i] * f[:, :, j]), "this is a mean"
        ),
        wrong(lambda f, i, j: np.vdot(f[i], f[j]), "rows of the picture"),
        wrong(lambda f, i, j: np.vdot(f[:, i], f[:, j]), "columns of the picture"),
        wrong(lambda f, i, j: f[:, :, i] * f[:, :, j], "these are the products"),
        wrong(
            lambda f, i, j: (
                np.cov(f[..., i].ravel(), f[..., j].ravel(), ddof=0)[0, 1]
                * f[..., 0].size
            ),
            "subtracted the means",
        ),
        wrong(lambda f, i, j: np.sum(f[..., i] + f[..., j]), "added the maps"),
        wrong(lambda f, i, j: f[..., i] @ f[..., j], "raised ValueError"),
        wrong(entry_of_mixture, "reshape to (C, N) mixes"),
        wrong(lambda f, i, j: gram(f), "the shape should be ()"),
        wrong(lambda f, i, j: gram(f)[i, j] / f.shape[-1], "values are not"),
    ],
)
def test_gram_entry(answer, hint):
    assert hint in check.gram_entry.verdict(answer)


def divided(features, by):
    """The Gram over something made of its diagonal."""
    return gram(features) / by(np.diag(gram(features)))


def cosine_of_mixture(features):
    rows = np.reshape(features, (features.shape[-1], features[..., 0].size))
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def gram_of_mixture(features):
    rows = np.reshape(features, (features.shape[-1], -1))
    return rows @ rows.T


def correlation_of_mixture(features):
    return np.atleast_2d(np.corrcoef(features.reshape(features.shape[-1], -1)))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f: divided(f, lambda d: np.outer(d, d)), "the root is missing"),
        wrong(
            lambda f: np.atleast_2d(np.corrcoef(f.reshape(-1, f.shape[-1]).T)),
            "correlation of statistics",
        ),
        wrong(gram, "this is the Gram itself"),
        wrong(lambda f: divided(f, lambda d: d[:, None]), "rows by G_ii only"),
        wrong(lambda f: divided(f, lambda d: d), "columns by G_jj only"),
        wrong(lambda f: divided(f, np.sqrt), "the root of one only"),
        wrong(lambda f: divided(f, np.max), "by the largest entry"),
        wrong(lambda f: gram(f) / np.linalg.norm(gram(f)), "size of the whole matrix"),
        wrong(lambda f: gram(f) / f[..., 0].size, "number of positions"),
        wrong(lambda f: np.tensordot(f, f, ([2], [2])), "the shape should be"),
        wrong(lambda f: np.corrcoef(f.reshape(f.shape[-1], -1)), "the shape should be"),
        wrong(cosine_of_mixture, "reshape to (C, N) mixes"),
        wrong(gram_of_mixture, "reshape to (C, N) mixes"),
        wrong(correlation_of_mixture, "reshape to (C, N) mixes"),
    ],
)
def test_gram_cosine(answer, hint):
    assert hint in check.gram_cosine.verdict(answer)


def mixed_pair(f, angle=0.1):
    """Two positions, turned into each other by an angle."""
    rows = np.reshape(f, (-1, f.shape[-1])).copy()
    turn = [[np.sin(angle), np.cos(angle)], [np.cos(angle), -np.sin(angle)]]
    rows[[0, 3]] = np.array(turn) @ rows[[0, 3]]
    return rows.reshape(f.shape)


def turned_by_a_fixed_angle(f):
    rows = np.reshape(f, (-1, f.shape[-1])).copy()
    rows[:2] = np.array([[0.6, 0.8], [0.8, -0.6]]) @ rows[:2]
    return rows.reshape(f.shape)


def one_channel_moved(f):
    return np.dstack([np.roll(f[..., :1], 1, axis=0), f[..., 1:]])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f: f, "the same positions, in this or another order"),
        wrong(lambda f: f[:, ::-1], "the same positions, in this or another order"),
        wrong(lambda f: np.roll(f, 1, axis=0), "this or another order"),
        wrong(lambda f: tf.negative(f), "find maps without minus signs"),
        wrong(lambda f: mixed_pair(f, 1.0), "find maps without minus signs"),
        wrong(turned_by_a_fixed_angle, "find maps without minus signs"),
        wrong(lambda f: 0.5 * f, "the right one times a number"),
        wrong(one_channel_moved, "move all channels of a position together"),
        wrong(lambda f: f[..., ::-1], "your Gram is another"),
        wrong(lambda f: f + 1, "your Gram is another"),
        wrong(lambda f: np.zeros_like(f) / np.zeros(1), "nan or infinite"),
        wrong(lambda f: np.tile(f, (2, 1, 1)), "the shape should be"),
        wrong(lambda f: f.reshape(-1, f.shape[-1]), "the shape should be"),
    ],
)
def test_gram_twin(answer, hint):
    with np.errstate(invalid="ignore"):
        assert hint in check.gram_twin.verdict(answer)


def halves(f):
    """Turn by the largest angle that leaves nothing below zero, in two other rows."""
    rows = np.array(f).reshape(-1, f.shape[-1])
    u, v = rows[-1].copy(), rows[-2].copy()
    ratio = np.min(u / v)
    s = 1 / np.sqrt(1 + ratio**2)
    rows[-1], rows[-2] = ratio * s * u + s * v, s * u - ratio * s * v
    return np.maximum(rows, 0).reshape(f.shape)


@pytest.mark.parametrize("answer", [mixed_pair, halves])
def test_other_vectors_have_the_same_gram(answer):
    assert check.gram_twin.verdict(answer).startswith("✓")
