"""Wrong answers that students of lesson 12 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.universal import _power, adain, whitening_coloring


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors / np.sqrt(np.abs(values) + 1e-300)) @ vectors.T


def turned_twice(rows):
    covariance = np.cov(rows.T, bias=True)
    _, vectors = np.linalg.eigh(covariance)
    return (rows - rows.mean(0)) @ root(covariance) @ vectors @ vectors


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda x: x @ _power(x, -0.5)[1].numpy(), "the mean is still there"),
        wrong(
            lambda x: (x - x.mean(0)) @ _power(x, -0.5)[1].numpy() + x.mean(0),
            "the mean came back",
        ),
        wrong(
            lambda x: (x - x.mean(0)) @ _power(x, 0.5)[1].numpy(), "this is the root"
        ),
        wrong(
            lambda x: (x - x.mean(0)) @ _power(x, -1.0)[1].numpy(),
            "the inverse of its root",
        ),
        wrong(lambda x: (x - x.mean(0)) / x.std(0), "still depend on each other"),
        wrong(
            lambda x: (
                (x - x.mean(0))
                @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T, bias=True))).T
            ),
            "Cholesky's root: it whitens",
        ),
        wrong(
            lambda x: (x - x.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))),
            "✗",
        ),
        wrong(lambda x: (x - x.mean(0)) @ root(x.T @ x / len(x)), "not centered"),
        wrong(lambda x: x @ root(x.T @ x / len(x)), "the rows are not centered"),
        wrong(lambda x: x @ root(np.cov(x.T, bias=True)), "the mean is still there"),
        wrong(lambda x: (x - x.mean(0)) @ root(np.cov(x, bias=True)), "✗"),
        wrong(lambda x: x * np.nan, "some values are nan"),
        wrong(lambda x: x.astype(str), "holds text"),
        wrong(lambda x: x - x.mean(0), "only the mean is gone"),
        wrong(whitening_coloring, "raised TypeError"),
        wrong(turned_twice, "E stands at the end"),
        wrong(
            lambda x: (x - x.mean()) @ root(np.cov(x.T, bias=True)), "one mean together"
        ),
        wrong(
            lambda x: (x - x.mean(0)) @ root(np.corrcoef(x.T)), "these are correlations"
        ),
    ],
)
def test_whitened(answer, hint):
    assert hint in check.whitened.verdict(answer)


@pytest.mark.parametrize(
    "covariance",
    [
        lambda x: np.cov(x.T, bias=True),
        lambda x: np.cov(x, rowvar=False, bias=True),
        lambda x: (x - x.mean(0)).T @ (x - x.mean(0)) / len(x),
    ],
)
def test_each_way_to_a_covariance_is_right(covariance):
    def whitened(rows):
        centered = rows - rows.mean(0)
        return centered @ root(covariance(centered))

    assert check.whitened.verdict(whitened).startswith("✓")


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, s: s[np.argmax(f @ s.T, axis=1)], "the longest patches win"),
        wrong(
            lambda f, s: s[
                np.argmin([[np.sum((a - b) ** 2) for b in s] for a in f], 1)
            ],
            "nearest by distance",
        ),
        wrong(lambda f, s: s[np.argmin(f @ unit(s).T, axis=1)], "least similar"),
        wrong(lambda f, s: unit(s)[np.argmax(f @ unit(s).T, axis=1)], "of length 1"),
        wrong(lambda f, s: np.argmax(f @ unit(s).T, axis=1), "numbers of patches"),
        wrong(lambda f, s: f[np.argmax(unit(s) @ unit(f).T, axis=1)], "the photo's"),
        wrong(lambda f, s: s[np.argmax(abs(f @ unit(s).T), axis=1)], "sign got lost"),
        wrong(lambda f, s: s[np.argmax(f @ unit(s).T, axis=0)], "the wrong axis"),
        wrong(lambda f, s: s[np.argmax(f @ unit(s).T)], "raised IndexError"),
        wrong(
            lambda f, s: s[np.argmax(f @ (s / np.linalg.norm(s, axis=0)).T, axis=1)],
            "a patch is a row",
        ),
    ],
)
def test_nearest_patches(answer, hint):
    assert hint in check.nearest_patches.verdict(answer)


RNG = np.random.default_rng(0)
PHOTO = RNG.normal(size=(40, 3)) @ RNG.normal(size=(3, 3)) + 1
PAINTING = RNG.normal(size=(30, 3)) @ RNG.normal(size=(3, 3)) + 5


def by_statistics(change):
    found = change(PHOTO, PAINTING)
    if np.isin(found, PAINTING).all():
        return "swap"
    if not np.allclose(found.mean(0), PAINTING.mean(0)):
        return "none"
    if np.allclose(np.cov(found.T, bias=True), np.cov(PAINTING.T, bias=True)):
        return "wct"
    return "adain" if np.allclose(found.std(0), PAINTING.std(0)) else "none"


def by_comparison(change):
    found = change(PHOTO, PAINTING)
    swap = PAINTING[np.argmax(PHOTO @ unit(PAINTING).T, axis=1)]
    methods = {
        "adain": adain(PHOTO, PAINTING),
        "wct": whitening_coloring(PHOTO, PAINTING),
        "swap": swap,
    }
    return next((n for n, v in methods.items() if np.allclose(found, v)), "none")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(by_comparison, "✓"),
        wrong(by_statistics, "the statistics alone do not tell"),
        wrong(lambda change: "adain", "you always say adain"),
        wrong(lambda change: "none", "you always say none"),
        wrong(lambda change: "AdaIN", "is none of the answers"),
        wrong(lambda change: change(PHOTO[0], PAINTING), "takes two tables"),
        wrong(lambda change: change(PHOTO[:, :1], PAINTING[:, :1]), "two or more"),
        wrong(lambda change: change(PHOTO), "raised TypeError"),
        wrong(lambda change: 1, "should be a text such as"),
    ],
)
def test_which_method(answer, hint):
    assert hint in check.which_method.verdict(answer)
