"""Mistakes in the package make a cell of the lesson fail."""

from mutating import uncaught


def test_every_mutant_is_caught():
    assert uncaught("11_high_resolution") == []
