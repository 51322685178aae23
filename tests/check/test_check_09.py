"""Wrong answers that students of lesson 09 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda c, styles, tv, a, b, g: a * c + sum(b * s for s in styles) + g * tv,
            "are added up",
        ),
        wrong(
            lambda c, s, tv, a, b, g: a * c + b * sum(x / 5 for x in s) + g * tv,
            "divided by 5",
        ),
        wrong(
            lambda c, s, tv, b, a, g: a * c + b * np.mean(s) + g * tv,
            "alpha and beta are swapped",
        ),
        wrong(
            lambda c, s, tv, a, b, g: a * c + b * tf.reduce_mean(s),
            "total variation is missing",
        ),
        wrong(
            lambda c, s, tv, a, b, g: a * c + b * np.mean(s) - g * tv,
            "total variation is subtracted",
        ),
        wrong(
            lambda c, s, tv, a, b, g: a * c + b * np.mean(s) + tv, "gamma is missing"
        ),
        wrong(lambda c, s, tv, a, b, g: c + np.mean(s) + tv, "three weights"),
        wrong(
            lambda c, s, tv, a, b, g: a * c + b * np.array(s) + g * tv,
            "the shape should be ()",
        ),
        wrong(lambda c, s, tv: c + s + tv, "raised TypeError"),
        wrong(
            lambda c, s, tv, a, b, g: (a * c, b * np.mean(s), g * tv),
            "return one value",
        ),
    ],
)
def test_transfer_total(answer, hint):
    assert hint in check.transfer_total.verdict(answer)


def descending(size, smallest, factor):
    sides = []
    while round(size) >= smallest:
        sides.append(round(size))
        size /= factor
    return sides


def too_far(size, smallest, factor):
    sides, side = [size], size
    while round(side) >= smallest or len(sides) < 2:
        side /= factor
        sides.insert(0, round(side))
    return sides


def rounding(size, smallest, factor):
    sides = [size]
    while round(sides[0] / factor) >= smallest:
        sides.insert(0, round(sides[0] / factor))
    return sides


def exact(size, smallest, factor):
    sides, side = [size], size / factor
    while side >= smallest:
        sides.insert(0, round(side))
        side /= factor
    return sides


def strictly(size, smallest, factor):
    sides, side = [size], size / factor
    while round(side) > smallest:
        sides.insert(0, round(side))
        side /= factor
    return sides


def truncated(size, smallest, factor):
    sides, side = [size], size / factor
    while round(side) >= smallest:
        sides.insert(0, int(side))
        side /= factor
    return sides


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(descending, "return one value, not 0"),
        wrong(too_far, "below smallest"),
        wrong(rounding, "go on with the rounded side"),
        wrong(exact, "compared the exact side"),
        wrong(strictly, "equal to smallest"),
        wrong(truncated, "cut off the decimals"),
        wrong(lambda *args: truncated(*args)[:-1], "return 3 values, not 2"),
        wrong(lambda n, low, f: [n / f, n], "return 3 values, not 2"),
    ],
)
def test_transfer_scales(answer, hint):
    assert hint in check.transfer_scales.verdict(answer)


def normed(maps, count=None):
    vectors = tf.reshape(maps, (-1, maps.shape[-1]))
    count = vectors.shape[0] if count is None else count
    return tf.matmul(vectors, vectors, transpose_a=True) / count


def inside(maps, cut):
    return maps[cut : maps.shape[0] - cut, cut : maps.shape[1] - cut]


def content(F, P):
    return tf.reduce_mean((F - P) ** 2) / tf.reduce_mean(P**2)


def style(G, A):
    return tf.reduce_sum((G - A) ** 2) / tf.reduce_sum(A**2)


def right(F, P, S, cut, alpha, beta):
    F, P, S = (inside(maps, cut) for maps in (F, P, S))
    return alpha * content(F, P) + beta * style(normed(F), normed(S))


def without_margin(F, P, S, cut, alpha, beta):
    return alpha * content(F, P) + beta * style(normed(F), normed(S))


def content_cut_only(F, P, S, cut, alpha, beta):
    kept = content(inside(F, cut), inside(P, cut))
    return alpha * kept + beta * style(normed(F), normed(S))


def one_count(F, P, S, cut, alpha, beta):
    F, P, S = (inside(maps, cut) for maps in (F, P, S))
    count = F.shape[0] * F.shape[1]
    return alpha * content(F, P) + beta * style(normed(F), normed(S, count))


def sums(F, P, S, cut, alpha, beta):
    F, P, S = (inside(maps, cut) for maps in (F, P, S))
    return alpha * content(F, P) + beta * style(normed(F, 1), normed(S, 1))


def with_units(F, P, S, cut, alpha, beta):
    F, P, S = (inside(maps, cut) for maps in (F, P, S))
    distance = tf.reduce_sum((normed(F) - normed(S)) ** 2)
    return alpha * tf.reduce_mean((F - P) ** 2) + beta * distance


def by_negative_slice(F, P, S, cut, alpha, beta):
    F, P, S = (maps[cut:-cut, cut:-cut] for maps in (F, P, S))
    return alpha * content(F, P) + beta * style(normed(F), normed(S))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(without_margin, "the margin is still in it"),
        wrong(content_cut_only, "the Grams still see the margin"),
        wrong(one_count, "the Grams are not comparable"),
        wrong(sums, "divide each by its own number"),
        wrong(with_units, "the losses have a unit"),
        wrong(
            lambda F, P, S, cut, a, b: right(F, P, S, cut, b, a),
            "alpha and beta are swapped",
        ),
        wrong(
            lambda F, P, S, cut, a, b: right(F, P, P, cut, a, b),
            "the style is compared with P",
        ),
        wrong(by_negative_slice, "F[cut:-cut] is empty where cut is 0"),
        wrong(lambda F, P, S, cut, a, b: F - P, "the shape should be ()"),
    ],
)
def test_transfer_loss(answer, hint):
    assert hint in check.transfer_loss.verdict(answer)


def test_right_answers_in_tensorflow_too():
    assert check.transfer_loss.verdict(right).startswith("✓")
