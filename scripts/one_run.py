"""The way of one run of `nst stylize`, station by station."""

from __future__ import annotations

from typing import NamedTuple

from house import Room
from svg import WIDE, Box, Drawing


class Station(NamedTuple):
    """A module that a run passes through."""

    module: str
    """Without ``nstlib.`` before it."""
    names: tuple[str, ...]
    """What is called there."""
    does: str
    hands_on: str
    """What the next station gets."""


STATIONS = (
    Station(
        "cli.main", ("main",),
        "Finds the command by its name, imports no other command, and reads the "
        "options.",
        "args, the words as they were typed",
    ),
    Station(
        "cli.stylize", ("options", "run"),
        "Leads the run and says how it goes. What can be checked cheaply is checked "
        "first.",
        "the recipe, the options, and what follows --set",
    ),
    Station(
        "settings", ("typed_settings", "make_settings"),
        "Checks every value against the schema. One sentence names all problems at "
        "once.",
        "Settings, complete and frozen",
    ),
    Station(
        "cli.inputs", ("find_inputs",),
        "Finds the photo, the paintings and the masks, and makes sure that the result "
        "can be written.",
        "Inputs, where each picture is and where the result goes",
    ),
    Station(
        "images", ("load_image",),
        "Reads the pictures, whatever state the files are in. The paintings get their "
        "weights and masks (styles.WeightedStyle).",
        "the photo, float32 (H, W, 3), RGB, 0–255, and the styles",
    ),
    Station(
        "methods", ("stylize", "Stylizer"),
        "Chooses the method. To optimize, it plans the scales, notes where the "
        "pictures come from, and opens the checkpoint.",
        "a Task (photo, styles, settings, plan), a Checkpoint, and the Store",
    ),
    Station(
        "transfer", ("Painting.paint",),
        "Goes through the scales from coarse to fine. Each one begins with the "
        "picture of the one before.",
        "the photo and the paintings at the size of this scale",
    ),
    Station(
        "store", ("Store.network", "Store.loss"),
        "Gives out the network and the compiled loss. It makes them at the first call "
        "and keeps them for the next picture.",
        "a FeatureExtractor, and a Loss that serves every size",
    ),
    Station(
        "targets", ("Encoder.targets",),
        "Computes once what the picture is compared with: the features of the photo, "
        "and the statistics of the paintings.",
        "Targets, which are arguments of the compiled loss",
    ),
    Station(
        "objective", ("Objective.value_and_gradient",),
        "Content loss, style loss and total variation of a picture, weighted and "
        "summed, and the gradient with respect to its pixels.",
        "the total loss and its gradient, (1, H, W, 3)",
    ),
    Station(
        "lbfgs", ("minimize",),
        "Moves the pixels. After each evaluation the callback shows a Step, and the "
        "checkpoint takes note of it.",
        "the best tensor, and why it ended",
    ),
    Station(
        "runs.result", ("Result", "Result.save"),
        "Holds the picture without its margin, the losses of every evaluation, the "
        "settings, and where the pictures came from.",
        "the picture, and its settings as texts",
    ),
    Station(
        "images", ("save_image",),
        "Writes a new file and renames it at the end, so that the picture is there "
        "completely or not at all.",
        "output/cat-starry_night.png, and cat-starry_night.json beside it",
    ),
)  # fmt: skip
"""From the command line to the file."""

LOOPS = (
    ("transfer", "lbfgs", "for each scale"),
    ("objective", "lbfgs", "each step"),
)
"""What is done again: the first station, the last one, how often."""

WIDTH, EDGE = 1080, 28
LEFT, CARD, HEIGHT, STEP = 100, 580, 68, 106
"""Of the cards: their left side, width, height, and the distance of their tops."""
LANES, LANE, TOP = 752, 46, 124
"""Of the lanes: the first one, the distance of two; and where the first card is."""


