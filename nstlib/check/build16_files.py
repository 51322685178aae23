"""The guard of files that a student builds in 16_studio, beside build16."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.check.feedback import Mistake
from nstlib.errors import NstError


def allowed(function: Callable[..., Any], *case: Any) -> Any:
    """Call a function that raises what it refuses; 1 means that it lets it in."""
    try:
        found = function(*case)
    except NstError:
        return 0
    if found is not None and found is not ...:
        raise Mistake(
            "your function returns something: raise an error for what it refuses, and "
            "otherwise return nothing"
        )
    return 1 if found is None else found


def _png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(header))
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13)
    return start + header + check + struct.pack(">I", 0) + b"IDAT"


def _files() -> Iterator[Case]:
    yield _png(30, 20), 1000
    yield _png(40, 25), 1000  # exactly as many as are allowed
    yield _png(90, 30), 1000  # neither side is too long
    yield _png(2000, 10), 100_000  # one side is long, and there are few pixels
    yield _png(30_000, 30_000), 50_000_000  # more than Pillow opens
    yield b"<!doctype html><title>no picture</title>", 1000
    yield b"", 1000
    yield b"P6 4 4 255\n" + bytes(48), 1000  # a picture of a rare kind


def _sides(data: bytes) -> tuple[int, int] | None:
    return struct.unpack(">II", data[16:24]) if data[1:4] == b"PNG" else None


def _opened(
    data: bytes,
    fits: Callable[[int, int], bool],
    unknown: bool = False,
    rare: bool = False,
) -> int:
    """Return 1 for what is let in; each keyword is one kind of file that should not."""
    sides = _sides(data)
    if sides is None:
        return int(rare if data[:2] == b"P6" else unknown)
    return int(fits(*sides))


check_header = Built(
    of="nstlib.worker.unchecked.check_header",
    oracle=lambda data, pixels: _opened(data, lambda w, h: w * h <= pixels),
    cases=_files,
    use=allowed,
    mistakes={
        "a picture with exactly the allowed pixels is refused: take >, not >=": (
            lambda data, pixels: _opened(data, lambda w, h: w * h < pixels)
        ),
        "only the longer side is compared: multiply width by height": (
            lambda data, pixels: _opened(data, lambda w, h: max(w, h) <= pixels)
        ),
        "you count three bytes for each pixel: the limit is in pixels": (
            lambda data, pixels: _opened(data, lambda w, h: 3 * w * h <= pixels)
        ),
        "what Pillow itself refuses as a bomb gets in: give it a huge size": (
            lambda data, pixels: _opened(
                data, lambda w, h: w * h <= pixels or w * h > 2e8
            )
        ),
        "a file that is not a picture gets in: raise an ImageError if Pillow raises "
        "an error": lambda data, pixels: _opened(
            data, lambda w, h: w * h <= pixels, unknown=True, rare=True
        ),
        "a picture of a rare kind gets in: give formats=FORMATS to Image.open": (
            lambda data, pixels: _opened(data, lambda w, h: w * h <= pixels, rare=True)
        ),
        "everything gets in: raise an ImageError for what you refuse": (
            lambda data, pixels: 1
        ),
        "everything is refused: raise only if there is a reason": (
            lambda data, pixels: 0
        ),
        "small pictures are refused and large ones get in: reverse the comparison": (
            lambda data, pixels: _opened(data, lambda w, h: w * h >= pixels)
        ),
    },
    praise="the first bytes tell, before anything is decoded",
)
