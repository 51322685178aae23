"""Every lesson in build mode: with untouched stubs, with solutions, with mistakes.

The stub, check and solution cells of all lessons run here, in this process. To run a
whole lesson takes up to a minute, so two do always, and all in all three variants with
``NSTLIB_ALL_BUILT=1`` in the environment.
"""

import contextlib
import importlib
import io
import os

import pytest
from building import answers, built_cells, outcome
from lesson_files import LESSONS, cells, defined, source, tags
from mutants import MUTANTS
from mutating import locate, mutated

import nstlib
from nstlib import check
from nstlib.course.build import GIVEN, built_names

BUILT = [path for path in LESSONS if any(map(built_names, cells(path)))]
each = pytest.mark.parametrize("path", BUILT, ids=lambda path: path.stem)
MADE_BEFORE = {  # what stubs need of cells that take long, or of other functions
    "07": lambda: {"targets": None},
    "09": lambda: {"settings": nstlib.Settings()},
}


def prepared(path):
    """What a lesson has at its first stub: setup, parameters and given functions."""
    scope = MADE_BEFORE.get(path.stem[:2], dict)()
    code = [cell for cell in cells(path, "code") if "exercise" not in tags(cell)]
    for cell in code:
        given = defined(cell) and {*defined(cell)} <= GIVEN.keys()
        if cell is code[0] or "parameters" in tags(cell) or given:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(source(cell), scope)
    return scope


def printed(code, scope):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(code, scope)
    return text.getvalue()


def stubs(path):
    """The names, the stub and the check of each cell that was taken apart.

    The stub has the code before it, where that stands in a cell of its own.
    """
    found = built_cells(path.stem)
    for number, cell in enumerate(found):
        if "stub" in tags(cell):
            check_cell = source(found[number + 1])
            names = [line.split(" = ")[0] for line in check_cell.splitlines()]
            first = found[number - 1]
            before = source(first) if first["id"].endswith("-before") else ""
            yield cell["id"], names, f"{before}\n{source(cell)}", check_cell


@each
def test_untouched_solved_and_wrong(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    scope, all_cells = prepared(path), built_cells(path.stem)
    solved, wrong = (answers(all_cells, kind) for kind in ("solved", "wrong"))
    for number, names, stub, check_cell in stubs(path):
        exec(stub, scope)
        assert printed(check_cell, scope).count("○ not attempted yet\n→ until") == len(
            names
        )
        given = [scope[name] for name in names]
        assert all(map(callable, given))
        assert printed(check_cell, scope).count("this is the given function") == len(
            names
        )
        exec(wrong[number], scope)
        assert printed(check_cell, scope).count("✗ ") == len(names)
        assert all(callable(scope[name]) for name in names)
        exec(stub, scope)
        exec(solved[number], scope)
        said = printed(check_cell, scope)
        assert said.count("✓ ") == said.count("goes on with your") == len(names), said
        assert all(scope[n] is not g for n, g in zip(names, given, strict=True))


def of_built_functions():
    for lesson, mutants in MUTANTS.items():
        (path,) = (p for p in LESSONS if p.stem == lesson)
        names = {name for cell in cells(path, "code") for name in built_names(cell)}
        for mutant in mutants:
            if mutant.where.rpartition(".")[2] in names:
                yield pytest.param(lesson, mutant, id=f"{lesson[:2]}-{mutant.mistake}")


MUTATED = list(of_built_functions())


@pytest.mark.parametrize(("lesson", "mutant"), MUTATED)
def test_a_mutant_as_the_students_answer_is_refused(lesson, mutant):
    path, (name,) = locate(mutant.where)
    scope = {"__name__": f"nstlib.{mutant.where.rpartition('.')[0]}"}
    exec(compile(mutated(mutant), str(path), "exec"), scope)
    checker = getattr(importlib.import_module(f"nstlib.check.build{lesson[:2]}"), name)
    said = checker.verdict(scope[name])
    assert said.startswith("✗ ")


def test_there_are_many_mutants_of_built_functions():
    assert len(MUTATED) >= 20


OTHER_WAYS = {  # right, but written in another way than the lesson's
    "04.gram_matrix": (
        "def gram_matrix(features):\n"
        "    shape = features.shape\n"
        "    rows = tf.reshape(features, (-1, shape[-1]))\n"
        "    return tf.einsum('ki,kj->ij', rows, rows)"
    ),
    "06.total_variation_loss": (
        "def total_variation_loss(tensor, exponent=2.0, reduction='mean'):\n"
        "    t = tf.convert_to_tensor(tensor)\n"
        "    a = t[..., 1:, :, :] - t[..., :-1, :, :]\n"
        "    b = t[..., 1:, :] - t[..., :-1, :]\n"
        "    f = {'mean': tf.reduce_mean, 'sum': tf.reduce_sum}[reduction]\n"
        "    if exponent in (1, 2):\n"
        "        return f(tf.abs(a) ** exponent) + f(tf.abs(b) ** exponent)\n"
        "    return f((a[..., :-1, :] ** 2 + b[..., :-1, :, :] ** 2) ** exponent)"
    ),
    "01.preprocess": (
        "def preprocess(picture):\n"
        "    red, green, blue = np.moveaxis(np.asarray(picture, 'float64'), -1, 0)\n"
        "    b, g, r = BGR_MEANS\n"
        "    return np.float32(np.dstack([blue - b, green - g, red - r])[None])"
    ),
}


@pytest.mark.parametrize("which", OTHER_WAYS)
def test_another_right_way_passes(which, monkeypatch):
    lesson, _, name = which.partition(".")
    (path,) = (p for p in LESSONS if p.stem.startswith(lesson))
    monkeypatch.chdir(path.parent)
    scope = prepared(path)
    for _, _, stub, _ in stubs(path):
        exec(stub, scope)
    exec(OTHER_WAYS[which], scope)
    checker = getattr(getattr(check, f"build{lesson}"), name)
    assert checker.verdict(scope[name]).startswith("✓")


WHOLE = [("01_preprocessing", "untouched"), ("04_gram_matrices", "solved")]
if os.environ.get("NSTLIB_ALL_BUILT"):
    kinds = ("untouched", "wrong", "solved")
    WHOLE = [(path.stem, kind) for path in LESSONS for kind in kinds]


@pytest.mark.parametrize(("lesson", "variant"), WHOLE)
def test_a_whole_lesson_runs_to_its_end(lesson, variant):
    (path,) = (p for p in LESSONS if p.stem == lesson)
    names = [name for cell in cells(path, "code") for name in built_names(cell)]
    solved = variant == "solved"
    wanted = (names, []) if solved else ([], names)
    failure, *went_on_with = outcome(lesson, variant)
    assert failure is None
    assert tuple(went_on_with) == wanted
