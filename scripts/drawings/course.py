"""The map of the course: what each lesson builds, and which lessons need which."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, Card, Point

PLACES = {
    "00": (0, 0, "network", "Quickstart", "a first painted photo"),
    "01": (0, 1, "network", "Preprocessing", "the tensor VGG expects"),
    "02": (0, 2, "network", "Feature maps", "what a network sees"),
    "03": (1, 0, "content", "Content loss", "a photo from features"),
    "04": (1, 1, "style", "Gram matrices", "style as a table"),
    "05": (2, 1, "style", "Style loss", "a texture from noise"),
    "06": (2, 2, "smooth", "Total variation", "a picture without grain"),
    "07": (3, 1, "gradient", "Optimizing pixels", "moving the pixels"),
    "08": (3, 2, "gradient", "L-BFGS", "the paper's optimizer"),
    "09": (4, 1, "picture", "Style transfer", "the whole algorithm"),
    "10": (5, 1, "faded", "Creative control", "masks, colors, strokes"),
    "11": (5, 0, "faded", "High resolution", "big pictures, in tiles"),
    "12": (6, 0, "faded", "AdaIN and WCT", "any style in a second"),
    "13": (6, 1, "faded", "Feed-forward", "a network for one style"),
    "14": (6, 2, "faded", "Speed vs quality", "a choice by numbers"),
    "15": (5, 2, "faded", "Video", "a film without flicker"),
    "16": (7, 2, "faded", "Studio", "an app for your friends"),
}
"""Lesson → row, column, colors, name, and what it builds."""
NEEDS = {
    "01": ("00",),
    "02": ("01",),
    "03": ("02",),
    "04": ("02", "03"),
    "05": ("04",),
    "06": ("05",),
    "07": ("03", "05", "06"),
    "08": ("07",),
    "09": ("08",),
    "10": ("09",),
    "11": ("09",),
    "12": ("10", "11"),
    "13": ("12",),
    "14": ("13",),
    "15": ("10",),
    "16": ("14",),
}
"""Lesson → those that it builds on directly, as its table says under *You need*."""
NODE, PITCH, TOP = (224, 62), (244, 104), 68


def course_map() -> Card:
    """All lessons, with an arrow from each to those that build on it."""
    card = Card(
        "The course: what each lesson builds, and on what",
        " ".join(
            f"{lesson} {name}: {builds}"
            + (f"; needs {', '.join(NEEDS[lesson])}." if lesson in NEEDS else ".")
            for lesson, (*_, name, builds) in PLACES.items()
        ),
    )
    for lesson, needed in NEEDS.items():
        for before in needed:
            card.run(_way(box(before), box(lesson)), "network", 2)
    for lesson, (*_, hue, name, builds) in PLACES.items():
        place = box(lesson)
        strong = hue if hue != "faded" else "network"
        card.rectangle(place, f"{hue}-pale {strong}-line", 8)
        card.rectangle(Box(place.x, place.y, 42, place.height), strong, 8)
        y = place.y + place.height / 2
        card.text(place.x + 21, y + 6, lesson, "paper bold", 16, "middle")
        card.text(place.x + 52, y - 5, name, "ink bold", 14.5)
        card.text(place.x + 52, y + 17, builds, "ink", 13.5)
    return card


def box(lesson: str) -> Box:
    """Where a lesson is."""
    row, column, *_ = PLACES[lesson]
    return Box(EDGE + PITCH[0] * column, TOP + PITCH[1] * row, *NODE)


def _way(start: Box, end: Box) -> list[Point]:
    """From one box to another: sideways, straight down, or down, across and down."""
    y = start.y + start.height / 2
    if start.y == end.y:
        if start.x < end.x:
            return [(start.x + start.width, y), (end.x, y)]
        return [(start.x, y), (end.x + end.width, y)]
    x, target = start.x + start.width / 2, end.x + end.width / 2
    bottom, between = start.y + start.height, end.y - (PITCH[1] - NODE[1]) / 2
    if x == target:
        return [(x, bottom), (x, end.y)]
    target += (x > target) * 24 - (x < target) * 24
    return [(x, bottom), (x, between), (target, between), (target, end.y)]
