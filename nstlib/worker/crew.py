"""A crew of processes on this computer, each with its share of the cores."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from nstlib.errors import NstError
from nstlib.limits import cores
from nstlib.worker.client import Died, Worker
from nstlib.worker.orders import DIED, LOST, Order, Outcome
from nstlib.worker.tasks import Call

EVERY = 0.5
"""Seconds after which a waiting process looks for Ctrl-C, which Windows needs."""


class Processes:
    """A crew of spawned processes. A process that dies is replaced.

    Args:
        workers: how many processes there are.
        threads: how many threads each computes with; by default its share of the cores.

    Example:
        ::

            with Processes(2) as crew:
                for key, picture, error in crew.outcomes(orders):
                    ...
    """

    def __init__(self, workers: int, threads: int | None = None):
        share = max(1, cores() // workers) if threads is None else threads
        self.workers = [Worker(threads=share) for _ in range(workers)]

    def __enter__(self) -> Processes:
        """Do nothing; the processes start with their first orders."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes. A run that goes on writes its checkpoint first."""
        ending = [threading.Thread(target=worker.close) for worker in self.workers]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()

    def limit(self, workers: int) -> None:
        """Go on with ``workers`` processes, first with those that run already."""
        self.workers.sort(key=lambda worker: worker.pid is None)
        for worker in self.workers[workers:]:
            worker.close()
        del self.workers[workers:]

    def slots(self) -> int:
        """Return how many orders are done at the same time."""
        return len(self.workers)

    def outcomes(self, orders: Iterable[Order]) -> Generator[Outcome, None, None]:
        """Give orders, and yield each outcome as soon as it is known.

        Args:
            orders: taken one by one when a worker is free, in any thread.
        """
        source, taking = iter(orders), threading.Lock()
        found: queue.Queue[Any] = queue.Queue()
        ended = threading.Event()

        def work(worker: Worker) -> None:
            try:
                while not ended.is_set():
                    with taking:
                        order = next(source, None)
                    if order is None:
                        break
                    found.put(_asked(worker, order, ended))
            except BaseException as error:
                found.put(error)
            finally:
                found.put(None)

        for worker in self.workers:
            threading.Thread(target=work, args=(worker,), daemon=True).start()
        try:
            yield from _until_all_ended(found, len(self.workers))
        finally:
            ended.set()


def _until_all_ended(found: queue.Queue[Any], working: int) -> Iterator[Outcome]:
    while working:
        try:
            outcome = found.get(timeout=EVERY)
        except queue.Empty:
            continue
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome is None:
            working -= 1
        else:
            yield outcome


def _asked(worker: Worker, order: Order, ended: threading.Event) -> Outcome:
    for _ in range(LOST):
        try:
            return Outcome(order.key, worker.ask(Call(order.function, order.argument)))
        except Died:
            if ended.is_set():
                break
        except NstError as error:
            return Outcome(order.key, error=str(error))
    return Outcome(order.key, error=DIED)
