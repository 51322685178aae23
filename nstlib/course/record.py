"""A record, in the folder of a student's copy, of what was laid out in it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from nstlib import __version__
from nstlib.course.cells import read_cells
from nstlib.course.own_copy import RECORD
from nstlib.files import atomic_write


class Version(NamedTuple):
    """One version of a file that was laid out."""

    sha256: str
    """Hash of the bytes of the file."""
    cells: tuple[str, ...] = ()
    """The digest of each cell; empty if the file is not a notebook."""

    @classmethod
    def of(cls, data: bytes) -> Version:
        """Describe a file by its bytes."""
        digests = tuple(cell.digest for cell in read_cells(data) or ())
        return cls(hashlib.sha256(data).hexdigest(), digests)

    def says_the_same(self, other: Version) -> bool:
        """Return whether two versions differ in nothing but their outputs."""
        same_cells = bool(self.cells) and self.cells == other.cells
        return same_cells or self.sha256 == other.sha256


Known = dict[str, list[Version]]
"""Name of a file, relative to the folder → its versions, the newest last."""


class Record(NamedTuple):
    """What is known about a folder."""

    known: Known
    build: bool
    """Whether its lessons are laid out for building."""


def read_record(folder: Path) -> Record:
    """Read what was laid out in a folder. The result is empty if it cannot be read."""
    try:
        facts: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
        known = {
            str(name): [Version(str(sha), tuple(cells)) for sha, cells in versions]
            for name, versions in facts["files"].items()
        }
        return Record(known, facts.get("mode") == "build")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Record({}, False)


def write_record(folder: Path, record: Record) -> None:
    """Write the record of what was laid out in a folder.

    Raises:
        FileError: the file cannot be written.
    """
    mode = "build" if record.build else "read"
    facts = {"nstlib": __version__, "mode": mode, "files": record.known}
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True)
    data = text.replace("]],", "]],\n").encode() + b"\n"
    atomic_write(folder / RECORD, lambda file: file.write(data))
