"""What several commands need: a folder with pictures, and no work."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

import nstlib
from nstlib.course import notebooks as lessons_module
from nstlib.course.refresh import METADATA


@pytest.fixture
def start():
    """Starts ``python -m nstlib`` in a process of its own."""
    root = str(Path(nstlib.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))

    def run(*args, **options):
        return subprocess.Popen(
            [sys.executable, "-m", "nstlib", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            **options,
        )

    return run


@pytest.fixture
def fake(monkeypatch):
    """Replaces the work; returns the settings that it was asked for."""
    from nstlib.runs import result as results

    seen = {}

    def stylize(content, style, settings, callback, **_):
        seen.update(content=content, style=style, settings=settings)
        losses = dict.fromkeys(("total", "content", "style", "tv"), 1.0)
        for number in range(1, seen.get("evaluations", 3) + 1):
            step = results.Step(number, 40, (20, 30), losses, lambda: content)
            if callback(step):
                break
        history = [losses] * seen.get("evaluations", 3)
        reason = seen.get("reason", "evaluations used up")
        picture = np.full((20, 30, 3), 200, np.float32)
        return results.Result(
            picture,
            history,
            history[-1] if history else {},
            len(history),
            1,
            reason,
            settings,
        )

    monkeypatch.setattr("nstlib.cli.stylize.stylize", stylize)
    return seen


# --- lessons


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A folder of lessons, in the current folder."""
    monkeypatch.chdir(tmp_path)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name in ("00_quickstart", "03_content_loss", "10_creative_control"):
        (notebooks / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(lessons_module, "NOTEBOOKS", notebooks)
    return notebooks


PARAMETERS = "SIZE = 64  # pixels\nSTYLE = str('a')  # a file\nWORD = 'a'  # a word\n"


@pytest.fixture
def lesson(lessons):
    """A lesson of one parameter cell and one print."""
    notebook = nbformat.v4.new_notebook(metadata=METADATA)
    notebook.cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(SIZE * 2, STYLE)\nobject()"),
    ]
    path = lessons / "05_style_loss.ipynb"
    nbformat.write(notebook, path)
    return path
