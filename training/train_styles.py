"""Train one transformer for several paintings, on a graphics card.

    python training/train_styles.py --data D --run R images/style/*.jpg

The network shares its kernels among all paintings; each painting has its own scales and
offsets in the normalization (Dumoulin, Shlens & Kudlur 2017). The loss compares Gram
matrices in MiniVGG and, where the teacher VGG19 is at hand, in its blocks 1 to 3, and
the content in MiniVGG. Blocks 4 and 5, which see large shapes, count three times as
much as the others. Grain is added to the photos that the network sees, so that it
learns to make strokes in plain areas. To be stable in films, it must paint a photo
alike when it is shifted, zoomed or noisy.

``styles.npz`` and ``preview.jpg`` are written ten times. Needs PyTorch.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from shared import Parser, command, file, load_crops, number, save_arrays
from torch.nn import functional as F
from torch_networks import (
    Tensors,
    deprocessed,
    feature_maps,
    grams,
    mean_square,
    preprocessed,
    tensors,
    total,
    transform,
    variation,
)
from torch_training import Step, add_options, start, train, vgg19, views, warped

from nstlib.archives import read_arrays
from nstlib.data import DATA
from nstlib.feedforward import GRAIN, OCTAVES, PAINTING, SCALE, random_transformer
from nstlib.vgg_plan import FIRST_CONVS

CONTENT = ("block3_conv3", "block4_conv2")
BLOCKS_OF_VGG = FIRST_CONVS[:3]  # VGG19's deeper blocks are not at hand
DEEP = 3.0  # weight of the style in blocks 4 and 5, beside 1 in the others
NAMES = ("content", "style", "tv", "unstable")
SHIFT = 4  # pixels
RIM = 16  # pixels at the border that are not compared: they depend on what is cut off


def painting_of(path: Path, side: int, device: str) -> torch.Tensor:
    """A painting with this longer side, preprocessed, ``(1, 3, h, w)``."""
    with Image.open(path) as image:
        image = image.convert("RGB")
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        rgb = np.asarray(image)
    return preprocessed(torch.tensor(rgb[None].copy(), device=device))


class Judges:
    """The networks whose feature maps are compared, and the paintings' matrices."""

    def __init__(self, args: argparse.Namespace):
        device, paths = args.device, args.paintings
        self.mini = tensors(read_arrays(DATA / "minivgg.npz"), device)
        self.vgg = {} if args.mini_only else vgg19(args)
        side = round(PAINTING * args.side)
        goals = [
            self.style_maps(painting_of(path, side, device), 0)[0] for path in paths
        ]
        self.goals = {
            name: torch.cat([grams(maps[name]) for maps in goals]) for name in goals[0]
        }

    def style_maps(self, pictures: torch.Tensor, since: int) -> tuple[Tensors, Tensors]:
        """Maps that show style, by network and layer; and maps that show content.

        VGG19 is slow: it sees only the pictures from number ``since`` on.
        """
        maps = feature_maps(self.mini, pictures, {*FIRST_CONVS, *CONTENT})
        found = {f"mini/{name}": maps[name] for name in FIRST_CONVS}
        if self.vgg:
            exact = feature_maps(self.vgg, pictures[since:], BLOCKS_OF_VGG)
            found |= {f"vgg/{name}": maps for name, maps in exact.items()}
        return found, {name: maps[name] for name in CONTENT}

    def losses(
        self, made: torch.Tensor, photos: torch.Tensor, styles: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Content and style loss, relative as in `nstlib.losses`, without weights."""
        maps, content = self.style_maps(made, len(made) // 2)
        with torch.no_grad():
            wanted = feature_maps(self.mini, photos, set(CONTENT))
        away = [relative(content[name], wanted[name]) for name in CONTENT]
        weights = {n: DEEP if n.endswith(FIRST_CONVS[3:]) else 1.0 for n in maps}
        style = [
            weights[name]
            * relative_to_each(grams(found), self.goals[name][styles[-len(found) :]])
            for name, found in maps.items()
        ]
        return torch.stack(away).mean(), total(style) / sum(weights.values())


def relative(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared distance over the squared size of what is wanted, over a whole batch.

    The maps of a single picture of one plain color can be zero everywhere.
    """
    found, wanted = found.float(), wanted.float()
    return (found - wanted).square().sum() / wanted.square().sum()


def relative_to_each(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The same for every matrix ``(batch, C, C)`` on its own, and their mean."""
    distance = (found - wanted).square().sum((1, 2))
    return (distance / wanted.square().sum((1, 2))).mean()


def grain(count: int, side: int, device: str) -> torch.Tensor:
    """Noise with grains of several sizes, as in `nstlib.feedforward.grain`."""
    layers = [torch.randn(count, 3, side, side, device=device)]
    for octave in range(1, OCTAVES):
        coarse = -(-side // 2**octave)
        noise = torch.randn(count, 3, coarse, coarse, device=device)
        layers.append(1.5 * F.interpolate(noise, size=(side, side), mode="bilinear"))
    return torch.stack(layers).sum(0) / math.sqrt(OCTAVES)


def shaken(
    pictures: torch.Tensor, made: torch.Tensor, args: argparse.Namespace
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures shifted or zoomed, with noise, and what was made of them moved alike.

    Args:
        pictures: photos, ``(batch, 3, H, W)``.
        made: what the network makes of them.
        args: ``noise`` is its largest deviation, in levels.
    """
    count, device = len(pictures), pictures.device
    zoomed = (torch.rand(count, device=device) < 0.3).float()
    zoom = 1 + zoomed * 0.06 * (torch.rand(count, device=device) - 0.5)
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0] = theta[:, 1, 1] = zoom
    shift = torch.randint(-SHIFT, SHIFT + 1, (count, 2), device=device)
    theta[:, :, 2] = 2 * shift / pictures.shape[2]
    moved, goal = warped(pictures, theta), warped(made, theta)
    level = args.noise * torch.rand(count, 1, 1, 1, device=device)
    return moved + level * torch.randn_like(moved), goal


def make_step(
    args: argparse.Namespace,
    judges: Judges,
    crops: torch.Tensor,
    trained: Tensors,
    batch: int,
    side: int,
) -> Step:
    """One step: photos in all styles, each style equally often."""
    order = torch.arange(batch, device=args.device) % len(args.paintings)
    half = (batch + 1) // 2

    def step() -> torch.Tensor:
        photos = views(crops, batch, side)
        # A part of one plain color would have an infinite slope in the normalization.
        photos = photos + torch.randn_like(photos)
        # Another half of the styles is shaken in each step.
        styles = order[torch.rand(batch, device=args.device).argsort()]
        levels = args.grain * torch.rand(batch, 1, 1, 1, device=args.device)
        seen = photos + levels * grain(batch, side, args.device)
        made = transform(trained, seen, styles)
        content, style = judges.losses(made, photos, styles)
        moved, goal = shaken(seen[:half], made[:half], args)
        again = transform(trained, moved, styles[:half])
        rim = slice(RIM, -RIM)
        unstable = mean_square((again - goal)[..., rim, rim] / SCALE)
        return torch.stack(
            [
                content,
                args.style_weight * style,
                args.tv_weight * variation(made),
                args.stability * unstable,
            ]
        )

    return step


def sheet(trained: Tensors, photos: torch.Tensor, styles: int) -> np.ndarray:
    """One row for each photo: the photo, then each style."""
    rows = [deprocessed(photos)]
    with torch.no_grad():
        for style in range(styles):
            index = torch.full((len(photos),), style, device=photos.device)
            rows.append(deprocessed(transform(trained, photos, index)))
    return np.concatenate([np.concatenate(list(row), 0) for row in rows], 1)


def first_arrays(styles: int, seed: int, begin: Path | None) -> dict[str, np.ndarray]:
    """Parameters of an untrained network, or of one for as many paintings."""
    if begin is not None:
        return read_arrays(begin)
    return {
        key: value if key.endswith("/kernel") else np.tile(value, (styles, 1))
        for key, value in random_transformer(seed).items()
    }


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = Parser(__doc__)
    add_options(parser, minutes=8, batch=10, peak=1e-3)
    add = parser.add_argument
    add("paintings", nargs="+", type=file)
    add("--side", type=number, default=256, help="side of the photos, by default 256")
    add("--style-weight", type=float, default=45.0)
    add("--grain", type=float, default=GRAIN, help="largest deviation, gray levels")
    add("--tv-weight", type=float, default=3.0)
    add("--stability", type=float, default=15.0)
    add("--noise", type=float, default=3.0)
    add("--mini-only", action="store_true", help="compare in MiniVGG only")
    add("--start", type=file, help="styles.npz to go on from")
    args = parser.parse_args(argv)
    start(args)
    crops, held_out = photos_of(args)
    begin = first_arrays(len(args.paintings), args.seed, args.start)
    trained = tensors(begin, args.device, trained=True)
    shown = preprocessed(held_out[: 6 if args.device != "cpu" else 2])

    def keep() -> None:
        arrays = {k: v.detach().cpu().numpy() for k, v in trained.items()}
        save_arrays(
            args.run / "styles.npz", {k: np.float16(v) for k, v in arrays.items()}
        )
        picture = Image.fromarray(sheet(trained, shown, len(args.paintings)))
        picture.save(args.run / "preview.jpg", quality=90)

    judges = Judges(args)
    # Small parts first: more steps in the same time, and the colors are learned there.
    phases = [
        (share, make_step(args, judges, crops, trained, batch, side))
        for share, batch, side in (
            (0.25, 2 * args.batch, args.side // 2),
            (1.0, args.batch, args.side),
        )
    ]
    train(args, trained, phases, NAMES, keep)


def photos_of(args: argparse.Namespace) -> tuple[torch.Tensor, torch.Tensor]:
    """The photos among the crops, to train on and held out, on the device."""
    every = load_crops(args.data, ["photo"])
    return tuple(torch.tensor(crops, device=args.device) for crops in every)


if __name__ == "__main__":
    main()
