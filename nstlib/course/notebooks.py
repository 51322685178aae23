"""Finding a lesson, in the student's own copy or in a clone, reading and writing it.

`nstlib.files` is imported when it is needed: it imports NumPy, and help is instant.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from nstlib.course.own_copy import find_workbook
from nstlib.course.places import IN_CLONE, ROOT
from nstlib.errors import FileError, UsageError, shorten
from nstlib.kinds import OURS, kind_of

NOTEBOOKS = ROOT / "notebooks"
"""The lessons of the package. In a clone people work on them; in a wheel they are a
master copy."""
INSTALL = (
    'run pip install -e ".[course]" in the clone'
    if IN_CLONE
    else 'run pip install "nstlib[course]"'
)


def course_folder() -> Path:
    """Return the folder whose lessons should be opened and run.

    This is the student's own copy if the current folder is in one or holds one, and
    otherwise the clone. It is never the package that a wheel installed, because the
    next update would overwrite all changes there.

    Returns:
        The folder above ``notebooks``.

    Raises:
        UsageError: there is no course, or the current folder holds several.
    """
    own = find_workbook()
    if own is None and not IN_CLONE:
        raise UsageError(
            "there is no course in this folder: nst course lays out a copy of your own "
            "here; or go to the folder that holds yours."
        )
    return own or NOTEBOOKS.parent


def output_folder(root: Path) -> Path:
    """Return the folder ``output`` of the student's copy, or of the current folder.

    Args:
        root: the folder of the course, see `course_folder`.
    """
    own = Path.cwd() if root == NOTEBOOKS.parent else root
    return own / "output"


def find_lesson(text: str, folder: Path) -> Path:
    """Find a lesson by its number, by the beginning of its name, or by its file.

    Args:
        text: what was typed.
        folder: the folder of the lessons.

    Raises:
        UsageError: there is no such lesson, or there are none at all.

    Example:
        >>> [find_lesson(text, NOTEBOOKS).name for text in ("3", "04_gram")]
        ['03_content_loss.ipynb', '04_gram_matrices.ipynb']
    """
    from nstlib.files import as_path

    lessons = all_lessons(folder)
    names = ", ".join(lesson.stem for lesson in lessons)
    if not text.strip():
        raise UsageError(f"the name of the lesson is empty: choose from {names}.")
    path = as_path(text)
    if is_file(path):
        return path.resolve()
    number = text.zfill(2) if text.isdigit() else text
    for lesson in lessons:
        if lesson.name.lower().startswith(number.lower()):
            return lesson
    raise UsageError(f"there is no lesson {shorten(text)!r}: choose from {names}.")


def all_lessons(folder: Path) -> list[Path]:
    """List the notebooks in a folder, sorted by name.

    Raises:
        UsageError: there are none.
    """
    lessons = sorted(folder.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"{folder} holds no lessons: nst course lays them out.")
    return lessons


def is_file(path: Path) -> bool:
    """Return whether a path names a file; False if no file can have this name."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or not allowed to look
        return False


def is_lesson(path: Path, *folders: Path) -> bool:
    """Return whether a path leads to a notebook of some folders, by whatever name."""
    lessons = [lesson for folder in folders for lesson in folder.glob("*.ipynb")]
    return any(same_file(path, lesson) for lesson in lessons)


def same_file(path: Path, other: Path) -> bool:
    """Return whether two paths lead to one file; links and spellings do not matter."""
    try:
        return path.samefile(other)
    except OSError:  # one of them is not there
        return False


def check_out(path: Path, suffix: str, lesson: Path, *folders: Path) -> None:
    """Check, before a lesson runs, where something made of it should be written.

    Args:
        path: the file to write.
        suffix: what its name must end in.
        lesson: the lesson, which must not be replaced.
        folders: folders of lessons, of which none must be replaced.

    Raises:
        UsageError: the path is that of a lesson, or has another suffix.
        FileError: the file cannot be written.
    """
    from nstlib.files import check_target, shown

    if path.suffix.lower() != suffix:
        raise UsageError(f"{shown(path)} does not end in {suffix}: name such a file.")
    if same_file(path, lesson) or is_lesson(path, *folders):
        raise UsageError(
            f"{shown(path)} is a lesson, which would be lost: name another file with "
            "-o."
        )
    check_target(path)


def read_notebook(path: Path) -> Any:
    """Read a notebook in the form of nbformat 4.

    Raises:
        FileError: it cannot be read, is damaged, or is something else; the message says
            what such a file is for.
    """
    import nbformat

    from nstlib.files import shown

    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(
            f"{shown(path)} cannot be read ({error.strerror}): check its rights."
        ) from error
    try:
        notebook = nbformat.convert(nbformat.reader.reads(data.decode("utf-8-sig")), 4)
        nbformat.validate(notebook)
    # nbformat raises any of these for JSON that is not a notebook.
    except (
        AttributeError, KeyError, RecursionError, TypeError, ValueError,
        nbformat.ValidationError,
    ) as error:  # fmt: skip
        kind = kind_of(path)
        if kind.name in OURS and kind.name != "notebook":
            said = f"is {kind.what}, not a notebook: {kind.advice}"
        elif path.suffix == ".ipynb":
            fresh = f"nst course --fresh {path.stem[:2]}"
            said = f"is damaged: take another copy ({fresh} does, if it is a lesson)"
        else:
            said = (
                "is not a notebook: give the number, the name or the file of a lesson"
            )
        raise FileError(f"{shown(path)} {said}.") from error
    return notebook


def write_notebook(path: Path, notebook: Any) -> None:
    """Write a notebook, whole or not at all.

    Raises:
        FileError: the file cannot be written.
    """
    import nbformat

    from nstlib.files import atomic_write

    text = nbformat.writes(notebook) + "\n"
    data = text.encode("utf-8", "backslashreplace")  # outputs may hold half characters
    atomic_write(path, lambda file: file.write(data))


def need(package: str) -> None:
    """Raise a `UsageError` if a package is not installed."""
    if not importlib.util.find_spec(package):
        raise UsageError(f"{package} is not installed: {INSTALL}.")
