"""Finding the photos and the paintings of a gallery: folders, patterns, names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nstlib.course.pictures import exists, find, find_network
from nstlib.errors import ImageError, NetworkError, NstError, SourceError, UsageError
from nstlib.files import as_path, is_url, shown
from nstlib.images import FORMATS, Picture, load_image, picture_size
from nstlib.runs.facts import hash_of
from nstlib.transformers import load_transformer, network_file

SUFFIXES = {*FORMATS, ".avif", ".heic", ".jfif", ".jp2"}
"""The suffixes of pictures. Other files in a folder are ignored."""


class Shown(NamedTuple):
    """A photo or a painting that a gallery shows."""

    typed: str
    """How a command names it: a path, or the name of a course picture."""
    path: Path
    sha256: str
    """Hash of the bytes of the file."""
    height: int = 0
    width: int = 0
    error: str = ""
    """Why it cannot be used, as one sentence; empty if it can."""
    network: bool = False
    """Whether it is a trained network, for method "feedforward"."""
    other_name: str = ""
    """Its name if another picture of the gallery has the same file name."""

    @property
    def name(self) -> str:
        """The name of the file without its suffix, or `other_name`."""
        return self.other_name or self.path.stem

    def picture(self, side: int) -> Picture:
        """Load it, at most ``side`` long; of a network, the painting it learned.

        Raises:
            NstError: it cannot be loaded.
        """
        if self.network:
            return load_transformer(self.path).style
        return load_image(self.path, side)


def find_pictures(
    given: str | Path | Iterable[str | Path], kind: str, networks: bool = False
) -> list[Shown]:
    """Find pictures.

    Args:
        given: one or several texts. Each is a folder, a pattern such as
            ``photos/*.jpg``, a file, the name of a course picture, or several of them
            separated by commas.
        kind: ``"content"`` or ``"style"``, which decides between course pictures of the
            same name.
        networks: whether to find trained networks instead of pictures.

    Returns:
        Each picture once. A damaged one has an `error`.

    Raises:
        NstError: there is no such picture, or none in a folder.
    """
    texts = [given] if isinstance(given, str | Path) else list(given)
    found: dict[Path, Shown] = {}
    for text in texts:
        for one in _found(str(text), kind, networks):
            found.setdefault(one.path.absolute(), one)
    return list(found.values())


def _found(text: str, kind: str, networks: bool) -> list[Shown]:
    if not text:
        raise SourceError("the name of a picture is empty: name a folder or a picture.")
    if is_url(text):
        raise SourceError(
            f"{shown(text)} is an address, but a gallery needs files: download the "
            "picture first, and name the file."
        )
    if exists(text) and as_path(text).is_dir():
        return [_file(str(path), path) for path in _in_folder(text)]
    if not exists(text) and glob.has_magic(text):
        return [_file(str(path), path) for path in _matching(text)]
    if not exists(text) and "," in text:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [one for part in parts for one in _found(part, kind, networks)]
    return [_network(text) if networks else _named(text, kind)]


def _in_folder(text: str) -> list[Path]:
    folder = as_path(text)
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise SourceError(
            f"the folder {shown(text)} cannot be read ({error.strerror}): choose "
            "another."
        ) from error
    return _pictures(files, f"in the folder {shown(text)}")


def _matching(text: str) -> list[Path]:
    files = sorted(map(Path, glob.glob(os.path.expanduser(text), recursive=True)))  # noqa: PTH111, PTH207
    return _pictures(
        [path for path in files if path.is_file()], f"that match {shown(text)}"
    )


def _pictures(files: list[Path], where: str) -> list[Path]:
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not pictures:
        others = ", but only other files" if files else ""
        raise SourceError(
            f"there are no pictures {where}{others}: name another folder or pattern."
        )
    return pictures


def _named(text: str, kind: str) -> Shown:
    found = find(text, kind)
    if found.weight != 1:
        raise UsageError(
            f"{shown(text)}: a gallery does not mix paintings, so leave out the weight."
        )
    return _file(text, as_path(str(found.source)))


def _file(typed: str, path: Path) -> Shown:
    digest = hash_of(path) or ""
    try:
        height, width = picture_size(path)
    except ImageError as error:
        return Shown(typed, path, digest, error=str(error))
    return Shown(typed, path, digest, height, width)


def _network(text: str) -> Shown:
    path = as_path(str(find_network(text).source))
    digest = hash_of(network_file(path)) or ""
    try:
        height, width, _ = load_transformer(path).style.shape
    except NetworkError as error:
        return Shown(text, path, digest, error=str(error), network=True)
    return Shown(text, path, digest, height, width, network=True)


def as_network(style: Shown) -> Shown:
    """Return the trained network of the same name as a style.

    It has an `error` if there is none.
    """
    if style.network:
        return style
    try:
        return _network(style.typed)
    except NstError as error:
        return style._replace(error=str(error))


def told_apart(pictures: Iterable[Shown]) -> dict[Shown, Shown]:
    """Give other names to pictures whose files have the same name.

    Returns:
        Each picture → the same with a name of its own.
    """
    taken: dict[str, str] = {}
    found = {}
    for one in dict.fromkeys(pictures):
        name = one.name.casefold()
        if taken.setdefault(name, one.sha256) != one.sha256:
            found[one] = one._replace(other_name=f"{one.name}-{one.sha256[:4]}")
        else:
            found[one] = one
    return found
