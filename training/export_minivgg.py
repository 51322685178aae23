"""Turn a trained student into the file that ships.

    python training/export_minivgg.py --data ../shared/data --student RUN/student.npz

Rescales the layers so that on photos their mean activations are those of VGG19 (then
published weights of losses carry over), rounds to float16, and records the SHA-256 and
the mean activations on the known picture in `nstlib/data/networks.json`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from train_minivgg import rescaled
from paint_on_policy import load_student
from teachers import DEEP, SHALLOW, Teachers, load_crops

from nstlib.preprocessing import preprocess
from nstlib.vgg import feature_maps, layer_names
from nstlib.weights import MINI_FILE, known_picture

PHOTOS = 96
# VGG19's own blocks 4 and 5 were not at hand, and the encoder that taught ours has been
# normalised to mean 1. These are orders of magnitude, inferred from the losses that
# users of neural-style report at conv4_1, conv4_2 and conv5_1; nobody measured them.
ASSUMED = {"4": 300.0, "5": 30.0}


def means(maps: dict[str, tf.Tensor]) -> dict[str, float]:
    """Mean activation of each layer."""
    return {name: float(tf.reduce_mean(value)) for name, value in maps.items()}


def vgg19_means(teachers: Teachers, batch: np.ndarray) -> dict[str, float]:
    """Mean activations of VGG19 on a batch; in blocks 4 and 5 `ASSUMED`."""
    known = means(feature_maps(teachers.vgg19, batch, SHALLOW))
    return known | {name: ASSUMED[name[5]] for name in DEEP}


def main() -> None:
    """Read the command line and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of teachers and crops")
    parser.add_argument("--student", required=True, help="student.npz of a run")
    parser.add_argument("--out", default=str(MINI_FILE))
    args = parser.parse_args()
    teachers = Teachers(Path(args.data) / "teachers")
    crops, _ = load_crops(Path(args.data))
    batch = np.concatenate([preprocess(c) for c in crops[: PHOTOS * 8 : 8, :128, :128]])
    student, names = load_student(args.student), layer_names("mini")
    goal, now = vgg19_means(teachers, batch), means(feature_maps(student, batch, names))
    network = rescaled(student, {name: goal[name] / now[name] for name in names})
    network = {key: value.astype(np.float16) for key, value in network.items()}
    np.savez(args.out, **network)
    rounded = {key: value.astype(np.float32) for key, value in network.items()}
    picture = preprocess(known_picture())
    vgg19 = means(feature_maps(teachers.vgg19, picture, SHALLOW))
    facts = {
        "mini": {
            "sha256": hashlib.sha256(Path(args.out).read_bytes()).hexdigest(),
            "mean_activations": means(feature_maps(rounded, picture, names)),
        },
        "vgg19": {"mean_activations": vgg19},
    }
    record = Path(args.out).with_name("networks.json")
    record.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    for name in names:
        print(f"{name}: mean activation on photos {goal[name]:.1f}")
    print(f"{args.out}: {Path(args.out).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
