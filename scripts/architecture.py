"""Draw the plan of the package, and the way of one run through it.

    python scripts/architecture.py

writes `architecture.svg`, the floors and their rooms as pyproject.toml and the source
have them, and `one_run.svg`, what `nst stylize` does from the command line to the saved
picture. Run it after a file was added, moved or renamed. The paths are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from command import ROOT, InputError, Parser, command
from house import Room, floors
from one_run import one_run
from svg import WIDE, Box, Drawing, broken

NOTES = {
    7: ("Command line", "What is typed, and what is printed about it."),
    6: (
        "Checkers and studio",
        "What answers are compared with; a web app, widgets, galleries, workers.",
    ),
    5: (
        "Doors",
        "One picture, a series of them, or the settings of another system.",
    ),
    4: ("Work", "Making a picture, keeping what is dear, saving the result."),
    3: ("Plan", "What is wanted, and what a picture is compared with."),
    2: (
        "Subjects",
        "One file for each subject of a lesson: tensors in, tensors out.",
    ),
    1: ("Ground", "Errors, files, pictures, TensorFlow, paintings made by code."),
}
"""What a floor is, and what it is about."""

WIDTH, EDGE, GAP, PAD, SLIM = 1240, 28, 10, 12, 9
LABEL = 236
"""The width of the note on each floor."""
SPACE = WIDTH - 2 * EDGE - LABEL - PAD
"""The width of the rooms of a floor, together."""
FILE = 54
"""The height of a file."""
AISLE = 18
"""Between two columns of names in a folder."""
STEP = 10
"""By so much a folder is widened at once when rooms are arranged."""


class Place(NamedTuple):
    """A room, and where it is on its floor."""

    room: Room
    box: Box


def columns_of(room: Room, width: float) -> list[list[str]]:
    """The files of a folder in columns, as many as fit beside each other."""
    files = room.files
    for rows in range(1, len(files)):
        columns = [files[at : at + rows] for at in range(0, len(files), rows)]
        if sum(map(column_width, columns)) - AISLE <= width - 2 * PAD:
            return columns
    return [files]


def column_width(names: list[str]) -> float:
    """The width of a column of files, with a gap after it."""
    return max(map(len, names)) * WIDE * 12 + AISLE


def height_of(room: Room, width: float) -> float:
    """How high a folder is if it is so wide."""
    lines = broken(room.purpose, width - 2 * PAD, 12)
    return 46 + 16 * len(lines) + 18 * len(columns_of(room, width)[0])


def least_width(room: Room) -> float:
    """What the name of a room and its chips need, or its longest file."""
    chips = 18 * len(room.knows)
    if not room.files:
        return 2 * SLIM + max(len(room.name) * WIDE * 12.5, chips)
    header = (len(room.name) + 2) * WIDE * 13 + chips
    return 2 * PAD + max(header, max(map(len, room.files)) * WIDE * 12, 120)


def arranged(rooms: Sequence[Room]) -> list[Place]:
    """The rooms of a floor: its files in a block on the left, folders beside it."""
    files = [room for room in rooms if not room.files]
    folders = [room for room in rooms if room.files]
    if not folders:
        needed = max(map(least_width, files)) + GAP
        return _block(files, 0, SPACE, -(-len(files) // int((SPACE + GAP) / needed)))
    options = []
    for rows in range(1, len(files) + 1) if files else [0]:
        columns = -(-len(files) // rows) if rows else 0
        left = columns * (max(map(least_width, files), default=0) + GAP)
        widths = [least_width(folder) for folder in folders]
        spare = SPACE - left - sum(widths) - GAP * (len(folders) - 1)
        if spare < 0:
            continue
        while spare > 0:  # the folder that is highest gets more room
            heights = list(map(height_of, folders, widths))
            index = heights.index(max(heights))
            widths[index] += min(STEP, spare)
            spare -= STEP
        block = rows * (FILE + GAP) - GAP if rows else 0
        height = max(*map(height_of, folders, widths), block)
        options.append((height, left, rows, widths))
    if not options:
        raise InputError("a floor has too many folders to be drawn beside each other.")
    height, left, rows, widths = min(options)
    places = _block(files, 0, left - GAP, rows) if files else []
    for folder, width in zip(folders, widths, strict=True):
        places.append(Place(folder, Box(left, 0, width, height)))
        left += width + GAP
    return places


def _block(files: Sequence[Room], x: float, width: float, rows: int) -> list[Place]:
    """Files in rows, of equal widths."""
    columns = -(-len(files) // rows)
    wide = (width - GAP * (columns - 1)) / columns
    return [
        Place(
            file,
            Box(
                x + index % columns * (wide + GAP),
                index // columns * (FILE + GAP),
                wide,
                FILE,
            ),
        )
        for index, file in enumerate(files)
    ]


def draw_room(drawing: Drawing, room: Room, box: Box) -> None:
    """A file with its name, or a folder with the names of its files."""
    x, y, width, _ = box
    with drawing.group(f"{room.name}: {room.purpose}"):
        drawing.rectangle(box, "room edge")
        known = sorted(room.knows, reverse=True)
        if not room.files:
            drawing.text(x + SLIM, y + 22, room.name, "ink code bold", 12.5)
            _chips(drawing, x + SLIM, y + 31, known)
            return
        drawing.text(x + PAD, y + 21, f"{room.name}/", "ink code bold", 13)
        _chips(drawing, x + width - PAD - 18 * len(known) + 2, y + 9, known)
        y = drawing.paragraph(
            x + PAD, y + 40, width - 2 * PAD, room.purpose, "muted", 12
        )
        columns = columns_of(room, width)
        widths = list(map(column_width, columns))
        spare = (width - 2 * PAD - sum(widths)) / len(columns)
        for column, wide in zip(columns, widths, strict=True):
            for row, file in enumerate(column):
                drawing.text(x + PAD, y + 8 + 18 * row, file, "ink code", 12)
            x += wide + min(spare, 30)


def _chips(drawing: Drawing, x: float, y: float, floors: list[int]) -> None:
    for index, floor in enumerate(floors):
        drawing.chip(x + 18 * index, y, floor)


def draw_floor(drawing: Drawing, floor: int, rooms: list[Room], y: float) -> float:
    """A floor with its note; where the next one begins."""
    places = arranged(rooms)
    title, note = NOTES[floor]
    lines = broken(note, LABEL - 70, 12)
    height = max(max(box.y + box.height for _, box in places), 50 + 16 * len(lines))
    height += 2 * PAD
    drawing.rectangle(Box(EDGE, y, WIDTH - 2 * EDGE, height), "storey", 8)
    drawing.rectangle(Box(EDGE, y, 44, height), f"floor{floor}", 8)
    drawing.text(EDGE + 22, y + height / 2 + 10, str(floor), "ink bold", 28, "middle")
    drawing.text(EDGE + 56, y + 28, title, "ink bold", 15)
    drawing.paragraph(EDGE + 56, y + 48, LABEL - 70, note, "muted", 12)
    for room, box in places:
        shifted = box._replace(x=box.x + EDGE + LABEL, y=box.y + y + PAD)
        draw_room(drawing, room, shifted)
    return y + height + 8


def draw_legend(drawing: Drawing, house: dict[int, list[Room]], y: float) -> None:
    """What a floor may know, and what the signs mean."""
    drawing.text(EDGE, y + 18, "What a floor may know", "ink bold", 15)
    rules = (
        "A room imports from the floors below its own.",
        "It may use a neighbor on its own floor, but never in a circle.",
        "It never looks up. If it does, a test fails, and lint-imports says where.",
    )
    for index, rule in enumerate(rules):
        drawing.text(EDGE, y + 40 + 19 * index, rule, "ink", 13)
    x = EDGE + 560
    drawing.text(x, y + 18, "Signs", "ink bold", 15)
    _chips(drawing, x, y + 28, sorted(house)[2::-1])
    signs = "the floors that a room imports from; its own, if a neighbor"
    drawing.text(x + 66, y + 40, signs, "ink", 13)
    drawing.text(x, y + 59, "name/", "ink code bold", 13)
    drawing.text(x + 66, y + 59, "a folder, with the files in it", "ink", 13)
    drawing.text(x, y + 78, "name", "ink code bold", 13)
    drawing.text(x + 66, y + 78, "a file; its docstring says what it owns", "ink", 13)
    drawing.height = y + 78


def architecture(house: dict[int, list[Room]]) -> str:
    """The house with its floors, as a text in SVG."""
    described = "From the top: " + " ".join(
        f"Floor {floor}, {NOTES[floor][0].lower()}: "
        f"{', '.join(room.name for room in rooms)}."
        for floor, rooms in house.items()
    )
    drawing = Drawing(WIDTH, f"nstlib: a house of {len(house)} floors", described)
    drawing.text(EDGE, 46, "nstlib: a house of seven floors", "ink bold", 22)
    y = 66.0
    for floor, rooms in house.items():
        y = draw_floor(drawing, floor, rooms, y)
    draw_legend(drawing, house, y + 12)
    return drawing.svg()


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Draw both pictures."""
    parser = Parser(__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", metavar="FOLDER")
    args = parser.parse_args(argv)
    house = floors()
    if set(house) != set(NOTES):
        raise InputError(f"there are {len(house)} floors: say in NOTES what each is.")
    pictures = {"architecture": architecture(house), "one_run": one_run(house)}
    for name, text in pictures.items():
        path = args.out / f"{name}.svg"
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path)


if __name__ == "__main__":
    main()
