"""Asking the worker for previews and runs, in threads, so that the kernel is free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from nstlib.errors import NstError
from nstlib.worker import Answer, Died, Look, Paint, Worker

REST = 0.3
"""Seconds without a moving knob before a preview is painted."""
TRIES = 2
"""How often a task is tried if the worker's process ends in the middle of it."""

SHARED = Worker(niceness=5)
"""The worker of all panels. Its process starts with the first task of the first one."""


class Newest:
    """Does something in a thread on request, and only for the newest request.

    Args:
        do: what to do. It is never done twice at the same time.
    """

    def __init__(self, do: Callable[[], Any]):
        self._do, self._lock = do, threading.Lock()
        self._wishes, self._busy = 0, False

    def wish(self) -> None:
        """Request it, and return at once."""
        with self._lock:
            self._wishes += 1
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            wishes = self._wishes
            time.sleep(REST)
            if wishes != self._wishes:
                continue
            self._do()
            with self._lock:
                if wishes == self._wishes:
                    self._busy = False
                    return


class Run:
    """One run in a thread.

    Args:
        worker: paints it.
        task: what to paint.
        report: called with what the worker says after each evaluation.
        ended: called once, with the answer, or with the error that ended the run.
    """

    def __init__(
        self,
        worker: Worker,
        task: Paint,
        report: Callable[[Answer], Any],
        ended: Callable[[Answer | Exception], Any],
    ):
        self.worker, self.task = worker, task
        self.report, self.ended = report, ended
        self.stopping, self._key = False, 0

    def start(self) -> None:
        """Start it, and return at once."""
        threading.Thread(target=self._work, daemon=True).start()

    def stop(self) -> None:
        """End it at its next evaluation, and keep the best picture."""
        self.stopping = True
        if self._key:
            self.worker.stop(self._key)

    def _begun(self, key: int) -> None:
        self._key = key
        if self.stopping:
            self.worker.stop(key)

    def _work(self) -> None:
        try:
            self.ended(asked(self.worker, self.task, self.report, self._begun))
        except Exception as error:  # the panel shows it; a thread has no caller
            self.ended(error)


def asked(worker: Worker, task: Look | Paint, *told: Callable[..., Any]) -> Answer:
    """Have the worker do a task, and do it again if its process ended in the middle.

    A run then goes on from its checkpoint.

    Args:
        worker: does it.
        task: what to do.
        told: for a run, functions to call after each evaluation, and when it begins.

    Raises:
        NstError: the task is impossible, or ended the process each time.
    """
    report, begun = told or (None, None)
    for _ in range(TRIES - 1):
        with suppress(Died):
            return worker.ask(task, report, None, begun)
    return worker.ask(task, report, None, begun)


def sentence(error: Exception) -> str:
    """Return what to tell people about an error."""
    if not isinstance(error, NstError):
        what = f"{type(error).__name__}: {error}"
        return f"Something went wrong inside nstlib ({what}): try it again."
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}"
