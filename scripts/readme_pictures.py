"""Make the pictures of the README from the course's own photos and paintings.

    python scripts/readme_pictures.py [first] [gallery] [control] [methods]

All of them take some minutes. Everything is 512 px, and at default settings but for
the rows of the creative control and of the methods.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from nstlib import load_image, save_image, stylize
from nstlib.plotting import contact_sheet

ROOT = Path(__file__).parents[1]
PHOTOS = ("cat", "photographer", "coffee", "rocket")
STYLES = ("starry_night", "great_wave", "rose_window", "cubist_guitar")
METHODS = ("optimize", "adain", "wct", "swap", "feedforward")


def picture(folder: str, name: str) -> np.ndarray:
    """A bundled picture."""
    return load_image(next((ROOT / "images" / folder).glob(f"{name}.*")))


def ellipse(shape, x, y, across, down):
    """A mask (H, W), 0–255, soft at its edge; all numbers in heights of the photo."""
    rows, columns = np.indices(shape[:2]) / shape[0]
    r = np.hypot((columns - x) / across, (rows - y) / down)
    return 255 * np.clip(12 * (1 - r) + 0.5, 0, 1)


def first() -> np.ndarray:
    """A photo, a painting, the photo repainted."""
    photo, style = picture("content", PHOTOS[0]), picture("style", STYLES[0])
    return contact_sheet([photo, style, stylize(photo, style).image], 3, 400)


def gallery() -> np.ndarray:
    """Every photo in every style."""
    styles = [picture("style", name) for name in STYLES]
    rows = [np.full_like(styles[0], 255), *styles]
    bar = tqdm(total=len(PHOTOS) * len(STYLES), unit="picture")
    for photo in (picture("content", name) for name in PHOTOS):
        rows.append(photo)
        for style in styles:
            rows.append(stylize(photo, style).image)
            bar.update()
    return contact_sheet(rows, len(styles) + 1, 300)


def control() -> np.ndarray:
    """A photo, a mask, two styles by the mask, kept colours, larger strokes."""
    photo = picture("content", "coffee")
    night, glass, wave = (
        picture("style", name) for name in ("starry_night", "rose_window", "great_wave")
    )
    saucer = ellipse(photo.shape, 0.70, 0.58, 0.52, 0.44)
    cup = np.maximum(saucer, ellipse(photo.shape, 0.73, 0.3, 0.31, 0.28))
    results = (
        stylize(photo, [(glass, 1.0, cup), (wave, 1.0, 255 - cup)]),
        stylize(photo, night, colors="luminance"),
        stylize(photo, night, style_scale=1.5),
    )
    mask = np.repeat(cup[..., None], 3, axis=-1)
    return contact_sheet([photo, mask, *(r.image for r in results)], 5, 300)


def methods() -> np.ndarray:
    """Photos by each method, every one in a style of its own."""
    rows = []
    for name, style in zip(PHOTOS, STYLES, strict=True):
        photo, painting = picture("content", name), picture("style", style)
        rows.append(painting)
        for method in METHODS:
            source = style if method == "feedforward" else painting
            rows.append(stylize(photo, source, method=method).image)
    return contact_sheet(rows, 1 + len(METHODS), 300)


def main() -> None:
    """Make the pictures that are named, or all."""
    makers = {maker.__name__: maker for maker in (first, gallery, control, methods)}
    for name in sys.argv[1:] or makers:
        save_image(makers[name](), ROOT / "docs" / f"{name}.jpg")


if __name__ == "__main__":
    main()
