"""What several commands need: a folder with pictures, and no work."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nstlib


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
