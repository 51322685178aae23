"""Reading the lessons, for several test files."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEFINES = "defines:"


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path, kind=None):
    """The cells of a notebook as dictionaries; kind is "code" or "markdown"."""
    found = load(path)["cells"]
    return [cell for cell in found if kind in (None, cell["cell_type"])]


def tags(cell):
    return cell["metadata"].get("tags", [])


def source(cell):
    return "".join(cell["source"])


def tagged(path, tag):
    return [cell for cell in cells(path) if tag in tags(cell)]


def defined(cell):
    """The dotted names of what a cell defines, as in nstlib.losses.gram_matrix."""
    return [t[len(DEFINES) :] for t in tags(cell) if t.startswith(DEFINES)]


def code_block(cell):
    """The Python of a folded solution."""
    return "\n".join(re.findall(r"```python\n(.*?)```", source(cell), re.DOTALL))
