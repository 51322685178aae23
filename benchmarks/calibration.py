"""Measure how much stronger VGG19's losses are than those of MiniVGG, layer by layer.

    python benchmarks/calibration.py --data DATA --photo DATA/eval/content/tubingen.jpg

Printed is the table of `nstlib.recipes.calibration`. For a layer of blocks 1 to 3, the
content factor is mean (F − P)² in the exact VGG19, divided by that in MiniVGG. The
style factor is the same for mean (G/N − A/M)². Both are geometric means over the pairs
of photo and painting and over what a recipe may start from: gray, noise and a picture
(the painting for the content, the photo for the style). Behind them is by how much
single values differ from the mean at most.

For blocks 4 and 5 the exact VGG19 is not at hand. `LOG` holds what neural-style prints
for them in its first iteration. Its picture is gray then, so ``--photo``, which is
Tübingen as in its examples, gives the content factor of conv4_2. The style factor of
block 4 is the square of it, since Gram matrices are products of two activations. From
block 4 to block 5, the style loss falls as it does in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import Parser, add_data, add_sizes, command, file, pairs
from exact import weights_of

LOG = {
    "block4_conv2": 2091178.59 / 5,
    "block4_conv1": 12404635.0,
    "block5_conv1": 656.86,
}
"""github.com/jcjohnson/neural-style, INSTALL.md, iteration 1: the content loss without
its weight of 5; the style losses, whose ratio alone is used."""
LOG_SIZE = 512
SPREAD = 74  # of uniform noise from 0 to 255

Maps = Mapping[str, np.ndarray]


def maps_of(network: Any, tensor: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer as rows of activations, ``(N, C)``."""
    found = network(tensor)
    return {k: v.numpy().reshape(-1, v.shape[-1]) for k, v in found.items()}


def content(one: Maps, two: Maps) -> dict[str, float]:
    """Mean (F − P)² of each layer."""
    return {k: float(np.mean((one[k] - two[k]) ** 2)) for k in one}


def style(one: Maps, two: Maps) -> dict[str, float]:
    """Mean (G/N − A/M)² of each layer."""

    def gram(rows: np.ndarray) -> np.ndarray:
        return rows.T @ rows / len(rows)

    return {k: float(np.mean((gram(one[k]) - gram(two[k])) ** 2)) for k in one}


def distances(network: Any, photo: np.ndarray, painting: np.ndarray) -> np.ndarray:
    """Content and style distances from the three starts: ``(2, 3, layers)``."""
    from nstlib.preprocessing import preprocess

    p, a = (maps_of(network, preprocess(x)) for x in (photo, painting))
    shape = (1, *photo.shape)
    noise = np.random.default_rng(0).normal(0, SPREAD, shape).astype(np.float32)
    gray, noisy = (maps_of(network, x) for x in (np.zeros_like(noise), noise))
    rows = [
        [content(x, p) for x in (gray, noisy, a)],
        [style(x, a) for x in (gray, noisy, p)],
    ]
    return np.array([[list(x.values()) for x in row] for row in rows])


def shallow_factors(data: Path, size: int, layers: list[str]) -> None:
    """Print the factors of blocks 1 to 3."""
    from nstlib.images import load_image, resize
    from nstlib.vgg import load_network

    exact = load_network("vgg19", layers, precision="float32", weights=weights_of(data))
    mini = load_network("mini", layers, precision="float32")
    logs = []
    for photo_file, style_file in pairs(data):
        photo = load_image(photo_file, max_side=size)
        painting = resize(load_image(style_file), *photo.shape[:2])
        found = [distances(network, photo, painting) for network in (exact, mini)]
        logs.append(np.log(found[0] / found[1]))
    means = np.mean(logs, axis=(0, 2))
    spreads = np.abs(np.array(logs) - means[:, None]).max(axis=(0, 2))
    for name, mean, spread in zip(layers, means.T, spreads.T, strict=True):
        of_content, of_style = np.exp(mean)
        far = ", ".join(f"{x:.1f}" for x in np.exp(spread))
        show(name, of_content, of_style, f"  up to a factor of {far}")


def deep_factors(data: Path, photo_file: Path) -> None:
    """Print the factors of blocks 4 and 5."""
    from nstlib.images import load_image
    from nstlib.preprocessing import preprocess
    from nstlib.vgg import load_network

    mini = load_network("mini", list(LOG), precision="float32")
    photo = preprocess(load_image(photo_file, max_side=LOG_SIZE))
    gray = maps_of(mini, np.zeros_like(photo))
    here = content(maps_of(mini, photo), gray)["block4_conv2"]
    falls = []
    for _, style_file in pairs(data):
        tensor = preprocess(load_image(style_file, max_side=LOG_SIZE))
        there = style(maps_of(mini, tensor), maps_of(mini, np.zeros_like(tensor)))
        falls.append(there["block5_conv1"] / there["block4_conv1"])
    fourth = LOG["block4_conv2"] / here
    fall = LOG["block5_conv1"] / LOG["block4_conv1"]
    fifth = fourth**2 * fall / float(np.exp(np.mean(np.log(falls))))
    show("block4", fourth, fourth**2)
    show("block5", fifth**0.5, fifth)


def show(name: str, of_content: float, of_style: float, more: str = "") -> None:
    """Print one line of the table."""
    print(f"{name}: content {of_content:.4g}, style {of_style:.4g}{more}", flush=True)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and measure."""
    parser = Parser(__doc__)
    add_data(parser, "teachers and eval", required=True)
    add_sizes(parser, 256)
    parser.add_argument("--photo", type=file, help="Tübingen, for blocks 4 and 5")
    args = parser.parse_args(argv)
    from nstlib.vgg_plan import layer_names

    layers = [name for name in layer_names("mini") if name < "block4"]
    for size in args.sizes:
        print(f"{size} px")
        shallow_factors(args.data, size, layers)
    if args.photo:
        deep_factors(args.data, args.photo)


if __name__ == "__main__":
    main()
