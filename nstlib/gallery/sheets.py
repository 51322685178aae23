"""Contact sheets: the pictures of a gallery on a wall, a row for each photo."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from nstlib.files import atomic_write
from nstlib.gallery.manifest import DONE, FAILED, SMALL, Entry, small_source

SIDE = 260
"""Side of the square in which a framed picture hangs, in pixels."""
GAP, HEAD = 34, 64
"""Pixels between pictures, and below each for its label."""
FRAME, MAT = 6, 9
"""Pixels of the frame, and of the white mat inside it."""
EDGE = 50
"""Pixels around the wall."""
LONGEST = 16_000
"""Longest side of a sheet in pixels. JPEG allows 65,535, but few programs show that."""
WALL, WOOD, PAPER, LINE = "#eee8dc", "#3a2f26", "#fffefb", "#d5ccbc"
INK, QUIET = "#23201b", "#6b6357"

Column = tuple[str, str]
"""A style, and how its settings differ."""


class _Cell(NamedTuple):
    picture: Path | None
    title: str
    subtitle: str = ""
    faded: bool = False


def write_sheets(
    folder: Path, entries: Sequence[Entry], previews: Mapping[str, str]
) -> list[Path]:
    """Write the contact sheets of a gallery: sheet.jpg, or sheet-1.jpg and so on.

    Each has a row for each photo, and a column for each style and choice of settings.

    Args:
        folder: the folder of the gallery.
        entries: the pictures, in their order.
        previews: name of an entry → the path of its preview in the folder.

    Raises:
        FileError: a sheet cannot be written.
    """
    photos = list(dict.fromkeys(entry.photo for entry in entries))
    columns = list(dict.fromkeys((entry.style, entry.label) for entry in entries))
    most = (LONGEST - 2 * EDGE + GAP) // (SIDE + GAP) - 1
    tall = (LONGEST - 2 * EDGE) // (SIDE + HEAD) - 1
    parts = list(itertools.product(_chunks(photos, tall), _chunks(columns, most)))
    at = {(entry.photo, entry.style, entry.label): entry for entry in entries}
    written = []
    for number, (rows, across) in enumerate(parts, start=1):
        cells: list[list[_Cell | None]] = [
            [None, *(_style_cell(folder, c) for c in across)]
        ]
        for photo in rows:
            row: list[_Cell | None] = [
                _Cell(_existing(folder, small_source("photo", photo)), photo)
            ]
            row += [_work_cell(folder, at.get((photo, *c)), previews) for c in across]
            cells.append(row)
        name = "sheet.jpg" if len(parts) == 1 else f"sheet-{number}.jpg"
        written.append(_write(_painted(cells), folder / name))
    for old in folder.glob("sheet*.jpg"):
        if old not in written:
            old.unlink(missing_ok=True)
    return written


def _chunks(items: list[Any], most: int) -> list[list[Any]]:
    return [items[i : i + most] for i in range(0, len(items), most)]


def _style_cell(folder: Path, column: Column) -> _Cell:
    style, label = column
    return _Cell(_existing(folder, small_source("style", style)), style, label)


def _work_cell(
    folder: Path, entry: Entry | None, previews: Mapping[str, str]
) -> _Cell | None:
    if entry is None:
        return None
    if entry.state == DONE:
        return _Cell(_existing(folder, f"{SMALL}/{entry.name}.jpg"), "")
    if entry.state == FAILED:
        return _Cell(None, "could not be painted")
    preview = _existing(folder, previews.get(entry.name, ""))
    return _Cell(preview, "preview" if preview else "not yet painted", faded=True)


def _existing(folder: Path, place: str) -> Path | None:
    return folder / place if place and (folder / place).is_file() else None


def _painted(cells: Sequence[Sequence[_Cell | None]]) -> Image.Image:
    """Paint the wall: the first row and the first column say what the others are."""
    width = 2 * EDGE + len(cells[0]) * (SIDE + GAP) - GAP
    height = 2 * EDGE + len(cells) * (SIDE + HEAD)
    wall = Image.new("RGB", (width, height), WALL)
    draw = ImageDraw.Draw(wall)
    for row, line in enumerate(cells):
        top = EDGE + row * (SIDE + HEAD)
        for column, cell in enumerate(line):
            if cell is None:
                continue
            left = EDGE + column * (SIDE + GAP)
            header = row == 0 or column == 0
            bottom = _hang(wall, cell, left, top, header)
            _write_label(draw, cell, left + SIDE // 2, bottom + 10, header)
    middle, left = EDGE + SIDE + HEAD - 22, EDGE + SIDE + GAP // 2
    draw.line((EDGE, middle, width - EDGE, middle), LINE)
    draw.line((left, EDGE, left, height - EDGE), LINE)
    return wall


def _hang(wall: Image.Image, cell: _Cell, left: int, top: int, header: bool) -> int:
    """Hang a picture on the wall, and return where its frame ends."""
    side = SIDE - 2 * (FRAME + MAT)
    side = int(0.8 * side) if header else side
    if cell.picture is None:
        picture = Image.new("RGB", (side, int(0.7 * side)), PAPER)
    else:
        with Image.open(cell.picture) as file:
            picture = file.convert("RGB")
        scale = side / max(picture.size)
        size = (max(1, round(s * scale)) for s in picture.size)
        picture = picture.resize(tuple(size), Image.Resampling.LANCZOS)
    if cell.faded:
        picture = Image.blend(picture, Image.new("RGB", picture.size, WALL), 0.35)
    edge = 3 if header else FRAME + MAT
    wide, high = picture.width + 2 * edge, picture.height + 2 * edge
    x, y = left + (SIDE - wide) // 2, top + (SIDE - high) // 2
    shade = _shade(wide, high)
    wall.paste(WOOD, (x - 16, y - 8), shade)
    draw = ImageDraw.Draw(wall)
    draw.rectangle((x, y, x + wide - 1, y + high - 1), PAPER if header else WOOD)
    if not header:
        draw.rectangle(
            (x + FRAME, y + FRAME, x + wide - FRAME - 1, y + high - FRAME - 1), PAPER
        )
    wall.paste(picture, (x + edge, y + edge))
    return y + high


@lru_cache(64)
def _shade(wide: int, high: int) -> Image.Image:
    """Return how dark the shadow of a frame is, 16 pixels larger on each side."""
    shade = Image.new("L", (wide + 32, high + 32), 0)
    ImageDraw.Draw(shade).rectangle((18, 18, wide + 13, high + 12), 120)
    return shade.filter(ImageFilter.GaussianBlur(7))


def _write_label(
    draw: ImageDraw.ImageDraw, cell: _Cell, middle: int, top: int, header: bool
) -> None:
    font = _font(19 if header else 13)
    if cell.title:
        ink = INK if header else QUIET
        draw.text((middle, top), _fitting(cell.title, font), ink, font, anchor="ma")
    if cell.subtitle:
        font = _font(14)
        text = _fitting(cell.subtitle, font)
        draw.text((middle, top + 27), text, QUIET, font, anchor="ma")


def _fitting(text: str, font: ImageFont.FreeTypeFont) -> str:
    """Cut a text in the middle until it is no wider than a picture."""
    text = "".join(c if c.isprintable() else "·" for c in text)
    kept = len(text)
    shown = text
    while font.getlength(shown) > SIDE + GAP - 8 and kept > 4:
        kept -= 1
        shown = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return shown


@lru_cache(8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return a font that every computer has, with more than Latin letters."""
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
    return ImageFont.truetype(str(path), size)


def _write(sheet: Image.Image, path: Path) -> Path:
    stream = io.BytesIO()
    sheet.save(stream, "JPEG", quality=90, subsampling=0)
    return atomic_write(path, lambda file: file.write(stream.getbuffer()))
