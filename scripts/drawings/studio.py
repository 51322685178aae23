"""The way of one upload through an app that repaints photos."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, Card

GUARDS = (
    ("whose form?", ("Origin and", "Host"), "another site"),
    ("how long?", ("bytes of", "the form"), "too large"),
    ("what is it?", ("type and size", "in the header"), "no picture"),
    ("pixels only", ("decoded, and", "encoded anew"), "damaged"),
)
"""The boxes on the way in: name, notes, and what is refused there."""
SIZE, PITCH, TOP, LOWER = (124, 84), 146, 120, 262
REFUSED = 76
"""The height of the words about what is refused."""


def studio() -> Card:
    """In at the top from left to right, and back below from right to left."""
    card = Card(
        "The way of one upload",
        "The browser sends a form. Four guards ask whose form it is, how long it is, "
        "what it is, and let nothing but pixels through; each can refuse it with a "
        "sentence. Then the job waits in a queue, or is refused if the queue is full. "
        "One painter takes one job at a time and reports. The page of the job shows "
        "how far it is, until the picture is there.",
    )
    browser = Box(EDGE, TOP, SIZE[0] - 6, LOWER - TOP + SIZE[1])
    card.box(browser, "picture", "browser", ("asks again", "and again"))
    y, start = TOP + SIZE[1] / 2, browser.x + browser.width + 3
    for index, (name, notes, refused) in enumerate(GUARDS):
        box = _box(index + 1, TOP)
        card.run([(start, y), (box.x - 3, y)], "content", 2.5)
        card.box(box, "content", name, notes)
        middle = box.x + box.width / 2
        card.run([(middle, TOP - 3), (middle, REFUSED + 12)], "gradient", 2)
        card.text(middle, REFUSED, refused, "gradient bold", 14, "middle")
        start = box.x + box.width + 3
    queue, painter, page = (_box(index, LOWER) for index in (4, 3, 2))
    middle = queue.x + queue.width / 2
    card.run([(middle, TOP + SIZE[1] + 3), (middle, LOWER - 3)], "content", 2.5)
    card.box(queue, "style", "queue", ("one behind", "the other"))
    y = LOWER + SIZE[1] / 2
    card.run([(queue.x - 3, y), (painter.x + painter.width + 3, y)], "style", 2.5)
    card.box(painter, "network", "painter", ("one picture", "at a time"))
    card.run([(painter.x - 3, y), (page.x + page.width + 3, y)], "network", 2.5)
    card.box(page, "picture", "page", ("state, steps,", "the picture"))
    end = browser.x + browser.width + 3
    card.run([(page.x - 3, y), (end, y)], "picture", 2.5)
    below = LOWER + SIZE[1]
    card.run([(middle, below + 3), (middle, below + 26)], "gradient", 2)
    card.text(middle, below + 44, "full", "gradient bold", 14, "middle")
    card.height = below + 68
    return card


def _box(column: int, top: float) -> Box:
    return Box(EDGE + PITCH * column - 6, top, *SIZE)
