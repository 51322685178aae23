"""The loop of the worker's process: it takes tasks from a pipe, and answers into it.

Messages to it are ``("do", key, task)``, ``("stop", key)`` and ``("close",)``. Those
from it are ``(kind, key, value)``: the kind is "begun", "step", "done", "failed" or
"broken".
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any

from nstlib.errors import NstError
from nstlib.worker.tasks import QUICK, SLOW, Call, Look, Paint, Read, Task

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
"""The environment variables that limit the threads of TensorFlow and NumPy."""


def serve(connection: Connection, niceness: int, threads: int = 0) -> None:
    """Do tasks until the pipe closes, which it also does if the other process dies.

    Args:
        connection: the pipe, both ways.
        niceness: how much this one yields to other programs, as for `os.nice`.
        threads: how many threads TensorFlow computes with; 0 for one on each core.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other process
    if threads:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    loop = _Loop(connection)
    lanes = [threading.Thread(target=loop.work, args=(lane,)) for lane in (SLOW, QUICK)]
    for lane in lanes:
        lane.daemon = True
        lane.start()
    loop.listen()
    for lane in lanes:
        lane.join(20)  # a run ends at its next evaluation, and writes its checkpoint
    os._exit(0)  # TensorFlow may still hold threads


class _Loop:
    """What the threads of the process share."""

    def __init__(self, connection: Connection):
        self.connection, self.sending = connection, threading.Lock()
        self.stopped: set[int] = set()
        self.closing = threading.Event()
        self.lanes: dict[str, queue.Queue[Any]] = {
            lane: queue.Queue() for lane in (SLOW, QUICK)
        }
        self.stylizer: Any = None
        self.making = threading.Lock()

    def listen(self) -> None:
        """Sort messages into lanes until the pipe closes."""
        try:
            while (message := self.connection.recv())[0] != "close":
                if message[0] == "stop":
                    self.stopped.add(message[1])
                else:
                    self.lanes[message[2].lane].put(message[1:])
        except (EOFError, OSError):
            pass
        self.closing.set()
        for lane in self.lanes.values():
            lane.put(None)

    def work(self, lane: str) -> None:
        """Do the tasks of one lane, one after the other."""
        while (
            item := self.lanes[lane].get()
        ) is not None and not self.closing.is_set():
            key, task = item
            kind, value = self._tried(key, task)
            if value != {}:  # {} means that the run goes on next time
                self.send(kind, key, value)
            self.stopped.discard(key)

    def _tried(self, key: int, task: Task) -> tuple[str, Any]:
        try:
            return "done", self._done(key, task)
        except NstError as error:
            return "failed", str(error)
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                traceback.print_exc(file=sys.stderr)
            return "broken", type(error).__name__

    def _done(self, key: int, task: Task) -> Any:
        from nstlib.worker import work  # takes seconds, and the pipe is open by now

        def stopped() -> str:
            if self.closing.is_set():
                return work.CLOSED
            return work.STOPPED if key in self.stopped else ""

        if isinstance(task, Call):
            self.send("begun", key, None)
            return task.function(task.argument, stopped)
        with self.making:
            if self.stylizer is None:
                self.stylizer = work.Stylizer()
        self.send("begun", key, None)
        if isinstance(task, Read):
            return work.read(task)
        if isinstance(task, Look):
            return work.look(task, self.stylizer)
        assert isinstance(task, Paint)

        def report(value: Any) -> None:
            self.send("step", key, value)

        return work.paint(task, self.stylizer, report, stopped)

    def send(self, kind: str, key: int, value: Any) -> None:
        """Send a message; if nobody is there anymore, the run ends."""
        try:
            with self.sending:
                self.connection.send((kind, key, value))
        except (BrokenPipeError, OSError):
            self.closing.set()
