"""Make the pictures of the README from the course's own photos and paintings.

    python docs/gallery.py

Takes some minutes. Everything is 512 px, and at default settings but for the row of
the creative control.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from nstlib import load_image, save_image, stylize
from nstlib.plotting import contact_sheet

ROOT = Path(__file__).parents[1]
PHOTOS = ("cat", "photographer", "coffee", "rocket")
STYLES = ("starry_night", "great_wave", "rose_window", "cubist_guitar")
FIRST = ("cat", "starry_night")


def picture(folder: str, name: str) -> np.ndarray:
    """A bundled picture."""
    return load_image(next((ROOT / "images" / folder).glob(f"{name}.*")))


def ellipse(shape, x, y, across, down):
    """A mask (H, W), 0–255, soft at its edge; all numbers in heights of the photo."""
    rows, columns = np.indices(shape[:2]) / shape[0]
    r = np.hypot((columns - x) / across, (rows - y) / down)
    return 255 * np.clip(12 * (1 - r) + 0.5, 0, 1)


def control() -> list[np.ndarray]:
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
    return [photo, mask, *(result.image for result in results)]


def main() -> None:
    """Paint every photo in every style, and join the pictures."""
    save_image(contact_sheet(control(), 5, 300), ROOT / "docs" / "control.jpg")
    photos = [picture("content", name) for name in PHOTOS]
    styles = [picture("style", name) for name in STYLES]
    white = np.full_like(photos[0], 255)
    rows = [[white, *styles]]
    bar = tqdm(total=len(photos) * len(styles), unit="picture")
    for photo in photos:
        rows.append([photo])
        for style in styles:
            rows[-1].append(stylize(photo, style).image)
            bar.update()
    sheet = contact_sheet([p for row in rows for p in row], len(styles) + 1, 300)
    save_image(sheet, ROOT / "docs" / "gallery.jpg")
    photo, style = (
        picture(folder, name)
        for folder, name in zip(("content", "style"), FIRST, strict=True)
    )
    done = rows[1 + PHOTOS.index(FIRST[0])][1 + STYLES.index(FIRST[1])]
    save_image(contact_sheet([photo, style, done], 3, 400), ROOT / "docs" / "first.jpg")


if __name__ == "__main__":
    main()
