"""How much memory the machine and the limits of containers and the shell leave.

This module does not need TensorFlow, because some limits are too low for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from nstlib.errors import BackendError, OutOfMemoryError

ADDRESSES, ADDRESSES_OF_A_CORE = 1_780_000_000, 63_000_000
"""How many bytes of addresses TensorFlow takes when it starts, and how many more for
each core. A thread reserves far more of them than it uses. They were measured with
TensorFlow 2.21, as VmPeak with 2 and with 16 threads."""
DATA, DATA_OF_A_CORE = 360_000_000, 17_000_000
"""The same for private memory that can be written to, measured as VmData."""
RESERVED = 1.7
"""How many bytes of addresses a run reserves for each byte that it uses, at most."""

ELSEWHERE = "close other programs, or use a computer with more memory"
"""What to do where nothing smaller can be asked for."""
ONEDNN = "Operation received an exception:Status: 1,"
"""How TensorFlow reports that oneDNN, which computes its convolutions, was out of
memory: 1 is ``dnnl_out_of_memory``."""


class Limit(NamedTuple):
    """What the shell allows a process, as ``ulimit`` shows it."""

    name: str
    """The option of ulimit."""
    allowed: int
    """How many bytes the process may have."""
    start: int
    """How many bytes Python and TensorFlow have before a picture is loaded."""
    held: int
    """How many bytes the process has now."""

    @property
    def left(self) -> int:
        """How many bytes a run can use, once TensorFlow has started."""
        return max(0, int((self.allowed - max(self.start, self.held)) / RESERVED))


def available_memory() -> int | None:
    """Return how many bytes this process can still take without swapping.

    Returns:
        The free memory of the machine or, if that is less, what the limits of its Linux
        containers or of the shell leave. None if the system does not report it.
    """
    import psutil  # here, so that `nst doctor` can run and report that it is missing

    free = [*containers(), *(limit.left for limit in shell_limits())]
    with suppress(OSError, RuntimeError):  # a sandbox may hide it
        free.append(psutil.virtual_memory().available)
    return min(free, default=None)


def containers(root: Path = Path("/")) -> Iterator[int]:
    """Yield how many bytes the control groups of this process leave it, on Linux.

    A container is such a group, and so is a service. Groups are nested, and the limit
    of each counts for all that are inside. Memory that caches files counts as free.

    Args:
        root: the folder in which ``proc`` and ``sys`` are.
    """
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        mount = root / "sys/fs/cgroup"
        if number == "0":
            names = _VERSION_2
        elif "memory" in kinds.split(","):
            mount, names = mount / "memory", _VERSION_1
        else:
            continue
        # A container may be told a path outside of it, of which it sees no files.
        inside = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
        for depth in range(len(inside) + 1):
            yield from _left(mount.joinpath(*inside[:depth]), *names)


Names = tuple[tuple[str, ...], str, str]  # limits, memory that is used, cache in it
_VERSION_1: Names = (
    ("memory.limit_in_bytes",),
    "memory.usage_in_bytes",
    "total_inactive_file",
)
_VERSION_2: Names = (("memory.max", "memory.high"), "memory.current", "inactive_file")


def _left(
    group: Path, limits: tuple[str, ...], used: str, cached: str
) -> Iterator[int]:
    """Yield how many bytes the limits of one control group leave."""
    taken = _number("".join(_lines(group / used)))
    if taken is None:
        return
    lines = [line.partition(" ") for line in _lines(group / "memory.stat")]
    taken -= next((int(count) for name, _, count in lines if name == cached), 0)
    for name in limits:
        allowed = _number("".join(_lines(group / name)))
        if allowed is not None:
            yield max(0, allowed - taken)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def shell_limits() -> list[Limit]:
    """Return the limits of memory that were set with ``ulimit``; none on Windows."""
    try:
        import resource
    except ImportError:
        return []
    count = cores()
    kinds = [
        ("v", "RLIMIT_AS", "VmSize", ADDRESSES + count * ADDRESSES_OF_A_CORE),
        ("d", "RLIMIT_DATA", "VmData", DATA + count * DATA_OF_A_CORE),
    ]
    found = []
    for option, name, field, start in kinds:
        allowed, _ = resource.getrlimit(getattr(resource, name))
        if allowed != resource.RLIM_INFINITY:
            found.append(Limit(option, allowed, start, _held(field)))
    return found


def peak_so_far() -> int:
    """Return the most bytes that this process has held; 0 if that is not known."""
    # Of this process alone: ru_maxrss begins with the peak of the one that started it.
    return _held("VmHWM")


def _held(field: str) -> int:
    """Return what Linux counts for this process under a name, in bytes, or else 0."""
    status = dict(line.split(":", 1) for line in _lines(Path("/proc/self/status")))
    return 1024 * int((status.get(field) or "0").split()[0])


def cores() -> int:
    """Return how many cores this process may use. TensorFlow has threads for each."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_start() -> None:
    """Raise a `BackendError` if the shell allows less than TensorFlow needs."""
    for limit in shell_limits():
        if limit.allowed < limit.start:
            raise BackendError(
                f"ulimit -{limit.name} allows {gigabytes(limit.allowed)}, but "
                f"TensorFlow alone needs {gigabytes(limit.start)}: raise the limit, or "
                f"remove it with ulimit -{limit.name} unlimited in a new shell."
            )


def is_memory(error: BaseException) -> bool:
    """Return whether an exception means that there was too little memory."""
    if isinstance(error, MemoryError):
        return True
    # TensorFlow may not have been imported, so its exceptions are known by their names.
    name = type(error).__name__
    return name == "ResourceExhaustedError" or (
        name == "AbortedError" and ONEDNN in str(error)
    )


@contextmanager
def about_memory(what: str, advice: str = ELSEWHERE) -> Iterator[None]:
    """Turn any exception about too little memory into an `OutOfMemoryError`.

    Args:
        what: the subject of the message, in the plural, such as "512 pixels".
        advice: what to do, such as "try a smaller side".

    Raises:
        OutOfMemoryError: there was too little memory in the block.
    """
    try:
        yield
    except OutOfMemoryError:
        raise
    except Exception as error:
        if not is_memory(error):
            raise
        raise OutOfMemoryError(
            f"{what} need more memory than there is: {advice}."
        ) from error


def gigabytes(count: float) -> str:
    """Format a number of bytes for people, in GiB."""
    return f"{count / 2**30:.1f} GiB"
