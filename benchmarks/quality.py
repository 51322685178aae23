"""Show what each choice does to a picture: one yardstick, and a sheet to look at.

    python benchmarks/quality.py
    python benchmarks/quality.py --data DATA --size 256 --sheets FOLDER

Every pair of photo and style is painted at default settings and with one of them
changed. Printed are means over the pairs, of `nstlib.report`: the content distance, the
part of the style distance that is left, the total variation against that of photo and
style, and the distance of the colors from the style's. Beware: the report measures
style by Gram matrices, so it favors ``style_statistic="gram"``; the sheets do not.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import Parser, add_data, command, count, pairs

CHOICES: dict[str, dict[str, Any]] = {
    "defaults (gram)": {},
    "moments": {"style_statistic": "moments"},
    "wasserstein": {"style_statistic": "wasserstein"},
    "histogram": {"style_statistic": "histogram"},
    "sliced": {"style_statistic": "sliced"},
    "pooling avg": {"pooling": "avg"},
    "border reflect": {"border": "reflect"},
    "margin 0": {"margin": 0},
    "margin 0, border zero": {"margin": 0, "border": "zero"},
    "adam": {"optimizer": "adam"},
    "adam, average .9": {"optimizer": "adam", "average": 0.9},
    "init content": {"init": "content"},
}
Rows = dict[str, list[list[float]]]


def measure(picture: np.ndarray, photo: np.ndarray, style: np.ndarray) -> list[float]:
    """The columns of the table, for one picture."""
    from nstlib import report

    found = report(picture, photo, style)
    usual = (found.photo_variation + found.style_variation) / 2
    return [
        found.content,
        100 * found.style_left,
        found.variation / usual,
        found.colors_from_style,
    ]


def paint_all(args: argparse.Namespace, files: list[tuple[Path, Path]]) -> Rows:
    """Paint every pair with every choice; the columns of the table, by choice."""
    from tqdm import tqdm

    from nstlib import stylize
    from nstlib.images import contact_sheet, load_image, save_image, shrink
    from nstlib.settings import Settings

    rows: Rows = {name: [] for name in args.only}
    usual = Settings(size=args.size, steps=args.steps)
    bar = tqdm(total=len(files) * len(rows), unit="picture")
    for photo_file, style_file in files:
        photo, style = load_image(photo_file), load_image(style_file)
        done = []
        for name in args.only:
            done.append(stylize(photo, style, usual, **CHOICES[name]).image)
            rows[name].append(measure(done[-1], photo, style))
            bar.update()
        if args.sheets:
            small = shrink(style, args.size)
            name = f"{photo_file.stem}-{style_file.stem}.png"
            save_image(contact_sheet([small, *done], 4, args.size), args.sheets / name)
    bar.close()
    return rows


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Paint every pair with every choice, and print the table."""
    parser = Parser(__doc__)
    add_data(parser, "eval/content and eval/style")
    parser.add_argument("--size", type=count, default=256, help="longer side")
    parser.add_argument("--steps", type=count, default=300, help="evaluations")
    parser.add_argument("--count", type=count, help="only so many pairs")
    parser.add_argument("--only", nargs="+", choices=CHOICES, default=list(CHOICES))
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of each pair")
    args = parser.parse_args(argv)
    rows = paint_all(args, pairs(args.data)[: args.count])
    print(f"{'':24} content  style left  variation  colors")
    for name, values in rows.items():
        content, left, variation, colors = np.mean(values, axis=0)
        print(f"{name:24} {content:7.3f} {left:9.2f} % {variation:10.2f} {colors:8.1f}")


if __name__ == "__main__":
    main()
