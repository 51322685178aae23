"""What each choice does to a picture: one yardstick, and a sheet to look at.

    python benchmarks/quality.py
    python benchmarks/quality.py --data ../shared/data --size 256 --sheets FOLDER

Every pair of photo and style is painted at default settings and with one of them
changed. Printed are means over the pairs, of `nstlib.report`: content distance, the
part of the style distance that is left, total variation against that of photo and
style, distance of the colours from the style's. Beware: the report measures style by
Gram matrices, so it favours `style_statistic="gram"`; the sheets do not.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from nstlib import load_image, report, save_image, stylize
from nstlib.images import shrink
from nstlib.plotting import contact_sheet
from nstlib.statistics import STATISTICS

ROOT = Path(__file__).parents[1]
COURSE = [
    ("cat", "starry_night"),
    ("photographer", "great_wave"),
    ("coffee", "cubist_guitar"),
    ("rocket", "rose_window"),
]
CHOICES: dict[str, dict[str, Any]] = {
    "defaults (gram)": {},
    **{name: {"style_statistic": name} for name in STATISTICS[1:]},
    "pooling avg": {"pooling": "avg"},
    "border reflect": {"border": "reflect"},
    "margin 0": {"margin": 0},
    "margin 0, border zero": {"margin": 0, "border": "zero"},
    "adam": {"optimizer": "adam"},
    "adam, average .9": {"optimizer": "adam", "average": 0.9},
    "init content": {"init": "content"},
}


def pictures(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Pairs of files: those of the evaluation data, or the course's own."""
    if args.data:
        folders = [Path(args.data) / "eval" / name for name in ("content", "style")]
        photos, styles = (sorted(folder.glob("*.jpg")) for folder in folders)
        return list(zip(photos, styles, strict=False))
    content, style = ROOT / "images" / "content", ROOT / "images" / "style"
    return [(content / f"{one}.jpg", style / f"{two}.jpg") for one, two in COURSE]


def measure(picture: np.ndarray, photo: np.ndarray, style: np.ndarray) -> list[float]:
    """The columns of the table, for one picture."""
    found = report(picture, photo, style)
    usual = (found.photo_variation + found.style_variation) / 2
    return [
        found.content,
        100 * found.style_left,
        found.variation / usual,
        found.colors_from_style,
    ]


def main() -> None:
    """Paint every pair with every choice, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with eval/content and eval/style")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--only", nargs="+", choices=CHOICES, default=list(CHOICES))
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of each pair")
    args = parser.parse_args()
    rows: dict[str, list[list[float]]] = {name: [] for name in args.only}
    pairs = pictures(args)
    bar = tqdm(total=len(pairs) * len(rows), unit="picture")
    for photo_file, style_file in pairs:
        photo, style = load_image(photo_file), load_image(style_file)
        done = []
        for name in args.only:
            done.append(stylize(photo, style, size=args.size, **CHOICES[name]).image)
            rows[name].append(measure(done[-1], photo, style))
            bar.update()
        if args.sheets:
            small = shrink(style, args.size)
            name = f"{photo_file.stem}-{style_file.stem}.png"
            save_image(contact_sheet([small, *done], 4, args.size), args.sheets / name)
    bar.close()
    print(f"{'':24} content  style left  variation  colours")
    for name, values in rows.items():
        content, left, variation, colours = np.mean(values, axis=0)
        print(
            f"{name:24} {content:7.3f} {left:9.2f} % {variation:10.2f} {colours:8.1f}"
        )


if __name__ == "__main__":
    main()
