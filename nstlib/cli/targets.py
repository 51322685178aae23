"""Choosing the path of a result, and saving it without loss of other files.

A name that was typed after ``-o`` is meant: the file is replaced, and nst says so. A
name that nst chose never replaces another result: the new one gets a number. Only the
same run again replaces its picture, because it can only make the same one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from nstlib.cli.console import nearest, write
from nstlib.errors import FileError
from nstlib.files import as_path, is_url, shown
from nstlib.names import beside, first_free, is_there, shortened

CHECKPOINT = ".checkpoint.npz"
"""What the name of a checkpoint ends in, in place of the suffix of its result."""


def is_one_of(path: Path, sources: Iterable[Any]) -> bool:
    """Return whether a path is one of the files that a command reads."""
    for source in sources:
        with suppress(OSError):  # one is not there, or its name is too long
            if not is_url(source) and path.samefile(as_path(source)):
                return True
    return False


def default_target(
    path: Path,
    same: Callable[[Path], bool],
    unfinished: Callable[[Path], bool],
    resume: bool,
) -> Path:
    """Return the first path that a result may have.

    Args:
        path: the path without a number.
        same: tells whether an existing result is of the same run.
        unfinished: tells whether an existing checkpoint is of the same run.
        resume: whether a run is resumed. Then its checkpoint is searched for.
    """

    def is_free(result: Path) -> bool:
        return not is_there(result) and not is_there(beside(result, CHECKPOINT))

    def usable(result: Path) -> bool:
        kept = beside(result, CHECKPOINT)
        if is_there(result) and not same(result):
            return False
        return not is_there(kept) or unfinished(kept)

    if not resume:
        return first_free(path, usable)
    found = first_free(path, lambda p: is_free(p) or unfinished(beside(p, CHECKPOINT)))
    if is_free(found):  # none is of this run: name one that there is
        found = first_free(
            path, lambda p: is_free(p) or is_there(beside(p, CHECKPOINT))
        )
    return path if is_free(found) else found


def about_target(typed: Path, out: Path, ours: bool, default: bool) -> str:
    """Describe what happens to a file that exists already.

    Args:
        typed: the path without a number.
        out: the path of the result.
        ours: whether nst made what is there.
        default: whether nst chose the name.

    Returns:
        A sentence; empty if no file exists.
    """
    name = shown(nearest(out))
    if out != typed:
        return f"{shown(nearest(typed))} is another run's: this one will be {name}."
    if not is_there(out):
        return ""
    if default:
        return f"{name} is of the same run, and will be replaced."
    if ours:
        return f"{name}, made by nst before, will be replaced."
    # Even if only errors are wanted: this could be somebody's only copy.
    write(sys.stderr, f"nst: note: {name}, which nst did not make, will be replaced.")
    return ""


def stamp(path: Path) -> tuple[int, int] | None:
    """Return values that change if a file is replaced; None if there is no file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size


def save_somewhere(
    save: Callable[[Path], Path], out: Path, otherwise: str = ""
) -> Path:
    """Save a result; if that fails after all the work, save it elsewhere.

    The other places are the folder for temporary files, the home folder and the current
    folder. If all of them fail in a terminal, the person is asked to make space.

    Args:
        save: saves the result to a path, and returns the path.
        out: where to save.
        otherwise: a sentence on what to do if the result is lost.

    Raises:
        FileError: the result could not be saved. The message names all folders.
    """
    while True:
        try:
            return save(out)
        except FileError as error:
            first = str(error)
        tried = []
        for folder in _spare_folders():
            spare = folder / (shortened(f"nst-{out.stem}", 200) + out.suffix)
            spare = first_free(spare, lambda p: not is_there(p))
            try:
                saved = save(spare)
            except FileError:
                tried.append(shown(folder))
                continue
            write(sys.stderr, f"nst: {first} It was saved as {shown(saved)}.")
            return saved
        said = f"{first} Nor can it be saved in {' or '.join(tried)}."
        if not _waits(f"nst: {said} Free some space, then press Enter to try again."):
            raise FileError(f"{said} {otherwise}".strip())


def _spare_folders() -> list[Path]:
    found = []
    # No temporary folder at all, no home, no current folder: each may fail.
    for place in (tempfile.gettempdir, Path.home, Path.cwd):
        try:
            folder = Path(place())
        except (OSError, RuntimeError):
            continue
        if folder not in found:
            found.append(folder)
    return found


def _waits(question: str) -> bool:
    """Print a question and wait for Enter; return False if nobody is there."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    write(sys.stderr, question)
    return bool(sys.stdin.readline())
