"""Files of any kind: how to name them, write them and read them.

Taught in: 01_preprocessing. A file is written completely or not at all. Nothing here
knows what a picture is. Failures raise a `FileError` with a one-sentence message.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nstlib.errors import FileError

LONGEST = 255
"""Largest number of bytes in the name of a file."""
PART = 1 << 20
"""How many bytes of a file are read at a time."""
_LONGEST_PATH = 4000  # bytes; Linux allows 4095, and names get longer
_DAY = 24 * 60 * 60  # seconds
_FULL = "because the disk is full: free some space or save elsewhere"
_DENIED = (
    "because that is not allowed: save to another folder, or close the program that "
    "has the file open"
)
_NO_FOLDER = "because part of the path is a file, not a folder: check the path"
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
}


def nearest_folder(path: Path) -> Path:
    """Return the folder itself, or if there is none yet, the nearest one above it."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.is_dir())


def file_hash(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file, which may be larger than the memory.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PART):
            digest.update(part)
    return digest.hexdigest()


def is_url(source: object) -> bool:
    """Return whether a source is an address (``https://…``) and not a path."""
    # At least two letters before the colon, because C: is a drive on Windows.
    pattern = r"[a-z][\w+.-]+://|data:"
    return isinstance(source, str) and bool(re.match(pattern, source, re.IGNORECASE))


def shown(source: object) -> str:
    """Return how a message should name a source.

    The text fits on one line, has at most 160 characters, and contains no password.
    """
    if isinstance(source, bytes | bytearray):
        return "the picture given as bytes"
    if not isinstance(source, str | os.PathLike):
        name = getattr(source, "name", None)
        return shown(name) if isinstance(name, str) else "the picture in the stream"
    text = str(source)
    if is_url(source):
        text = re.sub(r"(?<=://)[^/]*@|[?#].*", "", text, flags=re.DOTALL)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= 160 else f"{text[:80]}…{text[-60:]}"


def as_path(source: str | os.PathLike[str]) -> Path:
    """Turn a text into a path; a leading ``~`` becomes the home folder.

    Raises:
        FileError: no file can have this name, or it is an address.
    """
    if is_url(source):
        raise FileError(
            f"{shown(source)} is an address, and the name of a file is needed: save "
            "what is there, and give the file."
        )
    try:
        name = os.fsencode(source)
    except UnicodeEncodeError:
        name = b""
    if not name or b"\0" in name:
        raise FileError(
            f"{shown(source) or '(empty)'} is not a file name: check the path."
        )
    if max(map(len, re.split(rb"[/\\]", name))) > LONGEST or len(name) > _LONGEST_PATH:
        raise FileError(
            f"{shown(source)} is too long for the name of a file, which has at most "
            f"{LONGEST} bytes: choose a shorter one."
        )
    try:
        return Path(source).expanduser()
    except RuntimeError:  # "~name" for a user who does not exist here
        return Path(source)


def atomic_write(
    path: str | os.PathLike[str], writer: Callable[[BinaryIO], object]
) -> Path:
    """Write a file completely or not at all.

    Taught in: 01_preprocessing. The bytes go to a new file in the same folder, which is
    flushed to the disk and then renamed. If anything fails, an older file of that name
    is still there, unchanged. Missing folders are created.

    Args:
        path: where to write; an existing file is replaced.
        writer: a function that writes to the open binary file; it is called once.

    Returns:
        The path that was written.

    Raises:
        FileError: the folder is not writable, the disk is full, or the path does not
            name a file.
        Exception: any other exception that ``writer`` raises.

    Example:
        A writer that fails half-way leaves the old file untouched:

        >>> import tempfile
        >>> from pathlib import Path
        >>> def interrupted(file):
        ...     file.write(b"half of the n")
        ...     raise KeyboardInterrupt
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "result.txt"
        ...     _ = atomic_write(path, lambda file: file.write(b"old"))
        ...     try:
        ...         atomic_write(path, interrupted)
        ...     except KeyboardInterrupt:
        ...         print(path.read_text(), len(list(path.parent.iterdir())))
        old 1
    """
    path = as_path(path)
    with new_file_beside(path) as file:
        writer(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()  # Windows cannot rename an open file
        os.replace(file.name, path)  # noqa: PTH105
    return path


def check_target(path: Path) -> None:
    """Check, before a long run, that `atomic_write` will be able to write to a path.

    Raises:
        FileError: `atomic_write` would raise one for this path.
    """
    with new_file_beside(path):
        pass


@contextmanager
def new_file_beside(path: Path) -> Iterator[BinaryIO]:
    """Open a new file in the same folder; it is deleted at the end unless renamed."""
    temporary = path.parent / f".nstlib-{uuid.uuid4().hex}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                raise FileError(f"{shown(path)} is not a file: give a file name.")
        with temporary.open("xb") as file:
            yield file
    except OSError as error:
        other = f"({error.strerror or type(error).__name__}): save it elsewhere"
        reason = _REASONS.get(error.errno or 0, other)
        raise FileError(f"{shown(path)} cannot be written {reason}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """Delete temporary files of killed runs that are older than a day.

    The age decides, because a folder may be shared by several computers, and processes
    of another one are not known here. No file takes longer than minutes to write.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not re.fullmatch(r"\.nstlib-[0-9a-f]{32}\.part", entry.name):
                continue
            with suppress(OSError):  # another run was faster
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > _DAY:
                    Path(entry.path).unlink()
