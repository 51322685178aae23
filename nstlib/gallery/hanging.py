"""Painting the jobs of a gallery, and keeping each picture at once.

Small previews show the whole gallery first. After them, the cheapest jobs come first.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nstlib.errors import NstError
from nstlib.files import atomic_write
from nstlib.gallery.forecast import FREE, Forecast, Price
from nstlib.gallery.manifest import (
    CHECKPOINTS,
    DONE,
    FAILED,
    PICTURES,
    PREVIEWS,
    SMALL,
    WAITING,
    Entry,
    Manifest,
    entry_of,
    small_source,
)
from nstlib.gallery.page import write_page
from nstlib.gallery.painting import QUALITY, Commission, paint
from nstlib.gallery.painting import SMALL as SIDE
from nstlib.gallery.plan import Job
from nstlib.gallery.sheets import write_sheets
from nstlib.gallery.sources import Shown
from nstlib.images import shrink
from nstlib.runs.provenance import Origin, record
from nstlib.settings import Settings, make_settings
from nstlib.worker.orders import Crew, Order, Outcome
from nstlib.worker.unchecked import jpeg

PREVIEW_SIZE = 160
"""The longer side of a preview in pixels."""
EVERY, SHARE = 20.0, 0.05
"""The shortest time between two sheets of an unfinished gallery, in seconds, and the
largest share of the time that they may take."""

Report = Callable[[Entry], Any]
"""Called with each picture that was painted, or that failed."""


class Hanging:
    """The painting of a gallery.

    Args:
        manifest: what is there already.
        jobs: all jobs of the gallery.
        suffix: the format of the pictures: ``".png"``, ``".jpg"`` or ``".webp"``.
        retry: whether jobs that failed are tried again.
        here: whether the workers run on this computer, where they can keep checkpoints.
    """

    def __init__(
        self,
        manifest: Manifest,
        jobs: Sequence[Job],
        suffix: str = ".png",
        retry: bool = False,
        here: bool = True,
    ):
        self.manifest, self.jobs, self.suffix, self.here = manifest, jobs, suffix, here
        self.folder = manifest.folder
        again = (WAITING, FAILED) if retry else (WAITING,)
        self.todo = [job for job in jobs if manifest.entries[job.name].state in again]
        self.due = time.monotonic() + EVERY
        self.refused: list[tuple[Job, str]] = []

    def paint(self, crew: Crew, forecast: Forecast, report: Report) -> None:
        """Paint the jobs that are left, the cheapest first.

        Raises:
            FileError: a file cannot be written. What was painted before stays.
        """

        def price(job: Job) -> Price:
            return forecast.prices.get(job.key, FREE)

        jobs = sorted(self.todo, key=lambda job: price(job).seconds)
        by_key = {job.key: job for job in jobs}
        for job in jobs:
            if job.error:
                self._failed(job, job.error, report)
        usable = [job for job in jobs if not job.error]
        orders = (
            Order(job.key, paint, task, price(job).peak_bytes)
            for job, task in self._tasks(usable, self._task)
        )
        with closing(crew.outcomes(orders)) as outcomes:
            for outcome in outcomes:
                self._keep(by_key[outcome.key], outcome, report)
                self._report_refused(report)
                self._show_now_and_then()
        self._report_refused(report)

    def preview(self, crew: Crew, report: Callable[[], Any]) -> None:
        """Paint a small picture of each photo in each style, in one pass."""
        wanted: dict[str, Job] = {}
        for job in self.todo:
            if not job.error and not self._preview(job).exists():
                wanted.setdefault(job.pair, job)
        orders = (
            Order(f"preview-{job.pair}", paint, task)
            for job, task in self._tasks(list(wanted.values()), self._small_task)
        )
        with closing(crew.outcomes(orders)) as outcomes:
            for outcome in outcomes:
                if outcome.value:  # a failure will come again, and be reported
                    job = wanted[outcome.key.removeprefix("preview-")]
                    _write(self._preview(job), outcome.value["small"])
                report()
        self.refused.clear()

    def _tasks(
        self, jobs: Sequence[Job], make: Callable[[Job], Commission]
    ) -> Iterator[tuple[Job, Commission]]:
        """Read the files of jobs only when a worker is free for them."""
        for job in jobs:
            try:
                yield job, make(job)
            except OSError as error:
                reason = f"{error.filename} cannot be read ({error.strerror})"
                self.refused.append((job, f"{reason}: check the file."))

    def _report_refused(self, report: Report) -> None:
        while self.refused:
            self._failed(*self.refused.pop(), report)

    def _task(self, job: Job) -> Commission:
        style: Any = str(job.style.path)
        if not job.style.network:
            style = job.style.path.read_bytes()
        elif job.style.typed == job.style.name:  # every worker has the shipped ones
            style = job.style.name
        kept = self.folder / CHECKPOINTS / f"{job.key}.npz" if self.here else None
        return Commission(
            job.photo.path.read_bytes(),
            style,
            job.settings.to_json(),
            (job.photo.path.name, job.style.path.name),
            self._places(job),
            self.suffix,
            checkpoint=None if kept is None else kept.absolute(),
        )

    def _small_task(self, job: Job) -> Commission:
        method = "feedforward" if job.style.network else "adain"
        size = PREVIEW_SIZE * (2 if job.style.network else 1)  # its strokes are wide
        settings: Settings = make_settings(method=method, size=size)
        task = replace(self._task(job), settings=settings.to_json(), suffix=".jpg")
        return replace(task, measured=False, checkpoint=None)

    def _places(self, job: Job) -> tuple[str | None, str | None]:
        folder = (self.folder / PICTURES).absolute()
        both = [
            Origin(one.path.name, one.path.absolute(), "")
            for one in (job.photo, job.style)
        ]
        photo, style = (file["path"] for file in record(both, folder, None)["files"])
        return photo, style

    def _preview(self, job: Job) -> Path:
        return self.folder / PREVIEWS / f"{job.pair}.jpg"

    def _keep(self, job: Job, outcome: Outcome, report: Report) -> None:
        """Write a picture, and then remember that it is there."""
        if outcome.error:
            self._failed(job, outcome.error, report)
            return
        try:
            entry = self._write_and_note(job, outcome.value)
        except KeyboardInterrupt:  # a picture that is not noted would be painted again
            self._write_and_note(job, outcome.value)
            raise
        report(entry)

    def _write_and_note(self, job: Job, told: dict[str, Any]) -> Entry:
        file = f"{PICTURES}/{job.name}{self.suffix}"
        _write(self.folder / file, told["picture"])
        _write(self.folder / SMALL / f"{job.name}.jpg", told["small"])
        facts = ("height", "width", "seconds", "photo_distance", "style_distance")
        entry = replace(
            entry_of(job),
            state=DONE,
            file=file,
            bytes=len(told["picture"]),
            **{name: told[name] for name in facts},
        )
        self.manifest.note(entry)
        with suppress(OSError):
            (self.folder / CHECKPOINTS / f"{job.key}.npz").unlink(missing_ok=True)
        return entry

    def _failed(self, job: Job, error: str, report: Report) -> None:
        entry = replace(entry_of(job), state=FAILED, error=error)
        self.manifest.note(entry)
        report(entry)

    def _show_now_and_then(self) -> None:
        began = time.monotonic()
        if began < self.due:
            return
        self.show()
        spent = time.monotonic() - began
        self.due = time.monotonic() + max(EVERY, spent / SHARE)

    def show(self) -> None:
        """Write the lists, the sheets and the page, as far as the gallery has come.

        Raises:
            FileError: a file cannot be written.
        """
        self._copy_sources()
        entries = list(self.manifest.entries.values())
        previews = {job.name: f"{PREVIEWS}/{job.pair}.jpg" for job in self.jobs}
        self.manifest.write_lists()
        write_sheets(self.folder, entries, previews)
        write_page(self.folder, entries, previews)

    def close(self) -> None:
        """Show the gallery, and remove what a complete one no longer needs."""
        self.show()
        if not self.manifest.count(WAITING):
            for name in (PREVIEWS, CHECKPOINTS):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def _copy_sources(self) -> None:
        """Write small copies of the photos and the paintings, for walls and sheets."""
        for job in self.jobs:
            for kind, one in (("photo", job.photo), ("style", job.style)):
                self._copy(kind, one)

    def _copy(self, kind: str, one: Shown) -> None:
        path = self.folder / small_source(kind, one.name)
        if one.error or path.exists():
            return
        with suppress(NstError):  # painting it says why
            _write(path, jpeg(shrink(one.picture(SIDE), SIDE), QUALITY))


def _write(path: Path, data: bytes) -> None:
    atomic_write(path, lambda file: file.write(data))
