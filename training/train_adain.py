"""Train AdaIN's decoder with a balanced style loss, on a graphics card.

    python training/train_adain.py --data D --run R

A quarter of each batch is decoded as it is, and must give back the picture. The rest
gets the means and deviations of a painting's or texture's channels first (Huang &
Belongie 2017, eq. 8), must give the same features when it is encoded again, and must
have the painting's style. The style loss of each layer is divided by its largest
possible value, so that no painting counts more than another (Cheng et al. 2021).

Two more losses are against known faults. The colors are compared as distributions,
along random directions, so that no hue comes in that the painting lacks. And where a
decoder doubles the sides, it can leave a grid whose period is 2, 4 or 8 pixels. A
network that pools in step with this grid does not see it. So the style is compared
after a random shift, and every place in a cell of the grid must have as much detail as
the others.

``decoder.npz`` and ``preview.jpg`` are written ten times. Needs PyTorch.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from shared import Parser, command, file, load_crops, number, save_arrays
from torch.nn import functional as F
from torch_networks import (
    PIXEL_SCALE,
    decode,
    deprocessed,
    feature_maps,
    grams,
    mean_square,
    moments,
    preprocessed,
    tensors,
    total,
    variation,
)
from torch_training import Step, add_options, start, train, vgg19, views

from nstlib.archives import read_arrays
from nstlib.data import DATA
from nstlib.decoders import LEVELS, random_decoder
from nstlib.vgg_plan import MINI_WIDTHS

LEVEL = "block4_conv1"
BELOW = LEVELS[: LEVELS.index(LEVEL)]
NAMES = ("pixel", "feature", "style", "color", "grid", "tv")
WEIGHTS = (1.0, 0.5, 30.0, 4.0, 10.0, 0.5)
SAMPLE = 256  # crops that show how much the features vary
STRIDE = 8  # pixels of the picture for one position of LEVEL
DIRECTIONS = 16  # in color space

Maps = Mapping[str, torch.Tensor]


def adain(content: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Content with the style's means and deviations (Huang & Belongie 2017, eq. 8)."""
    (mu, sigma), (nu, tau) = moments(content), moments(style)
    return (content.float() - mu) / sigma * tau + nu


