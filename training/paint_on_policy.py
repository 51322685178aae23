"""Let the student paint, and keep the pictures for it to learn from.

    python training/paint_on_policy.py --data ../shared/data --student RUN/student.npz \
        --out pictures.npy

Optimisation walks off natural pictures to where the student no longer agrees with its
teacher. The cure is to show the teacher where it went (Ross et al. 2011, DAgger).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf
from train_minivgg import INPUT_SCALE
from teachers import load_crops
from tqdm import tqdm

from nstlib import deprocess, lbfgs, preprocess
from nstlib.objective import Objective
from nstlib.settings import Settings
from nstlib.vgg import FeatureExtractor, has_native_bfloat16

SIDE = 192


def load_student(path: str) -> dict[str, np.ndarray]:
    """Kernels and biases of a run, for pictures on the 0–255 scale."""
    with np.load(path) as file:
        student = {k: file[k] for k in file.files if k.endswith(("kernel", "bias"))}
    student["block1_conv1/kernel"] = student["block1_conv1/kernel"] / INPUT_SCALE
    return student


def paint_one(extractor, crops, rng) -> np.ndarray:
    """One transfer with random pictures, weights, start and length."""
    photo, style, start = (
        np.asarray(crops[rng.integers(len(crops))][:SIDE, :SIDE], np.float32)
        for _ in range(3)
    )
    noise = rng.normal(size=photo.shape) * rng.uniform(5, 60)
    start = [photo, photo, photo + noise, start, 128 + noise][rng.integers(5)]
    settings = Settings(
        style_weight=float(np.exp(rng.uniform(np.log(100), np.log(3000)))),
        tv_weight=float(rng.choice([0.0, 0.5, 1.5, 4.0])),
    )
    objective = Objective(extractor, photo, [(style, 1.0)], settings)
    x0 = tf.constant(preprocess(start))
    steps = int(rng.integers(20, 80))
    result = lbfgs.minimize(objective.value_and_gradient, x0, steps, noise=1e-3)
    return np.rint(deprocess(result.x)).astype(np.uint8)


def main() -> None:
    """Read the command line and paint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of the crops")
    parser.add_argument("--student", required=True, help="student.npz of a run")
    parser.add_argument("--out", required=True, help=".npy to write")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    crops, _ = load_crops(Path(args.data))
    settings = Settings()
    extractor = FeatureExtractor(
        "mini",
        load_student(args.student),
        list(settings.style_layers) + list(settings.content_layers),
        precision="bfloat16" if has_native_bfloat16() else "float32",
        border=settings.border,
    )
    rng = np.random.default_rng([args.seed, 7])
    pictures = [paint_one(extractor, crops, rng) for _ in tqdm(range(args.count))]
    np.save(args.out, np.stack(pictures))


if __name__ == "__main__":
    main()
