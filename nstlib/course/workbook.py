"""The student's own copy of the course: laid out once, brought up to date later.

A small file in the folder records what was laid out. With it, a later version of the
course knows what a student has changed, and leaves it alone.

A lesson counts as changed if the text or the code of a cell differs. A lesson that was
only run and saved is not changed. But its outputs may be the work of an evening, so it
is kept as well, and the newer version is only offered.

In build mode, lessons are laid out as `nstlib.course.build` makes them. The record
remembers the mode. To change it is an update like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from nstlib.course.build import build
from nstlib.course.cells import Cell, compare, read_cells
from nstlib.course.own_copy import RECORD
from nstlib.course.places import ROOT, course_files
from nstlib.course.record import Record, Version, read_record, write_record
from nstlib.errors import FileError, UsageError
from nstlib.files import atomic_write

READ_ME = """\
# Your copy of the course

`nst lab` in this folder opens the lessons; begin with 00. Everything here is yours to
change.

| folder | what |
|---|---|
| `notebooks` | the lessons |
| `images` | photos and paintings, and who made them; put your own beside them |
| `docs` | pictures that the lessons show |
| `output` | where the lessons save their results |

After an update of nstlib, `nst course` brings what is new. A lesson that you changed,
or ran and saved, stays as it is. `nst course --diff 05` shows what is new in lesson 05.
`nst course --fresh 05` takes the new version and keeps yours beside it, under another
name. A lesson that you deleted comes back with `nst course`.

There are two ways to work through a lesson. To *read* it, its functions are given and
explained. To *build* it, you write them yourself, with hints. `nst course --build` and
`nst course --read` switch this folder over; lessons that you changed stay.
"""


class Changes(NamedTuple):
    """What `Workbook.lay_out` has done, as lists of file names."""

    added: list[str]
    renewed: list[str]
    offered: list[str]
    """Files of which the course has a newer version; the student's are kept."""
    dropped: list[str]
    """Files that are no longer in the course; the student's are kept."""


