"""Every folded solution passes its own checker; every stub is not attempted yet."""

import re

import pytest
from lesson_files import LESSONS, cells, code_block, defined, source, tagged, tags

from nstlib import check

EXERCISES = [
    pytest.param(path, *pair, id=f"{path.stem[:2]}-{number}")
    for path in LESSONS
    for number, pair in enumerate(
        zip(tagged(path, "exercise"), tagged(path, "solution"), strict=True), 1
    )
]


@pytest.fixture(scope="module")
def namespaces():
    return {}


def prepared(path, namespaces, monkeypatch):
    """What the lesson has defined: its setup, its parameters, its own functions."""
    monkeypatch.chdir(path.parent)
    if path not in namespaces:
        namespaces[path] = {}
        code = [cell for cell in cells(path, "code") if "exercise" not in tags(cell)]
        for cell in code:
            if cell is code[0] or "parameters" in tags(cell) or defined(cell):
                exec(source(cell), namespaces[path])
    return dict(namespaces[path])


@pytest.mark.parametrize("path, stub, solution", EXERCISES)
def test_the_solution_passes(path, stub, solution, namespaces, monkeypatch):
    scope = prepared(path, namespaces, monkeypatch)
    checker, function = re.search(r"check\.(\w+)\((\w+)\)", source(stub)).groups()
    exec(source(stub), scope)
    assert getattr(check, checker).verdict(scope[function]) == "○ not attempted yet"
    exec(code_block(solution), scope)
    assert getattr(check, checker).verdict(scope[function]).startswith("✓")


@pytest.mark.parametrize("path, stub, solution", EXERCISES)
def test_hint_and_solution_are_folded_below_the_stub(path, stub, solution):
    found = cells(path)
    place = found.index(stub)
    hint = found[place + 1]
    assert "hint" in tags(hint) and found[place + 2] == solution
    for cell, title, most in (hint, "Hint", 3), (solution, "Solution", 1):
        text = source(cell)
        folded = re.findall(rf"<details><summary>{title}[^<]*</summary>\n\n", text)
        assert 1 <= len(folded) <= most and text.count("<details>") == len(folded)
        assert text.startswith(folded[0]) and text.endswith("\n\n</details>")
        between = re.split(r"<details>.*?</details>", text, flags=re.DOTALL)
        assert not "".join(between).strip(), "a double click would open what is folded"


@pytest.mark.parametrize("path, stub, solution", EXERCISES)
def test_the_stub_says_how_hard_and_how_long(path, stub, solution):
    found = cells(path)
    before = source(found[found.index(stub) - 1])
    assert re.search(r"[●○]{3}", before) and re.search(r"\d+ minutes?", before)


def test_every_exercise_stands_in_a_lesson():
    used = {
        name
        for path in LESSONS
        for cell in tagged(path, "exercise")
        for name in re.findall(r"check\.(\w+)\(", source(cell))
    }
    assert used == set(check.exercises())
