"""What all checkers have in common."""

import inspect
import itertools
import re

import numpy as np
import pytest

from nstlib import check
from nstlib.check.exercise import Exercise, OpenExercise

EXERCISES = check.exercises()
each = pytest.mark.parametrize("name", EXERCISES)
EXAMPLE = r"(\.? For example:\n.*)?"  # behind a hint


@each
def test_the_oracle_passes_and_each_mistake_is_named(name):
    exercise = EXERCISES[name]
    assert exercise.verdict(exercise.oracle) == f"✓ {exercise.praise}"
    assert len(exercise.mistakes) >= 4
    for hint, mistake in exercise.mistakes.items():
        said = exercise.verdict(mistake)
        assert re.fullmatch(f"✗ {re.escape(hint)}{EXAMPLE}", said, re.DOTALL)


@each
def test_three_cases_or_more_and_the_same_each_time(name):
    first, second = (list(EXERCISES[name].cases()) for _ in range(2))
    assert len(first) >= 3
    for a, b in zip(itertools.chain(*first), itertools.chain(*second), strict=True):
        if not callable(a):
            np.testing.assert_equal(a, b)


@each
def test_not_attempted_and_not_even_a_function(name):
    exercise = EXERCISES[name]
    count = len(inspect.signature(exercise.oracle).parameters)
    assert count >= 1 or name == "better_settings"  # which asks for settings
    assert exercise.verdict(lambda *_: ...) == "○ not attempted yet"
    assert exercise.verdict(...) == "○ not attempted yet"
    assert exercise.verdict(lambda *_: None).startswith(
        "✗ your function returns nothing"
    )
    assert exercise.verdict(3).startswith("✗")
    if count:
        assert "raised TypeError" in exercise.verdict(lambda: 1)
    assert exercise.verdict(lambda *_: "nonsense").startswith("✗")
    assert exercise.verdict(lambda *_: np.full((2, 3, 5, 7), np.nan)).startswith("✗")


# --- what is said about a mistake that nobody foresaw

HALF = Exercise(
    oracle=lambda picture: picture / 2,
    cases=lambda: [(np.full((3, 5, 2), 8.0),), (np.ones((4, 2, 1)),), (np.eye(3),)],
    mistakes={},
    praise="half",
)
COUNT = Exercise(
    oracle=len, cases=lambda: [("abc",), ("",), ([1],)], mistakes={}, praise="count"
)
SIGN = Exercise(
    oracle=lambda x: "plus" if x > 0 else "minus",
    cases=lambda: [(1,), (-2,), (3,)],
    mistakes={},
    praise="sign",
)


def raising(error):
    def answer(_):
        raise error

    return answer


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (
            HALF,
            lambda p: 2 * p,
            "values are not. For example:\n  p: [[[1.], [1.]], [[1.], [1",
        ),
        (
            HALF,
            lambda p: 2 * p,
            "\n  right: [[[0.5], [0.5]], [[0.5], [0.5]]]\n  yours: [[[2",
        ),
        (HALF, lambda p: p / 0, "some values are nan"),
        (HALF, lambda p: (p + 1) / 0, "some values are infinite"),
        (HALF, lambda p: p[:1], "the shape should be (3, 5, 2), yours is (1, 5, 2)"),
        (HALF, lambda p: p.astype(str), "should hold numbers, and holds text"),
        (HALF, lambda p: p * 1j, "should hold numbers, and holds complex128"),
        (HALF, lambda p: {}, "your answer should hold numbers, and holds object"),
        (HALF, lambda p: [[1], [1, 2]], "return one value, not 2"),
        (HALF, lambda p: p[7], "IndexError: index 7 is out of bounds"),
        (HALF, lambda p: p[7], "for the input of shape (3, 5, 2). Look here: an index"),
        (HALF, np.linalg.inv, "raised LinAlgError"),
        (HALF, lambda p: undefined, "raised NameError"),  # noqa: F821
        (HALF, raising(KeyError("total")), "KeyError: 'total', for the input of shape"),
        (HALF, lambda p: p / None, "Look here: one of the values is None"),
        (HALF, lambda p: [a for a, b in p[:, :1]], "Look here: there are more names"),
        (HALF, lambda p: np.array([[1], [1, 2]]), "Look here: its parts differ in"),
        (
            HALF,
            lambda p: p / 2 if len(p) == 3 else None,
            "returns nothing for the input of shape (4, 2, 1): add a return",
        ),
        (HALF, raising(OSError()), "raised OSError: no message, for the input"),
        (COUNT, lambda text: float(len(text)), "as floats: return whole numbers"),
        (COUNT, lambda text: len(text) + 1, "text: 'abc'\n  right: 3\n  yours: 4"),
        (
            SIGN,
            lambda x: "plus",
            "you say 'plus' where 'minus' is right, in case 2 of 3",
        ),
        (
            SIGN,
            lambda x: "none",
            "'none' is none of the answers: choose from minus, pl",
        ),
        (SIGN, lambda x: 1, "should be a text such as 'plus', not 1"),
    ],
)
def test_what_nobody_foresaw_gets_a_sentence(exercise, answer, words):
    with np.errstate(all="ignore"):
        said = exercise.verdict(answer)
    assert said.startswith("✗ ") and words in said


