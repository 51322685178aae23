"""How much memory a run may take."""

from __future__ import annotations

from nstlib.backend import tf
from nstlib.limits import available_memory

SPARE = 0.9  # share of the free memory that a run may take; other programs need some


def usable_memory() -> int | None:
    """Return how many bytes of main memory a run may take.

    Returns:
        A share of `available_memory`; None if it is not known, or if there is a GPU.
    """
    free = available_memory()
    if free is None or tf.config.list_physical_devices("GPU"):
        return None
    return int(SPARE * free)
