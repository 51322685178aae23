"""Making lessons in which the student writes the functions.

A code cell tagged ``defines:nstlib.losses.gram_matrix`` holds a function of the
package. One tagged ``builds:transfer`` holds a function that only the lesson has. In
build mode, such a cell becomes several:

1. the code before the function, if there is any, so that an error in the function does
   not take it along;
2. the stub: signature, docstring and ``return ...``;
3. ``gram_matrix = check.build04.gram_matrix(globals())``, which checks the student's
   function, and lets the lesson go on with it or with the given one;
4. three hints, and in a cell of its own the solution, all folded away;
5. the rest of the cell after the function, if there is any.

The hints are in the metadata of the cell: ``"hints": {"gram_matrix": [three texts]}``.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from nstlib.course.places import ROOT
from nstlib.errors import FileError

GIVEN = {
    "nstlib.lbfgs.CurvaturePair": "three names for three values",
    "nstlib.lbfgs.dot": "one line that only chooses between NumPy and TensorFlow",
    "nstlib.line_search._low_enough": "the condition (7) as it is written above it",
    "nstlib.line_search._bracket": "the bookkeeping of strong_wolfe, which is built",
    "nstlib.line_search._next_step": "the formula of a cubic; it teaches nothing new",
    "nstlib.universal._power": "students write it for one case in exercise 2",
    "nstlib.worker.unchecked.jpeg": "one call of Pillow, which leaves out the metadata",
}
"""Functions of lessons that students do not write in build mode either, and why."""

JsonCell = dict[str, Any]

_INTRODUCTION = """\
**You are building.** In this copy of the lesson you write {what} yourself: {names}.

1. Put your code in place of `return ...`, below the text in triple quotes, which says
   what goes in and what comes out. Where the lesson speaks of lines that you do not
   see, such as an `if` that refuses wrong input, it means the solution.
2. Run the cell, and then the cell below it. That one finds your function by its name
   (`globals()` holds all names of the notebook), checks it, and prints a verdict.
3. After each change, run both cells again, and then all the cells below them.

Until your function passes, the lesson goes on with a given one, and says so. Once it
passes, the lesson goes on with yours, to its last picture. If your cell shows an error,
such as `SyntaxError`, **Run All** stops there: mend the cell, or run the cell below it
and go on from there with the given function. Three hints for each
function, and the solution, are collapsed below the check.

