"""The card that every diagram is drawn on, and what diagrams are made of.

A picture in a notebook cannot see whether JupyterLab is light or dark: the query
``prefers-color-scheme`` inside an SVG asks the operating system instead. On a
transparent ground, the diagram of a reader with a dark desktop and a light JupyterLab
would be white on white. So each diagram brings a light ground with round corners, and
all its colors are measured against that.
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from svg import Box, Drawing, daylight, short

WIDTH = 760
"""Of every diagram: what JupyterLab leaves in a window of 1024 pixels."""
EDGE = 24
"""Left free on all sides."""
PICTURES = Path(__file__).resolve().parent / "pictures"
"""Small pictures that diagrams show; `diagrams.py --pictures` makes them."""

MATH = """
.var{font-family:"STIX Two Text","Cambria Math",Cambria,Georgia,"DejaVu Serif",serif;
font-style:italic}
.dim{fill:#b4bbc8}
.dashed{stroke-dasharray:7 5}
.round{stroke-linejoin:round;stroke-linecap:round}
"""
_MARKS = re.compile(r"\*(.+?)\*|_\{(.+?)\}")
Point = tuple[float, float]


class Card(Drawing):
    """A diagram, with a title on its upper edge.

    Args:
        title: a few words; drawn, and read out.
        description: the same in sentences, for those who cannot see it.
    """

    def __init__(self, title: str, description: str):
        super().__init__(WIDTH, title, description)
        self.rules = ""
        """More of the style sheet, such as an animation."""
        self.text(EDGE, 40, title, "ink bold", 19)

    def sheet(self) -> str:
        """The colors by daylight, whatever the screen."""
        return MATH + daylight() + self.rules

    def ground(self, height: float) -> str:
        """The card itself."""
        size = f'width="{WIDTH - 2}" height="{short(height - 2)}"'
        return f'<rect x="1" y="1" {size} rx="14" class="paper edge"/>'

    def words(
        self, x: float, y: float, text: str, paint: str, size: float, anchor: str = ""
    ) -> None:
        """A line in which ``*x*`` is a variable and ``_{1}`` stands below the line."""
        self.text(x, y, "\0", paint, size, anchor)
        self.parts[-1] = self.parts[-1].replace("\0", _spans(text, size))

    def lines(
        self,
        x: float,
        y: float,
        texts: Sequence[str],
        paint: str = "ink",
        size: float = 14,
        anchor: str = "middle",
    ) -> None:
        """Lines of words below each other, the first one on y."""
        for index, text in enumerate(texts):
            self.words(x, y + 1.35 * size * index, text, paint, size, anchor)

    def box(
        self,
        box: Box,
        hue: str,
        title: str = "",
        notes: Sequence[str] = (),
        bold: bool = False,
    ) -> None:
        """A box in the colors of a subject, with its name and notes in the middle."""
        self.rectangle(box, f"{hue}-pale {hue}-line", 8)
        wide = 3 if bold else 1.5
        self.parts[-1] = self.parts[-1].replace("/>", f' stroke-width="{wide}"/>')
        x = box.x + box.width / 2
        y = box.y + box.height / 2 + 5 - 9.5 * (len(notes) - (not title))
        if title:
            paint = "muted bold" if hue == "faded" else "ink bold"
            self.words(x, y, title, paint, 14, "middle")
        plain = "muted" if hue == "faded" else "ink"
        self.lines(x, y + 19 * bool(title), notes, plain)

    def run(
        self, points: Sequence[Point], hue: str, width: float = 2, dashed: bool = False
    ) -> None:
        """An arrow along points, with round corners; its tip touches the last one."""
        *_, before, last = points
        angle = math.atan2(last[1] - before[1], last[0] - before[0])
        tip = 6 + 1.5 * width
        neck = (
            last[0] - 0.8 * tip * math.cos(angle),
            last[1] - 0.8 * tip * math.sin(angle),
        )
        steps = _rounded([*points[:-1], neck], 10)
        paint = f"{hue}-line none{' dashed' if dashed else ''}"
        self.path(steps, paint, width)
        wings = [
            (last[0] - tip * math.cos(turned), last[1] - tip * math.sin(turned))
            for turned in (angle - 0.45, angle + 0.45)
        ]
        corners = " ".join(f"{short(x)},{short(y)}" for x, y in [last, *wings])
        self.parts.append(f'<polygon points="{corners}" class="{hue}"/>')

    def pill(
        self, x: float, y: float, text: str, hue: str, anchor: str = "start"
    ) -> None:
        """White words on a strong ground; x is its left, middle or right."""
        width = 8.9 * len(text) + 22
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        self.rectangle(Box(left, y, width, 26), hue, 13)
        self.text(left + width / 2, y + 18, text, "paper bold", 13.5, "middle")

    def table(
        self,
        x: float,
        y: float,
        rows: np.ndarray,
        side: float = 34,
        hue: str = "network",
        paint: str = "ink",
    ) -> None:
        """An array of whole numbers, or of words, in square cells."""
        height, width = side * len(rows), side * len(rows[0])
        self.rectangle(Box(x, y, width, height), "paper", 0)
        down, across = range(1, len(rows)), range(1, len(rows[0]))
        lines = "".join(
            [f"M{short(x + side * k)} {short(y)}v{height}" for k in across]
            + [f"M{short(x)} {short(y + side * k)}h{width}" for k in down]
        )
        self.path(lines, "edge none", 1)
        self.frame(Box(x, y, width, height), hue, 2)
        for (row, column), value in np.ndenumerate(rows):
            number = str(value).replace("-", "−")
            size = 15 if side >= 30 and len(number) < 3 else 13
            below = y + side * (row + 0.5) + 0.36 * size
            if number:
                middle = x + side * (column + 0.5)
                self.text(middle, below, number, paint, size, "middle")

    def photo(self, box: Box, name: str, hue: str = "", faded: bool = False) -> None:
        """A picture of the course, with a frame."""
        data = b64encode((PICTURES / name).read_bytes()).decode("ascii")
        x, y, width, height = map(short, box)
        where = f'x="{x}" y="{y}" width="{width}" height="{height}"'
        veil = ' opacity="0.4"' if faded else ""
        self.parts.append(
            f'<image {where}{veil} preserveAspectRatio="none" '
            f'href="data:image/jpeg;base64,{data}"/>'
        )
        self.height = max(self.height, box.y + box.height)
        if hue:
            self.frame(box, hue, 3)

    def frame(self, box: Box, hue: str, width: float) -> None:
        """The edge of a rectangle in the strong color of a subject."""
        x, y, wide, high = map(short, box)
        steps = f"M{x} {y}h{wide}v{high}h-{wide}z"
        self.path(steps, f"{hue}-line none round", width)


def _spans(text: str, size: float) -> str:
    """The words of a line in SVG, with variables and letters below the line."""
    parts, at, pending = [], 0, 0.0

    def add(words: str, classes: str, low: bool) -> None:
        nonlocal pending
        wanted = 0.22 * size if low else 0.0
        shift = f' dy="{short(wanted - pending)}"' if wanted != pending else ""
        small = f' font-size="{short(0.75 * size)}"' if low else ""
        pending = wanted
        words = escape(words, quote=False)
        if classes or shift:
            words = f"<tspan{classes}{shift}{small}>{words}</tspan>"
        parts.append(words)

    for mark in _MARKS.finditer(text):
        if mark.start() > at:
            add(text[at : mark.start()], "", False)
        variable, below = mark.groups()
        if variable:
            add(variable, ' class="var"', False)
        else:
            add(below, "", True)
        at = mark.end()
    if text[at:]:
        add(text[at:], "", False)
    return "".join(parts)


def _rounded(points: Sequence[Point], radius: float) -> str:
    """Straight lines through points in the commands of SVG, round at each corner."""
    steps = [f"M{short(points[0][0])} {short(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        steps.append(f"L{_toward(corner, before, radius)}")
        here = f"{short(corner[0])} {short(corner[1])}"
        steps.append(f"Q{here} {_toward(corner, after, radius)}")
    steps.append(f"L{short(points[-1][0])} {short(points[-1][1])}")
    return "".join(steps)


def _toward(start: Point, end: Point, length: float) -> str:
    """So far from one point on the way to another, at most half the way."""
    distance = math.dist(start, end)
    share = min(length, distance / 2) / distance
    x = start[0] + share * (end[0] - start[0])
    y = start[1] + share * (end[1] - start[1])
    return f"{short(x)} {short(y)}"
