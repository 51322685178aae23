"""Let two networks judge every method: MiniVGG, and the exact VGG19.

    python benchmarks/judged_methods.py --data DATA
    python benchmarks/judged_methods.py --data DATA --photos cat --pictures FOLDER

The fast methods were made for MiniVGG, and the optimization makes a loss of MiniVGG
small. So MiniVGG's verdict favors them. Each method repaints photos of the course, each
in all of its paintings. Printed is how many per cent of the photo's style distance is
left, the mean over the pairs and over three layers, relu1_1, relu2_1 and relu3_1, once
in MiniVGG and once in VGG19; and how far the picture is from the photo at VGG19's
relu3_4. The data must hold ``teachers/vgg19_blocks1to3.npz``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from common import IMAGES, Parser, add_data, command, count, pictures_in
from every_method import METHODS, repaint
from exact import LAYERS, Judge, load_exact

PHOTOS = ("cat", "coffee")


def judged(args: argparse.Namespace) -> Iterator[tuple[str, list[float]]]:
    """Paint every pair with every method: its name, and what the judges say."""
    from nstlib import find_picture, load_image, load_network, save_image

    networks = [load_network("mini", LAYERS, precision="float32")]
    networks.append(load_exact(args.data))
    for photo_name in args.photos:
        photo = load_image(find_picture(photo_name), max_side=args.size)
        for painting in pictures_in(IMAGES / "style")[: args.count]:
            style = load_image(painting, max_side=args.size)
            judges = [Judge(network, photo, style) for network in networks]
            for name in args.methods:
                picture = repaint(name, photo, painting, size=max(photo.shape)).image
                left = [float(np.mean(judge.left(picture))) for judge in judges]
                yield name, [*left, judges[1].content_distance(picture)]
                if args.pictures:
                    file = f"{photo_name}-{painting.stem}-{name}.png"
                    save_image(picture, args.pictures / file)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Paint, and print the table."""
    parser = Parser(__doc__)
    add_data(parser, "teachers", required=True)
    add = parser.add_argument
    add("--size", type=count, default=256, help="longer side")
    add("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    add("--photos", nargs="+", metavar="NAME", default=PHOTOS)
    add("--count", type=count, help="only so many paintings")
    add("--pictures", type=Path, help="folder to keep the results in")
    args = parser.parse_args(argv)
    rows: dict[str, list[list[float]]] = {name: [] for name in args.methods}
    for name, values in judged(args):
        rows[name].append(values)
    pairs = len(rows[args.methods[0]])
    print(f"{args.size} px, {pairs} pairs: style that is left")
    print(f"{'':12}   MiniVGG     VGG19   VGG19's distance from the photo")
    for name, found in rows.items():
        mini, exact, content = np.mean(found, axis=0)
        print(f"{name:12} {mini:7.1f} % {exact:7.1f} % {content:9.3f}")


if __name__ == "__main__":
    main()
