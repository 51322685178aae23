"""Wrong answers that students of lesson 12 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check
from nstlib.universal import _power, adain, whitening_coloring


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, a, b, t: t * adain(f, a) + (1 - t) * adain(f, b), "wrong way"),
        wrong(lambda f, a, b, t: 0.5 * (adain(f, a) + adain(f, b)), "the same share"),
        wrong(lambda f, a, b, t: adain(f, a) + t * adain(f, b), "do not add up to 1"),
        wrong(lambda f, a, b, t: adain(f, a), "the first style alone"),
        wrong(lambda f, a, b, t: adain(f, b), "the second style alone"),
        wrong(
            lambda f, a, b, t: (
                (1 - t) * adain(f, a) + t * adain(adain(f, a), b).numpy()
            ),
            "✓",  # AdaIN forgets what the first style did
        ),
        wrong(lambda f, a, b, t: (1 - t) * f + t * adain(f, b), "the photo itself"),
        wrong(
            lambda f, a, b, t: adain(f, tf.concat([a, b], 0)), "were thrown together"
        ),
        wrong(
            lambda f, a, b, t: (
                (f - f.mean(0)) / f.std(0) * a.std(0)
                + (1 - t) * a.mean(0)
                + t * b.mean(0)
            ),
            "only the means are mixed",
        ),
        wrong(lambda f, a, b, t: (1 - t) * a + t * b, "✗"),
    ],
)
def test_mixed_styles(answer, hint):
    assert hint in check.mixed_styles.verdict(answer)


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
                @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(x.T)))).T
            ),
            "✗",
        ),
        wrong(lambda x: x - x.mean(0), "only the mean is gone"),
        wrong(whitening_coloring, "raised TypeError"),
    ],
)
def test_whitened(answer, hint):
    assert hint in check.whitened.verdict(answer)


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
    ],
)
def test_nearest_patches(answer, hint):
    assert hint in check.nearest_patches.verdict(answer)
