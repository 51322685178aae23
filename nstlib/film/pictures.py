"""Films that are pictures: GIF and WebP with several frames, and folders of frames."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from nstlib.errors import FilmError, ImageError
from nstlib.files import file_hash, shown
from nstlib.film.source import FASTEST, Facts, Wanted, over
from nstlib.images import load_with_alpha, resize

RATE = 25
"""The frame rate of a folder, if none is given."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")


class Animation:
    """A GIF, WebP or PNG with several frames, as Pillow reads it.

    Its frames may have different durations. They are repeated so that the rate becomes
    constant.

    Args:
        path: the file.
        wanted: which part to read, and in which form.

    Raises:
        FilmError: it has only one frame.
    """

    def __init__(self, path: Path, wanted: Wanted):
        self.path, self.wanted, self.problem = path, wanted, ""
        with Image.open(path) as film:
            if getattr(film, "n_frames", 1) < 2:
                raise FilmError(
                    f"{shown(path)} is a still picture: use nst stylize to paint it."
                )
            size, times = (film.height, film.width), []
            for index in range(film.n_frames):
                film.seek(index)
                film.load()  # a WebP knows its duration only afterwards
                times.append(max(int(film.info.get("duration") or 0), 0) or 100)
        self.ends = np.cumsum(times) / 1000
        rate = Fraction(1000, min(times)) if wanted.rate is None else wanted.rate
        rate = min(Fraction(rate).limit_denominator(1001), Fraction(FASTEST))
        end = min(self.ends[-1], wanted.end or self.ends[-1])
        if end <= wanted.begin:
            raise FilmError(
                f"{shown(path)} ends after {self.ends[-1]:.4g} seconds: choose an "
                "earlier --from."
            )
        count = max(1, round((end - wanted.begin) * rate))
        self.facts = Facts(*wanted.sides(*size), rate, count, False)

    def frames(self) -> Generator[np.ndarray, None, None]:
        """Read the frames, uint8 ``(height, width, 3)``, RGB."""
        shown_at = self.wanted.begin + (np.arange(self.facts.length) + 0.5) / float(
            self.facts.rate
        )
        places = np.searchsorted(self.ends, shown_at)
        last, frame = -1, np.zeros(0)
        with Image.open(self.path) as film:
            for place in np.minimum(places, len(self.ends) - 1):
                if place != last:
                    try:
                        film.seek(int(place))
                        frame = self._frame(film.convert("RGBA"))
                    except (OSError, EOFError, SyntaxError, ValueError) as error:
                        self.problem = str(error)
                        return
                last = place
                yield frame

    def _frame(self, picture: Image.Image) -> np.ndarray:
        height, width = self.facts[:2]
        whole = np.asarray(picture)
        flat = over(whole[..., :3], whole[..., 3], self.wanted.background)
        return _resized(flat, height, width)

    def hash(self) -> str:
        """Return the SHA-256 of the bytes of the file."""
        return file_hash(self.path)


class Stills:
    """A film whose frames are pictures, in the order of the numbers in their names.

    Args:
        paths: the files of the pictures.
        wanted: which part to read, and in which form.

    Raises:
        FilmError: there are none, or none in the wanted part.
        ImageError: the first cannot be read.
    """

    def __init__(self, paths: list[Path], wanted: Wanted):
        rate = Fraction(wanted.rate or RATE).limit_denominator(1001)
        first = round(wanted.begin * rate)
        last = len(paths) if wanted.end is None else round(wanted.end * rate)
        self.paths = sorted(paths, key=_natural)[first:last]
        self.wanted, self.problem = wanted, ""
        if not self.paths:
            raise FilmError(
                f"the pictures last {float(len(paths) / rate):.4g} seconds, and none "
                "of them is in the chosen part: choose another --from and --to."
            )
        picture, _ = load_with_alpha(self.paths[0])
        sides = wanted.sides(*picture.shape[:2])
        self.facts = Facts(*sides, rate, len(self.paths), False)

    def frames(self) -> Generator[np.ndarray, None, None]:
        """Read the frames, uint8 ``(height, width, 3)``, RGB."""
        height, width = self.facts[:2]
        beyond = np.array(self.wanted.background, np.float32) - 255
        for path in self.paths:
            try:
                picture, alpha = load_with_alpha(path, 2 * max(height, width))
            except ImageError as error:
                self.problem = str(error)
                return
            if alpha is not None:  # it has a white background
                picture = picture + (1 - alpha[..., None]) * beyond
            yield _resized(picture, height, width)

    def hash(self) -> str:
        """Return a hash of the bytes of all pictures."""
        digest = hashlib.sha256()
        for path in self.paths:
            digest.update(bytes.fromhex(file_hash(path)))
        return digest.hexdigest()


def _resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    if picture.shape[:2] != (height, width):
        picture = resize(picture.astype(np.float32), height, width)
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Return a key that puts ``frame9`` before ``frame10``."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]


def stills_of(text: str) -> list[Path] | None:
    """Return the pictures of a folder or of a pattern; None if the text is neither.

    Args:
        text: a folder, or a path with ``*``, ``?`` or a number like ``%04d`` in it.

    Raises:
        FilmError: no picture matches.
    """
    path = Path(text).expanduser()
    if path.is_dir():
        found = [p for p in path.iterdir() if p.suffix.lower() in SUFFIXES]
    elif re.search(r"[*?]|%0?\d*d", path.name) and not path.exists():
        pattern = re.sub(r"%0?\d*d", "*", path.name)
        found = [p for p in path.parent.glob(pattern) if not os.path.isdir(p)]  # noqa: PTH112
    else:
        return None
    if not found:
        raise FilmError(f"there are no pictures in {shown(text)}: check the path.")
    return found


def read_from(source: str | Path) -> list[str | Path]:
    """Return what must not be written over: a film, and the folders of its pictures."""
    with suppress(FilmError):  # opening it says what is wrong
        return [source, *{path.parent for path in stills_of(str(source)) or []}]
    return [source]
