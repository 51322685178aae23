"""Let the exact VGG19 judge pictures that were optimised with MiniVGG alone.

    python benchmarks/judge.py --data ../shared/data --sizes 256 384
    python benchmarks/judge.py --data ../shared/data --sizes 256 --teacher 4

The style distance of a layer is Σ(G/N − A/M)² / Σ(A/M)², with VGG19's own relu1_1,
relu2_1 and relu3_1. Printed: by how much it falls from the photo to the result.

With `--teacher`, the first pairs are also optimised with VGG19 itself (its first three
blocks), the content weight being searched until both results are equally far from the
photo at relu3_4. Needs the teacher file `teachers/vgg19_blocks1to3.npz`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from nstlib import load_image, load_network, preprocess, save_image, stylize
from nstlib.images import resize
from nstlib.losses import content_loss, gram_matrix, positions, style_loss

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1")
CONTENT = "block3_conv4"
SEARCHES = 5


class Judge:
    """Distances in the exact VGG19 for one photo and one style at one size."""

    def __init__(self, network, photo, style):
        self.network = network
        targets = network(preprocess(style))
        self.grams = {
            n: (gram_matrix(targets[n]), positions(targets[n])) for n in LAYERS
        }
        self.photo = network(preprocess(photo))
        self.before = self.style_distances(photo)

    def style_distances(self, picture) -> np.ndarray:
        """Relative style distance at each of LAYERS."""
        maps = self.network(preprocess(picture))
        return np.array([float(style_loss(maps[n], *self.grams[n])) for n in LAYERS])

    def content_distance(self, picture) -> float:
        """Relative distance to the photo at CONTENT."""
        maps = self.network(preprocess(picture))
        return float(content_loss(maps[CONTENT], self.photo[CONTENT]))

    def falls(self, picture) -> np.ndarray:
        """By how many per cent each style distance fell."""
        return 100 * (1 - self.style_distances(picture) / self.before)


def with_teacher(judge, photo, style, size, weights, wanted) -> np.ndarray:
    """Optimise with VGG19 itself, as far from the photo as `wanted`."""
    low, high = np.log(0.02), np.log(50.0)
    for _ in range(SEARCHES):
        weight = float(np.exp((low + high) / 2))
        picture = stylize(
            photo,
            style,
            size=size,
            network="vgg19",
            weights=weights,
            style_layers=LAYERS,
            content_layers=[CONTENT],
            content_weight=weight,
        ).image
        if judge.content_distance(picture) > wanted:
            low = np.log(weight)
        else:
            high = np.log(weight)
    return picture


def row(name, values) -> str:
    """One line of the table."""
    cells = "  ".join(f"{value:7.2f}" for value in [*values, np.mean(values)])
    return f"{name:58s} {cells}"


def judge_size(network, args, pairs, size) -> None:
    """Print the table of one size."""
    title = f"{size} px: fall of the style distance, %"
    print(f"{title:58s}  relu1_1  relu2_1  relu3_1     mean")
    table, taught = [], []
    for index, (photo_file, style_file) in enumerate(pairs):
        photo, style = load_image(photo_file), load_image(style_file, max_side=size)
        name = f"{photo_file.stem}-{style_file.stem}"
        result = stylize(photo, style, size=size).image
        judge = Judge(network, resize(photo, *result.shape[:2]), style)
        table.append(judge.falls(result))
        print(row(name, table[-1]), flush=True)
        if args.pictures:
            save_image(result, Path(args.pictures) / f"{name}-{size}.png")
        if index < args.teacher:
            wanted = judge.content_distance(result)
            other = with_teacher(judge, photo, style, size, args.weights, wanted)
            taught.append(judge.falls(other))
            distance = judge.content_distance(other)
            label = f"  with VGG19, content {distance:.3f} against {wanted:.3f}"
            print(row(label, taught[-1]), flush=True)
            if args.pictures:
                save_image(other, Path(args.pictures) / f"{name}-{size}-vgg19.png")
    print(row(f"mean of {len(table)} pairs, MiniVGG", np.mean(table, axis=0)))
    if taught:
        first = np.mean(table[: len(taught)], axis=0)
        print(row(f"mean of the first {len(taught)}, MiniVGG", first))
        print(row(f"mean of the first {len(taught)}, VGG19", np.mean(taught, axis=0)))


def main() -> None:
    """Read the command line and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with teachers/ and eval/")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256])
    parser.add_argument("--teacher", type=int, default=0, help="pairs for VGG19 too")
    parser.add_argument("--pictures", help="folder to keep the results in")
    parser.add_argument("--all", action="store_true", help="every photo × every style")
    parser.add_argument("--photos", nargs="+", help="only these photos, by name")
    args = parser.parse_args()
    data = Path(args.data)
    args.weights = str(data / "teachers" / "vgg19_blocks1to3.npz")
    photos = sorted((data / "eval" / "content").glob("*.jpg"))
    styles = sorted((data / "eval" / "style").glob("*.jpg"))
    pairs = list(zip(photos, styles, strict=False))
    if args.all:
        pairs = [(photo, style) for photo in photos for style in styles]
    if args.photos:
        pairs = [pair for pair in pairs if pair[0].stem in args.photos]
    network = load_network(
        "vgg19", [*LAYERS, CONTENT], precision="float32", weights=args.weights
    )
    for size in args.sizes:
        judge_size(network, args, pairs, size)


if __name__ == "__main__":
    main()
