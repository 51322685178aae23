"""Files of any kind: how they are named, and how they are written and read.

Taught in: 01_preprocessing. A file is written whole or not at all. Nothing here knows
what a picture is. What cannot be done is told by `FileError`, in one sentence.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nstlib.errors import FileError, NetworkError

Parameters = dict[str, np.ndarray]
"""The numbers of a network by their names."""

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


def is_url(source: object) -> bool:
    """Tell an address (``https://…``) from a path."""
    # Two letters at least, because C: is a drive.
    pattern = r"[a-z][\w+.-]+://|data:"
    return isinstance(source, str) and bool(re.match(pattern, source, re.IGNORECASE))


def shown(source: object) -> str:
    """Name a source in a message: on one line, not too long, without a password."""
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
    """Turn what was typed into a path, with ``~`` for the home folder.

    Raises:
        FileError: no file can have this name.
    """
    try:
        usable = b"\0" not in os.fsencode(source) and str(source) != ""
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise FileError(
            f"{shown(source) or '(empty)'} is no file name: check the path."
        )
    try:
        return Path(source).expanduser()
    except RuntimeError:  # "~name" of somebody who has no home here
        return Path(source)


def atomic_write(
    path: str | os.PathLike[str], writer: Callable[[BinaryIO], object]
) -> Path:
    """Write any file so that its name never holds half of it.

    Taught in: 01_preprocessing. The bytes go to a new file in the same folder, to
    the disk, and only then to the name asked for. On failure an older file of that
    name is still there, whole. Missing folders are made.

    Args:
        path: where to write; an older file is replaced.
        writer: called once with the open binary file.

    Returns:
        The path written.

    Raises:
        FileError: folder not writable, disk full, not the name of a file.
        Exception: whatever else ``writer`` raises.
    """
    path = as_path(path)
    with new_file_beside(path) as file:
        writer(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()  # Windows does not move an open file
        os.replace(file.name, path)  # noqa: PTH105
    return path


@contextmanager
def new_file_beside(path: Path) -> Iterator[BinaryIO]:
    """A new file in the same folder, which is gone at the end unless renamed."""
    temporary = path.parent / f".{uuid.uuid4().hex}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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


def read_arrays(path: Path, sha256: str | None = None) -> Parameters:
    """All arrays of an ``.npz`` file, as float32.

    Args:
        path: the file.
        sha256: what it must have, if that is known.

    Raises:
        NetworkError: it is missing or damaged, or no such file.
    """
    try:
        if sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise NetworkError(
                f"{path} is damaged: its SHA-256 is not the one recorded when it was "
                "made. Install the package again, or fetch the file with `git lfs "
                "pull` or `git checkout` if this is a clone."
            )
        with np.load(path) as file:
            return {key: file[key].astype(np.float32) for key in file.files}
    except NetworkError:
        raise
    # AttributeError: a ZIP file of something else than arrays.
    except (AttributeError, EOFError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise NetworkError(
            f"{path} cannot be read as weights ({error}); fetch it again."
        ) from error
