"""Turn trained decoders into the files that ship.

    python training/export_decoders.py block3_conv1=RUN/decoder.npz adain=R/decoder.npz

The arrays are rounded to float16. In ``networks.json``, by default in `nstlib/data`,
the SHA-256 of each file is recorded, and the mean color that it makes of MiniVGG's
maps of the known picture. Printed are the size of each file and that color, in BGR,
less the means of ImageNet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shared import InputError, Parser, command, save_arrays


def pair(text: str) -> tuple[str, Path]:
    """Name and file from ``NAME=FILE``, for `argparse`."""
    name, equals, path = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {path}")
    return name, Path(path)


def export(name: str, path: Path, folder: Path) -> dict[str, Any]:
    """Write one file; its record."""
    from decoding import PIXEL_SCALE

    from nstlib.archives import read_arrays
    from nstlib.decoders import decode, decoder_level
    from nstlib.preprocessing import preprocess
    from nstlib.vgg import load_network
    from nstlib.vgg_weights import known_picture

    arrays = read_arrays(path)
    check(name, path, arrays)
    for kind in ("kernel", "bias"):  # from unit spread to gray levels
        arrays[f"block1_conv2/{kind}"] *= np.float32(PIXEL_SCALE)
    # The statistics of the features span more digits than float16 has.
    rounded = {
        key: value.astype(np.float16 if "/" in key else np.float32)
        for key, value in arrays.items()
    }
    out, level = folder / f"decoder_{name}.npz", decoder_level(name)
    save_arrays(out, rounded)
    network = load_network("mini", [level], precision="float32", border="replicate")
    maps = network(preprocess(known_picture()))[level]
    parameters = {key: value.astype(np.float32) for key, value in rounded.items()}
    means = decode(parameters, maps, level).numpy().mean((0, 1, 2))
    print(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB, means {means.round(2)}")
    return {
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "mean_output": [round(float(mean), 4) for mean in means],
    }


def check(name: str, path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Raise an InputError unless these are the arrays of the decoder of this name."""
    from nstlib.decoders import LEVELS, decoder_level, random_decoder
    from nstlib.vgg_plan import MINI_WIDTHS

    if name not in (*LEVELS, "adain"):
        raise InputError(f"a decoder is {', '.join(LEVELS)} or adain, not {name}.")
    level = decoder_level(name)
    wanted = random_decoder(level, MINI_WIDTHS[int(level[5]) - 1])
    for key, value in wanted.items():
        if key not in arrays or arrays[key].shape != value.shape:
            raise InputError(f"{path} holds no decoder of {level}: {key} does not fit.")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and write the files."""
    parser = Parser(__doc__)
    parser.add_argument("decoders", nargs="+", type=pair, metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="to write to")
    args = parser.parse_args(argv)
    from nstlib.data import DATA

    folder = args.out or DATA
    record, facts = folder / "networks.json", {}
    if record.is_file():
        facts = json.loads(record.read_text(encoding="utf-8"))
    for name, path in args.decoders:
        facts.setdefault("decoders", {})[name] = export(name, path, folder)
    record.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
