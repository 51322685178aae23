"""Where the bytes of a picture come from: a file, the web, a stream or memory.

Taught in: 01_preprocessing. The functions here do not decode pictures. They find the
bytes, within limits of size and time, or say in one sentence what to do.
"""

from __future__ import annotations

import difflib
import io
import itertools
import os
import queue
import stat
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import BinaryIO

from nstlib.errors import ImageError, about_pictures
from nstlib.files import as_path, is_url, shown

MAX_BYTES = 64 * 2**20
"""Largest download or stream that is accepted, in bytes."""
SOCKET_SECONDS = 10.0
"""Longest wait for a connection or for the next bytes of a download."""
TOTAL_SECONDS = 60.0
"""Longest time that a whole download may take."""

Source = str | os.PathLike[str] | bytes | BinaryIO


def open_source(source: Source) -> BinaryIO:
    """Open the bytes of a picture for reading.

    Taught in: 01_preprocessing.

    Args:
        source: a path, an http(s) address, the bytes of a file, or a binary stream,
            which is read from its current position to its end.

    Returns:
        A seekable binary stream. The caller has to close it.

    Raises:
        ImageError: the file is missing, a folder, not readable or too large, or the
            address cannot be reached.
        TypeError: the source is of another type.
    """
    if isinstance(source, str) and is_url(source):
        return io.BytesIO(fetch(source))
    if isinstance(source, str | os.PathLike):
        with about_pictures():
            return _open_file(source)
    if isinstance(source, bytes | bytearray):
        return io.BytesIO(source)
    if not hasattr(source, "read"):
        raise TypeError(
            "A picture is loaded from a path, an http(s) address, bytes or an open "
            f"file, not from {type(source).__name__}."
        )
    data = source.read(MAX_BYTES + 1)
    if not isinstance(data, bytes):
        raise ImageError(f"{shown(source)} is open as text: open it with mode 'rb'.")
    if len(data) > MAX_BYTES:
        raise _too_large(shown(source), MAX_BYTES)
    return io.BytesIO(data)


def _open_file(source: str | os.PathLike[str]) -> BinaryIO:
    path, name = as_path(source), shown(source)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ImageError(f"{name} is a folder: give a picture inside it.")
        # Opening a pipe would block forever.
        if not stat.S_ISREG(mode):
            raise ImageError(f"{name} is a device or a pipe: give a picture file.")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ImageError(f"{name} does not exist: {_suggest(path)}.") from None
    except PermissionError:
        raise ImageError(
            f"{name} may not be read: change its permissions or copy it elsewhere."
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImageError(
            f"{name} cannot be opened ({reason}): check the path."
        ) from error


def _suggest(path: Path) -> str:
    try:
        entries = itertools.islice(path.parent.iterdir(), 5000)
        names = {entry.name.lower(): entry for entry in entries}
    except OSError:
        return (
            f"check the path, the folder {shown(path.parent)} cannot be listed either"
        )
    close = difflib.get_close_matches(path.name.lower(), names, n=1)
    return f"did you mean {shown(names[close[0]])}" if close else "check the path"


class _WebOnly(urllib.request.OpenerDirector):
    """An opener for http and https only: no redirect can lead to a local file."""

    def __init__(self) -> None:
        super().__init__()
        names = "Proxy HTTP HTTPS HTTPDefaultError HTTPRedirect Unknown"
        for name in names.split():
            self.add_handler(getattr(urllib.request, f"{name}Handler")())
        self.add_handler(urllib.request.HTTPErrorProcessor())
        self.addheaders = [("User-Agent", "nstlib (neural style transfer course)")]


def fetch(url: str, max_bytes: int | None = None) -> bytes:
    """Download one file over http or https, within limits of size and time.

    Taught in: 01_preprocessing.

    Args:
        url: the address. Redirects are followed to http and https only.
        max_bytes: the largest file to accept; `MAX_BYTES` if None.

    Returns:
        The bytes of the file.

    Raises:
        ImageError: the scheme is another one, there is no connection, the server
            answers with an error, or the answer is too large, cut off, or not complete
            after `TOTAL_SECONDS`.
    """
    limit = MAX_BYTES if max_bytes is None else max_bytes
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(_get(url, limit))
        except Exception as error:
            answers.put(error)

    # In a thread, because the timeout of a socket limits neither a slow name server
    # nor a server that sends one byte of its headers every few seconds.
    threading.Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=TOTAL_SECONDS)
    except queue.Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception):
        raise _explain(shown(url), answer) from answer
    return answer


class Downloads:
    """What a run has fetched, each address once.

    A server may answer differently the second time, and a picture and its opacity must
    come from the same bytes.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def __call__(self, source: Source) -> Source:
        """Return a new stream of what is at an address; other sources as they are.

        Args:
            source: as for `open_source`.

        Raises:
            ImageError: the address cannot be fetched, see `fetch`.
        """
        if not (isinstance(source, str) and is_url(source)):
            return source
        if source not in self._kept:
            self._kept[source] = fetch(source)
        return _Named(self._kept[source], source)


class _Named(io.BytesIO):
    """Bytes in memory whose `name` messages can show."""

    def __init__(self, data: bytes, name: str):
        super().__init__(data)
        self.name = name


def _get(url: str, limit: int) -> bytes:
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise ImageError(
            f"{shown(url)} uses {scheme}, but only http and https are supported: "
            "save the picture and give the file."
        )
    ends, body = time.monotonic() + TOTAL_SECONDS, bytearray()
    address = urllib.parse.quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    with _WebOnly().open(address, timeout=SOCKET_SECONDS) as answer:
        expected = answer.length or 0
        # read1 returns what has arrived; read would wait for all 65,536 bytes.
        while expected <= limit and (part := answer.read1(2**16)):
            body += part
            if time.monotonic() > ends:
                raise TimeoutError
            if len(body) > limit:
                break
    if max(expected, len(body)) > limit:
        raise _too_large(shown(url), limit)
    if len(body) < expected:
        raise ConnectionError("the answer was cut off")
    return bytes(body)


def _too_large(name: str, limit: int) -> ImageError:
    size = f"{limit / 2**20:g} MiB"
    return ImageError(f"{name} is larger than {size}: scale the picture down first.")


def _explain(name: str, error: Exception) -> ImageError:
    if isinstance(error, ImageError):
        return error
    reason = getattr(error, "reason", None) or error
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        what = f"answers {error.code} {shown(str(reason))}"
    elif isinstance(reason, TimeoutError):
        what = "does not answer in time"
    else:
        what = f"cannot be fetched ({shown(str(reason))})"
    return ImageError(
        f"{name} {what}: check the address in a browser, or save the picture there "
        "and give the file."
    )
