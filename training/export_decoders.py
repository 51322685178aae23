"""Turn trained decoders into the files that ship.

    python training/export_decoders.py block3_conv1=RUN/decoder.npz adain=R/decoder.npz

Rounds to float16, and records in `nstlib/data/networks.json` the SHA-256 of each file
and the mean colour that it makes of MiniVGG's maps of the known picture.
"""

from __future__ import annotations

import argparse
import hashlib
import json

import numpy as np
from train_decoder import PIXEL_SCALE

from nstlib.decoders import decode, decoder_level
from nstlib.preprocessing import preprocess
from nstlib.vgg import load_network
from nstlib.weights import DATA, known_picture


def export(name: str, path: str) -> dict:
    """Write one file; its record."""
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    for kind in ("kernel", "bias"):  # from unit spread to grey levels
        arrays[f"block1_conv2/{kind}"] *= PIXEL_SCALE
    # The statistics of the features span more digits than float16 has.
    kinds = {key: np.float16 if "/" in key else np.float32 for key in arrays}
    rounded = {key: value.astype(kinds[key]) for key, value in arrays.items()}
    out, level = DATA / f"decoder_{name}.npz", decoder_level(name)
    np.savez(out, **rounded)
    network = load_network("mini", [level], precision="float32", border="replicate")
    maps = network(preprocess(known_picture()))[level]
    parameters = {key: value.astype(np.float32) for key, value in rounded.items()}
    means = decode(parameters, maps, level).numpy().mean((0, 1, 2))
    print(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB, means {means.round(2)}")
    return {
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "mean_output": [round(float(mean), 4) for mean in means],
    }


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decoders", nargs="+", metavar="NAME=FILE")
    record = DATA / "networks.json"
    facts = json.loads(record.read_text(encoding="utf-8"))
    for pair in parser.parse_args().decoders:
        name, _, path = pair.partition("=")
        facts.setdefault("decoders", {})[name] = export(name, path)
    record.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
