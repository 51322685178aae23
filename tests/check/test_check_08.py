"""Wrong answers that students of lesson 08 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf
from nstlib.lbfgs import CurvaturePair, dot


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def product(a, b):
    return tf.reduce_sum(a * b)


def recursion(take=-1, guess=None, sign=-1, descend="q"):
    """As students write it, with something changed."""

    def h_times(gradient, pairs, gamma):
        if not pairs:
            return (gamma if guess is None else guess) * gradient
        (s, y, rho), older = pairs[take], pairs[:-1] if take else pairs[1:]
        alpha = rho * product(s, gradient)
        q = gradient - alpha * y
        r = h_times(q if descend == "q" else gradient, older, gamma)
        return r + (alpha + sign * rho * product(y, r)) * s

    return h_times


def newest_only(gradient, pairs, gamma):
    return recursion()(gradient, pairs[-1:], gamma)


def beta_of_q(gradient, pairs, gamma):
    if not pairs:
        return gamma * gradient
    *older, (s, y, rho) = pairs
    alpha = rho * (s @ gradient)
    q = gradient - alpha * y
    return beta_of_q(q, older, gamma) + (alpha - rho * (y @ q)) * s


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(recursion(take=0), "the newest pair comes last"),
        wrong(recursion(guess=1.0), "gamma is missing"),
        wrong(recursion(sign=1), "beta has the wrong sign"),
        wrong(beta_of_q, "computed from r, not from q"),
        wrong(recursion(descend="g"), "give it q"),
        wrong(newest_only, "only the newest pair counts"),
        wrong(lambda *case: -recursion()(*case), "with its minus"),
        wrong(lambda g, pairs, gamma: g * gamma, "the pairs are not used"),
        wrong(lambda g, pairs, gamma: pairs[-1][0], "raised IndexError"),
        wrong(lambda g, pairs, gamma: recursion()(g, pairs, gamma)[:1], "the shape"),
    ],
)
def test_h_times(answer, hint):
    assert hint in check.h_times.verdict(answer)


def test_the_packaged_loops_are_the_recursion():
    def with_loops(gradient, pairs, gamma):
        q, alphas = gradient, []
        for s, y, rho in pairs[::-1]:
            alphas.append(rho * dot(s, q))
            q = q - alphas[-1] * y
        r = gamma * q
        for (s, y, rho), alpha in zip(pairs, alphas[::-1], strict=True):
            r = r + (alpha - rho * dot(y, r)) * s
        return r

    assert check.h_times.verdict(with_loops).startswith("✓")
    assert check.h_times.verdict(recursion()).startswith("✓")


def dense(pairs):
    """As in the lesson."""
    s, y, _ = pairs[-1]
    inverse = (s @ y) / (y @ y) * np.eye(len(s))
    for s, y, rho in pairs:
        left = np.eye(len(s)) - rho * np.outer(s, y)
        inverse = left @ inverse @ left.T + rho * np.outer(s, s)
    return inverse


def experiment(count=4, seed=0, newest=False, size=5, pair=CurvaturePair):
    """As students design it."""

    def multiplies_by_h(program):
        rng, pairs = np.random.default_rng(seed), []
        for _ in range(count):
            s = rng.normal(size=size)
            y = rng.uniform(0.3, 3.0) * s + 0.2 * rng.normal(size=size)
            pairs.append(pair(s, y, 1 / (y @ s)))
        g = pairs[-1][1] if newest else rng.normal(size=size)
        return np.allclose(program(g, pairs), dense(pairs) @ g)

    return multiplies_by_h


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda program: True, "trusts every program"),
        wrong(lambda program: False, "trusts no program"),
        wrong(lambda program: not experiment()(program), "upside down"),
        wrong(experiment(count=1), "one pair has no order"),
        wrong(experiment(count=2), "drops old pairs"),
        wrong(experiment(newest=True), "a wrong first guess get past you"),
        wrong(
            lambda program: (program(np.arange(3.0), []) == np.arange(3)).all(),
            "without pairs there is nothing to do wrong",
        ),
        wrong(lambda program: program(np.ones(3)), "raised TypeError"),
        wrong(lambda program: "yes", "should hold"),
    ],
)
def test_multiplies_by_h(answer, hint):
    assert hint in check.multiplies_by_h.verdict(answer)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("count", [3, 4, 6])
def test_good_designs_pass_whatever_the_pairs(seed, count):
    assert check.multiplies_by_h.verdict(experiment(count, seed)).startswith("✓")


def test_plain_tuples_are_pairs_too():
    answer = experiment(pair=lambda *values: values)
    assert check.multiplies_by_h.verdict(answer).startswith("✓")


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


def never_leaves(gradient, x, rate, steps):
    g = gradient(x)
    for _ in range(steps):
        new = x - rate * g
        change = gradient(new) - g
        rate = product(new - x, change) / product(change, change)
        g = gradient(new)
    return new


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
        wrong(never_looks_again, "the gradient is not updated"),
        wrong(never_leaves, "every step leaves from the first point"),
    ],
)
def test_gamma_descent(answer, hint):
    assert hint in check.gamma_descent.verdict(answer)
