"""Mistakes in the package make a cell of the lesson fail: lessons 07 and 08."""

import pytest
from mutants import LESSONS, MUTANTS, uncaught


@pytest.mark.parametrize("lesson", LESSONS[6:8])
def test_every_mutant_is_caught(lesson):
    assert uncaught(lesson) == []


def test_fifteen_mutants_or_more():
    assert sum(map(len, MUTANTS.values())) >= 15
