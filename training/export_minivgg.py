"""Turn a trained student into the file that ships.

    python training/export_minivgg.py --data DATA --student RUN/student.npz

The layers are rescaled so that on photos their mean activations are those of VGG19
(then published weights of losses carry over), and rounded to float16. The SHA-256 and
the mean activations on the known picture are recorded in ``networks.json`` beside the
file, by default in `nstlib/data`. Printed are the mean activation of each layer, and
the size.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from shared import Parser, add_data, command, count, file, load_crops, save_arrays

if TYPE_CHECKING:
    from teachers import Teachers

    from nstlib.backend import tf

SIDE, EVERY = 128, 8  # of the crops that are looked at
# VGG19's own blocks 4 and 5 were not at hand, and the encoder that taught ours has been
# normalized to mean 1. These are orders of magnitude, inferred from the losses that
# users of neural-style report at conv4_1, conv4_2 and conv5_1; nobody measured them.
ASSUMED = {"4": 300.0, "5": 30.0}


def means(maps: Mapping[str, tf.Tensor]) -> dict[str, float]:
    """Mean activation of each layer."""
    return {name: float(np.mean(value)) for name, value in maps.items()}


def vgg19_means(teachers: Teachers, batch: np.ndarray) -> dict[str, float]:
    """Mean activations of VGG19 on a batch; in blocks 4 and 5 `ASSUMED`."""
    from teachers import DEEP, SHALLOW

    from nstlib.vgg import feature_maps

    known = means(feature_maps(teachers.vgg19, batch, SHALLOW))
    return known | {name: ASSUMED[name[5]] for name in DEEP}


def record(path: Path, rounded: Mapping[str, np.ndarray], teachers: Teachers) -> None:
    """Write down what the network computes; other networks' records stay."""
    from teachers import SHALLOW

    from nstlib.preprocessing import preprocess
    from nstlib.vgg import feature_maps
    from nstlib.vgg_plan import layer_names
    from nstlib.vgg_weights import known_picture

    picture = preprocess(known_picture())
    facts: dict[str, Any] = {
        "mini": {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "mean_activations": means(
                feature_maps(rounded, picture, layer_names("mini"))
            ),
        },
        "vgg19": {
            "mean_activations": means(feature_maps(teachers.vgg19, picture, SHALLOW))
        },
    }
    known = path.with_name("networks.json")
    if known.is_file():
        facts = json.loads(known.read_text(encoding="utf-8")) | facts
    known.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def export(args: argparse.Namespace, out: Path) -> None:
    """Rescale, round, write and record."""
    crops, _ = load_crops(args.data)
    from student import load_student, rescaled
    from teachers import Teachers

    from nstlib.preprocessing import preprocess
    from nstlib.vgg import feature_maps
    from nstlib.vgg_plan import layer_names

    student, names = load_student(args.student), layer_names("mini")
    teachers = Teachers(args.data / "teachers")
    chosen = crops[: args.photos * EVERY : EVERY, :SIDE, :SIDE]
    batch = np.concatenate([preprocess(crop) for crop in chosen])
    goal, now = vgg19_means(teachers, batch), means(feature_maps(student, batch, names))
    network = rescaled(student, {name: goal[name] / now[name] for name in names})
    halves = {key: value.astype(np.float16) for key, value in network.items()}
    save_arrays(out, halves)
    record(out, {k: v.astype(np.float32) for k, v in halves.items()}, teachers)
    for name in names:
        print(f"{name}: mean activation on photos {goal[name]:.1f}")
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and write both files."""
    parser = Parser(__doc__)
    add_data(parser, "the teachers and crops")
    add = parser.add_argument
    add("--student", type=file, required=True, help="student.npz of a run")
    add("--out", type=Path, metavar="FILE", help="by default the file that ships")
    add("--photos", type=count, default=96, help="that the means are taken of")
    args = parser.parse_args(argv)
    from nstlib.vgg_weights import MINI_FILE

    export(args, args.out or MINI_FILE)


if __name__ == "__main__":
    main()
