"""Train a decoder: from the feature maps of one layer of MiniVGG back to a picture.

    python training/train_decoder.py --data D --run R --level block4_conv1
    python training/train_decoder.py --data D --run S --level block4_conv1 --style 3 \\
        --peak 5e-4 --start R/decoder.npz

Half of each batch is decoded as it is, and must give back the picture: its pixels, and
its feature maps up to the level. The other half gets the means and deviations of
another crop's channels first (AdaIN, Huang & Belongie 2017), as it will be in use, and
must give the same features when it is encoded again. With ``--style``, those pictures
must also have the style of the other crop, its means and deviations in two layers,
times this weight. ``--start`` takes over the layers that have the same name and shape,
also from the decoder of another level.

Now and then one line is printed: the steps so far, the running errors of pixels,
features and style, and the PSNR of held-out crops. ``decoder.npz`` and ``preview.png``
are in the folder of the run then. The same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shared import (
    InputError,
    Parser,
    add_data,
    add_run,
    command,
    file,
    load_crops,
    save_arrays,
)

BATCH = 4


def first_arrays(level: str, seed: int, start: Path | None) -> dict[str, np.ndarray]:
    """Random kernels and biases, or those of another decoder where they fit."""
    from nstlib.archives import read_arrays
    from nstlib.decoders import random_decoder
    from nstlib.vgg_plan import MINI_WIDTHS

    begin = random_decoder(level, MINI_WIDTHS[int(level[5]) - 1], seed)
    if start is not None:
        known = read_arrays(start)
        alike = {key: value for key, value in known.items() if key in begin}
        begin |= {k: v for k, v in alike.items() if v.shape == begin[k].shape}
    return {key: value for key, value in begin.items() if "/" in key}


def train(args: argparse.Namespace) -> None:
    """Train, or go on where the run's last checkpoint stands."""
    from decoding import Encoder, make_batch, make_step, preview
    from loop import Training, variables_from

    from nstlib.backend import tf
    from nstlib.decoders import LEVELS

    if args.level not in LEVELS:
        raise InputError(f"--level is one of {', '.join(LEVELS)}, not {args.level}.")
    crops, held_out = load_crops(args.data)
    encoder = Encoder(args.level, crops)
    trained = variables_from(first_arrays(args.level, args.seed, args.start))
    training = Training(trained, args)
    fixed = {"mean": encoder.mean, "spread": encoder.spread[args.level]}
    decoder: dict[str, Any] = trained | fixed
    compiled = make_step(decoder, encoder, training, args.style)

    def step(rng: np.random.Generator) -> tf.Tensor:
        shares = rng.uniform(0.3, 1, (BATCH - BATCH // 2, 1, 1, 1)).astype(np.float32)
        batch = make_batch(crops, BATCH, rng)
        return compiled(tf.constant(batch), tf.constant(shares))

    def keep(steps: int, errors: np.ndarray) -> str:
        save_arrays(args.run / "decoder.npz", decoder)
        decibels = preview(decoder, encoder, held_out, args.run / "preview.png")
        numbers = " ".join(f"{error:.4f}" for error in errors)
        return f"{steps} pixel feature style {numbers}, {decibels:.2f} dB"

    training.go_on(step, keep)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = Parser(__doc__)
    add_data(parser, "the crops")
    add_run(parser, steps=4000, peak=1e-3, save_every=200)
    add = parser.add_argument
    add("--level", required=True, help="block1_conv1, block2_conv1, … block5_conv1")
    add("--style", type=float, default=0.0, help="weight of the style")
    add("--start", type=file, help="decoder.npz whose layers are taken")
    train(parser.parse_args(argv))


if __name__ == "__main__":
    main()
