"""Finding the pictures that a result was made from.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.course import pictures as sources
from nstlib.errors import UsageError
from nstlib.files import as_path, is_url, shown
from nstlib.images import Downloads, fetch, load_image
from nstlib.names import stem_of
from nstlib.runs.provenance import Origin, fingerprint, origin
from nstlib.transformers import SHIPPED, load_transformer, shipped_styles


class Found(NamedTuple):
    """A picture that a result was made from, found again."""

    source: str | Path
    picture: np.ndarray
    changed: bool
    """Whether its pixels differ from those that the result was made from."""
    mask: Found | None = None
    """The mask of a style; None for a style without a mask."""
    color: str | None = None
    """Color of the places in a mask where its style goes; None for a gray mask."""

    def origin(self, weight: float = 1.0) -> Origin:
        """Return its origin for the record of a new run, with the weight of a style."""
        mask = self.mask.origin() if self.mask else None
        found = origin(self.source, self.picture, weight, mask)
        return found._replace(color=self.color)

    @property
    def name(self) -> str:
        """Name of the file without its folder, or the address."""
        return shown(self.source) if is_url(self.source) else Path(self.source).name


_SUFFIXES = {
    b"\x89PNG": ".png",
    b"\xff\xd8": ".jpg",
    b"RIFF": ".webp",
    b"II*": ".tif",
    b"MM": ".tif",
    b"BM": ".bmp",
    b"GIF8": ".gif",
}
"""First bytes of a file → suffix, for the formats that results can have."""


class Written(NamedTuple):
    """A result that is to be made again, and its path."""

    source: Path | bytes
    path: Path
    """Where the result is; for one from the web, the name that it would have here."""


def written_result(text: str) -> Written:
    """Find a result. One from the web is fetched once.

    Args:
        text: the path of a file, or an address.

    Raises:
        ImageError: it cannot be fetched.
    """
    if not is_url(text):
        return Written(as_path(text), as_path(text))
    data = fetch(text)
    suffix = next((s for begin, s in _SUFFIXES.items() if data.startswith(begin)), "")
    return Written(data, Path((stem_of([text]) or "picture") + (suffix or ".png")))


def find_weights_again(name: str, folder: Path, given: str | None) -> Path:
    """Find the file of weights that a result was made with.

    Args:
        name: the name that is stored in the result.
        folder: the folder of the result.
        given: where the file is now; None if it is beside the result.

    Raises:
        UsageError: the file does not exist.
    """
    if given:
        place = as_path(given)
        if not place.exists():
            raise UsageError(f"--weights {shown(given)} does not exist.")
        return place
    name = as_path(name).name
    for place in (folder / name, Path(name)):
        if place.is_file():
            return place
    raise UsageError(
        f"{shown(name)}, the weights of its network, is not beside it: put it there, "
        "or name it with --weights."
    )


class Search(NamedTuple):
    """Where the pictures of a result are searched for."""

    folder: Path
    """The folder of the result."""
    side: int | None
    """Longest side, in pixels, to which pictures are scaled down on loading."""
    fetch: bool
    """Whether addresses that are written in the result may be fetched."""
    downloads: Downloads


def find_again(
    facts: dict[str, Any],
    search: Search,
    content: str | None,
    styles: list[str],
    masks: list[str],
) -> list[Found]:
    """Find the pictures that a result was made from.

    Args:
        facts: what `read_facts` read from the result.
        search: where to search.
        content: where the content is now; None if it is where it was.
        styles: where all styles are now, in their order; empty if they are where they
            were.
        masks: the same for the masks, with ``"none"`` for a style without a mask.

    Returns:
        The content, then the styles.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: a mask is unusable.
        UsageError: a picture was not found, or may not be fetched, or the number of
            styles or masks is wrong.
    """
    known = facts.get("sources") or {}
    names: list[str | None] = [known.get("content"), *known.get("styles", [])]
    if len(names) < 2:  # the result does not record them
        names = [None for _ in range(1 + max(1, len(styles)))]
    if styles and len(styles) != len(names) - 1:
        raise UsageError(f"it has {len(names) - 1} styles: name all or none of them.")
    files = known.get("files") or [{}] * len(names)
    given = [content, *styles] if styles else [content, *[None for _ in names[1:]]]
    kinds, found = ["content"] + ["style"] * (len(names) - 1), []
    for name, file, text, kind in zip(names, files, given, kinds, strict=True):
        place = None if text is None else _typed(text, kind)
        found.append(_find(name, file, place, kind, search))
    places = [None, *_find_masks(known, search, masks, len(names) - 1)]
    pairs = zip(found, places, strict=True)
    return [picture._replace(mask=mask) for picture, mask in pairs]


def _typed(text: str, kind: str) -> sources.NamedPicture:
    if kind == "style" and text.endswith(".npz"):
        return sources.find_network(text)
    return sources.find(text, kind)


def _find_masks(
    known: dict[str, Any], search: Search, given: list[str], styles: int
) -> list[Found | None]:
    """Find the masks, one for each style, or None for a style without one."""
    before = known.get("masks") or [None] * styles
    now = sources.find_masks(given, styles)
    if given and known and list(map(bool, now)) != list(map(bool, before)):
        had = [
            "none" if mask is None else shown(mask.get("name") or "MASK")
            for mask in before
        ]
        raise UsageError(f"it had other masks: --mask {' --mask '.join(had)}.")
    return [
        _find((file or {}).get("name"), file or {}, source, "mask", search)
        if file or source
        else None
        for file, source in zip(before, now, strict=True)
    ]


def _find(
    name: str | None,
    file: dict[str, Any],
    given: sources.NamedPicture | sources.NamedMask | None,
    kind: str,
    search: Search,
) -> Found:
    if given:
        places: list[str | Path] = [given.source]
    elif name is None:
        raise UsageError(
            f"it was made in Python, from arrays: name its {kind} with --{kind}."
        )
    elif is_url(name):
        if not search.fetch:
            raise UsageError(
                f"its {kind} was fetched from {shown(name)}: fetch it again with "
                f"--fetch, or name a file with --{kind}."
            )
        places = [name]
    else:
        places = _places(name, file, search.folder)
        if not places:
            raise UsageError(
                f"{shown(name)}, its {kind}, is not where it was: name it with "
                f"--{kind}."
            )
    color = file.get("color")
    pictures = [(place, _load(place, kind, color, search)) for place in places]
    for place, picture in pictures:
        if file.get("sha256") in (None, fingerprint(picture)):
            return Found(place, picture, False, color=color)
    return Found(*pictures[0], True, color=color)


def _places(name: str, file: dict[str, Any], folder: Path) -> list[str | Path]:
    """Return the files that may be a picture, the likeliest first."""
    name = as_path(name).name
    places = [folder / as_path(file["path"])] if file.get("path") else []
    places += [folder / name, Path(name)]
    if sources.IMAGES.is_dir():
        places += [part / name for part in sources.IMAGES.iterdir() if part.is_dir()]
    found: list[str | Path] = [place for place in places if _is_file(place)]
    ships = name.removesuffix(".npz")
    if ships in shipped_styles():
        found.append(SHIPPED / ships)
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be read
        return False


def _load(
    place: str | Path, kind: str, color: str | None, search: Search
) -> np.ndarray:
    """Load a picture, a mask, or the style picture of a trained network."""
    if kind == "mask":
        mask = sources.NamedMask(place, color)
        return sources.load_mask(mask, search.side, search.downloads)
    trained = str(place).endswith(".npz") or Path(place).parent == SHIPPED
    if trained and not is_url(str(place)):
        return load_transformer(place).style
    return load_image(search.downloads(place), search.side)
