"""From coarse to fine: what each scale of a run begins with, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from command import IMAGES
from svg import Box

from drawings.card import EDGE, WIDTH, Card

PHOTO = IMAGES / "content" / "cat.jpg"
PAINTING = IMAGES / "style" / "starry_night.jpg"
SIZE = 512
"""Longer side of the finest scale, in pixels."""
SCALES = ((128, 60), (256, 60), (512, 60))
"""Longer side and evaluations of each scale, as `plan_scales` has them by default."""
ASPECT = 300 / 451
"""Height by width of the photo."""
SHOWN = (112, 184, 296)
"""The widths of the pictures in the diagram, and of their files, which stay small."""
TOP, BETWEEN = 72, 46
"""The upper edge of the largest picture, and the room between the two rows."""


def paint(size: int, folder: Path) -> Iterator[Path]:
    """Make the pictures of `coarse_to_fine` and of `loop`.

    Args:
        size: longer side of the finest scale, in pixels. With less than `SIZE` the
            pictures are rough, and soon made.
        folder: where they go.

    Yields:
        The path of each.
    """
    from nstlib import Settings, load_image, stylize
    from nstlib.images import resize

    photo, painting = load_image(PHOTO), load_image(PAINTING)
    start = None
    for (side, steps), width in zip(SCALES, SHOWN, strict=True):
        shape = round(ASPECT * width), width
        fitted = max(32, side * size // SIZE)
        plain = Settings(size=fitted, coarse_to_fine=False)
        if start is None:  # the first evaluation is that of the start itself
            start = stylize(photo, painting, plain, steps=1).image
        steps = max(2, steps * size // SIZE)
        result = stylize(photo, painting, plain, steps=steps, start=start)
        before = resize(start, *result.image.shape[:2])
        for kind, picture in (("start", before), ("end", result.image)):
            path = folder / f"{kind}_{side}.jpg"
            yield _saved(resize(picture, *shape), path)
        start = result.image
    yield _saved(resize(photo, 150, 225), folder / "photo.jpg")
    yield _saved(resize(painting[96:608], 150, 225), folder / "painting.jpg")


def _saved(picture: object, path: Path) -> Path:
    import numpy as np
    from PIL import Image

    pixels = np.clip(np.asarray(picture), 0, 255).round().astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=66, optimize=True)
    return path


def coarse_to_fine() -> Card:
    """Pictures of growing size: each begins with the one before, enlarged."""
    sides = ", then at ".join(f"{side} pixels" for side, _ in SCALES)
    card = Card(
        "From coarse to fine",
        f"The picture is painted at {sides}. The first scale starts from the tinted "
        "photo. Each other scale starts from the end of the one before, enlarged and "
        "so blurred, and ends with finer strokes.",
    )
    x, gap, high = float(EDGE), (WIDTH - 2 * EDGE - sum(SHOWN)) / 2, ASPECT * SHOWN[-1]
    floors = TOP + high, TOP + 2 * high + BETWEEN
    for index, ((side, steps), width) in enumerate(zip(SCALES, SHOWN, strict=True)):
        height = ASPECT * width
        start, end = (Box(x, floor - height, width, height) for floor in floors)
        card.photo(start, f"start_{side}.jpg", "network")
        card.photo(end, f"end_{side}.jpg", "picture")
        card.text(x, start.y - 12, f"{side} pixels", "ink bold", 14.5)
        card.run([(x + 14, floors[0] + 6), (x + 14, end.y - 6)], "gradient", 2.5)
        words = (f"{steps} evaluations",) if index else (str(steps), "evaluations")
        card.lines(x + 26, floors[0] + 27, words, anchor="start")
        if index < 2:
            corner = x + width + gap / 2
            goal = floors[0] - ASPECT * SHOWN[index + 1] / 2
            low = end.y + height / 2
            points = [(x + width + 5, low), (corner, low), (corner, goal)]
            card.text(corner - 8, floors[0] + 104, "enlarge", "picture bold", 14, "end")
            goal_x = x + width + gap - 5
            card.run([*points, (goal_x, goal)], "picture", 2.5)
        x += width + gap
    return card
