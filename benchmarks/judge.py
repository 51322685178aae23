"""Let the exact VGG19 judge pictures that were optimized with MiniVGG alone.

    python benchmarks/judge.py --data DATA --sizes 256 384
    python benchmarks/judge.py --data DATA --sizes 256 --teacher 4
    python benchmarks/judge.py --data DATA --sizes 256 --quality quick --count 8
    python benchmarks/judge.py --data DATA --sizes 512 --set steps_per_scale=60,60,60

The style distance of a layer is Σ(G/N − A/M)² / Σ(A/M)², with VGG19's own relu1_1,
relu2_1 and relu3_1. It is printed by how many per cent it falls from the photo to the
result, for each pair of photo and painting and in the mean. The mean seconds of
processor time and the mean distance from the photo at relu3_4 are printed last.

With ``--teacher``, the first pairs are also optimized with VGG19 itself (its first
three blocks), the content weight being searched until both results are equally far from
the photo at relu3_4. The data must hold ``teachers/vgg19_blocks1to3.npz``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from common import (
    InputError,
    Parser,
    add_data,
    add_sizes,
    command,
    count,
    number,
    pairs,
)
from exact import CONTENT, LAYERS, Judge, load_exact, weights_of

if TYPE_CHECKING:
    from nstlib.vgg import FeatureExtractor

QUALITIES = ("quick", "normal", "best")
SEARCHES = 5


class Table:
    """Judges every pair at one size, and prints a line of each."""

    def __init__(self, network: FeatureExtractor, size: int, args: argparse.Namespace):
        self.network, self.size, self.args = network, size, args
        self.mini: list[np.ndarray] = []
        self.taught: list[np.ndarray] = []
        self.content: list[float] = []
        self.seconds: list[float] = []

    def add(self, photo_file: Path, style_file: Path) -> None:
        """Paint and judge one pair; the first ones with VGG19, too."""
        from nstlib import stylize
        from nstlib.images import load_image, resize

        args, size = self.args, self.size
        photo, style = load_image(photo_file), load_image(style_file, max_side=size)
        name = f"{photo_file.stem}-{style_file.stem}"
        began = time.process_time()
        result = stylize(photo, style, size=size, **chosen_settings(args)).image
        self.seconds.append(time.process_time() - began)
        judge = Judge(self.network, resize(photo, *result.shape[:2]), style)
        self.content.append(judge.content_distance(result))
        self.mini.append(judge.falls(result))
        show(name, self.mini[-1])
        self.keep(result, f"{name}-{size}.png")
        if len(self.taught) < args.teacher:
            wanted = judge.content_distance(result)
            other = self.with_teacher(judge, photo, style, wanted)
            self.taught.append(judge.falls(other))
            distance = judge.content_distance(other)
            label = f"  with VGG19, content {distance:.3f} against {wanted:.3f}"
            show(label, self.taught[-1])
            self.keep(other, f"{name}-{size}-vgg19.png")

    def with_teacher(
        self, judge: Judge, photo: np.ndarray, style: np.ndarray, wanted: float
    ) -> np.ndarray:
        """Optimize with VGG19 itself, as far from the photo as `wanted`."""
        from nstlib import stylize

        low, high = np.log(0.02), np.log(50.0)
        for _ in range(SEARCHES):
            weight = float(np.exp((low + high) / 2))
            picture = stylize(
                photo,
                style,
                size=self.size,
                **chosen_settings(self.args),
                network="vgg19",
                weights=str(weights_of(self.args.data)),
                style_layers=LAYERS,
                content_layers=[CONTENT],
                content_weight=weight,
            ).image
            if judge.content_distance(picture) > wanted:
                low = np.log(weight)
            else:
                high = np.log(weight)
        return picture

    def keep(self, picture: np.ndarray, name: str) -> None:
        """Save a picture, if there is a folder for it."""
        from nstlib.images import save_image

        if self.args.pictures:
            save_image(picture, self.args.pictures / name)

    def end(self) -> None:
        """Print the means."""
        show(f"mean of {len(self.mini)} pairs, MiniVGG", np.mean(self.mini, axis=0))
        if count := len(self.taught):
            first = np.mean(self.mini[:count], axis=0)
            show(f"mean of the first {count}, MiniVGG", first)
            show(f"mean of the first {count}, VGG19", np.mean(self.taught, axis=0))
        seconds, content = np.mean(self.seconds), np.mean(self.content)
        print(f"{seconds:.1f} s of processor time, content distance {content:.3f}")


def show(name: str, values: np.ndarray) -> None:
    """Print one line of the table."""
    cells = "  ".join(f"{value:7.2f}" for value in [*values, np.mean(values)])
    print(f"{name:58s} {cells}", flush=True)


def chosen_settings(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line asks for."""
    from nstlib.settings import parse_settings

    steps = {} if args.steps is None else {"steps": args.steps}
    return {"quality": args.quality, **steps, **parse_settings(args.set)}


def chosen(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """The pairs that the command line asks for."""
    found = pairs(args.data, args.all)
    if args.photos:
        found = [pair for pair in found if pair[0].stem in args.photos]
        if not found:
            raise InputError(f"no photo is named {' or '.join(args.photos)}.")
    return found[: args.count]


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and judge."""
    parser = Parser(__doc__)
    add_data(parser, "teachers and eval", required=True)
    add_sizes(parser, 256)
    add = parser.add_argument
    add("--steps", type=count, help="evaluations for each picture")
    add("--quality", choices=QUALITIES, default="normal", help="of what is painted")
    add("--set", nargs="*", default=[], metavar="key=value", help="other settings")
    add("--teacher", type=number, default=0, help="so many pairs with VGG19, too")
    add("--pictures", type=Path, help="folder to keep the results in")
    add("--all", action="store_true", help="every photo × every style")
    add("--photos", nargs="+", metavar="NAME", help="only these photos")
    add("--count", type=count, help="only so many pairs")
    args = parser.parse_args(argv)
    files = chosen(args)
    network = load_exact(args.data)
    for size in args.sizes:
        title = f"{size} px: fall of the style distance, %"
        print(f"{title:58s}  relu1_1  relu2_1  relu3_1     mean")
        table = Table(network, size, args)
        for photo, style in files:
            table.add(photo, style)
        table.end()


if __name__ == "__main__":
    main()
