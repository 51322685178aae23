"""The page of a gallery: one HTML file that loads nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from nstlib import __version__
from nstlib.files import atomic_write
from nstlib.gallery.manifest import (
    DONE,
    FACTS,
    FAILED,
    PAGE,
    SMALL,
    TABLE,
    WAITING,
    Entry,
    small_source,
)

STATIC = Path(__file__).parent / "static"


def write_page(
    folder: Path, entries: Sequence[Entry], previews: Mapping[str, str]
) -> Path:
    """Write the page of a gallery.

    Args:
        folder: the folder of the gallery.
        entries: the pictures, in their order.
        previews: name of an entry → the path of its preview in the folder.

    Raises:
        FileError: the page cannot be written.
    """
    parts = {
        "css": (STATIC / "page.css").read_text(encoding="utf-8"),
        "js": (STATIC / "page.js").read_text(encoding="utf-8"),
        "title": escape(_title(entries)),
        "about": _about(folder, entries),
        "works": "\n".join(_work(folder, entry, previews) for entry in entries),
        "footer": _footer(),
    }
    text = (STATIC / "page.html").read_text(encoding="utf-8")
    pieces = text.split("{{")  # in one go, since a name may look like a placeholder
    whole = pieces[0]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        whole += parts[name] + rest
    data = whole.encode("utf-8", "replace")
    return atomic_write(folder / PAGE, lambda file: file.write(data))


def counted(number: int, what: str = "picture") -> str:
    """Say how many of something there are: ``"1 picture"``, ``"2 pictures"``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _title(entries: Sequence[Entry]) -> str:
    photos = {entry.photo for entry in entries}
    styles = {entry.style for entry in entries}
    if len(photos) == 1:
        return f"{next(iter(photos))} in {counted(len(styles), 'style')}"
    return f"{counted(len(photos), 'photo')} in {counted(len(styles), 'style')}"


def _about(folder: Path, entries: Sequence[Entry]) -> str:
    states = [entry.state for entry in entries]
    done, failed = states.count(DONE), states.count(FAILED)
    told = f"This gallery has {counted(len(entries))}."
    if failed or WAITING in states:
        told = f"This gallery has {done} of {counted(len(entries))}."
    if WAITING in states:
        told += " Small previews stand in for pictures that are not painted yet."
    if failed:
        told += f" {counted(failed)} could not be painted, and the page says why."
    sheets = sorted(folder.glob("sheet*.jpg"))
    links = [f'<a href="{quote(sheet.name)}">{sheet.name}</a>' for sheet in sheets]
    links += [f'<a href="{name}">{name}</a>' for name in (TABLE, FACTS)]
    return f"{told} Its folder also has {', '.join(links)}."


def _footer() -> str:
    return (
        f"Painted by nstlib {escape(__version__)}. The distance to the photo is 0 for "
        "the photo itself, and has no upper limit. The distance to the style is 100% "
        "for the photo itself, and 0% for a picture with all statistics of the style. "
        "The same network measures all pictures at 256 pixels."
    )


def _work(folder: Path, entry: Entry, previews: Mapping[str, str]) -> str:
    """Return one item of the wall. All texts are escaped, whatever is in them."""
    preview = previews.get(entry.name, "")
    small, kind = f"{SMALL}/{entry.name}.jpg", ""
    if entry.state != DONE:
        small, kind = preview, "preview"
        if not preview or not (folder / preview).exists():
            small, kind = "", "empty"
    if entry.state == FAILED:
        small, kind = "", "empty failed"
    data = {
        "photo": entry.photo,
        "style": entry.style,
        "label": entry.label,
        "photo-distance": _number(entry.photo_distance),
        "style-distance": _number(entry.style_distance),
        "seconds": str(entry.seconds) if entry.state == DONE else "",
        "file": quote(entry.file) if entry.state == DONE else "",
        "small": quote(small),
        "command": entry.command,
        "facts": json.dumps(_facts(entry)),
    }
    for name, place in (
        ("photo-image", small_source("photo", entry.photo)),
        ("style-image", small_source("style", entry.style)),
    ):
        data[name] = quote(place) if (folder / place).exists() else ""
    attributes = " ".join(f'data-{k}="{escape(v)}"' for k, v in data.items())
    return (
        f'<li class="work {kind}" {attributes}>'
        f'<button class="open">{_frame(entry, small)}</button>'
        f'<p class="plate">{_plate(entry)}</p></li>'
    )


def _frame(entry: Entry, small: str) -> str:
    if not small:
        told = "could not be painted" if entry.state == FAILED else "not yet painted"
        return f'<span class="frame">{told}</span>'
    size = ""
    if entry.state == DONE:
        size = f' width="{entry.width}" height="{entry.height}"'
    alt = escape(f"{entry.photo} in the style of {entry.style} {entry.label}".strip())
    return (
        f'<span class="frame"><img src="{quote(small)}" alt="{alt}" loading="lazy" '
        f'decoding="async"{size}></span>'
    )


def _plate(entry: Entry) -> str:
    told = f"<b>{escape(entry.photo)}</b>in the style of {escape(entry.style)}"
    if entry.label:
        told += f"<br>{escape(entry.label)}"
    if entry.state == FAILED:
        told += f'<span class="error">{escape(entry.error)}</span>'
    elif entry.state != DONE:
        told += "<br><i>preview</i>"
    elif entry.photo_distance is not None and entry.style_distance is not None:
        told += (
            f'<br><span class="numbers">to the photo {entry.photo_distance:.2f} · '
            f"to the style {entry.style_distance:.1%}</span>"
        )
    return told


def _facts(entry: Entry) -> list[tuple[str, str]]:
    """Return names and values for the label beside a large picture."""
    found = [(name.replace("_", " "), v) for name, v in entry.settings.items()]
    if entry.state != DONE:
        return [*found, ("state", "preview")]
    found.append(("pixels", f"{entry.width}×{entry.height}"))
    found.append(("painted in", f"{entry.seconds:.1f} s"))
    if entry.photo_distance is not None and entry.style_distance is not None:
        found.append(("distance to the photo", f"{entry.photo_distance:.3f}"))
        found.append(("distance to the style", f"{entry.style_distance:.1%}"))
    return found


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
