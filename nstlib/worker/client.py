"""Starting the worker's process, and asking it to do tasks."""

from __future__ import annotations

import itertools
import multiprocessing
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from nstlib.errors import NstError
from nstlib.worker.process import serve
from nstlib.worker.tasks import Answer, Task


class Died(NstError):
    """The worker's process ended during a task, or does not answer."""


class Worker:
    """One spawned process with one `nstlib.Stylizer`, which does tasks in two lanes.

    The process starts at the first task, and again if it died. Several threads can call
    `ask` at the same time.

    Args:
        niceness: how much it yields to other programs, as for `os.nice`.
        threads: how many threads TensorFlow computes with; 0 for one on each core.

    Example:
        ::

            with Worker() as worker:
                answer = worker.ask(Paint(photo, parts, settings, folder), print)
    """

    def __init__(self, niceness: int = 0, threads: int = 0):
        self.niceness, self.threads = niceness, threads
        self._lock, self._sending = threading.RLock(), threading.Lock()
        self._keys = itertools.count(1)
        self._waiting: dict[int, queue.Queue[Any]] = {}
        self._process: Any = None
        self._connection: Connection | None = None
        self.closed = False

    def __enter__(self) -> Worker:
        """Do nothing; the process starts at the first task."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the process; None if there is none."""
        return None if self._process is None else self._process.pid

    def ask(
        self,
        task: Task,
        report: Callable[[Answer], Any] | None = None,
        seconds: float | None = None,
        begun: Callable[[int], Any] | None = None,
    ) -> Any:
        """Hand over a task, and wait for its answer.

        Args:
            task: what to do.
            report: called with what a `Paint` says after each evaluation.
            seconds: the longest time without a message once the task has begun; None
                waits forever. The tasks before it may take any time.
            begun: called with the key of the task, for `stop`.

        Raises:
            Died: the process died, or was ended because it said nothing for so long.
            NstError: the task is impossible. The message says why.
        """
        key, answers = next(self._keys), queue.Queue[Any]()
        with self._lock:
            connection = self._started()
            self._waiting[key] = answers
        if begun is not None:
            begun(key)
        try:
            self._send(connection, ("do", key, task))
            limit = None
            while True:
                kind, value = answers.get(timeout=limit)
                limit = seconds
                if kind == "step" and report is not None:
                    report(value)
                elif kind == "done":
                    return dict(value) if isinstance(value, dict) else value
                elif kind == "failed":
                    raise NstError(value)
                elif kind == "broken":
                    raise NstError(
                        "something went wrong inside nstlib: the program's terminal "
                        "says what."
                    )
                elif kind == "died":
                    raise Died("the worker's process ended: try it again.")
        except queue.Empty:
            self.kill()
            raise Died("the worker's process did not answer: try it again.") from None
        finally:
            with self._lock:
                self._waiting.pop(key, None)

    def stop(self, key: int) -> None:
        """End a run at its next evaluation, and keep the best picture."""
        with self._lock:
            connection = self._connection
        if connection is not None:
            self._send(connection, ("stop", key))

    def kill(self) -> None:
        """End the process at once. The next task starts another."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process. A run that goes on writes its checkpoint first."""
        with self._lock:
            self.closed = True
            process, connection = self._process, self._connection
        if connection is not None:
            self._send(connection, ("close",))
        if process is not None:
            process.join(30)
            if process.is_alive():
                process.kill()
                process.join(5)

    def _send(self, connection: Connection, message: Any) -> None:
        with suppress(OSError), self._sending:  # the listener hears that it died
            connection.send(message)

    def _started(self) -> Connection:
        """Return the pipe to the process, and start the process if necessary."""
        if self.closed:
            raise Died("the worker is closed: make a new one.")
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve,
                args=(theirs, self.niceness, self.threads),
                daemon=True,
            )
            process.start()
            theirs.close()
            self._process, self._connection = process, ours
            listening = threading.Thread(
                target=self._listen, args=(ours, process), daemon=True
            )
            listening.start()
        return self._connection

    def _listen(self, connection: Connection, process: Any) -> None:
        """Hand on what the process says, until it is gone."""
        while True:
            try:
                kind, key, value = connection.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                waiting = self._waiting.get(key)
            if waiting is not None:
                waiting.put((kind, value))
        process.join(5)  # so that it does not stay as a zombie
        with self._lock:
            connection.close()
            self._connection = None
            for waiting in self._waiting.values():
                waiting.put(("died", None))
