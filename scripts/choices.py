"""Make docs/photos.jpg and docs/paintings.jpg: the course's pictures with their names.

    python scripts/choices.py

A lesson shows them where a parameter asks for a picture. Draw them again when a picture
comes or goes. The paths are printed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from command import IMAGES, ROOT, Parser, command
from PIL import Image, ImageDraw, ImageFont, ImageOps

SIDE, CAPTION, GAP = 300, 44, 16  # pixels; shown at half of that on the screen
COLUMNS = 5


def sheet(paths: Sequence[Path]) -> Image.Image:
    """Arrange pictures in squares, each with its name below."""
    font = ImageFont.load_default(26)
    columns = min(COLUMNS, len(paths))
    rows = math.ceil(len(paths) / columns)
    cell, high = SIDE + GAP, SIDE + CAPTION + GAP
    page = Image.new("RGB", (columns * cell + GAP, rows * high + GAP), "white")
    draw = ImageDraw.Draw(page)
    for index, path in enumerate(paths):
        row, column = divmod(index, columns)
        left, top = GAP + column * cell, GAP + row * high
        with Image.open(path) as picture:
            square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE))
        page.paste(square, (left, top))
        middle = left + SIDE / 2, top + SIDE + CAPTION / 2
        draw.text(middle, path.stem, "#222222", font, anchor="mm")
    return page


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Draw both sheets."""
    parser = Parser(__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder")
    args = parser.parse_args(argv)
    for kind, name in {"content": "photos", "style": "paintings"}.items():
        path = args.out / f"{name}.jpg"
        sheet(sorted((IMAGES / kind).glob("*.jpg"))).save(path, quality=85)
        print(path)


if __name__ == "__main__":
    main()
