"""Make the large picture of lesson 11: a photo in the style of a painting as large.

    python scripts/large_picture.py
    python scripts/large_picture.py coffee great_wave --size 4000 --out FOLDER

The painting is painted anew at this size, because a style is never enlarged. At 2000
pixels this takes some minutes and 3 GB of memory. The path of the picture is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from command import IMAGES, ROOT, Parser, command, count
from course_pictures import painting
from PIL import Image

QUALITY = 82


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Paint, and write the picture."""
    parser = Parser(__doc__)
    add = parser.add_argument
    add("photo", nargs="?", default="rocket", help="its name, default rocket")
    add("style", nargs="?", default="starry_night", help="default starry_night")
    add("--size", type=count, default=2000, help="longer side in pixels")
    add("--steps", type=count, default=300, help="evaluations")
    add("--out", type=Path, default=ROOT / "docs", metavar="FOLDER")
    args = parser.parse_args(argv)
    from nstlib import stylize

    args.out.mkdir(parents=True, exist_ok=True)  # before what takes minutes
    style = np.asarray(painting(args.style, args.size), np.float32)
    photo = IMAGES / "content" / f"{args.photo}.jpg"
    made = stylize(photo, style, size=args.size, steps=args.steps)
    path = args.out / "large.jpg"
    pixels = np.rint(made.image).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=QUALITY, optimize=True)
    print(path, flush=True)


if __name__ == "__main__":
    main()
