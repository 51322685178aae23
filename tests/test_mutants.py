"""Mistakes in the package make a cell of the lesson that teaches it fail."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import MUTANTS


@pytest.mark.parametrize("lesson", MUTANTS)
def test_every_mutant_is_caught(lesson):
    script = Path(__file__).with_name("mutants.py")
    done = subprocess.run(
        [sys.executable, script, lesson], capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    caught = json.loads(done.stdout.splitlines()[-1])
    assert caught.pop("nothing") is None
    assert len(caught) >= 3
    assert [mistake for mistake, cell in caught.items() if cell is None] == []


def test_fifteen_mutants_or_more():
    assert sum(map(len, MUTANTS.values())) >= 15
