"""Orders to a crew of workers, wherever these are.

An order is a function of a module with an argument that can be sent, such as the bytes
of pictures. It must depend on nothing else, so any worker can do it, and do it again if
another worker died.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, NamedTuple, Protocol


class Order(NamedTuple):
    """A call for a worker to make."""

    key: str
    """Names the order; no two orders share it."""
    function: Callable[..., Any]
    """A function of a module, called as ``function(argument)``. At home it gets a
    second argument, which says whether to end early; see `nstlib.worker.Call`."""
    argument: Any
    memory: int = 0
    """How many bytes of memory its process will take."""


class Outcome(NamedTuple):
    """What became of an order."""

    key: str
    value: Any = None
    error: str = ""
    """Why there is no value, as one sentence; empty if there is one."""


class Crew(Protocol):
    """Workers that take orders."""

    def slots(self) -> int:
        """Return how many orders are done at the same time."""

    def outcomes(self, orders: Iterable[Order]) -> Generator[Outcome, None, None]:
        """Give orders, a few at a time, and yield their outcomes in any sequence."""


LOST = 3
"""An order fails after this many workers died while doing it."""
DIED = (
    f"{LOST} processes ended while they worked on it, maybe because there was too "
    "little memory: try fewer workers or a smaller size."
)
