"""How much of its teachers' feature maps MiniVGG explains.

    python benchmarks/explained_variance.py --data ../shared/data

For each layer a linear map from MiniVGG's channels to the teacher's is fitted on
training crops, and the share of the variance that it explains is measured on crops
that were never trained on. Printed: R² pooled over channels (1 − Σ squared errors /
Σ variance), and the plain mean of the channels' own R².
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from nstlib import load_network, preprocess
from nstlib.vgg import feature_maps

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from teachers import DEEP, SHALLOW, Teachers, load_crops

ROWS = 400  # positions kept of each crop


def samples(student, teachers, crops, rng) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Rows of student and teacher activations at the same positions, by layer."""
    rows = {name: ([], []) for name in [*SHALLOW, *DEEP]}
    for crop in crops:
        tensor = preprocess(crop)
        ours, theirs = feature_maps(student, tensor, rows), teachers(tensor)
        for name, kept in rows.items():
            x = ours[name].numpy().reshape(-1, ours[name].shape[-1])
            pick = rng.choice(len(x), min(len(x), ROWS), replace=False)
            kept[0].append(x[pick])
            kept[1].append(theirs[name].numpy().reshape(len(x), -1)[pick])
    return {k: (np.concatenate(x), np.concatenate(y)) for k, (x, y) in rows.items()}


def explained(fit, test) -> tuple[float, float]:
    """Pooled R² and mean R² per channel on `test`, of a linear map fitted on `fit`."""
    x, y = (np.asarray(rows, np.float64) for rows in fit)
    x = np.c_[x, np.ones(len(x))]
    ridge = 1e-6 * np.mean(x**2) * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + ridge, x.T @ y)
    guess = np.c_[test[0], np.ones(len(test[0]))] @ weights
    error, spread = ((guess - test[1]) ** 2).mean(0), test[1].var(0)
    alive = spread > 1e-6 * spread.mean()
    return 1 - error.sum() / spread.sum(), float(
        np.mean(1 - error[alive] / spread[alive])
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of teachers and crops")
    parser.add_argument("--weights", help="another MiniVGG file than the shipped one")
    parser.add_argument("--crops", type=int, default=150)
    args = parser.parse_args()
    network = load_network("mini", precision="float32", weights=args.weights)
    teachers = Teachers(Path(args.data) / "teachers")
    train, held_out = load_crops(Path(args.data))
    rng = np.random.default_rng(0)
    fit = samples(network.parameters, teachers, train[:: len(train) // args.crops], rng)
    test = samples(network.parameters, teachers, held_out[: args.crops], rng)
    scores = {name: explained(fit[name], test[name]) for name in fit}
    for name, (pooled, mean) in scores.items():
        print(f"{name}  R² {pooled:.3f}   mean of channels {mean:.3f}")
    for title, names in (("conv1_1 … conv3_4", SHALLOW), ("conv4_1 … conv5_1", DEEP)):
        pooled, mean = np.mean([scores[name] for name in names], axis=0)
        print(f"mean over {title}: R² {pooled:.3f}   mean of channels {mean:.3f}")


if __name__ == "__main__":
    main()
