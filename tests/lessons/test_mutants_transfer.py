"""Mistakes in the package make a cell of the lesson fail: lessons 09–13."""

import pytest
from mutants import LESSONS, uncaught


@pytest.mark.parametrize("lesson", LESSONS[8:])
def test_every_mutant_is_caught(lesson):
    assert uncaught(lesson) == []
