"""How much memory is free, in the whole machine and in a Linux container."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from nstlib.backend import tf


def available_memory() -> int | None:
    """Return how many bytes this process can still take without swapping.

    Returns:
        The free memory of the machine or, if that is less, what the limit of its Linux
        container leaves. None if the system does not report it.
    """
    import psutil  # here, so that `nst doctor` can run and report that it is missing

    free = [_of_container()]
    with suppress(OSError, RuntimeError):  # a sandbox may hide it
        free.append(psutil.virtual_memory().available)
    return min((count for count in free if count is not None), default=None)


def _of_container() -> int | None:
    """Return how many bytes the limit of a Linux container leaves; None without one.

    Memory that caches files counts as free.
    """
    try:
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        cached = re.search(
            r"^inactive_file (\d+)",
            (group / "memory.stat").read_text(encoding="ascii"),
            re.MULTILINE,
        )
        return max(0, limit - used + (int(cached[1]) if cached else 0))
    except (OSError, ValueError):
        return None


def gigabytes(count: float) -> str:
    """Format a number of bytes for people, in GiB."""
    return f"{count / 2**30:.1f} GiB"


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