class Workbook:
    """A folder with a student's copy of the course.

    Args:
        folder: its path. It need not exist yet.
        build: whether its lessons are for building; None for what they are now, or for
            reading if there are none yet.
    """

    def __init__(self, folder: Path, build: bool | None = None) -> None:
        """Read what was laid out there before."""
        self.folder = folder
        self.known, was = read_record(folder)
        self.build = was if build is None else build

    @property
    def exists(self) -> bool:
        """Whether a course was laid out in the folder."""
        return (self.folder / RECORD).is_file()

    def lay_out(self) -> Changes:
        """Add new files and update old ones, except those that the student changed.

        Raises:
            FileError: the folder cannot be read or written.
            UsageError: the folder holds something else, or the course is missing in
                this installation.
        """
        self._check_folder()
        states = {name: self._state(name) for name in file_names()}

        def those(*wanted: str) -> list[str]:
            return [name for name, state in states.items() if state in wanted]

        for name in those("added", "renewed", "current"):
            self._remember(name, self._course_file(name))
        dropped = sorted(self.known.keys() - states.keys())
        for name in dropped:
            del self.known[name]
        # The record comes first. If this is interrupted, the next run lays out the
        # rest, and no file of the course is taken for the student's own work.
        self._write_record()
        for name in those("added", "renewed"):
            _write(self.folder / name, self._course_file(name))
        self._make_output()
        here = [name for name in dropped if (self.folder / name).exists()]
        return Changes(those("added"), those("renewed"), those("offered"), here)

    def news(self, name: str) -> list[str]:
        """List what the course has changed in a lesson, as lines from `compare`.

        Args:
            name: path of the lesson, relative to the folder.

        Raises:
            FileError: the student's file is missing, or is not a notebook.
        """
        mine = self._cells(name)
        base = self._base(name, {cell.digest for cell in mine})
        new = read_cells(self._course_file(name)) or []
        return compare(mine, new, base.cells if base else ())

    def fresh(self, name: str) -> Path | None:
        """Take the course's version of a file, and keep the student's beside it.

        Args:
            name: path of a file of the course, relative to the folder.

        Returns:
            The path of the student's version; None if there was nothing to keep.

        Raises:
            FileError: a file cannot be read or written.
        """
        path, data = self.folder / name, self._course_file(name)
        mine, kept = _read(path), None
        if mine is not None and self._state(name) in ("yours", "offered"):
            kept = next(p for p in _numbered(path) if not p.exists())
            _write(kept, mine)
        self._remember(name, data)
        self._write_record()
        _write(path, data)
        return kept

    def _course_file(self, name: str) -> bytes:
        """Return a file of the course, for the mode of the folder."""
        data = READ_ME.encode() if name == "README.md" else _read(ROOT / name)
        if data is None:
            raise FileError(f"{ROOT / name} is gone: install nstlib again.")
        return build(data, name) if self.build and name.endswith(".ipynb") else data

    def _write_record(self) -> None:
        write_record(self.folder, Record(self.known, self.build))

    def _make_output(self) -> None:
        output = self.folder / "output"
        try:
            output.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(
                f"{output} cannot be made ({error.strerror}): the lessons save there."
            ) from error

    def _check_folder(self) -> None:
        try:
            if not self.folder.exists() or (self.folder / RECORD).is_file():
                return
            if not self.folder.is_dir():
                raise UsageError(f"{self.folder} is a file: name a folder.")
            others = [p.name for p in self.folder.iterdir() if p.name[0] != "."]
        except OSError as error:
            raise _unreadable(self.folder, error) from error
        if others:
            raise UsageError(
                f"{self.folder} holds something else ({sorted(others)[0]}): name a "
                "folder that is empty or new."
            )

    def _state(self, name: str) -> str:
        """Decide what to do with a file of the course.

        Returns:
            "added" if the student has no such file, "current" if it is the same,
            "renewed" if the student's can be replaced, "offered" if it is kept although
            the course has a newer version, or "yours" if it is kept and nothing is new.
        """
        mine, data = _read(self.folder / name), self._course_file(name)
        if mine is None:
            return "added"
        if mine == data:
            return "current"
        version, new = Version.of(mine), Version.of(data)
        if version.sha256 in [known.sha256 for known in self.known.get(name, [])]:
            return "renewed"
        base = self._base(name, version.cells)
        as_before = base is not None and new.says_the_same(base)
        return "yours" if as_before or new.says_the_same(version) else "offered"

    def _base(self, name: str, cells: Collection[str]) -> Version | None:
        """Return the version from which the student's was made.

        This is the known version that shares most cells with it; among equals, the
        latest.
        """
        return max(
            reversed(self.known.get(name, [])),
            key=lambda known: len({*known.cells} & {*cells}),
            default=None,
        )

    def _cells(self, name: str) -> list[Cell]:
        data = _read(self.folder / name)
        if data is None:
            raise FileError(f"{self.folder / name} is not there: nst course brings it.")
        cells = read_cells(data)
        if cells is None:
            raise FileError(
                f"{self.folder / name} cannot be read as a lesson: nst course --fresh "
                f"{name} takes the course's version, and keeps yours."
            )
        return cells

    def _remember(self, name: str, data: bytes) -> None:
        """Add a version to the record of what was laid out."""
        version = Version.of(data)
        versions = [v for v in self.known.get(name, []) if v != version]
        self.known[name] = [*versions, version]


def file_names() -> list[str]:
    """List the files of a student's copy: those of the course, and a README.

    Raises:
        UsageError: the course is missing in this installation.
    """
    names = course_files()
    if not names:
        raise UsageError(f"{ROOT} holds no course: install nstlib again.")
    return ["README.md", *names]


def _read(path: Path) -> bytes | None:
    """Return the bytes of a file; None if there is no such file."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read ({error.strerror}): check its rights.")


def _write(path: Path, data: bytes) -> None:
    atomic_write(path, lambda file: file.write(data))


def _numbered(path: Path) -> Iterable[Path]:
    """Yield names for a student's version, which sort after the name of the lesson."""
    return (
        path.with_name(f"{path.stem}_mine{n}{path.suffix}") for n in range(1, 10**6)
    )
