"""Masks of a film: pictures that stay, and films that are read in step with it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from nstlib.course.pictures import LOADED_SIDE, NamedMask, find_masks, load_mask
from nstlib.errors import FileError, FilmError, SettingsError, SourceError
from nstlib.files import as_path, is_url, shown
from nstlib.film.opening import open_film
from nstlib.film.pictures import SUFFIXES, stills_of
from nstlib.film.source import Facts, Film, Wanted, color_of
from nstlib.images import Downloads
from nstlib.masks import as_mask, mask_of_color

BLACK = 16.0
"""A frame of a mask counts as black up to this level. Codecs add a little noise."""
LATE = 2
"""How many frames a mask may lack at its end, since the rates of films are rounded."""


@dataclass
class MovingMask:
    """A mask that is a film."""

    film: Film
    name: str
    color: str | None

    def frames(self) -> Generator[np.ndarray, None, None]:
        """Read the masks, uint8 ``(h, w)``, and repeat the last one `LATE` times.

        Raises:
            FilmError: more frames are wanted than the mask has.
            SettingsError: it has colors, and none was named.
        """
        count, last = 0, list[np.ndarray]()
        with closing(self.film.frames()) as frames:
            for frame in frames:
                count, last = count + 1, [self._mask(frame)]
                yield last[0]
        yield from LATE * last
        why = f" ({self.film.problem})" if self.film.problem else ""
        raise FilmError(
            f"the mask {self.name} ends after {count} frames{why}, and the film goes "
            "on: choose a mask that is as long as the film, or a still picture."
        )

    def check(self) -> None:
        """Read the mask to the first frame that has some white, which is mostly near.

        Raises:
            SettingsError: it is black from beginning to end.
        """
        with closing(self.film.frames()) as frames:
            if any(self._mask(frame).any() for frame in frames):
                return
        if self.color is None:
            raise SettingsError(
                f"the mask {self.name} is black in all frames: paint white where its "
                "style goes."
            )
        raise SettingsError(
            f"no frame of the mask {self.name} has the color {self.color}: choose a "
            "color that it has with --mask-color."
        )

    def _mask(self, frame: np.ndarray) -> np.ndarray:
        black, picture = np.zeros(frame.shape[:2], np.uint8), frame.astype(np.float32)
        if self.color is not None:
            try:
                return mask_of_color(picture, self.color).astype(np.uint8)
            except SettingsError:  # this frame has nothing of the color
                return black
        if frame.max() <= BLACK:
            return black
        try:
            return np.rint(as_mask(picture)).astype(np.uint8)
        except SettingsError as error:
            raise SettingsError(f"{self.name}: {error}") from error


def moving_mask(mask: NamedMask, facts: Facts, wanted: Wanted) -> MovingMask:
    """Open a mask that is a film.

    Args:
        mask: the mask.
        facts: what is known about the film that is painted.
        wanted: which part of it is painted.

    Raises:
        FilmError: the mask cannot be read, or is shorter than the film.
        SettingsError: it is black from beginning to end, or has colors, and none was
            named.
    """
    part = replace(
        wanted,
        rate=float(facts.rate),
        size=max(facts.height, facts.width),
        background=(0, 0, 0),  # a style does not go where its mask is transparent
    )
    film, name = open_film(mask.source, part), shown(mask.source)
    if mask.color is not None:
        color_of(mask.color)  # raises, and says why
    if 0 < film.facts.length < facts.length - LATE:
        raise FilmError(
            f"the mask {name} has {film.facts.length} frames, and the film has "
            f"{facts.length}: choose a mask that is as long as the film, or a still "
            "picture."
        )
    moving = MovingMask(film, name, mask.color)
    moving.check()
    return moving


def find_film_masks(
    given: Sequence[str], styles: int, colors: Sequence[str] = ()
) -> list[NamedMask | None]:
    """Find the masks that were typed, as `find_masks` does; each may be a film.

    Raises:
        FilmError: a folder or a pattern has no pictures.
        ImageError: there is no such picture.
        SourceError: as `find_masks` raises it.
    """
    if given and not styles:
        raise SourceError(
            "a mask says where a style goes, and there is none: name a style, or leave "
            "--mask out."
        )
    moving = [text != "none" and is_moving(text) for text in given]
    pairs = list(zip(given, moving, strict=True))
    found = find_masks(["none" if moves else t for t, moves in pairs], styles, colors)
    for index, (text, moves) in enumerate(pairs):
        if moves:
            color = colors[index] if colors else "none"
            found[index] = NamedMask(text, None if color == "none" else color)
    return found


def is_moving(source: str | Path) -> bool:
    """Return whether a mask is a film: a file, a folder, or a pattern of pictures.

    Raises:
        FilmError: a folder or a pattern has no pictures.
    """
    if is_url(source):
        return False
    if stills_of(str(source)) is not None:
        return True
    try:
        with Image.open(as_path(source)) as picture:
            several = getattr(picture, "n_frames", 1) > 1
            return several and picture.format in ("GIF", "WEBP", "PNG")
    except UnidentifiedImageError:
        named = as_path(source).suffix.lower() in SUFFIXES  # a picture, but damaged
        return not named and as_path(source).stat().st_size > 0
    except (FileError, OSError, ValueError, SyntaxError):
        return False  # loading it as a picture says what is wrong


def named_mask(mask: Any) -> Any:
    """Return a mask with its name, if it is the path of a file or a folder."""
    return NamedMask(mask) if isinstance(mask, str | Path) else mask


def still_mask(mask: Any) -> np.ndarray | None:
    """Return a mask that stays, ``(H, W)``, 0–255, from anything but a film."""
    if isinstance(mask, NamedMask):
        return load_mask(mask, LOADED_SIDE, Downloads())
    return None if mask is None else as_mask(mask)
