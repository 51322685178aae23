"""Reading ahead and saving behind, while a frame is being painted."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, Protocol

import numpy as np

from nstlib.film.kept import Kept

AHEAD = 4
"""The most frames that are read ahead, and the most that wait to be saved."""


class Source(Protocol):
    """Something with frames to read."""

    def frames(self) -> Generator[Any, None, None]:
        """Read the frames from the first one."""


@contextmanager
def read_ahead(film: Source) -> Iterator[Iterator[Any]]:
    """Read the frames of a film in a thread, a few frames ahead.

    Errors in the thread are raised here.
    """
    waiting: queue.Queue[Any] = queue.Queue(AHEAD)
    ended = threading.Event()

    def put(item: Any) -> bool:
        while not ended.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            with closing(film.frames()) as frames:
                for frame in frames:
                    if not put(frame):
                        return
            put(None)
        except Exception as error:
            put(error)

    def taken() -> Iterator[Any]:
        while (item := waiting.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        ended.set()
        thread.join()


class Saver:
    """Saves frames in a thread, in their order.

    Use it in a ``with`` statement. At its end, all frames are saved.

    Args:
        kept: where they are saved.

    Raises:
        FileError: a frame could not be saved; this is raised with a later frame, or at
            the end.
    """

    def __init__(self, kept: Kept):
        self.kept = kept
        self.pool = ThreadPoolExecutor(1)
        self.waiting: deque[Future[Any]] = deque()

    def __enter__(self) -> Saver:
        """Do nothing; the thread starts with the first frame."""
        return self

    def __exit__(self, *error: object) -> None:
        """Wait until all frames are saved."""
        self.pool.shutdown()
        if error[0] is None:
            while self.waiting:
                self.waiting.popleft().result()

    def save(self, index: int, frame: np.ndarray) -> None:
        """Save a frame soon; wait if too many are waiting."""
        self.waiting.append(self.pool.submit(self.kept.save, index, frame))
        while len(self.waiting) > AHEAD or (self.waiting and self.waiting[0].done()):
            self.waiting.popleft().result()
