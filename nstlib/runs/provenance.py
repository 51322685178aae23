"""Recording which pictures a run was made from, so that they can be found again.

Taught in: 11_high_resolution. People give results away. So the record holds the name of
each file, its path relative to the result, and a hash of its pixels, but never the name
of a home folder.
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
    """Name of the file, or the address; None for an array."""
    path: Path | None
    """Absolute path of the file; None if it was not a file."""
    sha256: str
    """Hash of the pixels, from `fingerprint`."""
    weight: float = 1.0
    """Weight of a style."""
    mask: Origin | None = None
    """Where the mask of a style came from; None for a style without a mask."""
    color: str | None = None
    """Color of the places in a mask where its style goes; None for a gray mask."""


def origin(
    source: Any, picture: Picture, weight: float = 1.0, mask: Origin | None = None
) -> Origin:
    """Describe where a picture came from.

    Args:
        source: anything that `as_picture` takes.
        picture: the picture that was loaded from it.
        weight: weight of a style.
        mask: origin of the mask of a style.
    """
    name, path = None, None
    if is_url(source):
        name = shown(source)
    elif isinstance(source, str | os.PathLike):
        path = as_path(source).absolute()
        name = path.name
    return Origin(name, path, fingerprint(picture), float(weight), mask)


def origins(
    content: Any,
    style: Style,
    photo: Picture,
    styles: Sequence[WeightedStyle],
    colors: Sequence[str | None] = (),
) -> list[Origin]:
    """Describe where the pictures of a call of `nstlib.stylize` came from.

    Args:
        content: the content, as it was given.
        style: the styles, as they were given.
        photo: the picture loaded from ``content``.
        styles: the styles loaded from ``style``.
        colors: the colors of the masks, one for each style; empty if all are gray.

    Returns:
        The origin of the content, then one for each style.
    """
    entries = list(style) if isinstance(style, list | tuple) else [style]
    found = [origin(content, photo)]
    shades = colors or [None] * len(styles)
    for entry, (picture, weight, mask), color in zip(
        entries, styles, shades, strict=True
    ):
        parts = entry if isinstance(entry, tuple) else (entry,)
        place = None if mask is None else origin(parts[2], mask)._replace(color=color)
        found.append(origin(parts[0], picture, weight, place))
    return found


def record(
    pictures: Sequence[Origin], folder: Path, side: int | None
) -> dict[str, Any]:
    """Return what is stored in a result about the pictures that it was made from.

    Args:
        pictures: origins of the content and of the styles, in this order.
        folder: the folder of the result.
        side: longest side, in pixels, to which they were scaled down on loading; None
            if they were not.

    Returns:
        Values that JSON can hold: names, weights, and the path and the hash of each
        picture. If a style has a mask, the same for the masks, with None for styles
        without one.
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
        about["masks"] = [
            m
            and {"name": m.name, **_file(m, folder)}
            | ({"color": m.color} if m.color else {})
            for m in masks
        ]
    return about


def _file(picture: Origin, folder: Path) -> dict[str, str | None]:
    return {"path": _from(folder, picture.path), "sha256": picture.sha256}


def _from(folder: Path, path: Path | None) -> str | None:
    """Return the path from a folder to a file, unless it would name a home folder."""
    if path is None:
        return None
    with suppress(ValueError, RuntimeError):  # another drive, no home
        common, home = Path(os.path.commonpath([folder, path])), Path.home()
        if len(common.parts) > 1 and (common == home or common not in home.parents):
            return Path(os.path.relpath(path, folder)).as_posix()
    return None
