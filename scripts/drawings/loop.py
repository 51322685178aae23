"""The loop of style transfer, and where each of the lessons 01 to 09 is in it."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, WIDTH, Card, Point

LESSONS = {
    "01": ("preprocessing", ("preprocess",)),
    "02": ("feature maps", ("network",)),
    "03": ("content loss", ("content",)),
    "04": ("Gram matrices", ("gram",)),
    "05": ("style loss", ("style",)),
    "06": ("total variation", ("smooth",)),
    "07": ("optimizing pixels", ("gradient", "optimizer", "picture")),
    "08": ("L-BFGS", ("optimizer",)),
    "09": ("the whole loop", ()),
}
"""Lesson → its name in few words, and its parts of the loop; none: all of them."""
DESCRIPTION = (
    "A photo p, a painting a and the picture x are preprocessed and go through a "
    "network whose weights are fixed. From its feature maps come the content loss, and "
    "by way of Gram matrices the style loss. The total variation is taken from x "
    "itself. The three losses add up to the total loss ℒ. Its gradient goes back to "
    "the optimizer, which moves the pixels of x, and the loop begins again."
)
PHOTO, PAINTING, PICTURE = (
    Box(EDGE, 84, 112, 75),
    Box(EDGE, 190, 112, 75),
    Box(EDGE, 304, 129, 86),
)
PREPROCESS = Box(182, 84, 116, 306)
NETWORK = Box(326, 84, 104, 252)
CONTENT = Box(552, 90, 116, 62)
GRAM = Box(450, 196, 82, 62)
STYLE = Box(552, 196, 116, 62)
SMOOTH = Box(552, 342, 116, 54)
TOTAL = Box(WIDTH - EDGE - 50, 196, 50, 62)
OPTIMIZER = Box(262, 430, 132, 56)
ROWS = 121.0, 227.0, 321.0, 369.0
"""The heights of photo, painting and picture; and the way past the network."""


class Loop:
    """The loop with some of its parts lit.

    Args:
        card: what it is drawn on.
        lit: the parts in color and bold; all in color if it is empty.
    """

    def __init__(self, card: Card, lit: tuple[str, ...]):
        self.card, self.lit = card, lit

    def hue(self, part: str, hue: str = "") -> str:
        """The colors of a part."""
        return (hue or part) if part in self.lit or not self.lit else "faded"

    def box(
        self, part: str, box: Box, title: str, notes: tuple[str, ...], hue: str = ""
    ) -> None:
        """A part as a box."""
        bold = part in self.lit
        self.card.box(box, self.hue(part, hue), title, notes, bold)

    def photo(self, part: str, box: Box, name: str, label: str, hue: str) -> None:
        """One of the three pictures, with its name above."""
        self.card.words(box.x, box.y - 8, label, "ink", 14)
        faded = self.hue(part) == "faded"
        self.card.photo(box, name, self.hue(part, hue), faded)

    def run(
        self, part: str, *points: Point, hue: str = "", dashed: bool = False
    ) -> None:
        """An arrow that belongs to a part."""
        width = 3 if part in self.lit else 2
        self.card.run(points, self.hue(part, hue), width, dashed)


def loop(lesson: str = "") -> Card:
    """The whole loop; with the part of one lesson lit, if one is named."""
    name, lit = LESSONS.get(lesson, ("", ()))
    title = "The loop of style transfer"
    where = f" Lesson {lesson}, {name}, is lit." if lesson else ""
    card = Card(title, DESCRIPTION + where)
    if lesson:
        text = f"You are here: {lesson} · {name}"
        card.pill(WIDTH - EDGE, 21, text, "gradient", "end")
    drawing = Loop(card, lit)
    _pictures(drawing)
    _forward(drawing)
    _losses(drawing)
    _backward(drawing, "Adam" if lesson == "07" else "L-BFGS")
    card.height = 490
    return card


def _pictures(drawing: Loop) -> None:
    """What goes in: two pictures that stay, and one that changes."""
    drawing.photo("photo", PHOTO, "photo.jpg", "photo *p*", "content")
    drawing.photo("painting", PAINTING, "painting.jpg", "painting *a*", "style")
    drawing.photo("picture", PICTURE, "end_256.jpg", "picture *x*", "picture")
    hues = "content", "style", "picture"
    boxes = PHOTO, PAINTING, PICTURE
    for y, hue, box in zip((*ROWS[:2], 347), hues, boxes, strict=True):
        start, end = (box.x + box.width + 4, y), (PREPROCESS.x, y)
        drawing.run("preprocess", start, end, hue=hue)


def _forward(drawing: Loop) -> None:
    """Preprocessing and network."""
    card, right = drawing.card, PREPROCESS.x + PREPROCESS.width
    notes = "RGB → BGR", "minus means"
    drawing.box("preprocess", PREPROCESS, "preprocess", notes, "network")
    drawing.box("network", NETWORK, "", (), "network")
    for index, height in enumerate((112, 84, 62, 44, 30)):
        slab = Box(NETWORK.x + 13 + 17 * index, 158 - height / 2, 11, height)
        card.rectangle(slab, drawing.hue("network").replace("faded", "dim"), 2)
    paint = "muted" if drawing.hue("network") == "faded" else "ink"
    middle = NETWORK.x + NETWORK.width / 2
    card.text(middle, 252, "network", f"{paint} bold", 14, "middle")
    card.lines(middle, 275, ("its weights", "are fixed"), paint)
    for y, hue in zip(ROWS[:3], ("content", "style", "picture"), strict=True):
        drawing.run("network", (right, y), (NETWORK.x, y), hue=hue)
    drawing.run("smooth", (right, ROWS[3]), (SMOOTH.x, ROWS[3]))


def _losses(drawing: Loop) -> None:
    """From the feature maps to the total loss."""
    card, right = drawing.card, NETWORK.x + NETWORK.width
    drawing.run("content", (right, ROWS[0]), (CONTENT.x, ROWS[0]))
    card.text(
        (right + CONTENT.x) / 2 - 4, ROWS[0] - 10, "feature maps", "ink", 13.5, "middle"
    )
    drawing.run("gram", (right, ROWS[1]), (GRAM.x, ROWS[1]), hue="style")
    drawing.run("style", (GRAM.x + GRAM.width, ROWS[1]), (STYLE.x, ROWS[1]))
    drawing.box("content", CONTENT, "content loss", ("*F* against *P*",))
    drawing.box("gram", GRAM, "Gram", ("matrices",), "style")
    drawing.box("style", STYLE, "style loss", ("*G* against *A*",))
    drawing.box("smooth", SMOOTH, "", ("total variation", "of *x* itself"))
    end, middle = CONTENT.x + CONTENT.width, TOTAL.x + TOTAL.width / 2
    drawing.run("content", (end, ROWS[0]), (middle, ROWS[0]), (middle, TOTAL.y))
    drawing.run("style", (end, ROWS[1]), (TOTAL.x, ROWS[1]))
    bottom = TOTAL.y + TOTAL.height
    drawing.run("smooth", (end, ROWS[3]), (middle - 12, ROWS[3]), (middle - 12, bottom))
    drawing.box("gradient", TOTAL, "ℒ", ("total",))


def _backward(drawing: Loop, optimizer: str) -> None:
    """From the total loss back to the pixels."""
    card, y = drawing.card, OPTIMIZER.y + OPTIMIZER.height / 2
    start = TOTAL.x + TOTAL.width / 2 + 12
    end = OPTIMIZER.x + OPTIMIZER.width
    bottom = TOTAL.y + TOTAL.height
    drawing.run("gradient", (start, bottom), (start, y), (end, y), dashed=True)
    card.words((start + end) / 2, y - 11, "gradient ∂ℒ/∂*x*", "ink", 14, "middle")
    drawing.box("optimizer", OPTIMIZER, "optimizer", (optimizer,), "gradient")
    x = PICTURE.x + PICTURE.width / 2
    up = PICTURE.y + PICTURE.height + 4
    drawing.run("optimizer", (OPTIMIZER.x, y), (x, y), (x, up), hue="gradient")
    card.text(
        (x + OPTIMIZER.x) / 2 + 6, y - 11, "moves the pixels", "ink", 14, "middle"
    )
