"""The lessons from outside: ``nst lab``, ``nst lesson`` and ``nst refresh``."""

from __future__ import annotations

import ast
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nstlib.cli import UsageError, check_name, write
from nstlib.download import ImageError
from nstlib.sources import SourceError, find

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
INSTALL = 'run pip install -e ".[course]" in the clone'


def find_lesson(text: str) -> Path:
    """The notebook that is meant by a number, the beginning of a name, or a file.

    Raises:
        UsageError: there is no such lesson, or there are none at all.
    """
    lessons = all_lessons()
    path = Path(text).expanduser()
    if path.is_file():
        return path.resolve()
    number = text.zfill(2) if text.isdigit() else text
    for lesson in lessons:
        if lesson.name.lower().startswith(number.lower()):
            return lesson
    names = ", ".join(lesson.stem for lesson in lessons)
    raise UsageError(f"there is no lesson {text!r}: choose from {names}.")


def all_lessons() -> list[Path]:
    """Every notebook of the course, in order."""
    lessons = sorted(NOTEBOOKS.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"{NOTEBOOKS} holds no lessons: this command needs the clone.")
    return lessons


def _need(package: str) -> None:
    if not importlib.util.find_spec(package):
        raise UsageError(f"{package} is not installed: {INSTALL}.")


def open_lab(notebook: str | None = None) -> int:
    """Start JupyterLab in the folder of the lessons and wait for its end.

    Args:
        notebook: see `find_lesson`; None opens the folder.

    Raises:
        UsageError: no lessons here, no such lesson, no JupyterLab.
    """
    all_lessons()
    _need("jupyterlab")
    command = [sys.executable, "-m", "jupyterlab"]
    if notebook is not None:
        lesson = find_lesson(notebook)
        command.append(lesson.name if lesson.parent == NOTEBOOKS else str(lesson))
    # The lessons find nstlib even where it is not installed.
    paths = [str(NOTEBOOKS.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    write(sys.stdout, "Opening JupyterLab; Ctrl-C here ends it.")
    # Ctrl-C reaches JupyterLab itself, which asks whether that is meant.
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, cwd=NOTEBOOKS, env=environment) as process:
        try:
            return process.wait() and 1
        finally:
            process.terminate()


def run_lesson(text: str, given: Sequence[str], out: str | None = None) -> int:
    """Run a lesson with other values in its parameter cell, and keep the copy.

    Args:
        text: see `find_lesson`.
        given: ``NAME=value`` each. A value is a Python literal, else a text; the name
            of a bundled picture, or of a file, becomes its full path.
        out: where to write the copy; ``output/LESSON.ipynb`` if None.

    Raises:
        UsageError: no such lesson or parameter, or papermill is missing.
    """
    lesson = find_lesson(text)
    _need("papermill")
    import papermill
    from papermill.exceptions import PapermillExecutionError

    known = papermill.inspect_notebook(str(lesson))
    defaults = {name: str(facts["default"]) for name, facts in known.items()}
    values = dict(_assignment(item, defaults) for item in given)
    path = Path(out) if out else NOTEBOOKS.parent / "output" / lesson.name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(sys.stdout, f"Running {lesson.stem}; that takes up to a minute or so …")
    began = time.perf_counter()
    try:
        papermill.execute_notebook(
            str(lesson),
            str(path),
            values,
            cwd=str(lesson.parent),
            progress_bar=False,
            extra_arguments=["--log-level=ERROR"],  # of the kernel
        )
    except PapermillExecutionError as error:
        raise UsageError(
            f"{lesson.stem} stopped with {error.ename}: {error.evalue} The copy with "
            f"all that went well is {path}."
        ) from error
    seconds = time.perf_counter() - began
    write(sys.stdout, f"Saved {path} after {seconds:.0f} s. Next: nst lab {path}")
    return 0


def _assignment(item: str, defaults: dict[str, str]) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not equals:
        raise UsageError(f"-p needs NAME=value, not {item!r}.")
    check_name("parameter", name, defaults)
    try:
        return name, ast.literal_eval(text)
    except (SyntaxError, ValueError):
        if defaults[name].startswith(("'", '"')):  # it wants a word, not a path
            return name, text
    try:
        found = find(text, "style" if "STYLE" in name else "content").source
    except (ImageError, SourceError):
        return name, text
    return name, str(Path(found).resolve()) if Path(found).is_file() else text


def run_refresh(names: Sequence[str]) -> int:
    """Execute lessons, all if none is named, and write their outputs into them.

    Raises:
        UsageError: no such lesson, or one of its cells fails; its file stays as it was.
    """
    lessons = [find_lesson(name) for name in names] or all_lessons()
    _need("nbclient")
    from nstlib.refresh import CellError, refresh

    for lesson in lessons:
        began = time.perf_counter()
        try:
            word = "changed" if refresh([lesson]) else "as before"
        except CellError as error:
            raise UsageError(f"{error} Mend it; the file is as it was.") from error
        seconds = time.perf_counter() - began
        write(sys.stdout, f"{lesson.stem}: {word}, {seconds:.0f} s")
    return 0
