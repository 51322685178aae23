"""Lessons in build mode as files: what `nstlib.course.build` makes of each lesson."""

import ast
import json
import re
import time

import nbformat
import pytest
from lesson_files import LESSONS, cells, defined, load, source, tags

from nstlib import check as checkers
from nstlib.backend import tf
from nstlib.course import build as building
from nstlib.course.build import GIVEN, build, built_names
from nstlib.errors import FileError

each = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def built(path):
    return json.loads(build(path.read_bytes(), path.name))


def names_of(path):
    return [name for cell in cells(path, "code") for name in built_names(cell)]


def groups(notebook):
    """Stub, check, hints and solution of each cell that was taken apart."""
    found = notebook["cells"]
    return [
        found[number : number + 4]
        for number, cell in enumerate(found)
        if "stub" in tags(cell)
    ]


def test_every_function_of_a_lesson_is_built_or_listed_with_a_reason():
    every = {name for path in LESSONS for cell in cells(path) for name in defined(cell)}
    assert GIVEN.keys() <= every and all(map(str.strip, GIVEN.values()))
    written = {name.rpartition(".")[2] for name in every - GIVEN.keys()}
    assert written <= {name for path in LESSONS for name in names_of(path)}
    assert len([name for path in LESSONS for name in names_of(path)]) >= 30


def test_the_core_of_each_lesson_is_built():
    wanted = {
        "04": {"gram_matrix"},
        "07": {"weighted_terms", "value_and_gradient", "gradient_descent", "adam"},
        "08": {"two_loop_recursion", "strong_wolfe"},
        "09": {"content_loss", "style_loss", "total_loss", "transfer"},
        "13": {"instance_norm"},
        "14": {"pareto_front"},
    }
    for path in LESSONS[1:]:
        assert wanted.get(path.stem[:2], set()) <= {*names_of(path)}
        assert names_of(path), path.stem


@each
def test_it_is_a_notebook_without_outputs_and_always_the_same(path):
    notebook = built(path)
    nbformat.validate(notebook)
    assert build(path.read_bytes(), path.name) == build(path.read_bytes(), path.name)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    for cell in notebook["cells"]:
        assert "instructor" not in tags(cell)
        assert "hints" not in cell["metadata"]
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
            assert max(map(len, source(cell).splitlines())) <= 79


@each
def test_all_other_cells_are_those_of_the_lesson(path):
    notebook, names = built(path), names_of(path)
    stubs = groups(notebook)
    taken = {stub["id"] for stub, *_ in stubs}
    here = {cell["id"]: source(cell) for cell in notebook["cells"]}
    for cell in load(path)["cells"]:
        if "instructor" in tags(cell):
            assert cell["id"] not in here
        elif cell["id"] not in taken:
            text = here.pop(cell["id"])
            assert text in (
                source(cell),
                source(cell).replace("np.array_equal(", "np.allclose("),
            )
    kinds = ("check", "hints", "solution")
    new = set(here) - taken - {f"{i}-{kind}" for i in taken for kind in kinds}
    assert all(name.endswith(("-before", "-rest", "-build-mode")) for name in new)
    introduction = source(notebook["cells"][1])
    assert ("**You are building.**" in introduction) == bool(names)
    assert all(f"`{name}`" in introduction for name in names)


@each
def test_a_stub_has_signature_and_docstring_and_nothing_of_the_solution(path):
    number = path.stem[:2]
    given = {c["id"]: c for c in cells(path, "code")}
    for stub, check, _, solution in groups(built(path)):
        original = given[stub["id"]]
        for name in built_names(original):
            (mine,) = (n for n in ast.parse(source(stub)).body if named(n, name))
            (whole,) = (n for n in ast.parse(source(original)).body if named(n, name))
            assert ast.dump(mine.args) == ast.dump(whole.args)
            assert ast.get_docstring(mine) == ast.get_docstring(whole) != ""
            assert [ast.unparse(d) for d in mine.decorator_list] == [
                ast.unparse(d) for d in whole.decorator_list
            ]
            assert ast.unparse(mine.body[1:]) == "return ..."
            body = [ast.unparse(statement) for statement in whole.body[1:]]
            assert body[-1] not in source(stub)
            line = f"{name} = check.build{number}.{name}(globals())"
            assert line in source(check).splitlines()
            assert body[-1].splitlines()[0] in unparsed(solution)


def named(node, name):
    return getattr(node, "name", None) == name


def unparsed(solution):
    (code,) = re.findall(r"```python\n(.*?)```", source(solution), re.S)
    return ast.unparse(ast.parse(code))


