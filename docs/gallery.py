"""Make the pictures of the README from the course's own photos and paintings.

    python docs/gallery.py

Takes some minutes. Everything is at default settings, 512 px.
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


def main() -> None:
    """Paint every photo in every style, and join the pictures."""
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
