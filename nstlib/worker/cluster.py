"""A crew on the machines of a Dask cluster, or on a small cluster of this computer.

Each thread of a Dask worker does one order at a time. If a worker is killed, its order
goes to another one. If workers offer the resource ``MEMORY``, in bytes, Dask gives them
no more orders than fit into it.
"""

from __future__ import annotations

import importlib.util
import logging
import pkgutil
import time
from collections.abc import Generator, Iterable
from typing import Any

from nstlib import __version__
from nstlib.errors import NstError, UsageError, shorten
from nstlib.limits import gigabytes
from nstlib.worker.orders import DIED, LOST, Order, Outcome
from nstlib.worker.process import THREADS

LOCAL = "local"
"""The address that stands for a cluster on this computer."""
MEMORY = "MEMORY"
"""The name of the resource."""
PATIENCE = 20
"""Seconds to wait for a cluster."""
AHEAD = 2
"""The most orders for each thread that are sent to the cluster at a time. The others
stay here, so neither the scheduler nor this computer has to hold a million pictures."""
RETRIES = 2
"""How often an order is tried again if it failed for an unknown reason."""


class Cluster:
    """A crew of Dask workers.

    Args:
        address: of the scheduler, such as ``"tcp://10.0.0.5:8786"``, or `LOCAL`.
        workers: with `LOCAL`, how many processes there are.
        memory: with `LOCAL`, how many bytes each of them may hold.

    Raises:
        UsageError: Dask is not installed, nobody answers at the address, there are no
            workers, or their nstlib is missing or has another version.

    Example:
        ::

            with Cluster("tcp://10.0.0.5:8786") as crew:
                for key, picture, error in crew.outcomes(orders):
                    ...
    """

    def __init__(self, address: str, workers: int = 2, memory: int | None = None):
        if not importlib.util.find_spec("distributed"):
            raise UsageError(
                '--dask needs Dask: install it with pip install "nstlib[cluster]", or '
                'in a clone with pip install -e ".[cluster]".'
            )
        self.address, self.own, self._seen, self._slots = address, None, 0.0, 0
        if address == LOCAL:
            self.own = _local(workers, memory)
        self.client = _connected(self.own or address, address)
        try:
            self._check_workers()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Cluster:
        """Do nothing; the cluster was reached already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cancel orders that nobody waits for, and end the cluster if it is ours."""
        self.client.close(timeout=5)
        if self.own is not None:
            self.own.close(timeout=10)

    def _check_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"the cluster at {self.address} has no workers: start some with "
                f"dask worker {self.address}."
            ) from None
        # This is a function of Python itself, because nstlib may not be there.
        versions = self.client.run(
            pkgutil.resolve_name, "nstlib:__version__", on_error="return"
        )
        for worker, version in versions.items():
            if isinstance(version, BaseException):
                told = shorten(str(version))
                raise UsageError(
                    f"nstlib cannot be imported on {worker} ({told}): install it there."
                )
            if version != __version__:
                raise UsageError(
                    f"nstlib has version {version} on {worker} and {__version__} here: "
                    "install the same version everywhere."
                )

    def slots(self) -> int:
        """Return how many orders are done at the same time now."""
        if time.monotonic() - self._seen > 5:  # workers come and go
            threads = sum(self.client.nthreads().values())
            self._seen, self._slots = time.monotonic(), max(1, threads)
        return self._slots

    def check_memory(self, need: int, base: int) -> None:
        """Check that orders will fit into the memory of the workers.

        Args:
            need: how many bytes a process holds to do one order.
            base: how many of them it holds once, however many threads it has.

        Raises:
            UsageError: they will not fit. The message says what to do.
        """
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        offers = [w["resources"].get(MEMORY) for w in workers.values()]
        self.offered = any(offers)
        if self.offered:
            most = max(offer or 0 for offer in offers)
            if most < need:
                raise UsageError(
                    f"a picture needs {gigabytes(need)} of memory, and no worker "
                    f"offers more than {gigabytes(most)}: choose a smaller --size, or "
                    f"start workers with a larger {MEMORY}."
                )
            return
        for address, worker in workers.items():
            limit, threads = worker["memory_limit"], worker["nthreads"]
            if limit and base + threads * (need - base) > limit:
                raise UsageError(
                    f"with --nthreads {threads}, the worker {address} needs "
                    f"{gigabytes(base + threads * (need - base))} of memory, and its "
                    f"limit is {gigabytes(limit)}: start it with fewer --nthreads, or "
                    f"with --resources {MEMORY}={limit}."
                )

    offered = False

    def outcomes(self, orders: Iterable[Order]) -> Generator[Outcome, None, None]:
        """Give orders, and yield each outcome as soon as it is known.

        Raises:
            UsageError: the connection to the scheduler was lost.
        """
        from dask.distributed import as_completed

        source, given = iter(orders), as_completed(loop=self.client.loop)
        waiting: dict[str, Order] = {}

        def fill() -> None:
            while len(waiting) < AHEAD * self.slots():
                order = next(source, None)
                if order is None:
                    break
                waiting[order.key] = order
                given.add(self._given(order))

        fill()
        while waiting:
            future = next(given)
            order = waiting[future.key]
            if future.status not in ("finished", "error"):
                raise UsageError(
                    f"the scheduler at {self.address} no longer answers: start it "
                    "again, then run the same command again to go on."
                )
            del waiting[future.key]
            fill()  # before this outcome is looked at, so that nobody waits
            yield _outcome(order.key, future)

    def _given(self, order: Order) -> Any:
        needs = {MEMORY: order.memory} if self.offered and order.memory else None
        return self.client.submit(
            order.function,
            order.argument,
            key=order.key,
            retries=RETRIES,
            resources=needs,
        )


def _outcome(key: str, future: Any) -> Outcome:
    from dask.distributed import KilledWorker

    if future.status == "finished":
        return Outcome(key, future.result())
    error = future.exception()
    if isinstance(error, NstError):
        return Outcome(key, error=str(error))
    if isinstance(error, KilledWorker):
        return Outcome(key, error=DIED)
    told = shorten(f"{type(error).__name__}: {error}", 300)
    return Outcome(
        key,
        error=(
            f"something went wrong on its worker ({told}): the output of the worker "
            "may say more."
        ),
    )


def _local(workers: int, memory: int | None) -> Any:
    """Start a cluster of processes with one thread each on this computer."""
    import dask
    from dask.distributed import LocalCluster

    from nstlib.limits import cores

    share = str(max(1, cores() // workers))
    with dask.config.set({"distributed.scheduler.allowed-failures": LOST - 1}):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,  # what TensorFlow holds cannot be spilled to the disk
            resources={MEMORY: memory} if memory else None,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
            env=dict.fromkeys(THREADS, share),
        )


def _connected(cluster: Any, address: str) -> Any:
    from dask.distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say it ourselves
    try:
        return Client(cluster, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        told = shorten(str(error))
        raise UsageError(
            f"no Dask scheduler answers at {shorten(address)} ({told}): check the "
            "address, and start dask scheduler there."
        ) from error
