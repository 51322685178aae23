"""Make the pictures in `content/` and `style/` again.

Run ``python scripts/course_pictures.py`` in the root of the repository.

The photos come out of the installed scikit-image and Matplotlib, the paintings out of
`nstlib.paint`. CREDITS.md says what each is and who made it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

from nstlib.paint import PAINTINGS

HERE = Path(__file__).parents[1] / "images"
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


def main() -> None:
    """Write every picture."""
    for folder in ("content", "style"):
        (HERE / folder).mkdir(exist_ok=True)
    for name, (package, source, box) in PHOTOS.items():
        with (files(package) / source).open("rb") as stream:
            photo = Image.open(stream).crop(box)
        photo.save(HERE / "content" / f"{name}.jpg", quality=QUALITY, optimize=True)
    for name, (height, width, seed) in STYLES.items():
        picture = np.rint(PAINTINGS[name](height, width, seed)).astype(np.uint8)
        path = HERE / "style" / f"{name}.jpg"
        Image.fromarray(picture).save(path, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
