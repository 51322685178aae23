"""Saving progress pictures of a run or of a training, ``NAME-progress/0001.png`` …

The folder holds the pictures of one run. Those of an earlier run are deleted, if nst
wrote them. If the folder has such pictures of somebody else, ours gets a number.
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
"""Name of the text by which nst recognizes its own pictures."""


class Frames:
    """Saves the progress pictures of one run.

    Args:
        out: where the result of the run will be saved.
        first: existing pictures with this number or a higher one are deleted.

    Raises:
        FileError: an old picture cannot be deleted.
    """

    def __init__(self, out: Path, first: int = 0):
        self.folder = first_free(beside(out, "-progress"), _is_ours)
        for path in _numbered(self.folder):
            if int(path.stem) >= first:
                _remove(path)

    @property
    def following(self) -> int:
        """The number after that of the last picture."""
        return max((int(path.stem) + 1 for path in _numbered(self.folder)), default=0)

    def save(self, picture: np.ndarray, number: int) -> Path:
        """Save a picture under a number, and return its path.

        Raises:
            ImageError: the picture cannot be saved.
        """
        path = self.folder / f"{number:04}.png"
        return save_image(picture, path, {KEY: str(number)})


def _is_ours(folder: Path) -> bool:
    """Return whether nst wrote all numbered pictures of a folder."""
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
