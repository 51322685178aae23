"""Running notebooks and storing their outputs in them, for ``nst refresh``.

Nothing else writes outputs. Each notebook runs as it does in the tests. Its outputs are
stored in a form that is the same on every run, without timestamps, paths, or the name
of the machine. Sliders are not stored, since nothing moves them in a stored notebook.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nstlib.course.execution import execute
from nstlib.course.notebooks import read_notebook, write_notebook

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
TIMEOUT = 600  # seconds for one cell


def refresh(notebooks: Iterable[Path]) -> list[Path]:
    """Execute notebooks and write their outputs into them.

    Args:
        notebooks: paths of ``.ipynb`` files.

    Returns:
        The paths of the notebooks that changed.

    Raises:
        CellError: a cell fails, takes too long, or ends Python itself. The file is not
            changed.
        FileError: a file cannot be read as a notebook, or not be written.
    """
    # nbval sets this too, so that a notebook sees the same environment as in tests.
    os.environ.setdefault("PYTEST_CURRENT_TEST", "refresh")
    # As in notebooks/conftest.py. With one thread, sums always have the same order.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    return [path for path in notebooks if _refresh_one(Path(path))]


def _refresh_one(path: Path) -> bool:
    import nbformat

    notebook = read_notebook(path)
    before = path.read_text(encoding="utf-8")
    execute(notebook, path, TIMEOUT)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            kept = [_normalized(o) for o in cell.outputs if _is_kept(o)]
            sliders = "slider" in cell.metadata.get("tags", ())
            cell.outputs = [] if sliders else _joined(kept)
    after = nbformat.writes(notebook) + "\n"
    if _compared(after) == _compared(before):
        return False
    write_notebook(path, notebook)
    return True


def _compared(text: str) -> list[Any]:
    """Return the cells, without outputs that may differ from run to run."""
    cells = json.loads(text)["cells"]
    for cell in cells:
        if "nbval-ignore-output" in cell["metadata"].get("tags", ()):
            cell.pop("outputs", None)
    return cells


def _is_kept(output: Any) -> bool:
    """Return whether to store an output; warnings and progress bars are left out."""
    return not (output.output_type == "stream" and output.name == "stderr")


def _joined(outputs: list[Any]) -> list[Any]:
    """Join text that came in pieces, because the pieces depend on the timing."""
    joined: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and joined and "text" in joined[-1]:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _normalized(output: Any) -> Any:
    """Remove addresses of objects in memory from an output."""
    for kind, text in output.get("data", {}).items():
        if kind == "text/plain":
            output.data[kind] = re.sub(r" at 0x[0-9a-f]+", "", text)
    return output
