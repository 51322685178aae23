"""`hang` paints a whole gallery in one call; its parts serve the command, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from nstlib.errors import NstError
from nstlib.files import as_path
from nstlib.gallery.forecast import Forecast, forecast_of, price, questions
from nstlib.gallery.hanging import Hanging
from nstlib.gallery.manifest import Entry, Manifest
from nstlib.gallery.plan import Job
from nstlib.worker.crew import Processes
from nstlib.worker.orders import Crew, Order


def predict(crew: Crew, jobs: Sequence[Job]) -> Forecast:
    """Let one of the workers predict the cost of jobs, on its own computer.

    Raises:
        NstError: the prediction failed.
    """
    usable = [job for job in jobs if not job.error]
    order = Order("price", price, questions(usable))
    with closing(crew.outcomes([order])) as outcomes:
        outcome = next(iter(outcomes))
    if outcome.error:
        raise NstError(f"the cost of the gallery cannot be predicted: {outcome.error}")
    return forecast_of(usable, outcome.value)


def hang(
    jobs: Sequence[Job],
    folder: str | Path,
    crew: Crew | None = None,
    *,
    retry: bool = False,
    add: bool = False,
    report: Callable[[Entry], Any] = lambda _: None,
) -> list[Entry]:
    """Paint a gallery, or the pictures that are missing from it.

    Args:
        jobs: from `nstlib.gallery.plan_jobs`.
        folder: where the gallery is, or will be.
        crew: the workers, a `nstlib.worker.crew.Processes` or a
            `nstlib.worker.cluster.Cluster`; a single process if None.
        retry: whether pictures that failed before are tried again.
        add: whether the folder may hold pictures that are not among the jobs.
        report: called with each picture that was painted, or that failed.

    Returns:
        What became of all pictures in the folder.

    Raises:
        UsageError: the folder holds something else, or another gallery.
        FileError: a file cannot be written. What was painted before stays.

    Example:
        ::

            photos = find_pictures("photos", "content")
            styles = find_pictures("starry_night,great_wave", "style")
            hang(plan_jobs(photos, styles, [{"size": 256}]), "output/gallery")
    """
    if crew is None:
        with Processes(1) as own:
            return hang(jobs, folder, own, retry=retry, add=add, report=report)
    manifest = Manifest(as_path(folder), jobs, add)
    manifest.begin()
    hanging = Hanging(manifest, jobs, retry=retry, here=isinstance(crew, Processes))
    if hanging.todo:
        hanging.paint(crew, predict(crew, hanging.todo), report)
    hanging.close()
    return list(manifest.entries.values())