@each
def test_values_that_are_wrong_are_shown(name):
    """A small input, the right answer and the student's."""
    exercise = EXERCISES[name]
    right = exercise.oracle(*next(iter(exercise.cases())))
    if isinstance(right, str | bool) or isinstance(exercise, OpenExercise):
        return  # a word is no small input, and there may be many right answers

    def off(*case):
        answer = exercise.oracle(*case)
        if isinstance(answer, tuple | list):
            return type(answer)([answer[0] + 3, *answer[1:]])
        return answer + 3

    said = exercise.verdict(off)
    assert said.startswith("✗ the shape is right, the values are not. For example:\n")
    *shown, one, two = said.splitlines()[1:]
    assert one.startswith("  right: ") and two.startswith("  yours: ")
    assert shown and max(map(len, said.splitlines())) < 400


def test_no_such_exercise():
    with pytest.raises(AttributeError, match="choose from"):
        _ = check.nonsense


def stale(gradient, x, rate, steps):
    """The gradient of the start is used in every step."""
    g = gradient(x)
    for _ in range(steps):
        s = -rate * g
        y = gradient(x + s) - g
        x, rate = x + s, s @ y / (y @ y)
    return x


def cut_off(F, P, S, cut, alpha, beta):
    """The slice is empty where there is no margin."""
    F, P, S = (maps[cut:-cut, cut:-cut] for maps in (F, P, S))
    G, A = (np.einsum("yxi,yxj->ij", m, m) / np.float64(m[..., 0].size) for m in (F, S))
    content = ((F - P) ** 2).mean() / (P**2).mean()
    return alpha * content + beta * ((G - A) ** 2).sum() / (A**2).sum()


def counted(features, mask):
    """A soft position counts in full."""
    h, w, _ = features.shape
    s = len(mask) // h
    weights = mask.reshape(h, s, w, s).mean(axis=(1, 3))
    return (
        np.einsum("yx,yxi,yxj->ij", weights, features, features) / (weights > 0).sum()
    )


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("gamma_descent", stale, "the gradient is not updated"),
        ("transfer_loss", cut_off, "F[cut:-cut] is empty where cut is 0"),
        ("guided_gram", counted, "you divided by the number of weights above 0"),
    ],
)
@pytest.mark.filterwarnings("ignore:Mean of empty slice|invalid value:RuntimeWarning")
def test_a_likely_mistake_is_shown_with_a_small_input(name, answer, hint):
    said = EXERCISES[name].verdict(answer)
    first, *shown = said.splitlines()
    assert hint in first and first.endswith("For example:")
    words = [line.split(":")[0].strip() for line in shown]
    assert words[-2:] == ["right", "yours"] and len(words) >= 4
    assert max(map(len, shown)) < 300
