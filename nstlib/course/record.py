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


def read_record(folder: Path) -> Known:
    """Read what was laid out in a folder. The result is empty if it cannot be read."""
    try:
        facts: dict[str, Any] = json.loads((folder / RECORD).read_bytes())["files"]
        return {
            str(name): [Version(str(sha), tuple(cells)) for sha, cells in versions]
            for name, versions in facts.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_record(folder: Path, known: Known) -> None:
    """Write the record of what was laid out in a folder.

    Raises:
        FileError: the file cannot be written.
    """
    facts = {"nstlib": __version__, "files": known}
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True)
    data = text.replace("]],", "]],\n").encode() + b"\n"
    atomic_write(folder / RECORD, lambda file: file.write(data))
