"""Mistakes in the package make a cell of the lesson fail: lessons 07–11.

In two files, because each file is one worker's.
"""

import pytest
from mutants import LESSONS, MUTANTS, uncaught


@pytest.mark.parametrize("lesson", LESSONS[6:])
def test_every_mutant_is_caught(lesson):
    assert uncaught(lesson) == []


def test_fifteen_mutants_or_more():
    assert sum(map(len, MUTANTS.values())) >= 15