def one_run(house: dict[int, list[Room]]) -> str:
    """The stations from top to bottom, and the floor of each, as a text in SVG."""
    floor_of = {room.name: floor for floor, rooms in house.items() for room in rooms}
    floors = [floor_of[station.module.partition(".")[0]] for station in STATIONS]
    described = " ".join(
        f"{number}. {station.module}: {station.does} It hands on: {station.hands_on}."
        for number, station in enumerate(STATIONS, start=1)
    )
    drawing = Drawing(WIDTH, "One run of nst stylize, station by station", described)
    drawing.text(EDGE, 46, "One run of nst stylize", "ink bold", 22)
    drawing.text(EDGE, 72, "What each station does, and what it hands on.", "muted", 13)
    _lanes(drawing, house, floors)
    for index, (station, floor) in enumerate(zip(STATIONS, floors, strict=True)):
        _card(drawing, index, station, floor)
    for index, loop in enumerate(LOOPS):
        _loop(drawing, 78 - 34 * (index == 0), *loop)
    drawing.height = _top(len(STATIONS))
    return drawing.svg()


def _top(index: int) -> float:
    return TOP + STEP * index


def _card(drawing: Drawing, index: int, station: Station, floor: int) -> None:
    """A station, and the arrow to the next one with what is handed on."""
    y = _top(index)
    called = ", ".join(station.names)
    with drawing.group(f"nstlib.{station.module}: {called}"):
        drawing.rectangle(Box(LEFT, y, CARD, HEIGHT), "room edge")
        drawing.rectangle(Box(LEFT, y, 34, HEIGHT), f"floor{floor}")
        drawing.text(LEFT + 17, y + 39, str(index + 1), "ink bold", 16, "middle")
        drawing.text(LEFT + 46, y + 22, station.module, "ink code bold", 14)
        after = LEFT + 46 + (len(station.module) + 2) * WIDE * 14
        drawing.text(after, y + 22, called, "muted code", 13)
        drawing.paragraph(LEFT + 46, y + 42, CARD - 58, station.does, "ink", 13)
    drawing.arrow(LEFT + 62, y + HEIGHT + 1, y + STEP - 1)
    drawing.text(LEFT + 76, y + HEIGHT + 23, station.hands_on, "muted", 13)


def _loop(drawing: Drawing, x: float, first: str, last: str, words: str) -> None:
    """A line back up, from the last station of a loop to its first."""
    modules = [station.module for station in STATIONS]
    top = _top(modules.index(first)) + HEIGHT / 2 + 8
    bottom = _top(modules.index(last)) + HEIGHT / 2 - 8 + (10 if x < 60 else 0)
    drawing.path(f"M{LEFT} {bottom}H{x}V{top}H{LEFT - 7}")
    drawing.parts.append(f'<path d="M{LEFT - 8} {top - 4}v8l7 -4z" class="tip"/>')
    middle = (top + bottom) / 2
    drawing.text(x - 7, middle, words, "ink", 12, "middle")
    drawing.parts[-1] = drawing.parts[-1].replace(
        "<text ", f'<text transform="rotate(-90 {x - 7} {middle})" '
    )


def _lanes(drawing: Drawing, house: dict[int, list[Room]], floors: list[int]) -> None:
    """A lane for each floor, and the way of the run between them."""
    drawing.text(LANES - 8, 72, "On which floor it is", "muted", 13)
    middle = {floor: LANES + LANE * index for index, floor in enumerate(sorted(house))}
    bottom = _top(len(floors) - 1) + HEIGHT
    for floor, x in middle.items():
        drawing.rectangle(Box(x - 15, TOP - 6, 30, bottom - TOP + 12), "storey", 15)
        drawing.chip(x - 11, 88, floor, 22)
    points = [
        (middle[floor], _top(index) + HEIGHT / 2) for index, floor in enumerate(floors)
    ]
    drawing.path("M" + "L".join(f"{x} {y}" for x, y in points), width=2)
    for (x, y), floor in zip(points, floors, strict=True):
        drawing.rectangle(Box(x - 9, y - 9, 18, 18), f"floor{floor} line", 9)
        drawing.text(x, y + 4, str(floor), "ink bold", 11, "middle")
