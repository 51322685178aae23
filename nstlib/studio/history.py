"""What the studio remembers: jobs and uploads, in SQLite with files beside it."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAITING, RUNNING = "waiting", "running"
DONE, STOPPED, FAILED, CANCELED = "done", "stopped", "failed", "canceled"
ACTIVE = (WAITING, RUNNING)
FINISHED = (DONE, STOPPED)

_TABLES = """
create table if not exists jobs (
    number integer primary key autoincrement, id text unique, owner text, state text,
    created real, ended real, form text, facts text default '{}', told text default '',
    tries integer default 0, bytes integer default 0
);
create index if not exists jobs_of on jobs (owner, number);
create table if not exists uploads (
    id text primary key, owner text, kind text, name text, height integer,
    width integer, used real
);
"""


@dataclass(frozen=True)
class Job:
    """One job, as it is remembered."""

    number: int
    id: str
    owner: str
    state: str
    created: float
    ended: float | None
    form: dict[str, Any]
    """What was asked for, see `nstlib.studio.forms.Order`."""
    facts: dict[str, Any]
    """What the worker said at the end."""
    told: str
    """A sentence about what went wrong, or an empty text."""
    tries: int
    bytes: int

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ACTIVE

    @property
    def finished(self) -> bool:
        """Whether it has a result."""
        return self.state in FINISHED


@dataclass(frozen=True)
class Upload:
    """One uploaded picture or mask, as it is remembered."""

    id: str
    owner: str
    kind: str
    name: str
    height: int
    width: int
    used: float


def new_id() -> str:
    """Return an address that nobody can guess."""
    return secrets.token_hex(16)


class History:
    """The jobs and uploads of a folder. Its methods can be called from any thread.

    Args:
        folder: where ``history.sqlite``, ``jobs`` and ``uploads`` are or will be.
    """

    def __init__(self, folder: Path):
        self.jobs, self.uploads = folder / "jobs", folder / "uploads"
        for place in (folder, self.jobs, self.uploads):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._base = sqlite3.connect(
            folder / "history.sqlite", check_same_thread=False, isolation_level=None
        )
        self._base.row_factory = sqlite3.Row
        self._base.executescript(_TABLES)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._base.close()

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._base.execute(query, values).fetchall()

    # --- jobs

    def folder(self, job: str) -> Path:
        """Return the folder of a job's files."""
        return self.jobs / job

    def add_job(self, job: str, owner: str, form: dict[str, Any]) -> None:
        """Add a new job, which has to wait."""
        self._rows(
            "insert into jobs (id, owner, state, created, form) values (?, ?, ?, ?, ?)",
            *(job, owner, WAITING, time.time(), json.dumps(form)),
        )

    def job(self, job: str) -> Job | None:
        """Return a job; None if there is none."""
        found = self._rows("select * from jobs where id = ?", job)
        return _job(found[0]) if found else None

    def in_state(self, *states: str, owner: str | None = None) -> list[Job]:
        """Return the jobs in some states, the oldest first."""
        marks = ", ".join("?" * len(states))
        query, values = f"select * from jobs where state in ({marks})", [*states]
        if owner is not None:
            query, values = f"{query} and owner = ?", [*values, owner]
        return [_job(row) for row in self._rows(f"{query} order by number", *values)]

    def change(self, job: str, state: str, **values: Any) -> None:
        """Change the state of a job, and other columns."""
        values["state"] = state
        if state not in ACTIVE:
            values.setdefault("ended", time.time())
            values["bytes"] = _size(self.folder(job))
        if "facts" in values:
            values["facts"] = json.dumps(values["facts"])
        names = ", ".join(f"{name} = ?" for name in values)
        self._rows(f"update jobs set {names} where id = ?", *values.values(), job)

    def claim(self) -> Job | None:
        """Return the oldest waiting job, and mark it as running."""
        with self._lock:
            waiting = self.in_state(WAITING)
            if not waiting:
                return None
            tries = waiting[0].tries + 1
            self.change(waiting[0].id, RUNNING, tries=tries)
            return self.job(waiting[0].id)

    def cancel(self, job: str) -> bool:
        """Cancel a job if it is still waiting; return whether it was."""
        with self._lock:
            found = self.job(job)
            if found is None or found.state != WAITING:
                return False
            self.change(job, CANCELED)
            return True

    def forget(self, job: str) -> None:
        """Delete a job with its files."""
        shutil.rmtree(self.folder(job), ignore_errors=True)
        self._rows("delete from jobs where id = ?", job)

    def used_bytes(self) -> int:
        """Return how many bytes the files of all jobs take."""
        return int(self._rows("select coalesce(sum(bytes), 0) from jobs")[0][0])

    def make_room(self, most: float) -> None:
        """Delete the oldest jobs until the others take at most ``most`` bytes."""
        used = self.used_bytes()
        states = (DONE, STOPPED, FAILED, CANCELED)
        for job in self.in_state(*states)[:-1]:
            if used <= most:
                return
            used -= job.bytes
            self.forget(job.id)

    # --- uploads

    def add_upload(self, upload: Upload) -> None:
        """Remember an upload whose files are in `uploads`."""
        self._rows(
            "insert into uploads values (?, ?, ?, ?, ?, ?, ?)",
            *(upload.id, upload.owner, upload.kind, upload.name),
            *(upload.height, upload.width, upload.used),
        )

    def upload(self, upload: str, owner: str) -> Upload | None:
        """Return an upload of this owner, and note that it was used."""
        found = self.uploads_of(owner, upload)
        self._rows("update uploads set used = ? where id = ?", time.time(), upload)
        return found[0] if found else None

    def uploads_of(self, owner: str, upload: str | None = None) -> list[Upload]:
        """Return the uploads of an owner, or one of them, the last used first."""
        query = "select * from uploads where owner = ?"
        if upload is not None:
            query += " and id = ?"
        values = [owner] if upload is None else [owner, upload]
        rows = self._rows(f"{query} order by used desc, rowid desc", *values)
        return [Upload(**dict(row)) for row in rows]

    def expire(self, before: float, each: int, most: int) -> None:
        """Delete old uploads.

        Args:
            before: uploads that were last used before this time are deleted.
            each: how many uploads of one owner stay.
            most: how many uploads stay in all.
        """
        with self._lock:
            rows = self._rows("select * from uploads order by used desc, rowid desc")
            kept: dict[str, int] = {}
            gone = []
            for row in rows:
                kept[row["owner"]] = kept.get(row["owner"], 0) + 1
                late = row["used"] < before or kept[row["owner"]] > each
                if late or sum(kept.values()) > most:
                    gone.append(row["id"])
            self._drop(gone)

    def _drop(self, uploads: Iterable[str]) -> None:
        for upload in uploads:
            self._rows("delete from uploads where id = ?", upload)
            for path in self.uploads.glob(f"{upload}.*"):
                with suppress(OSError):
                    path.unlink()

    def sweep(self) -> None:
        """Delete files without a row, which a killed server leaves behind."""
        known = {row["id"] for row in self._rows("select id from uploads")}
        for path in self.uploads.iterdir():
            if path.name.split(".")[0] not in known:
                with suppress(OSError):
                    path.unlink()
        jobs = {row["id"] for row in self._rows("select id from jobs")}
        for path in self.jobs.iterdir():
            if path.name not in jobs:
                shutil.rmtree(path, ignore_errors=True)


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    for name in ("form", "facts"):
        values[name] = json.loads(values[name])
    return Job(**values)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
