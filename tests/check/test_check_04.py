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
    ],
)
def test_gram_cosine(answer, hint):
    assert hint in check.gram_cosine.verdict(answer)


def between(f, g):
    """Gram of two maps (h, w, C) of one size."""
    f, g = (np.reshape(maps, (-1, maps.shape[-1])) for maps in (f, g))
    return f.T @ g


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, s: between(f, np.roll(f, -s, 1)), "the maps went round"),
        wrong(lambda f, s: between(f, tf.roll(f, s, 1)), "shifted to the left"),
        wrong(
            lambda f, s: between(f[:, s:], f[:, : f.shape[1] - s]), "S is transposed"
        ),
        wrong(lambda f, s: between(f[: len(f) - s], f[s:]), "you shifted down"),
        wrong(lambda f, s: gram(f), "the shift is missing"),
        wrong(lambda f, s: gram(f[:, : f.shape[1] - s]), "begin at the left edge"),
        wrong(lambda f, s: gram(f[:, s:]), "shift only one of them"),
        wrong(
            lambda f, s: (
                between(f[:, : f.shape[1] - s], f[:, s:]) / (len(f) * (f.shape[1] - s))
            ),
            "number of positions",
        ),
        wrong(lambda f, s: between(f[:, :-s], f[:, s:]), "raised ValueError"),
        wrong(lambda f, s: np.sum(gram(f)), "the shape should be"),
        wrong(lambda f, s: f[:, s:], "the shape should be"),
    ],
)
def test_gram_shifted(answer, hint):
    assert hint in check.gram_shifted.verdict(answer)