def balanced(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared distance over its upper bound (Cheng et al. 2021, eq. 6), 0–1."""
    distance = (found - wanted).square().flatten(1).sum(1)
    bound = found.square().flatten(1).sum(1) + wanted.square().flatten(1).sum(1)
    return (distance / bound.detach()).mean()


def shifted(*batches: torch.Tensor) -> list[torch.Tensor]:
    """Cut the same random edges off, STRIDE pixels in all, of each batch."""
    side, device = batches[0].shape[-1], batches[0].device
    found = list(batches)
    for axis in (2, 3):
        first = torch.randint(STRIDE, (1,), device=device)
        places = first + torch.arange(side - STRIDE, device=device)
        found = [batch.index_select(axis, places) for batch in found]
    return found


def color_distance(made: torch.Tensor, paintings: torch.Tensor) -> torch.Tensor:
    """Squared distance of the colors' distributions, in units of PIXEL_SCALE.

    It is the sliced Wasserstein distance: the colors are projected on random
    directions, and the sorted projections are compared.
    """
    directions = torch.randn(DIRECTIONS, 3, device=made.device)
    directions = directions / directions.norm(dim=1, keepdim=True)

    def projected(pictures: torch.Tensor) -> torch.Tensor:
        colors = F.avg_pool2d(pictures, 4).flatten(2) / PIXEL_SCALE
        return (directions @ colors).sort(dim=2).values

    return 3 * mean_square(projected(made) - projected(paintings))


def unevenness(pictures: torch.Tensor) -> torch.Tensor:
    """How much the amount of detail depends on the place in a cell of the grid, ≥ 0.

    The relative variance of three kinds of detail over the STRIDE² places, the mean
    over pictures. A grid shows in it even where its signs differ from cell to cell.
    """
    around = F.avg_pool2d(F.pad(pictures, (2, 2, 2, 2), mode="replicate"), 5, 1)
    details = (
        pictures - around,
        F.pad(pictures.diff(dim=2), (0, 0, 0, 1)),
        F.pad(pictures.diff(dim=3), (0, 1, 0, 0)),
    )
    losses = []
    for detail in details:
        amount = detail.square().mean(1)
        rows, columns = (side // STRIDE for side in amount.shape[1:])
        places = amount.reshape(-1, rows, STRIDE, columns, STRIDE).mean((1, 3))
        variance, mean = torch.var_mean(places, (1, 2), correction=0)
        losses.append((variance / (mean.square() + 1)).mean())
    return total(losses)


class Encoder:
    """MiniVGG's maps at `LEVELS` up to LEVEL, VGG19's, and how much they vary."""

    def __init__(self, args: argparse.Namespace, crops: torch.Tensor):
        self.mini = tensors(read_arrays(DATA / "minivgg.npz"), args.device)
        self.vgg = vgg19(args)
        maps = self(preprocessed(crops[:: max(1, len(crops) // SAMPLE)]))
        self.variance = {
            name: value.float().var((0, 2, 3), keepdim=True) + 1e-3
            for name, value in maps.items()
        }
        self.fixed = {
            "mean": maps[LEVEL].float().mean((0, 2, 3)),
            "spread": self.variance[LEVEL].flatten().sqrt(),
        }

    def __call__(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        """Maps of MiniVGG at the levels up to LEVEL."""
        return feature_maps(self.mini, pictures, {*BELOW, LEVEL})

    def error(
        self, name: str, found: torch.Tensor, wanted: torch.Tensor
    ) -> torch.Tensor:
        """Mean squared difference, in units of the layer's variance."""
        variance = self.variance[name]
        difference = (found.float() - wanted.float()).square()
        return (difference / (variance + variance.mean() / 4)).mean()

    def style(self, made: torch.Tensor, paintings: torch.Tensor) -> torch.Tensor:
        """Balanced distances of the Gram matrices, the mean over layers."""
        losses = []
        networks = [(self.mini, {*BELOW, LEVEL})]
        if self.vgg:
            networks.append((self.vgg, {*BELOW}))
        for network, layers in networks:
            found = feature_maps(network, made, layers)
            with torch.no_grad():
                wanted = feature_maps(network, paintings, layers)
            losses += [balanced(grams(found[k]), grams(wanted[k])) for k in layers]
        return total(losses) / len(losses)


def make_step(
    args: argparse.Namespace, encoder: Encoder, trained: Maps, data: Maps
) -> Step:
    """One step: some pictures as they are, the others in the style of a painting."""
    plain = args.batch // 4
    decoder = {**encoder.fixed, **trained}

    def step() -> torch.Tensor:
        photos = views(data["photo"], args.batch, args.side)
        paintings = views(data["style"], args.batch - plain, args.side)
        # A decoder of photos alone would not know the features of paintings.
        pictures = torch.cat([paintings[: plain // 2], photos[plain // 2 :]])
        with torch.no_grad():
            maps, wanted = encoder(pictures), encoder(paintings)
            content = maps[LEVEL][plain:].float()
            share = torch.rand(len(content), 1, 1, 1, device=args.device)
            share[len(content) // 4 :] = 1  # the whole style, but for every fourth
            goal = share * adain(content, wanted[LEVEL]) + (1 - share) * content
            target = torch.cat([maps[LEVEL][:plain].float(), goal])
        made = PIXEL_SCALE * decode(decoder, target, LEVEL)
        found = encoder(made)
        pixel = mean_square((made - pictures)[:plain] / PIXEL_SCALE)
        lower = [
            encoder.error(name, found[name][:plain], maps[name][:plain])
            for name in BELOW
        ]
        feature = encoder.error(LEVEL, found[LEVEL], target) + 0.3 * total(lower)
        pairs = [x[len(content) // 4 :] for x in (made[plain:], paintings)]
        return torch.stack(
            [
                args.pixel_weight * pixel,
                args.feature_weight * feature,
                args.style_weight * encoder.style(*shifted(*pairs)),
                args.color_weight * color_distance(*pairs),
                args.grid_weight * unevenness(made),
                args.tv_weight * variation(made[plain:]),
            ]
        )

    return step


def sheet(
    encoder: Encoder, trained: Maps, photos: torch.Tensor, paintings: torch.Tensor
) -> np.ndarray:
    """Columns: photo, decoded as it is, painting, decoded in its style."""
    decoder = {**encoder.fixed, **trained}
    with torch.no_grad():
        features, style = encoder(photos)[LEVEL], encoder(paintings)[LEVEL]
        plain = PIXEL_SCALE * decode(decoder, features, LEVEL)
        styled = PIXEL_SCALE * decode(decoder, adain(features, style), LEVEL)
    columns = [deprocessed(x) for x in (photos, plain, paintings, styled)]
    return np.concatenate([np.concatenate(list(c), 0) for c in columns], 1)


def unfolded(shipped: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A decoder that ships gives gray levels; one in training, units of PIXEL_SCALE."""
    last = {
        k: v / PIXEL_SCALE for k, v in shipped.items() if k.startswith("block1_conv2/")
    }
    return shipped | last


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = Parser(__doc__)
    add_options(parser, minutes=8, batch=16, peak=1e-3)
    add = parser.add_argument
    add("--side", type=number, default=256, help="side of the pictures")
    for name, weight in zip(NAMES, WEIGHTS, strict=True):
        add(f"--{name}-weight", type=float, default=weight)
    add("--start", type=file, help="decoder that ships, to go on from")
    args = parser.parse_args(argv)
    start(args)
    kinds = {"photo": ["photo"], "style": ["painting", "texture"]}
    split = {key: load_crops(args.data, kind) for key, kind in kinds.items()}
    data = {k: torch.tensor(v[0], device=args.device) for k, v in split.items()}
    held = [
        preprocessed(torch.tensor(split[key][1][:8], device=args.device))
        for key in kinds
    ]
    count = min(map(len, held))
    encoder = Encoder(args, data["photo"])
    begin = random_decoder(LEVEL, MINI_WIDTHS[3], args.seed)
    if args.start:
        begin = unfolded(read_arrays(args.start))
        encoder.fixed = tensors({k: begin[k] for k in encoder.fixed}, args.device)
    trained = tensors({k: v for k, v in begin.items() if "/" in k}, args.device, True)

    def keep() -> None:
        arrays = {k: v.detach().cpu().numpy() for k, v in trained.items()}
        fixed = {k: v.cpu().numpy() for k, v in encoder.fixed.items()}
        save_arrays(args.run / "decoder.npz", arrays | fixed)
        picture = sheet(encoder, trained, *(h[:count] for h in held))
        Image.fromarray(picture).save(args.run / "preview.jpg", quality=90)

    step = make_step(args, encoder, trained, data)
    train(args, trained, [(1.0, step)], NAMES, keep)


if __name__ == "__main__":
    main()
