"""Finding out what kind of film was given, and opening it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nstlib.errors import FilmError
from nstlib.files import as_path, shown
from nstlib.film.clip import Clip
from nstlib.film.pictures import Animation, Stills, stills_of
from nstlib.film.source import Film, Wanted
from nstlib.images import open_source


def open_film(source: str | Path, wanted: Wanted | None = None) -> Film:
    """Open a film.

    Args:
        source: a film that ffmpeg reads, an animated GIF, WebP or PNG, a folder of
            pictures, or a pattern of their names such as ``frames/%04d.png``.
        wanted: which part to read, and in which form; all of it if None.

    Raises:
        FilmError: it cannot be read as a film.
        ImageError: there is no such file.
    """
    wanted = wanted or Wanted()
    stills = stills_of(str(source))
    if stills is not None:
        return Stills(stills, wanted)
    path = as_path(source)
    open_source(path).close()  # raises, and says why
    if path.stat().st_size == 0:
        raise FilmError(
            f"{shown(path)} is empty (0 bytes): download it or export it again."
        )
    try:
        with Image.open(path) as picture:
            kind = picture.format
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        kind = None
    if kind is not None and kind not in ("MPO", "MPEG"):
        return Animation(path, wanted)
    return Clip(path, wanted)
