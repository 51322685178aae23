"""Make the pictures of the README from the course's own photos and paintings.

    python scripts/readme_pictures.py
    python scripts/readme_pictures.py first gallery

There are `first`, a photo, a painting and the photo repainted; `gallery`, every photo
in every style; `control`, with masks and colors; `methods`, photos by each method;
`quality`, photos at each quality, whose seconds are printed; and `styles`, a photo in
the ten styles of the trained network. All of them take some minutes. Everything is
512 px, and at default settings but for the rows of the creative control, of the methods
and of the qualities. The path of each picture is printed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command import IMAGES, ROOT, Parser, command, count

PHOTOS = ("cat", "photographer", "coffee", "rocket")
STYLES = ("starry_night", "great_wave", "rose_window", "cubist_guitar")
QUALITIES = ("quick", "normal", "best")
METHODS: tuple[dict[str, Any], ...] = (
    {"method": "optimize"},
    {"method": "neighbors", "refine": 28},
    {"method": "neighbors"},
    {"method": "adain"},
    {"method": "wct"},
    {"method": "feedforward"},
)
"""The columns of the picture of the methods."""


class Painter:
    """Makes the pictures.

    Args:
        size: longer side of what is painted, in pixels.
        steps: evaluations for each picture that is optimized; None takes the default.
    """

    def __init__(self, size: int, steps: int | None):
        self.size, self.steps = size, steps

    def __call__(self, photo: np.ndarray, style: Any, **special: Any) -> np.ndarray:
        """The photo repainted."""
        from nstlib import stylize

        if special.get("method", "optimize") == "optimize":
            special |= {"steps": self.steps} if self.steps else {}
        return stylize(photo, style, size=self.size, **special).image

    def first(self) -> np.ndarray:
        """A photo, a painting, the photo repainted."""
        from nstlib.images import contact_sheet

        photo, style = picture("content", PHOTOS[0]), picture("style", STYLES[0])
        return contact_sheet([photo, style, self(photo, style)], 3, 400)

    def gallery(self) -> np.ndarray:
        """Every photo in every style."""
        from tqdm import tqdm

        from nstlib.images import contact_sheet

        styles = [picture("style", name) for name in STYLES]
        rows = [np.full_like(styles[0], 255), *styles]
        bar = tqdm(total=len(PHOTOS) * len(STYLES), unit="picture")
        for photo in (picture("content", name) for name in PHOTOS):
            rows.append(photo)
            for style in styles:
                rows.append(self(photo, style))
                bar.update()
        bar.close()
        return contact_sheet(rows, len(styles) + 1, 300)

    def control(self) -> np.ndarray:
        """A photo, a mask, two styles by the mask, kept colors, larger strokes."""
        from nstlib.images import contact_sheet

        photo = picture("content", "coffee")
        night, glass, wave = (
            picture("style", name)
            for name in ("starry_night", "rose_window", "great_wave")
        )
        saucer = ellipse(photo.shape, 0.70, 0.58, 0.52, 0.44)
        cup = np.maximum(saucer, ellipse(photo.shape, 0.73, 0.3, 0.31, 0.28))
        results = (
            self(photo, [(glass, 1.0, cup), (wave, 1.0, 255 - cup)]),
            self(photo, night, colors="luminance"),
            self(photo, night, style_scale=1.5),
        )
        mask = np.repeat(cup[..., None], 3, axis=-1)
        return contact_sheet([photo, mask, *results], 5, 300)

    def methods(self) -> np.ndarray:
        """Photos by each method, every one in a style of its own."""
        from nstlib.images import contact_sheet

        rows = []
        for name, style in zip(PHOTOS, STYLES, strict=True):
            photo, painting = picture("content", name), picture("style", style)
            rows.append(painting)
            for method in METHODS:
                source = style if method["method"] == "feedforward" else painting
                rows.append(self(photo, source, **method))
        return contact_sheet(rows, 1 + len(METHODS), 300)

    def quality(self) -> np.ndarray:
        """Photos at each quality, every one in a style of its own."""
        from nstlib.images import contact_sheet

        rows = []
        for name, style in list(zip(PHOTOS, STYLES, strict=True))[:3]:
            photo, painting = picture("content", name), picture("style", style)
            rows.append(painting)
            self(photo, painting, quality="quick")  # compiles what the first one needs
            for quality in QUALITIES:
                began, used = time.perf_counter(), time.process_time()
                rows.append(self(photo, painting, quality=quality))
                seconds = time.perf_counter() - began
                cpu = time.process_time() - used
                print(f"{name}: {quality} {seconds:.1f} s, processor {cpu:.1f} s")
        return contact_sheet(rows, 1 + len(QUALITIES), 300)

    def styles(self) -> np.ndarray:
        """A photo in the ten styles of the trained network."""
        from nstlib.images import contact_sheet
        from nstlib.transformers import shipped_styles

        photo = picture("content", PHOTOS[0])
        made = [self(photo, name, method="feedforward") for name in shipped_styles()]
        return contact_sheet(made, 5, 400)


MAKERS = {
    "first": Painter.first,
    "gallery": Painter.gallery,
    "control": Painter.control,
    "methods": Painter.methods,
    "quality": Painter.quality,
    "styles": Painter.styles,
}


def picture(folder: str, name: str) -> np.ndarray:
    """A bundled picture."""
    from nstlib.images import load_image

    return load_image(next((IMAGES / folder).glob(f"{name}.*")))


def ellipse(
    shape: tuple[int, ...], x: float, y: float, across: float, down: float
) -> np.ndarray:
    """A mask (H, W), 0–255, soft at its edge; all numbers in heights of the photo."""
    rows, columns = np.indices(shape[:2]) / shape[0]
    r = np.hypot((columns - x) / across, (rows - y) / down)
    return 255 * np.clip(12 * (1 - r) + 0.5, 0, 1)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Make the pictures that are named, or all."""
    parser = Parser(__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help=", ".join(MAKERS))
    add("--size", type=count, default=512, help="longer side of what is painted")
    add("--steps", type=count, help="evaluations for each picture")
    add("--out", type=Path, default=ROOT / "docs", metavar="FOLDER")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - MAKERS.keys():
        parser.error(f"there is no {min(unknown)}, choose from {', '.join(MAKERS)}")
    from PIL import Image

    args.out.mkdir(parents=True, exist_ok=True)  # before what takes minutes
    painter = Painter(args.size, args.steps)
    for name in args.names or MAKERS:
        picture = Image.fromarray(np.rint(MAKERS[name](painter)).astype(np.uint8))
        path = args.out / f"{name}.jpg"
        picture.save(path, quality=86, optimize=True, progressive=True)
        print(path, flush=True)


if __name__ == "__main__":
    main()
