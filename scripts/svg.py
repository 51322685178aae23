"""Drawing in SVG: text that is text, and colors for light and dark screens.

What is drawn depends on the arguments alone, so that the same drawing is the same file.
The width of a text is an estimate, on the safe side: the reader's fonts are not known.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import NamedTuple

FLOORS = {
    7: ("#e3dcf5", "#443a66"),
    6: ("#f4dcea", "#5c3350"),
    5: ("#fadfcd", "#5f3f2b"),
    4: ("#f8ebbf", "#544a22"),
    3: ("#dcedcf", "#34502c"),
    2: ("#cfe9ec", "#23504f"),
    1: ("#d6e0f0", "#33425f"),
}
"""The colors of the floors, in light and in dark."""
PAINTS = {
    "paper": ("fill", "#ffffff", "#14171d"),
    "storey": ("fill", "#f4f5f7", "#1d2129"),
    "room": ("fill", "#ffffff", "#272c36"),
    "edge": ("stroke", "#b4bbc8", "#4d5566"),
    "line": ("stroke", "#5b6577", "#9aa4b5"),
    "tip": ("fill", "#5b6577", "#9aa4b5"),
    "ink": ("fill", "#1b212c", "#e9ecf2"),
    "muted": ("fill", "#4f5868", "#b3bbc8"),
}
"""What a class paints: a property, its color in light and in dark."""
HUES = {
    "content": ("#0b5d9e", "#dcebf8"),
    "style": ("#a34100", "#fce6d6"),
    "smooth": ("#00694f", "#d8f0e6"),
    "gradient": ("#97266d", "#f8e1ef"),
    "network": ("#46536a", "#e6eaf1"),
    "picture": ("#5b3fa0", "#ebe4f9"),
    "faded": ("#87909f", "#f3f4f6"),
}
"""What a subject of the course is drawn in: lines and words, and the ground of a box.
They are for a light ground only; see `drawings.card`."""
WIDE = 0.61
"""The width of a letter in a font of fixed width, in sizes of the font."""
PROSE = 0.56
"""The same in other fonts, as a mean over a sentence."""
LEADING = 1.32
"""The distance of two lines of text, in sizes of the font."""


class Box(NamedTuple):
    """A rectangle in pixels, from its left upper corner."""

    x: float
    y: float
    width: float
    height: float


def broken(text: str, width: float, size: float) -> list[str]:
    """Break a text into few lines, no wider than so many pixels and of like length."""
    most = max(8, int(width / (PROSE * size)))
    lines = textwrap.wrap(text, most)
    for fewer in range(most - 1, 8, -1):
        narrower = textwrap.wrap(text, fewer, break_long_words=False)
        if len(narrower) > len(lines) or max(map(len, narrower)) > most:
            break
        lines = narrower
    return lines


def _colors() -> str:
    paints = {f"floor{floor}": ("fill", *pair) for floor, pair in FLOORS.items()}
    paints |= PAINTS
    light = [f".{name}{{{key}:{day}}}" for name, (key, day, _) in paints.items()]
    dark = [f".{name}{{{key}:{night}}}" for name, (key, _, night) in paints.items()]
    return "\n".join([*light, "@media (prefers-color-scheme:dark){", *dark, "}"])


def daylight() -> str:
    """The style sheet of what is drawn on a light ground, whatever the screen."""
    lines = [f".{name}{{{key}:{day}}}" for name, (key, day, _) in PAINTS.items()]
    for name, (strong, pale) in HUES.items():
        lines += [
            f".{name}{{fill:{strong}}}",
            f".{name}-line{{stroke:{strong}}}",
            f".{name}-pale{{fill:{pale}}}",
        ]
    return "\n".join(lines)


STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.bold{font-weight:600}
.none{fill:none}
"""


class Drawing:
    """A picture that is being drawn.

    Args:
        width: of the picture, in pixels.
        title: what it shows, in a few words.
        description: the same in sentences, for those who cannot see it.
    """

    def __init__(self, width: int, title: str, description: str):
        self.width, self.height = width, 0.0
        self.title, self.description = title, description
        self.parts: list[str] = []

    def rectangle(self, box: Box, paint: str, radius: float = 6) -> None:
        """A filled rectangle; `paint` names its classes."""
        x, y, width, height = map(short, box)
        self.height = max(self.height, box.y + box.height)
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" '
            f'rx="{short(radius)}" class="{paint}"/>'
        )

    def text(
        self, x: float, y: float, text: str, paint: str, size: float, anchor: str = ""
    ) -> None:
        """One line of text, whose letters stand on y."""
        where = f' text-anchor="{anchor}"' if anchor else ""
        self.parts.append(
            f'<text x="{short(x)}" y="{short(y)}" font-size="{short(size)}" '
            f'class="{paint}"{where}>{escape(text, quote=False)}</text>'
        )

    def paragraph(
        self, x: float, y: float, width: float, text: str, paint: str, size: float
    ) -> float:
        """Text in lines of at most this width; where the next line would stand."""
        for line in broken(text, width, size):
            self.text(x, y, line, paint, size)
            y += LEADING * size
        return y

    def chip(self, x: float, y: float, floor: int, side: float = 16) -> None:
        """The number of a floor on its color."""
        self.rectangle(Box(x, y, side, side), f"floor{floor}", 3)
        size = 11 if side < 20 else 0.55 * side
        self.text(
            x + side / 2, y + side / 2 + 0.36 * size, str(floor), "ink", size, "middle"
        )

    def path(self, steps: str, paint: str = "line none", width: float = 1.5) -> None:
        """A line, in the commands of SVG."""
        self.parts.append(
            f'<path d="{steps}" class="{paint}" stroke-width="{short(width)}"/>'
        )

    def arrow(self, x: float, top: float, bottom: float) -> None:
        """An arrow downwards."""
        self.path(f"M{short(x)} {short(top)}V{short(bottom - 6)}")
        tip = f"M{short(x - 4)} {short(bottom - 7)}h8l-4 7z"
        self.parts.append(f'<path d="{tip}" class="tip"/>')

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """What is drawn in the block belongs together, and has a name."""
        self.parts.append(f"<g><title>{escape(title, quote=False)}</title>")
        yield
        self.parts.append("</g>")

    def sheet(self) -> str:
        """The colors of the classes."""
        return _colors()

    def ground(self, height: float) -> str:
        """What everything is drawn on."""
        return '<rect width="100%" height="100%" class="paper"/>'

    def svg(self, margin: float = 24) -> str:
        """The picture as a text."""
        size = f'width="{self.width}" height="{short(self.height + margin)}"'
        view = f'viewBox="0 0 {self.width} {short(self.height + margin)}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img" '
            'aria-labelledby="title desc">'
        )
        return "\n".join(
            [
                head,
                f'<title id="title">{escape(self.title, quote=False)}</title>',
                f'<desc id="desc">{escape(self.description, quote=False)}</desc>',
                f"<style>{STYLE}{self.sheet()}</style>",
                self.ground(self.height + margin),
                *self.parts,
                "</svg>\n",
            ]
        )


def short(number: float) -> str:
    """A number with one digit after the point, or none."""
    return f"{number:.1f}".removesuffix(".0")
