"""Train AdaIN's decoder with a balanced style loss, on a graphics card.

    python training/train_adain.py --data D --run R

Half of each batch is decoded as it is, and must give back the picture. The other half
gets the means and deviations of a painting's or texture's channels first (Huang &
Belongie 2017, eq. 8), must give the same features when it is encoded again, and must
have the painting's style. The style loss of each layer is divided by its largest
possible value, so that no painting counts more than another (Cheng et al. 2021).

``decoder.npz`` and ``preview.jpg`` are written ten times. Needs PyTorch.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from shared import Parser, command, file, load_crops, number, save_arrays
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
NAMES = ("pixel", "feature", "style", "tv")
SAMPLE = 256  # crops that show how much the features vary

Maps = Mapping[str, torch.Tensor]


def adain(content: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Content with the style's means and deviations (Huang & Belongie 2017, eq. 8)."""
    (mu, sigma), (nu, tau) = moments(content), moments(style)
    return (content.float() - mu) / sigma * tau + nu


def balanced(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared distance over its upper bound (Cheng et al. 2021, eq. 6), 0–1."""
    distance = (found - wanted).square().flatten(1).sum(1)
    bound = found.square().flatten(1).sum(1) + wanted.square().flatten(1).sum(1)
    return (distance / bound).mean()


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

    def style(
        self, made: torch.Tensor, found: Maps, paintings: torch.Tensor, wanted: Maps
    ) -> torch.Tensor:
        """Balanced distances of the Gram matrices, the mean over layers."""
        pairs = [(found[name], wanted[name]) for name in (*BELOW, LEVEL)]
        if self.vgg:
            exact = feature_maps(self.vgg, made, set(BELOW))
            with torch.no_grad():
                goals = feature_maps(self.vgg, paintings, set(BELOW))
            pairs += [(exact[name], goals[name]) for name in BELOW]
        return total(balanced(grams(a), grams(b)) for a, b in pairs) / len(pairs)


def make_step(
    args: argparse.Namespace, encoder: Encoder, trained: Maps, data: Maps
) -> Step:
    """One step: half of the pictures as they are, half in the style of a painting."""
    half = args.batch // 2
    decoder = {**encoder.fixed, **trained}

    def step() -> torch.Tensor:
        photos = views(data["photo"], args.batch, args.side)
        paintings = views(data["style"], args.batch - half, args.side)
        # A decoder of photos alone would not know the features of paintings.
        plain = torch.cat([photos[: half // 2], paintings[: half - half // 2]])
        pictures = torch.cat([plain, photos[half:]])
        with torch.no_grad():
            maps, wanted = encoder(pictures), encoder(paintings)
            content = maps[LEVEL][half:].float()
            share = 1 - 0.5 * torch.rand(len(content), 1, 1, 1, device=args.device)
            share[::2] = 1
            goal = share * adain(content, wanted[LEVEL]) + (1 - share) * content
            target = torch.cat([maps[LEVEL][:half].float(), goal])
        made = PIXEL_SCALE * decode(decoder, target, LEVEL)
        found = encoder(made)
        pixel = mean_square((made - pictures)[:half] / PIXEL_SCALE)
        feature = encoder.error(LEVEL, found[LEVEL], target)
        for name in BELOW:
            lower = encoder.error(name, found[name][:half], maps[name][:half])
            feature = feature + 0.3 * lower
        painted = {name: value[half:] for name, value in found.items()}
        style = encoder.style(
            made[half::2],
            {name: value[::2] for name, value in painted.items()},
            paintings[::2],
            {name: value[::2] for name, value in wanted.items()},
        )
        tv = variation(made[half:])
        weighted = args.style_weight * style, args.tv_weight * tv
        return torch.stack([pixel, feature, *weighted])

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
    add("--style-weight", type=float, default=10.0)
    add("--tv-weight", type=float, default=1.0)
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
