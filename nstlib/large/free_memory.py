"""How much memory is free, on each kind of system."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from pathlib import Path

from nstlib.backend import tf


def available_memory() -> int | None:
    """Bytes that this process may still take without swapping; None if not known."""
    free = [count for count in (_of_system(), _of_container()) if count is not None]
    return min(free, default=None)


def _of_system() -> int | None:
    try:
        if sys.platform == "darwin":
            command = ["/usr/bin/vm_stat"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=5)
            return free_on_mac(done.stdout)
        if sys.platform == "win32":
            return _on_windows()
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(text.partition("MemAvailable:")[2].split()[0]) * 1024
    except (
        OSError,
        IndexError,
        ValueError,
        AttributeError,
        subprocess.SubprocessError,
    ):
        return None


def free_on_mac(report: str) -> int | None:
    """Bytes that macOS would hand out at once, from what ``vm_stat`` prints."""
    page = re.search(r"page size of (\d+)", report)
    kinds = r"^Pages (?:free|inactive|speculative|purgeable): +(\d+)"
    pages = [int(count) for count in re.findall(kinds, report, re.MULTILINE)]
    return int(page[1]) * sum(pages) if page and pages else None


def _on_windows() -> int | None:
    # MEMORYSTATUSEX: its own length, the load, then seven counts of bytes, of which the
    # second is the free physical memory.
    status = (ctypes.c_uint64 * 8)(64)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009, unknown elsewhere to mypy
    return status[2] if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def _of_container() -> int | None:
    """What the limit of a Linux container leaves; files that it cached can go."""
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
    """A number of bytes, for people."""
    return f"{count / 2**30:.1f} GiB"


SPARE = 0.9  # of the free memory: other programs want some, too


def usable_memory() -> int | None:
    """Bytes of main memory that a run may take; None if not known, or on a GPU."""
    free = available_memory()
    if free is None or tf.config.list_physical_devices("GPU"):
        return None
    return int(SPARE * free)
