"""Reading and writing arrays in ``.npz`` files, which are checked before unpacking.

People download weights and get checkpoints from others. Such a file may be damaged, or
made to do harm: a few bytes of it can claim gigabytes. So sizes, types and shapes are
read from the headers first, and each reader compares them with what it expects. Nothing
is unpickled.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.errors import FileError, NetworkError, shorten
from nstlib.files import atomic_write, shown
from nstlib.kinds import kind_of

Parameters = dict[str, np.ndarray]
"""The weights of a network: name → array."""

LARGEST = 2**30
"""The most bytes that the arrays of a file may have if no shapes are expected."""
_MEMBERS = 20_000  # a checkpoint of 1000 curvature pairs has 5000
_HEADER = 2**14  # bytes; NumPy's own limit of a header is 10,000 characters
_TEXT = 2**22  # bytes of a JSON or a small picture
_KINDS = ("network", "checkpoint", "training", "weights", "decoder", "arrays")


class ArrayError(FileError):
    """An ``.npz`` file that cannot be used; the message is a clause, not a sentence."""


class Header(NamedTuple):
    """What a file says about one of its arrays."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Size of the array in memory, in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        """Return type and shape, as ``"float32 (3, 3)"``."""
        return f"{self.dtype} {shorten(str(self.shape))}"


Headers = Mapping[str, Header]


class Archive:
    """An ``.npz`` file, opened for reading; a context manager.

    Args:
        path: the file.

    Attributes:
        headers: name of each array → its `Header`. All types are plain numbers, and
            all sizes are what the headers say.

    Raises:
        ArrayError: the file is not an ``.npz`` file of such arrays, or it is damaged.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        try:
            self._file = zipfile.ZipFile(path)
        except Exception as error:  # zipfile raises any type for a damaged file
            raise self._unread(error) from error
        try:
            self._members = {info.filename[:-4]: info for info in self._infos()}
            self.headers = {name: self._header(name) for name in self._members}
        except Exception as error:
            self._file.close()
            raise self._unread(error) from error

    def __enter__(self) -> Archive:
        """Return the open file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def _infos(self) -> list[zipfile.ZipInfo]:
        infos = self._file.infolist()
        names = {info.filename for info in infos}
        if len(names) != len(infos) or len(infos) > _MEMBERS:
            raise ValueError("two arrays of one name, or too many")
        for info in infos:
            # The other compressions unpack without a limit of size.
            plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            if not info.filename.endswith(".npy") or not plain:
                raise ValueError("no array of NumPy")
        return infos

    def _header(self, name: str) -> Header:
        info = self._members[name]
        with self._file.open(info) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = io.BytesIO(stream.read(_HEADER))
            version = np.lib.format.read_magic(start)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, _, dtype = read(start)
        header = Header(shape, dtype)
        if dtype.hasobject:
            raise ArrayError(f"its {shown(name)} holds something other than numbers")
        if dtype.kind not in "biuf" or dtype.itemsize > 8 or min(shape, default=0) < 0:
            raise ArrayError(f"its {shown(name)} is {header}, not an array of numbers")
        if header.size != info.file_size - start.tell():
            raise ValueError("another size than the header says")
        return header

    def array(
        self, name: str, shape: tuple[int, ...] | None = None, kinds: str = "f"
    ) -> np.ndarray:
        """Read one array.

        Args:
            name: its name.
            shape: the shape that it must have; None allows any below `LARGEST`.
            kinds: the kinds of type that it may have, as NumPy's ``dtype.kind``.

        Raises:
            ArrayError: it is missing or damaged, has another shape or type, or a number
                in it is not finite.
        """
        self.expect(name, shape, kinds)
        try:
            with self._file.open(self._members[name]) as stream:
                array = np.lib.format.read_array(stream, allow_pickle=False)
                if stream.read(1):  # the checksum is compared at the end
                    raise ValueError("more bytes than the header says")
        except MemoryError:
            raise
        except Exception as error:
            raise self._unread(error) from error
        if not np.isfinite(array).all():
            raise ArrayError(_not_finite(name))
        return array

    def expect(
        self, name: str, shape: tuple[int, ...] | None = None, kinds: str = "f"
    ) -> None:
        """Check the header of an array; arguments and errors are those of `array`."""
        header = self.headers.get(name)
        if header is None:
            raise ArrayError(f"it has no {shown(name)}")
        wrong = header.size > LARGEST if shape is None else header.shape != shape
        if wrong or header.dtype.kind not in kinds:
            wanted = "" if shape is None else f", not numbers of shape {shape}"
            raise ArrayError(f"its {shown(name)} is {header}{wanted}")

    def data(self, name: str) -> bytes:
        """Read bytes that are stored as an array, such as a text or a picture."""
        self.expect(name, kinds="u")
        header = self.headers[name]
        if len(header.shape) != 1 or header.size > _TEXT:
            raise ArrayError(f"its {shown(name)} is {header}")
        return self.array(name, kinds="u").tobytes()

    def _unread(self, error: Exception) -> ArrayError:
        """Say why a file cannot be read, without NumPy's advice about pickles."""
        if isinstance(error, ArrayError):
            return error
        if isinstance(error, OSError) and error.strerror:
            return ArrayError(error.strerror)
        try:
            kind = kind_of(self.path)
        except OSError:
            return ArrayError("it is damaged")
        return ArrayError(
            "it is damaged" if kind.name in _KINDS else f"it is {kind.what}"
        )


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> Path:
    """Write arrays as an ``.npz`` file, whole or not at all.

    Args:
        path: where to write; an older file is replaced.
        arrays: name → array.

    Raises:
        FileError: the file cannot be written.
    """
    return atomic_write(path, lambda file: np.savez(file, **arrays))


def read_arrays(
    path: Path,
    sha256: str | None = None,
    choose: Callable[[Headers], Iterable[str]] | None = None,
) -> Parameters:
    """Read arrays of an ``.npz`` file as float32.

    Args:
        path: the file.
        sha256: the hash that the file must have; None skips this check.
        choose: returns the names of the arrays to read, given all headers, or raises a
            `NetworkError` before anything is unpacked. None reads all of a file whose
            arrays have at most `LARGEST` bytes.

    Returns:
        Name → array.

    Raises:
        NetworkError: the file is missing, damaged, or not an ``.npz`` file of arrays;
            or a number in it is not finite.
    """
    try:
        if sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise NetworkError(
                f"{shown(path)} is damaged: its SHA-256 is not the one recorded when "
                "it was made. In a clone, fetch the file with `git lfs pull` or `git "
                "checkout`; otherwise, install the package again."
            )
        with Archive(path) as file:
            names = list((choose or _all)(file.headers))
            arrays = {name: in_float32(name, file.array(name)) for name in names}
    except (ArrayError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NetworkError(
            f"{shown(path)} cannot be read as weights: {reason}; fetch it again, or "
            "train it again."
        ) from error
    return arrays


def _all(headers: Headers) -> Iterable[str]:
    if sum(header.size for header in headers.values()) > LARGEST:
        raise ArrayError(f"it unpacks to more than {LARGEST / 2**30:g} GiB")
    return headers


def in_float32(name: str, array: np.ndarray) -> np.ndarray:
    """Convert an array.

    Raises:
        ArrayError: a number in it is too large.
    """
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise ArrayError(_not_finite(name))
    return array


def _not_finite(name: str) -> str:
    return f"its {shown(name)} holds numbers that are not finite (NaN or Inf)"
