"""Feedback for the exercises: ``check.NAME(my_function)``.

The exercises of each lesson are in a module of their own, as instances of
`nstlib.check.exercise.Exercise`. The functions that a student builds in build mode are
checked by ``check.build04.NAME``, instances of `nstlib.check.building.Built`. What is
no function has a checker of its own: ``check.vote`` and ``check.series``.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from nstlib.check.exercise import Exercise

_OTHERS = {"vote": "ballot", "series": "portfolio"}
LESSONS = sorted(path.stem for path in Path(__file__).parent.glob("lesson*.py"))


def exercises() -> dict[str, Exercise]:
    """Return all exercises of the course: name → exercise."""
    found: dict[str, Exercise] = {}
    for lesson in LESSONS:
        module = importlib.import_module(f"nstlib.check.{lesson}")
        found.update({k: v for k, v in vars(module).items() if isinstance(v, Exercise)})
    return found


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    if re.fullmatch(r"build\d\d", name):
        return importlib.import_module(f"nstlib.check.{name}")
    if name in _OTHERS:
        return getattr(importlib.import_module(f"nstlib.check.{_OTHERS[name]}"), name)
    if name not in exercises():
        raise AttributeError(
            f"There is no exercise {name!r}; choose from {', '.join(exercises())}."
        )
    return exercises()[name]
