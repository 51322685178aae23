"""What all checkers have in common."""

import inspect
import itertools

import numpy as np
import pytest

from nstlib import check

EXERCISES = check.exercises()
each = pytest.mark.parametrize("name", EXERCISES)


@each
def test_the_oracle_passes_and_each_mistake_is_named(name):
    exercise = EXERCISES[name]
    assert exercise.verdict(exercise.oracle) == f"✓ {exercise.praise}"
    assert len(exercise.mistakes) >= 4
    for hint, mistake in exercise.mistakes.items():
        assert exercise.verdict(mistake) == f"✗ {hint}"


@each
def test_three_cases_or_more_and_the_same_each_time(name):
    first, second = (list(EXERCISES[name].cases()) for _ in range(2))
    assert len(first) >= 3
    for a, b in zip(itertools.chain(*first), itertools.chain(*second), strict=True):
        if not callable(a):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@each
def test_not_attempted_and_not_even_a_function(name):
    exercise = EXERCISES[name]
    count = len(inspect.signature(exercise.oracle).parameters)
    assert count >= 1
    assert exercise.verdict(lambda *_: ...) == "○ not attempted yet"
    assert exercise.verdict(...) == "○ not attempted yet"
    assert exercise.verdict(lambda *_: None).startswith(
        "✗ your function returns nothing"
    )
    assert exercise.verdict(3).startswith("✗")
    assert "raised TypeError" in exercise.verdict(lambda: 1)
    assert exercise.verdict(lambda *_: "nonsense").startswith("✗")
    assert exercise.verdict(lambda *_: np.full((2, 3, 5, 7), np.nan)).startswith("✗")


def test_no_such_exercise():
    with pytest.raises(AttributeError, match="choose from"):
        _ = check.nonsense
