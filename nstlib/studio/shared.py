"""What the pages of the studio share."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flask import current_app, g, send_file
from werkzeug.exceptions import NotFound

from nstlib.errors import NstError
from nstlib.studio.config import Config
from nstlib.studio.guards import Guards
from nstlib.studio.history import History, Job
from nstlib.studio.jobs import Jobs
from nstlib.studio.pictures import Pictures
from nstlib.studio.uploads import Uploads
from nstlib.worker import Look, Part, Worker


@dataclass(frozen=True)
class Studio:
    """Everything that belongs to one studio."""

    config: Config
    history: History
    pictures: Pictures
    worker: Worker
    uploads: Uploads
    jobs: Jobs
    guards: Guards

    def warm(self) -> None:
        """Have the worker paint something small, so that the first preview is quick."""
        course = self.pictures.course
        for photo, style in zip(
            course["content"][:1], course["style"][:1], strict=True
        ):
            settings = {"method": "wct", "size": 64}
            with suppress(NstError):
                self.worker.ask(Look(photo.path, (Part(style.path),), settings))

    def close(self) -> None:
        """End the worker, and close the history."""
        self.jobs.close()
        self.history.close()


def here() -> Studio:
    """Return the studio that answers the request."""
    return cast(Studio, current_app.extensions["studio"])


def own_job(job: str) -> Job:
    """Return a job of this visitor; for all others, there is no such job."""
    found = here().history.job(job)
    if found is None or found.owner != g.owner:
        raise NotFound()
    return found


def sent(path: Path, seconds: int = 0, **more: Any) -> Any:
    """Send a file that the browser may keep for some seconds."""
    if not path.is_file():
        raise NotFound()
    answer = send_file(path, max_age=seconds, conditional=True, **more)
    answer.headers["Cache-Control"] = (
        f"private, max-age={seconds}" if seconds else "no-cache"
    )
    return answer
