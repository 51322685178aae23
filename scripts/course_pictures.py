"""Make the course's pictures in `images/content` and `images/style` again.

    python scripts/course_pictures.py
    python scripts/course_pictures.py cat starry_night --out FOLDER

The photos come out of the installed scikit-image and Matplotlib, the paintings out of
`nstlib.paint`; scikit-image comes with the extra ``test``. `images/CREDITS.md` says
what each is and who made it. The path of each picture is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from command import IMAGES, Parser, command, count
from PIL import Image

QUALITY = 92

STYLES = {
    # name: (height, width, seed), the seed that looked best of the first eight
    "starry_night": (768, 768, 2),
    "great_wave": (576, 768, 2),
    "rose_window": (768, 768, 0),
    "pointillist_river": (576, 768, 2),
    "circles_and_lines": (768, 768, 5),
    "cubist_guitar": (768, 768, 5),
    "ink_mountains": (768, 768, 3),
    "tapestry": (768, 768, 0),
    "autumn_birches": (768, 768, 5),
    "engraved_ship": (576, 768, 2),
}

PHOTOS = {
    # name: (package, file, box to crop or None for all of it)
    "astronaut": ("skimage.data", "astronaut.png", None),
    "cat": ("skimage.data", "chelsea.png", None),
    "coffee": ("skimage.data", "coffee.png", None),
    "rocket": ("skimage.data", "rocket.jpg", None),
    "galaxies": ("skimage.data", "hubble_deep_field.jpg", (0, 200, 768, 776)),
    "photographer": ("skimage.data", "camera.png", None),
    "grace_hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", None),
}


def photo(name: str) -> Image.Image:
    """Read a photo from the package that it comes with."""
    package, source, box = PHOTOS[name]
    with (files(package) / source).open("rb") as stream:
        return Image.open(stream).crop(box)


def painting(name: str, longest: int | None) -> Image.Image:
    """Paint, at the course's size or smaller."""
    from nstlib.painter import paint

    height, width, seed = STYLES[name]
    scale = 1.0 if longest is None else longest / max(height, width)
    made = paint(name, round(scale * height), round(scale * width), seed)
    return Image.fromarray(np.rint(made).astype(np.uint8))


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Write the pictures that are named, or all."""
    every = [*PHOTOS, *STYLES]
    parser = Parser(__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help=", ".join(every))
    add("--size", type=count, metavar="PIXELS", help="longer side of the paintings")
    add("--out", type=Path, default=IMAGES, metavar="FOLDER")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - {*every}:
        parser.error(f"there is no {min(unknown)}, choose from {', '.join(every)}")
    for name in args.names or every:
        made = photo(name) if name in PHOTOS else painting(name, args.size)
        folder = args.out / ("content" if name in PHOTOS else "style")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.jpg"
        made.save(path, quality=QUALITY, optimize=True)
        print(path, flush=True)


if __name__ == "__main__":
    main()
