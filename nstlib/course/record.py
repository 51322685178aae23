"""What was laid out in a student's copy of the course, written down in that folder."""

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
    """A file as it was laid out at some time."""

    sha256: str
    cells: tuple[str, ...] = ()
    """The digest of each cell; empty if it is no notebook."""

    @classmethod
    def of(cls, data: bytes) -> Version:
        """Describe a file by its bytes."""
        digests = tuple(cell.digest for cell in read_cells(data) or ())
        return cls(hashlib.sha256(data).hexdigest(), digests)

    def says_the_same(self, other: Version) -> bool:
        """Whether they differ in no more than outputs."""
        same_cells = bool(self.cells) and self.cells == other.cells
        return same_cells or self.sha256 == other.sha256


Known = dict[str, list[Version]]
"""For each file, by its name relative to the folder: its versions, the newest last."""


def read_record(folder: Path) -> Known:
    """What was laid out in a folder; nothing, if that cannot be read."""
    try:
        facts: dict[str, Any] = json.loads((folder / RECORD).read_bytes())["files"]
        return {
            str(name): [Version(str(sha), tuple(cells)) for sha, cells in versions]
            for name, versions in facts.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_record(folder: Path, known: Known) -> None:
    """Write down what was laid out.

    Raises:
        FileError: the folder cannot be written.
    """
    facts = {"nstlib": __version__, "files": known}
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True)
    data = text.replace("]],", "]],\n").encode() + b"\n"
    atomic_write(folder / RECORD, lambda file: file.write(data))
