"""Taking pictures from visitors: the worker decodes them, and encodes them anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nstlib.errors import NstError
from nstlib.studio.config import Config
from nstlib.studio.history import History, Upload, new_id
from nstlib.studio.rules import Full, title_of
from nstlib.worker import Answer, Died, Look, Read, Worker

SECONDS = 120.0
"""The longest time that the worker may take for an upload or a preview."""


class Uploads:
    """Takes uploads, and lets the worker look at small pictures, a few at a time.

    Args:
        config: the limits.
        history: remembers the uploads.
        worker: decodes them.
    """

    def __init__(self, config: Config, history: History, worker: Worker):
        self.config, self.history, self.worker = config, history, worker
        self._room = threading.BoundedSemaphore(config.looks)

    def take(self, file: Any, owner: str, kind: str) -> Upload:
        """Keep an uploaded file.

        Args:
            file: the file as Flask hands it over.
            owner: who sent it.
            kind: ``"photo"``, ``"painting"`` or ``"mask"``.

        Raises:
            NstError: it is not a picture, or too many uploads wait.
        """
        upload, raw = new_id(), self.history.uploads
        incoming = raw / f"{upload}.new"
        try:
            file.save(incoming)
            task = Read(incoming, raw, upload, mask=kind == "mask")
            answer = self.ask(task)
        finally:
            with suppress(OSError):
                incoming.unlink()
        name = title_of(file.filename or "")
        sides = answer["height"], answer["width"]
        found = Upload(upload, owner, kind, name, *sides, time.time())
        self.history.add_upload(found)
        limits = self.config
        before = time.time() - 3600 * limits.upload_hours
        self.history.expire(before, limits.uploads_each, limits.uploads)
        return found

    def ask(self, task: Read | Look) -> Answer:
        """Give the worker a quick task.

        Raises:
            Full: too many such tasks wait.
            NstError: the task is impossible.
        """
        with self._waiting():
            for _ in range(2):  # another task may have ended the worker
                with suppress(Died):
                    return self.worker.ask(task, seconds=SECONDS)
            raise NstError("the painter crashed at this picture: try another one.")

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        # A person waits a moment for the others; a crowd is told to come back.
        if not self._room.acquire(timeout=2.0):
            raise Full("Too many pictures arrived at once: try again in a few seconds.")
        try:
            yield
        finally:
            self._room.release()
