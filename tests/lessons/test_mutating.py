"""Every mutant can be made: quick, and without TensorFlow."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import mutating
import pytest
from mutants import MUTANTS, Mutant
from mutating import mutated

HERE = Path(__file__).parent
EVERY = [
    pytest.param(mutant, id=f"{lesson[:2]}-{mutant.mistake}")
    for lesson, mutants in MUTANTS.items()
    for mutant in mutants
]


@pytest.mark.parametrize("mutant", EVERY)
def test_what_is_replaced_stands_there_once(mutant):
    compile(mutated(mutant), mutant.where, "exec")


def test_fifteen_mutants_or_more():
    assert len(EVERY) >= 15


def test_every_lesson_with_mutants_has_a_file():
    """One each, because pytest-xdist gives a file to a worker, and they take long."""
    texts = [path.read_text("utf-8") for path in HERE.glob("test_mutants_*.py")]
    found = [re.findall(r"uncaught\((.*)\) == \[\]", text) for text in texts]
    assert {len(calls) for calls in found} == {1}
    assert sorted(ast.literal_eval(call) for (call,) in found) == sorted(MUTANTS)


WRITTEN = '''
"""A module."""
FACTOR = [1.5, 2]


def half(x):
    """Half of x / 2."""
    names = {"a": x  # as it came
             / 2}
    return (names[f"{'a'}"])


class Twice:
    factor: float = 2.0

    def half(self, x):
        if x:
            return x / 2
        return 0
'''
AS_UNPARSED = [  # where, old, new, what of it stands in the module then
    ("FACTOR", "[ 1.5,2, ]", "[2]", "FACTOR = [2]\n"),
    ("half", "x/2", "x", "    names = {'a': x}\n"),
    ("half", "return names[f'{\"a\"}']", "return x", "    return x\n"),
    ("Twice.half", "(x\n/2)", "x", "            return x\n        return 0"),
    ("Twice.factor", "2.0", "3.0", "    factor: float = 3.0\n"),
    ("Twice", "return 0", "return (1)", "        return 1"),
]


@pytest.fixture
def written(tmp_path, monkeypatch):
    folder = tmp_path / "nstlib" / "folder"
    folder.mkdir(parents=True)
    (folder / "module.py").write_text(WRITTEN, encoding="utf-8")
    monkeypatch.setattr(mutating, "ROOT", tmp_path)


@pytest.mark.parametrize(("where", "old", "new", "line"), AS_UNPARSED)
def test_how_it_is_written_does_not_matter(written, where, old, new, line):
    found = mutated(Mutant("", f"folder.module.{where}", old, new))
    assert found.count(line) == 1 and len(found.splitlines()) > 10


@pytest.mark.parametrize(
    ("where", "old", "words"),
    [
        ("half", "x / 3", "'x / 3' 0 times, not once"),
        ("Twice", "x", "'x' 2 times, not once"),
        ("Twice.third", "x", "0 definitions of 'third'"),
        ("Thrice", "x", "0 definitions of 'Thrice'"),
    ],
)
def test_what_is_not_there_once_fails_loudly(written, where, old, words):
    with pytest.raises(ValueError, match=words):
        mutated(Mutant("m", f"folder.module.{where}", old, "y"))


def test_no_such_module(written):
    with pytest.raises(ValueError, match=r"no module of nstlib holds 'nowhere\.half'"):
        mutated(Mutant("", "nowhere.half", "x", "y"))


def test_no_tensorflow_is_started():
    code = (
        "import sys, mutating;"
        "[mutating.mutated(m) for ms in mutating.MUTANTS.values() for m in ms];"
        "print([m for m in ('tensorflow', 'nstlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=mutating.ROOT / "tests" / "lessons",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
