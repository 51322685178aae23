"""The pictures of a run, or of a training, on its way: ``NAME-progress/0001.png`` …

The folder holds those of one run. What an earlier run left there is removed, if nst
wrote it; if somebody else did, the folder gets a number.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from nstlib.errors import FileError, ImageError
from nstlib.files import shown
from nstlib.images import read_metadata, save_image
from nstlib.names import beside, first_free

KEY = "nstlib:progress"
"""The name of the text by which our own pictures are recognised."""


class Frames:
    """Writes the pictures of one run.

    Args:
        out: the result of the run.
        first: pictures from this number on are removed first, if they are ours.

    Raises:
        FileError: an old one cannot be removed.
    """

    def __init__(self, out: Path, first: int = 0):
        self.folder = first_free(beside(out, "-progress"), _is_ours)
        for path in _numbered(self.folder):
            if int(path.stem) >= first:
                _remove(path)

    @property
    def following(self) -> int:
        """The number after the last that is there."""
        return max((int(path.stem) + 1 for path in _numbered(self.folder)), default=0)

    def save(self, picture: np.ndarray, number: int) -> Path:
        """Write one picture.

        Raises:
            ImageError: it cannot be written.
        """
        path = self.folder / f"{number:04}.png"
        return save_image(picture, path, {KEY: str(number)})


def _is_ours(folder: Path) -> bool:
    """Whether all that looks like our pictures is ours."""
    return all(map(_is_frame, _numbered(folder)))


def _is_frame(path: Path) -> bool:
    try:
        return KEY in read_metadata(path)
    except ImageError:
        return False


def _numbered(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [p for p in sorted(folder.iterdir()) if re.fullmatch(r"\d{4,}\.png", p.name)]


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"{shown(path)}, of an earlier run, cannot be removed ({error.strerror}): "
            "remove it, or choose another -o."
        ) from error
