"""The loop of style transfer, and the place of the lessons 01 to 09 and 13 in it."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, WIDTH, Card, Point

_MOVED = "gradient", "optimizer", "picture"
LESSONS = {
    "01": ("preprocessing", ("preprocess",)),
    "02": ("feature maps", ("network",)),
    "03": ("content loss", ("content",)),
    "04": ("Gram matrices", ("gram",)),
    "05": ("style loss", ("style",)),
    "06": ("total variation", ("smooth",)),
    "07": ("optimizing pixels", _MOVED),
    "08": ("L-BFGS", ("optimizer",)),
    "09": ("the whole loop", ()),
    "13": ("a network for one style", ("photo", "transformer", *_MOVED)),
}
"""Lesson → its name in few words, and its parts of the loop; none: all of them."""
DESCRIPTION = (
    "A photo p, a painting a and the picture x are preprocessed and go through a "
    "network whose weights are fixed. From its feature maps come the content loss, and "
    "by way of Gram matrices the style loss. The total variation is taken from x "
    "itself. The three losses add up to the total loss ℒ. Its gradient goes back to "
    "the optimizer, which moves the pixels of x, and the loop begins again."
)
TRAINING = (
    "A transformer network makes the picture x from a photo p. Then all is as in the "
    "loop of style transfer: p, a painting a and x go through a network whose weights "
    "are fixed, and content loss, style loss and total variation add up to the total "
    "loss ℒ. But its gradient goes back to the weights θ of the transformer, which the "
    "optimizer moves. Then the loop begins again, with another photo."
)
"""The same where not the pixels are moved, but the weights of a network."""
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
TRANSFORMER = Box(EDGE, 430, 129, 56)
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
    trained = "transformer" in lit
    title = "The loop of training" if trained else "The loop of style transfer"
    where = f" Lesson {lesson}, {name}, is lit." if lesson else ""
    card = Card(title, (TRAINING if trained else DESCRIPTION) + where)
    if lesson:
        text = f"You are here: {lesson} · {name}"
        card.pill(WIDTH - EDGE, 21, text, "gradient", "end")
    drawing = Loop(card, lit)
    _pictures(drawing)
    _forward(drawing)
    _losses(drawing)
    optimizer = "Adam" if lesson in ("07", "13") else "L-BFGS"
    _backward(drawing, optimizer, "*θ*" if trained else "*x*")
    (_to_the_weights if trained else _to_the_pixels)(drawing)
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


def _backward(drawing: Loop, optimizer: str, moved: str) -> None:
    """From the total loss back to the optimizer of what is moved."""
    card, y = drawing.card, OPTIMIZER.y + OPTIMIZER.height / 2
    start = TOTAL.x + TOTAL.width / 2 + 12
    end = OPTIMIZER.x + OPTIMIZER.width
    bottom = TOTAL.y + TOTAL.height
    drawing.run("gradient", (start, bottom), (start, y), (end, y), dashed=True)
    card.words((start + end) / 2, y - 11, f"gradient ∂ℒ/∂{moved}", "ink", 14, "middle")
    drawing.box("optimizer", OPTIMIZER, "optimizer", (optimizer,), "gradient")


def _to_the_pixels(drawing: Loop) -> None:
    """From the optimizer straight to the picture."""
    x, up, y = _below_the_picture()
    drawing.run("optimizer", (OPTIMIZER.x, y), (x, y), (x, up), hue="gradient")
    drawing.card.text(
        (x + OPTIMIZER.x) / 2 + 6, y - 11, "moves the pixels", "ink", 14, "middle"
    )


def _to_the_weights(drawing: Loop) -> None:
    """From the optimizer to a network, which makes the picture of the photo."""
    x, up, y = _below_the_picture()
    right = TRANSFORMER.x + TRANSFORMER.width
    photo, side = ROWS[0], EDGE / 2
    drawing.box("transformer", TRANSFORMER, "transformer", ("*p* → *x*",), "picture")
    drawing.run("optimizer", (OPTIMIZER.x, y), (right, y), hue="gradient")
    middle = (right + OPTIMIZER.x) / 2 + 4
    drawing.card.words(middle, y - 11, "moves its", "ink", 14, "middle")
    drawing.card.words(middle, y + 22, "weights *θ*", "ink", 14, "middle")
    drawing.run("picture", (x, TRANSFORMER.y), (x, up))
    ways = (EDGE, photo), (side, photo), (side, y), (EDGE, y)
    drawing.run("transformer", *ways, hue="picture")


def _below_the_picture() -> tuple[float, float, float]:
    """Its middle, its lower edge, and the height of the optimizer's arrow."""
    x = PICTURE.x + PICTURE.width / 2
    up = PICTURE.y + PICTURE.height + 4
    return x, up, OPTIMIZER.y + OPTIMIZER.height / 2
