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


def strips(picture):
    """The mean colors of the first line and of lines 4 to 6, from each side."""
    for turn in range(4):
        turned = np.rot90(picture, turn)
        yield turned[0].mean(), turned[3:6].mean()


def next_line(picture):
    turned = [np.rot90(picture, turn) for turn in range(4)]
    return sum(abs(p[0].mean() - p[1].mean()) for p in turned)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p: p.mean(), "(top 25 levels darker)"),
        wrong(lambda p: -p.mean(), "(left 25 levels paler)"),
        wrong(lambda p: p.std(), "pairs are right. For"),
        wrong(lambda p: sum(a - b for a, b in strips(p)), "darker)"),
        wrong(
            lambda p: abs(sum(a - b for a, b in strips(p))),
            "left 20 levels paler, right",
        ),
        wrong(next_line, "of width 3 (top 30"),
        wrong(lambda p: next(abs(a - b) for a, b in strips(p)), "(left 25"),
        wrong(lambda p: 0.0, "0 of 8 pairs are right"),
        wrong(lambda p: p, "return one number"),
        wrong(lambda p: (1.0, 2.0), "return one number"),
        wrong(lambda p: p[:0].mean(), "nan or infinite"),
        wrong(lambda p: None, "returns nothing"),
    ],
)
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_frame(answer, hint):
    said = check.frame.verdict(answer)
    assert said.startswith("✗") and hint in said


@pytest.mark.parametrize("power", [1, 2])
def test_several_measures_of_a_frame_are_right(power):
    verdict = check.frame.verdict(
        lambda p: tf.constant(sum(abs(a - b) ** power for a, b in strips(p)))
    )
    assert verdict.startswith("✓")