Nothing inside the package `nstlib` is replaced. What you import from it, such as
`nstlib.stylize`, works with its own functions."""


def build(data: bytes, name: str) -> bytes:
    """Turn a lesson into one in which the student writes the functions.

    Args:
        data: the bytes of the lesson's ``.ipynb`` file.
        name: the name of the file, which begins with the number of the lesson.

    Returns:
        The bytes of the new file, without outputs and without the notes for
        instructors. The same data always give the same result.

    Raises:
        ValueError: a built function lacks its docstring or its three hints.
    """
    number = PurePosixPath(name).name[:2]
    notebook = json.loads(data)
    kept = [c for c in notebook["cells"] if "instructor" not in tags(c)]
    built = [name for cell in kept for name in built_names(cell)]
    cells: list[JsonCell] = []
    packaged = False  # whether the cells are those of "Now packaged"
    for cell in kept:
        if cell["cell_type"] == "markdown" and source(cell).startswith("## "):
            packaged = source(cell).startswith("## Now packaged")
        cells += _built(cell, number) if built_names(cell) else [_blank(cell, packaged)]
    if built:
        cells.insert(1, _introduction(number, built))
    notebook["cells"] = cells
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return text.encode("utf-8")


def solution(lesson: str, function: str) -> str:
    """Return the source of a function as a lesson of the course defines it.

    Args:
        lesson: the name of the lesson without ``.ipynb``.
        function: the name of the function.

    Raises:
        FileError: the lesson, or the function in it, is missing in this installation.
    """
    path = ROOT / "notebooks" / f"{lesson}.ipynb"
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: install nstlib again.") from error
    for cell in cells:
        if function in built_names(cell):
            return _solutions(source(cell), [function])
    raise FileError(f"{path} holds no {function}: nst course gets the new lessons.")


def tags(cell: JsonCell) -> list[str]:
    """List the tags of a cell."""
    return list(cell["metadata"].get("tags", ()))


def source(cell: JsonCell) -> str:
    """Return the text or the code of a cell."""
    return "".join(cell["source"])


def built_names(cell: JsonCell) -> list[str]:
    """List the functions of a cell that the student writes in build mode."""
    found = []
    for tag in tags(cell):
        kind, _, name = tag.partition(":")
        if kind == "builds" or (kind == "defines" and name not in GIVEN):
            found.append(name.rpartition(".")[2])
    return found


def _blank(cell: JsonCell, packaged: bool) -> JsonCell:
    """Copy a cell without its outputs.

    Under "Now packaged", a lesson shows that its function equals the packaged one bit
    by bit. A student's function may add in another order, and then the last digits
    differ.
    """
    new = copy.deepcopy(cell)
    new["metadata"].pop("hints", None)
    if cell["cell_type"] == "code":
        new |= {"execution_count": None, "outputs": []}
        if packaged:
            code = source(cell).replace("np.array_equal(", "np.allclose(")
            new["source"] = code.splitlines(True)
    return new


def _built(cell: JsonCell, number: str) -> Iterator[JsonCell]:
    """Yield the cells that take the place of one that defines functions."""
    code, names = source(cell), built_names(cell)
    before, head, rest = _stub(code, names)
    if before:
        yield _new(cell, "before", "code", before)
    stub = _blank(cell, packaged=False)
    stub["source"] = head.splitlines(True)
    stub["metadata"]["tags"] = ["stub"]
    stub["metadata"].pop("jupyter", None)  # it may be folded in the lesson
    yield stub
    calls = [f"{name} = check.build{number}.{name}(globals())" for name in names]
    yield _new(cell, "check", "code", "\n".join(calls))
    yield _new(cell, "hints", "markdown", _hints(cell), ["hint"])
    block = f"```python\n{_solutions(code, names)}\n```"
    yield _new(cell, "solution", "markdown", _details("Solution", block), ["solution"])
    if rest:
        yield _new(cell, "rest", "code", rest)


def _new(
    cell: JsonCell, suffix: str, kind: str, text: str, marks: list[str] | None = None
) -> JsonCell:
    metadata: dict[str, Any] = {"slideshow": {"slide_type": "skip"}}
    new = {
        "cell_type": kind,
        "id": f"{cell.get('id', 'cell')}-{suffix}",
        "metadata": metadata | ({"tags": marks} if marks else {}),
        "source": text.splitlines(True),
    }
    return new | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _introduction(number: str, names: list[str]) -> JsonCell:
    words = dict(enumerate(("one", "two", "three", "four", "five", "six"), start=1))
    count = words.get(len(names), len(names))
    what = f"{count} function{'' if len(names) == 1 else 's'}"
    text = _INTRODUCTION.format(what=what, names=", ".join(f"`{n}`" for n in names))
    return _new({"id": f"lesson{number}-build"}, "mode", "markdown", text)


def _definitions(code: str, names: list[str]) -> list[ast.FunctionDef]:
    found = [
        node
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name in names
    ]
    if sorted(node.name for node in found) != sorted(names):
        raise ValueError(f"a cell is tagged for {names}, but defines {found}")
    return found


def _stub(code: str, names: list[str]) -> tuple[str, str, str]:
    """Return what comes before the functions of a cell, their stubs, and the rest."""
    lines, functions = code.splitlines(), _definitions(code, names)
    first, last = _first_line(functions[0]) - 1, functions[-1].end_lineno or 0
    if not ast.parse("\n".join(lines[:first])).body:
        first = 0  # a comment stays with the function
    rest = "\n".join(lines[last:]).strip("\n")
    head = lines[:last]
    for node in reversed(functions):
        if ast.get_docstring(node) is None:
            raise ValueError(
                f"{node.name} has no docstring: its stub would say nothing"
            )
        head[node.body[0].end_lineno : node.end_lineno] = ["    return ..."]
    before = "\n".join(lines[:first]).strip("\n")
    return before, "\n".join(head[first:]), rest


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _solutions(code: str, names: list[str]) -> str:
    lines = code.splitlines()
    found = []
    for node in _definitions(code, names):
        found.append("\n".join(lines[_first_line(node) - 1 : node.end_lineno]))
    return "\n\n\n".join(found)


def _hints(cell: JsonCell) -> str:
    """Write the three hints to each function, each folded."""
    names = built_names(cell)
    parts = []
    for name in names:
        hints = cell["metadata"].get("hints", {}).get(name, [])
        if len(hints) != 3:
            raise ValueError(f"{name} has {len(hints)} hints, not three")
        of = f" · <code>{name}</code>" if len(names) > 1 else ""
        parts += [_details(f"Hint {n}{of}", hint) for n, hint in enumerate(hints, 1)]
    return "\n\n".join(parts)


def _details(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
