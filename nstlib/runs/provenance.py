"""Where the pictures of a run came from, and how to find them again.

Taught in: 11_high_resolution. A result may be given away, so what is written is the
name of a file, its path from the folder of the result, and a hash of its pixels: no
name of a home folder.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from nstlib.files import as_path, is_url, shown
from nstlib.images import Picture, fingerprint
from nstlib.styles import Style, WeightedStyle


class Origin(NamedTuple):
    """Where one picture came from."""

    name: str | None
    """Of the file, or the address; None: it was an array."""
    path: Path | None
    """Absolute; None: it was no file."""
    sha256: str
    """See `fingerprint`."""
    weight: float = 1.0
    """Of a style."""
    mask: Origin | None = None
    """Of a style that does not go everywhere."""


def origin(
    source: Any, picture: Picture, weight: float = 1.0, mask: Origin | None = None
) -> Origin:
    """Where a picture came from, the source being anything `as_picture` takes."""
    name, path = None, None
    if is_url(source):
        name = shown(source)
    elif isinstance(source, str | os.PathLike):
        path = as_path(source).absolute()
        name = path.name
    return Origin(name, path, fingerprint(picture), float(weight), mask)


def origins(
    content: Any, style: Style, photo: Picture, styles: Sequence[WeightedStyle]
) -> list[Origin]:
    """Where all pictures of a call of `nstlib.stylize` came from, the content first."""
    entries = list(style) if isinstance(style, list | tuple) else [style]
    found = [origin(content, photo)]
    for entry, (picture, weight, mask) in zip(entries, styles, strict=True):
        parts = entry if isinstance(entry, tuple) else (entry,)
        place = None if mask is None else origin(parts[2], mask)
        found.append(origin(parts[0], picture, weight, place))
    return found


def record(
    pictures: Sequence[Origin], folder: Path, side: int | None
) -> dict[str, Any]:
    """What is written into a result about the pictures that went into it.

    Args:
        pictures: the content, then the styles.
        folder: of the result.
        side: the longest side to which they were scaled down on loading, if any.

    Returns:
        Plain values: names, weights, and for each picture a path and a hash. If a style
        has a mask, the same for the masks, with None for a style without.
    """
    if not pictures:
        return {}
    (content, *styles), folder = pictures, folder.absolute()
    masks = [style.mask for style in styles]
    about: dict[str, Any] = {
        "content": content.name,
        "styles": [style.name for style in styles],
        "style_weights": [style.weight for style in styles],
        "loaded_side": side,
        "files": [_file(picture, folder) for picture in pictures],
    }
    if any(masks):
        about["masks"] = [m and {"name": m.name, **_file(m, folder)} for m in masks]
    return about


def _file(picture: Origin, folder: Path) -> dict[str, str | None]:
    return {"path": _from(folder, picture.path), "sha256": picture.sha256}


def _from(folder: Path, path: Path | None) -> str | None:
    """The way from a folder to a file, unless it would tell whose home it is in."""
    if path is None:
        return None
    with suppress(ValueError, RuntimeError):  # another drive, no home
        common, home = Path(os.path.commonpath([folder, path])), Path.home()
        if len(common.parts) > 1 and (common == home or common not in home.parents):
            return Path(os.path.relpath(path, folder)).as_posix()
    return None
