"""Mistakes in the package make a cell of the lesson fail. Four files: it takes long."""

from mutating import uncaught


def test_every_mutant_is_caught():
    assert uncaught("11_high_resolution", 1, 4) == []