@each
def test_three_hints_that_are_no_solution_and_everything_is_folded(path):
    for cell in cells(path, "code"):
        hints = cell["metadata"].get("hints", {})
        assert sorted(hints) == sorted(built_names(cell))
        for name, three in hints.items():
            assert len(three) == len({*three}) == 3
            for text in three:
                assert 35 < len(text) < 500 and text[-1] in ".?"
                assert f"def {name}" not in text and "```" not in text
    for _, check, hints, solution in groups(built(path)):
        names = source(check).count(" = ")
        for cell, title, count in (hints, "Hint", 3 * names), (solution, "Solution", 1):
            text = source(cell)
            assert text.startswith("<details>") and text.endswith("</details>")
            assert text.count("<details>") == text.count(f"<summary>{title}") == count
            between = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
            assert not between.strip()


def test_code_behind_the_function_waits_for_the_check():
    """So that it uses the function that the lesson goes on with."""
    (path,) = (p for p in LESSONS if p.stem.startswith("11"))
    notebook = built(path)
    order = [cell["id"] for cell in notebook["cells"]]
    place = order.index("lesson11-27-rest")
    kinds = ("check", "hints", "solution")
    assert order[place - 3 : place] == [f"lesson11-27-{kind}" for kind in kinds]
    assert source(notebook["cells"][place]) == 'HALO = reach(LAYERS, "mini")'
    assert "HALO" not in source(notebook["cells"][place - 4])


NEEDED = {"tf": tf, "time": time, "check": checkers, "targets": None, "dot": None}


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_after_a_syntax_error_the_lesson_goes_on_with_the_given_functions(path, capsys):
    """What stands in the cell beside the function is not lost with it."""
    scope = dict(NEEDED)
    for stub, check_cell, *_ in groups(built(path)):
        with pytest.raises(SyntaxError):
            exec(source(stub).replace("return ...", "return ("), scope)
        exec(source(check_cell), scope)
        names = re.findall(r"^(\w+) = check", source(check_cell), re.M)
        assert [node.name for node in ast.parse(source(stub)).body] == names
        said = capsys.readouterr().out
        for name in names:
            assert f"○ there is no {name} yet: run the cell with your function" in said
            assert callable(scope[name])
        assert said.count("→ until yours passes") == len(names)


MADE = "K = 2\n\n\ndef f(x):\n    '''(n,) → (n,)'''\n    return K * x\n\n\nprint(f(1))"


def made(code=MADE, tag="builds:f", hints=("a", "b", "c")):
    metadata = {"tags": [tag], "hints": {"f": list(hints)}}
    cell = {"cell_type": "code", "id": "c", "source": [code], "metadata": metadata}
    cell |= {"outputs": [], "execution_count": 1}
    title = {"cell_type": "markdown", "id": "t", "source": ["# T"], "metadata": {}}
    return json.dumps({"cells": [title, cell], "nbformat": 4, "nbformat_minor": 5})


def test_a_cell_is_taken_apart():
    notebook = json.loads(build(made().encode(), "notebooks/42_f.ipynb"))
    texts = list(map(source, notebook["cells"]))
    assert texts[2:5] == [
        "K = 2",
        "def f(x):\n    '''(n,) → (n,)'''\n    return ...",
        "f = check.build42.f(globals())",
    ]
    assert (
        "```python\ndef f(x):\n    '''(n,) → (n,)'''\n    return K * x\n```" in texts[6]
    )
    assert texts[7] == "print(f(1))"
    assert "you write one function yourself: `f`" in texts[1]


def test_a_comment_before_the_function_stays_with_it():
    code = "# Doubles.\ndef f(x):\n    '''(n,) → (n,)'''\n    return 2 * x"
    notebook = json.loads(build(made(code).encode(), "notebooks/42_f.ipynb"))
    assert source(notebook["cells"][2]).startswith("# Doubles.\ndef f(x):")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (made(hints=("a", "b")), "f has 2 hints, not three"),
        (made(code="def f(x):\n    return x"), "f has no docstring"),
        (made(tag="builds:g"), "is tagged for"),
    ],
)
def test_what_an_author_may_forget(data, message):
    with pytest.raises(ValueError, match=message):
        build(data.encode(), "42_f.ipynb")


def test_the_source_of_a_function_comes_from_the_course(monkeypatch, tmp_path):
    assert building.solution("09_style_transfer", "gram").startswith("def gram(F):")
    code = building.solution("07_optimizing_pixels", "value_and_gradient")
    assert code.startswith("@tf.function\ndef value_and_gradient(")
    with pytest.raises(FileError, match="holds no nonsense"):
        building.solution("09_style_transfer", "nonsense")
    monkeypatch.setattr(building, "ROOT", tmp_path)
    with pytest.raises(FileError, match="cannot be read: install nstlib again"):
        building.solution("09_style_transfer", "gram")
