"""Painted frames, which are kept one by one, so a run that was cut off can go on."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nstlib.errors import FilmError
from nstlib.files import atomic_write, nearest_folder, shown
from nstlib.names import beside, first_free, is_there

JOB = "job.json"
BYTES_OF_A_PIXEL = 2.0
"""The size of a painted frame as PNG. Fine strokes need most, and 3 is the limit."""


class Kept:
    """The frames of one film and one pass over it, ``NAME-frames/1/000000.png`` …

    Each file is written completely or not at all.

    Args:
        folder: the folder for them.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, index: int) -> Path:
        """Return the file of a frame."""
        return self.folder / f"{index:06}.png"

    @property
    def pattern(self) -> str:
        """The names of the frames, in the form that ffmpeg needs."""
        return str(self.folder / "%06d.png")

    def count(self) -> int:
        """Return how many frames there are before the first gap."""
        index = 0
        while self.path(index).is_file():
            index += 1
        return index

    def has(self, index: int) -> bool:
        """Return whether there is a frame."""
        return self.path(index).is_file()

    def save(self, index: int, frame: np.ndarray) -> Path:
        """Save a frame, uint8 ``(H, W, 3)``, or a mask ``(H, W)``; return its path.

        Raises:
            FileError: it cannot be written.
        """
        return self.put(index, as_png(frame))

    def put(self, index: int, data: bytes) -> Path:
        """Save the bytes of a PNG file as a frame, and return its path.

        Raises:
            FileError: it cannot be written.
        """
        return atomic_write(self.path(index), lambda file: file.write(data))

    def drop(self, index: int) -> None:
        """Delete a frame, if it is there."""
        self.path(index).unlink(missing_ok=True)

    def load(self, index: int) -> np.ndarray:
        """Read a frame, uint8 ``(H, W, 3)``.

        Raises:
            FilmError: it cannot be read.
        """
        try:
            with Image.open(self.path(index)) as image:
                return np.asarray(image.convert("RGB"))
        except (OSError, SyntaxError, ValueError) as error:
            raise self._damaged(index) from error

    def read(self, index: int) -> bytes:
        """Return the bytes of the file of a frame.

        Raises:
            FilmError: it cannot be read.
        """
        try:
            return self.path(index).read_bytes()
        except OSError as error:
            raise self._damaged(index) from error

    def _damaged(self, index: int) -> FilmError:
        return FilmError(
            f"{shown(self.path(index))} is damaged: delete it and all frames after it, "
            "then run the same command again."
        )


def as_png(frame: np.ndarray) -> bytes:
    """Return a frame or a mask, uint8, as the bytes of a PNG file."""
    stream = io.BytesIO()
    # Better compression costs tenfold in time what it saves in space.
    Image.fromarray(frame).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def workplace(out: Path, job: dict[str, Any]) -> Path:
    """Return the folder beside a film for its frames, and make it if necessary.

    Args:
        out: where the film will be.
        job: what the film is made of, in values that JSON can hold. A folder with
            frames of another film is left alone, and the new one gets a number.

    Raises:
        FileError: the folder cannot be written to.
    """
    text = json.dumps(job, sort_keys=True)

    def usable(folder: Path) -> bool:
        return not is_there(folder) or job_of(folder) == json.loads(text)

    folder = first_free(beside(out, "-frames"), usable)
    atomic_write(folder / JOB, lambda file: file.write(text.encode()))
    return folder


def job_of(folder: Path) -> Any:
    """Return the job whose frames are in a folder; None if there is none."""
    with suppress(OSError, ValueError):
        return json.loads((folder / JOB).read_text(encoding="utf-8"))
    return None


def clear(folder: Path) -> None:
    """Delete a folder of kept frames, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)


def bytes_needed(height: int, width: int, count: int, sets: int) -> int:
    """Predict how much space the frames of a film take, in bytes.

    Args:
        height, width: the size of a frame in pixels.
        count: the number of frames.
        sets: how often all frames are kept: those of the film, of each other pass, and
            of the original.
    """
    return round(height * width * BYTES_OF_A_PIXEL * count * sets)


def check_space(folder: Path, needed: int) -> None:
    """Check that there is enough space for the frames of a film.

    Raises:
        FilmError: there is too little.
    """
    free = shutil.disk_usage(nearest_folder(folder)).free
    if needed > free:
        raise FilmError(
            f"the painted frames need about {needed / 1e9:.1f} GB of disk space, and "
            f"only {free / 1e9:.1f} GB is free: free some space, save to another disk "
            "with -o, or choose a smaller --size, a lower --fps, or a part with --from "
            "and --to."
        )
