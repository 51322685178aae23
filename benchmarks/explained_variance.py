"""Measure how much of its teachers' feature maps MiniVGG explains.

    python benchmarks/explained_variance.py --data DATA

For each layer a linear map from MiniVGG's channels to the teacher's is fitted on
training crops, and the share of the variance that it explains is measured on crops
that were never trained on. Printed are R² pooled over channels (1 − Σ squared errors /
Σ variance), and the plain mean of the channels' own R².
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from common import ROOT, Parser, add_data, command, count, file

sys.path.append(str(ROOT / "training"))

if TYPE_CHECKING:
    from teachers import Teachers

ROWS = 400  # positions kept of each crop
Rows = tuple[np.ndarray, np.ndarray]
"""Activations of student and teacher, one row for each position."""


def samples(
    student: Mapping[str, Any],
    teachers: Teachers,
    crops: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, Rows]:
    """Rows of student and teacher activations at the same positions, by layer."""
    from nstlib.preprocessing import preprocess
    from nstlib.vgg import feature_maps
    from nstlib.vgg_plan import layer_names

    kept: dict[str, list[Rows]] = {name: [] for name in layer_names("mini")}
    for crop in crops:
        tensor = preprocess(crop)
        ours, theirs = feature_maps(student, tensor, kept), teachers(tensor)
        for name, rows in kept.items():
            x = ours[name].numpy().reshape(-1, ours[name].shape[-1])
            pick = rng.choice(len(x), min(len(x), ROWS), replace=False)
            rows.append((x[pick], theirs[name].numpy().reshape(len(x), -1)[pick]))
    joined = {}
    for name, rows in kept.items():
        x, y = map(np.concatenate, zip(*rows, strict=True))
        joined[name] = (x, y)
    return joined


def explained(fit: Rows, test: Rows) -> tuple[float, float]:
    """Pooled R² and mean R² per channel on `test`, of a linear map fitted on `fit`."""
    x, y = (np.asarray(rows, np.float64) for rows in fit)
    x = np.c_[x, np.ones(len(x))]
    ridge = 1e-6 * np.mean(x**2) * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + ridge, x.T @ y)
    guess = np.c_[test[0], np.ones(len(test[0]))] @ weights
    error, spread = ((guess - test[1]) ** 2).mean(0), test[1].var(0)
    alive = spread > 1e-6 * spread.mean()
    return float(1 - error.sum() / spread.sum()), float(
        np.mean(1 - error[alive] / spread[alive])
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser(__doc__)
    add_data(parser, "teachers and crops", required=True)
    parser.add_argument(
        "--weights", type=file, help="another MiniVGG file than the shipped one"
    )
    parser.add_argument("--crops", type=count, default=150, help="to fit and to test")
    args = parser.parse_args(argv)
    from shared import load_crops
    from teachers import DEEP, SHALLOW, Teachers

    from nstlib.vgg import load_network

    train, held_out = load_crops(args.data)
    teachers = Teachers(args.data / "teachers")
    network = load_network("mini", precision="float32", weights=args.weights)
    rng, student = np.random.default_rng(0), network.parameters
    spread_out = train[:: max(1, len(train) // args.crops)]
    fit = samples(student, teachers, spread_out, rng)
    test = samples(student, teachers, held_out[: args.crops], rng)
    scores = {name: explained(fit[name], test[name]) for name in fit}
    for name, (pooled, mean) in scores.items():
        print(f"{name}  R² {pooled:.3f}   mean of channels {mean:.3f}")
    for title, names in (("conv1_1 … conv3_4", SHALLOW), ("conv4_1 … conv5_1", DEEP)):
        pooled, mean = np.mean([scores[name] for name in names], axis=0)
        print(f"mean over {title}: R² {pooled:.3f}   mean of channels {mean:.3f}")


if __name__ == "__main__":
    main()
