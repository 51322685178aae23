"""Turn a trained network for several paintings into the file that ships.

    python training/export_styles.py RUN/styles.npz PAINTING… --steps N --minutes M
    python training/export_styles.py … --mix FIRST/styles.npz --share 0.5

The paintings are those of `train_styles`, in the same order. With ``--mix``, each
number is the weighted mean of this network and of an earlier one from the same line of
trainings. The mean can be better than both (Wortsman et al. 2022, *Robust fine-tuning
of zero-shot models*). The arrays are rounded to
float16. In ``networks.json``, by default in `nstlib/data`, the SHA-256 of the file is
recorded, and for each style the mean color of what it makes of the known picture.
Printed are the size of the file and these colors, in BGR, less the means of ImageNet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from shared import InputError, Parser, command, file, number


def checked(path: Path, styles: int) -> dict[str, np.ndarray]:
    """Read a network, or raise an InputError unless it has this number of styles."""
    from nstlib.archives import read_arrays
    from nstlib.feedforward import transformer_shapes

    arrays, found = read_arrays(path), {}
    for key, shape in transformer_shapes().items():
        wanted = shape if key.endswith("/kernel") else (styles, *shape)
        if key not in arrays or arrays[key].shape != wanted:
            raise InputError(
                f"{path} holds no network for {styles} paintings: {key} does not fit."
            )
        found[key] = arrays[key].astype(np.float16)
    return found


def portion(text: str) -> float:
    """A number from 0 to 1, for `argparse`."""
    with suppress(ValueError):
        if 0 <= float(text) <= 1:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")


def mixed(
    later: dict[str, np.ndarray], earlier: dict[str, np.ndarray], share: float
) -> dict[str, np.ndarray]:
    """Return the weighted means of two networks, of the dtype float16."""
    found = {}
    for key in later:
        one, other = np.float32(later[key]), np.float32(earlier[key])
        found[key] = np.float16(share * one + (1 - share) * other)
    return found


def mean_outputs(
    arrays: dict[str, np.ndarray], names: Sequence[str]
) -> dict[str, list[float]]:
    """What each style makes of the known picture, in the mean."""
    from nstlib.feedforward import transform
    from nstlib.preprocessing import preprocess
    from nstlib.vgg_weights import known_picture

    tensor, found = preprocess(known_picture()), {}
    for row, name in enumerate(names):
        parameters = {
            key: (value if key.endswith("/kernel") else value[row]).astype(np.float32)
            for key, value in arrays.items()
        }
        means = transform(parameters, tensor).numpy().mean((0, 1, 2))
        found[name] = [round(float(mean), 4) for mean in means]
    return found


def add_options(parser: Parser) -> None:
    """The arguments of the command line."""
    add = parser.add_argument
    add("network", type=file, help="styles.npz of train_styles")
    add("paintings", nargs="+", type=file)
    add("--steps", type=number, required=True, help="of the training, for its record")
    add("--minutes", type=float, required=True, help="of the training")
    add("--mix", type=file, help="styles.npz of an earlier training, which is mixed in")
    add("--share", type=portion, help="share of the later network, by default 0.5")
    add("--out", type=Path, metavar="FOLDER", help="to write to")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and write the files."""
    parser = Parser(__doc__)
    add_options(parser)
    args: argparse.Namespace = parser.parse_args(argv)
    from nstlib.data import DATA
    from nstlib.images import load_image
    from nstlib.transformers import SHIPPED, save_styles

    arrays = checked(args.network, len(args.paintings))
    if args.share is not None and not args.mix:
        raise InputError("--share needs --mix: name the network to mix in.")
    if args.mix:
        share = 0.5 if args.share is None else args.share
        arrays = mixed(arrays, checked(args.mix, len(args.paintings)), share)
    pictures = {path.stem: load_image(path, 512) for path in args.paintings}
    folder = args.out or DATA
    out = folder / SHIPPED.relative_to(DATA)
    facts = {"steps": args.steps, "seconds": round(60 * args.minutes)}
    save_styles(arrays, pictures, out, facts)
    means = mean_outputs(arrays, list(pictures))
    print(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB")
    for name, color in means.items():
        print(f"{name} {color}")
    record, known = folder / "networks.json", {}
    if record.is_file():
        known = json.loads(record.read_text(encoding="utf-8"))
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    known["styles"] = {"sha256": digest, "mean_output": means}
    record.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
