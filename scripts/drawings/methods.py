"""How one pass paints, and which method to choose."""

from __future__ import annotations

from svg import Box

from drawings.card import EDGE, WIDTH, Card


def one_pass() -> Card:
    """Encode photo and painting, change the photo's maps, decode them."""
    card = Card(
        "Encode, change, decode: any style in one pass",
        "The photo p and the painting a go through MiniVGG, which gives the maps F and "
        "S. The maps F are changed with the help of S: AdaIN takes means and "
        "deviations, WCT takes the covariance, swap and neighbors take patches. A "
        "decoder turns the changed maps into the picture. Nothing is repeated, and no "
        "loss corrects the result.",
    )
    top, bottom = 84, 216
    photo, painting = Box(EDGE + 2, top, 128, 86), Box(EDGE + 2, bottom, 128, 86)
    card.photo(photo, "photo.jpg", "content")
    card.photo(painting, "painting.jpg", "style")
    card.words(photo.x, top + 106, "photo *p*", "content bold", 14)
    card.words(painting.x, bottom + 106, "painting *a*", "style bold", 14)
    change, decoder = Box(340, 128, 190, 130), Box(566, 164, 84, 58)
    _encoded(card, photo, "content", "*F*", change.x, 168)
    _encoded(card, painting, "style", "*S*", change.x, 220)
    rows = "AdaIN: mean, deviation", "WCT: covariance", "swap, neighbors:", "patches"
    card.box(change, "gradient", "change *F*", rows)
    card.box(decoder, "network", "decoder")
    y = 193
    card.run([(change.x + change.width + 3, y), (decoder.x - 3, y)], "gradient", 2.5)
    card.words(decoder.x - 27, y - 10, "*F*′", "ink", 16)
    result = Box(WIDTH - EDGE - 66, y - 22, 66, 44)
    card.run([(decoder.x + 87, y), (result.x - 3, y)], "picture", 2.5)
    card.box(result, "picture", "picture")
    card.text(566, 262, "no loop, no loss:", "muted", 14)
    card.text(566, 281, "nothing is corrected", "muted", 14)
    card.height = 332
    return card


def _encoded(
    card: Card, picture: Box, hue: str, name: str, end: float, height: float
) -> None:
    """From a picture through MiniVGG to the box where maps are changed."""
    y, bend = picture.y + picture.height / 2, 312
    eyes = Box(196, y - 29, 94, 58)
    card.box(eyes, "network", "MiniVGG")
    card.run([(picture.x + picture.width + 4, y), (eyes.x - 3, y)], hue, 2.5)
    right = eyes.x + eyes.width + 3
    card.run([(right, y), (bend, y), (bend, height), (end - 3, height)], hue, 2.5)
    beside = y - 9 if height > y else y + 21  # the line does not bend there
    card.words(right + 6, beside, name, "ink", 16)


QUESTIONS = (
    (
        "One painting, and very many photos?",
        "yes",
        "feedforward",
        "it was trained for it",
    ),
    ("May one picture take a minute?", "yes", "optimize", "corrects its own result"),
    ("May it take some ten seconds?", "yes", "quick", "a few optimized evaluations"),
    ("The painting's own strokes?", "yes", "neighbors", "refine=28 makes them sharper"),
    (
        "More of the photo, or of the style?",
        "photo",
        "wct",
        "clear outlines, strong colors",
    ),
)
"""A question, the answer that ends the search, the method, and why."""
LAST = "style", "adain", "strokes along the outlines"
ROW, FIRST = 82, 70


def choice() -> Card:
    """Five questions, one below the other, each with a method on its right."""
    card = Card(
        "Which method for which task?",
        "Ask from the top. "
        + " ".join(
            f"{question} If {answer}: {method}, {why}."
            for question, answer, method, why in QUESTIONS
        )
        + f" Otherwise, if {LAST[0]}: {LAST[1]}, {LAST[2]}.",
    )
    for index, (question, answer, method, why) in enumerate(QUESTIONS):
        y = FIRST + ROW * index
        card.box(Box(EDGE, y, 316, 48), "network", question)
        card.run([(EDGE + 319, y + 24), (452, y + 24)], "picture", 2.5)
        card.text(392, y + 16, answer, "picture bold", 14, "middle")
        card.box(Box(455, y, WIDTH - EDGE - 455, 48), "picture", method, (why,))
        below = y + ROW if index < len(QUESTIONS) - 1 else y + ROW + 24
        if index < len(QUESTIONS) - 1:
            card.run([(EDGE + 150, y + 51), (EDGE + 150, below - 3)], "network", 2.5)
            card.text(EDGE + 162, y + 70, "no", "ink bold", 14)
    y = FIRST + ROW * len(QUESTIONS)
    start = y - ROW + 51
    card.run([(EDGE + 150, start), (EDGE + 150, y + 24), (452, y + 24)], "network", 2.5)
    answer, method, why = LAST
    card.text(392, y + 16, answer, "ink bold", 14, "middle")
    card.box(Box(455, y, WIDTH - EDGE - 455, 48), "picture", method, (why,))
    return card
