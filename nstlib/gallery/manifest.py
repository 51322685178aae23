"""What became of the jobs of a gallery, as its folder remembers it.

The journal gets a line as soon as a picture is written. If a power cut damages a line,
the line is ignored and its picture is painted again, so nothing has to be repaired.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nstlib import __version__
from nstlib.errors import FileError, UsageError
from nstlib.files import atomic_write, shown
from nstlib.gallery.plan import Job
from nstlib.names import STEM_BYTES, safe, shortened
from nstlib.settings import SCHEMA

PICTURES, SMALL, PREVIEWS, CHECKPOINTS = "pictures", "small", "previews", ".checkpoints"
"""The folders of a gallery."""
JOURNAL, FACTS, TABLE, PAGE = (
    "journal.jsonl",
    "gallery.json",
    "gallery.csv",
    "index.html",
)
"""The files of a gallery, besides its sheets."""
DONE, FAILED, WAITING = "done", "failed", "waiting"
"""The states of a job."""


@dataclass
class Entry:
    """What is known about one picture of a gallery."""

    name: str
    key: str
    photo: str
    style: str
    label: str
    command: str
    settings: dict[str, str]
    """The settings that were chosen, as they are typed."""
    state: str = WAITING
    file: str = ""
    """The path of the picture in the folder of the gallery."""
    bytes: int = 0
    height: int = 0
    width: int = 0
    seconds: float = 0.0
    photo_distance: float | None = None
    style_distance: float | None = None
    error: str = ""


def small_source(kind: str, name: str) -> str:
    """Return the path of the small copy of a photo or a style in a gallery."""
    return f"{SMALL}/{kind}s/{shortened(safe(name), STEM_BYTES)}.jpg"


_NAMES = {field.name for field in fields(Entry)}


def entry_of(job: Job) -> Entry:
    """Return a new entry for a job."""
    chosen = {name: SCHEMA[name].typed(value) for name, value in job.chosen.items()}
    return Entry(
        job.name,
        job.key,
        job.photo.name,
        job.style.name,
        job.label,
        job.command,
        chosen,
    )


class Manifest:
    """The entries of a gallery, in its folder.

    Args:
        folder: the folder of the gallery. It may not exist yet.
        jobs: what the gallery will hold.
        add: whether pictures that are not among the jobs may stay.

    Attributes:
        entries: name of a job → its entry, in the order of the jobs.

    Raises:
        UsageError: the folder holds something else, or another gallery.
    """

    def __init__(self, folder: Path, jobs: Sequence[Job], add: bool = False):
        self.folder = folder
        known = {entry.name: entry for entry in self._read()}
        names = {job.name for job in jobs}
        others = [
            entry
            for name, entry in known.items()
            if name not in names and entry.state == DONE
        ]
        if others and not add:
            raise UsageError(
                f"{shown(folder)} holds a gallery with other pictures, such as "
                f"{others[0].name}: choose another folder with -o, or use --add to "
                "keep both."
            )
        self.entries = {entry.name: entry for entry in others}
        for job in jobs:
            entry, before = entry_of(job), known.get(job.name)
            if before and before.key == job.key and self._holds(before):
                before.command, before.label = entry.command, entry.label
                entry = before
            self.entries[job.name] = entry

    def _read(self) -> Iterator[Entry]:
        """Yield the entries of the journal; later ones replace earlier ones."""
        try:
            if not self.folder.exists():
                return
            if not self.folder.is_dir():
                raise UsageError(
                    f"{shown(self.folder)} is a file: choose a folder with -o."
                )
            if not (self.folder / FACTS).exists():
                if any(self.folder.iterdir()):
                    raise UsageError(
                        f"{shown(self.folder)} contains other files, but no gallery: "
                        "choose a new or empty folder with -o."
                    )
                return
            path = self.folder / JOURNAL
            text = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise UsageError(
                f"{shown(self.folder)} cannot be read: choose another folder with -o."
            ) from error
        for line in text.split(b"\n"):
            if entry := _entry(line):
                yield entry

    def _holds(self, entry: Entry) -> bool:
        """Return whether the picture of an entry is there as it was written."""
        if entry.state != DONE:
            return True
        try:
            return (self.folder / entry.file).stat().st_size == entry.bytes
        except OSError:
            return False

    def begin(self) -> None:
        """Make the folder a gallery.

        Raises:
            FileError: it cannot be written.
        """
        self.write_lists()
        path = self.folder / JOURNAL
        if path.exists() and not path.read_bytes().endswith(b"\n"):
            self._append(b"\n")  # a line was cut off

    def note(self, entry: Entry) -> None:
        """Remember what became of a job.

        Raises:
            FileError: the journal cannot be written.
        """
        self.entries[entry.name] = entry
        line = json.dumps(asdict(entry), ensure_ascii=True)
        self._append(line.encode() + b"\n")

    def _append(self, data: bytes) -> None:
        path = self.folder / JOURNAL
        try:
            with path.open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FileError(
                f"{shown(path)} cannot be written ({error.strerror}): free some space, "
                "then run the same command again to go on."
            ) from error

    def count(self, state: str) -> int:
        """Count the entries in a state."""
        return sum(entry.state == state for entry in self.entries.values())

    def write_lists(self) -> None:
        """Write gallery.json and gallery.csv.

        Raises:
            FileError: they cannot be written.
        """
        rows = [asdict(entry) for entry in self.entries.values()]
        facts = {"made_by": f"nstlib {__version__}", "pictures": rows}
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        table = _table(rows)
        for name, content in ((TABLE, table), (FACTS, text)):
            data = content.encode("utf-8", "backslashreplace")
            atomic_write(self.folder / name, lambda file, d=data: file.write(d))  # type: ignore[misc]


def _table(rows: Iterable[dict[str, Any]]) -> str:
    rows = list(rows)
    settings = dict.fromkeys(name for row in rows for name in row["settings"])
    columns = [n for n in rows[0] if n not in ("settings", "key")] if rows else []
    stream = io.StringIO()
    # A spreadsheet would take a cell that begins like a formula for one.
    table = csv.writer(stream, lineterminator="\n")
    table.writerow([*columns, *settings])
    for row in rows:
        chosen = [row["settings"].get(name, "") for name in settings]
        table.writerow([_cell(v) for v in [*(row[n] for n in columns), *chosen]])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    formula = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t")
    return f"'{value}" if formula else value


def _entry(line: bytes) -> Entry | None:
    """Read a line of the journal; None if it is damaged, or from a later version."""
    try:
        values = json.loads(line)
        entry = Entry(**{n: v for n, v in values.items() if n in _NAMES})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    inside = Path(entry.file)
    return entry if not inside.is_absolute() and ".." not in inside.parts else None
