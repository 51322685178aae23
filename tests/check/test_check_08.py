"""Wrong answers that students of lesson 08 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def product(a, b):
    return tf.reduce_sum(a * b)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda x, g, a, b: (x - a, g - b, 1 / np.dot(x - a, g - b)),
            "new minus the old",
        ),
        wrong(lambda x, g, a, b: (b - g, a - x, 1 / product(a - x, b - g)), "swapped"),
        wrong(lambda x, g, a, b: (a - x, b - g, product(a - x, b - g)), "y·s itself"),
        wrong(
            lambda x, g, a, b: (a - x, b - g, 1 / np.sum((b - g) ** 2)),
            "you divided by y·y",
        ),
        wrong(
            lambda x, g, a, b: (a - x, b - g, 1 / np.linalg.norm(a - x) ** 2),
            "you divided by s·s",
        ),
        wrong(
            lambda x, g, a, b: (tf.constant(a - x), b, 1 / (b @ (a - x))),
            "subtract the old gradient",
        ),
        wrong(lambda x, g, a, b: (a - x, b - g, 1 / (a - x) / (b - g)), "one number"),
        wrong(lambda x, g, a, b: (a - x, b - g), "return 3 values, not 2"),
    ],
)
def test_curvature_pair(answer, hint):
    assert hint in check.curvature_pair.verdict(answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda t, v, d, v0, d0: v <= v0 + 1e-4 * t * d0, "the value only"),
        wrong(lambda t, v, d, v0, d0: tf.abs(d) <= 0.9 * tf.abs(d0), "the slope only"),
        wrong(
            lambda t, v, d, v0, d0: v - v0 <= 1e-4 * t * d0 or abs(d / d0) <= 0.9,
            "use and",
        ),
        wrong(
            lambda t, v, d, v0, d0: v - v0 <= 1e-4 * t * d0 and -d <= -0.9 * d0,
            "take abs of both",
        ),
        wrong(
            lambda t, v, d, v0, d0: (
                v <= v0 + 1e-4 * t * abs(d0) and abs(d) <= 0.9 * abs(d0)
            ),
            "limit lies above",
        ),
        wrong(
            lambda t, v, d, v0, d0: v <= v0 + 1e-4 * d0 and abs(d) <= 0.9 * abs(d0),
            "t is missing",
        ),
        wrong(
            lambda t, v, d, v0, d0: np.logical_and(v < v0, np.abs(d) <= -0.9 * d0),
            "any fall will do",
        ),
        wrong(
            lambda t, v, d, v0, d0: v <= v0 + 0.9 * t * d0 and abs(d) <= -1e-4 * d0,
            "constants are swapped",
        ),
        wrong(
            lambda t, v, d, v0, d0: v > v0 + 1e-4 * t * d0 or abs(d) > -0.9 * d0,
            "upside",
        ),
    ],
)
def test_accepted(answer, hint):
    assert hint in check.accepted.verdict(answer)


def descent(rate_of, sign=-1, extra=0):
    """As students write it: the whole history in lists."""

    def answer(gradient, x, rate, steps):
        points, gradients = [x], [gradient(x)]
        for _ in range(steps + extra):
            points.append(points[-1] + sign * rate * gradients[-1])
            gradients.append(gradient(points[-1]))
            s, y = points[-1] - points[-2], gradients[-1] - gradients[-2]
            rate = rate_of(s, y, rate)
        return points[-1]

    return answer


def never_looks_again(gradient, x, rate, steps):
    g = gradient(x)
    for _ in range(steps):
        new = x - rate * g
        change = gradient(new) - g
        rate = product(new - x, change) / product(change, change)
        x = new
    return x


def gamma(s, y, rate):
    return product(s, y) / product(y, y)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(descent(lambda s, y, rate: rate), "the rate never changes"),
        wrong(
            descent(lambda s, y, rate: np.dot(s, s) / np.dot(s, y)), "another formula"
        ),
        wrong(descent(lambda s, y, rate: 1 / gamma(s, y, rate)), "upside down"),
        wrong(
            descent(lambda s, y, rate: product(s, y) / product(s, s)),
            "you divided by s·s",
        ),
        wrong(descent(gamma, sign=1), "you climb"),
        wrong(descent(gamma, extra=1), "too many"),
        wrong(descent(gamma, extra=-1), "too few"),
        wrong(lambda gradient, x, rate, steps: gradient(x)[:0], "the shape should be"),
        wrong(never_looks_again, "the gradient is that of the start"),
    ],
)
def test_gamma_descent(answer, hint):
    assert hint in check.gamma_descent.verdict(answer)
