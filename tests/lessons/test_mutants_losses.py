"""Mistakes in the package make a cell of the lesson fail: lessons 01–06.

In several files, because each file is one worker's.
"""

import pytest
from mutants import LESSONS, uncaught


@pytest.mark.parametrize("lesson", LESSONS[:6])
def test_every_mutant_is_caught(lesson):
    assert uncaught(lesson) == []
