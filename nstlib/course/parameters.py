"""The parameter cell of a lesson: reading it, and setting other values after it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

TAG = "parameters"
INJECTED = "injected-parameters"
"""The tags of the parameter cell and of the cell with other values. Papermill uses the
same tags."""


def read_parameters(notebook: Any) -> dict[str, str]:
    """Return the parameters of a notebook.

    Args:
        notebook: a notebook, as nbformat reads it.

    Returns:
        Name → the code of its default, from the first cell tagged ``parameters``. Empty
        if there is no such cell, or if its code is not Python.
    """
    at = _parameter_cell(notebook)
    if at is None:
        return {}
    code = notebook.cells[at].source
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return {}
    return {
        target.id: ast.get_source_segment(code, line.value) or ""
        for line in body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    }


def set_parameters(notebook: Any, values: Mapping[str, str]) -> None:
    """Add a cell with other values after the parameter cell.

    Args:
        notebook: a notebook; it is not changed if it has no parameter cell.
        values: name → the code of its value.
    """
    from nbformat.v4 import new_code_cell

    at = _parameter_cell(notebook)
    if at is None or not values:
        return
    lines = [f"{name} = {code}" for name, code in values.items()]
    metadata = {"tags": [INJECTED], "slideshow": {"slide_type": "-"}}
    cell = new_code_cell("\n".join(["# Parameters", *lines]), metadata=metadata)
    if notebook.nbformat_minor < 5:  # older formats know no ids
        del cell["id"]
    notebook.cells.insert(at + 1, cell)


def _parameter_cell(notebook: Any) -> int | None:
    """Return the index of the first cell with the tag; None if there is none."""
    tagged = (
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", ())
    )
    return next(tagged, None)
