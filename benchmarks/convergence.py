"""Loss against seconds: our L-BFGS, SciPy's L-BFGS-B, and Adam, on one objective.

    python benchmarks/convergence.py --size 256 --steps 200

The default objective at one size, without coarse-to-fine, in float32, from the photo.
Seconds are those of the whole loop, compilation excluded. Needs SciPy (extra `test`).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import scipy.optimize
from nstlib.quiet import tf

from nstlib import descent, lbfgs, load_image, load_network, preprocess
from nstlib.images import resize
from nstlib.objective import Objective
from nstlib.settings import Settings

IMAGES = Path(__file__).parents[1] / "images"


class Recorder:
    """The objective, with the best loss so far and the seconds of each evaluation."""

    def __init__(self, objective):
        self.objective, self.began = objective, time.perf_counter()
        self.values, self.seconds = [], []

    def __call__(self, x):
        value, gradient = self.objective.value_and_gradient(x)
        self.values.append(float(value))
        self.seconds.append(time.perf_counter() - self.began)
        return value, gradient

    def evaluations_to(self, loss: float) -> str:
        """When the loss was first reached, as evaluations and seconds."""
        for index, value in enumerate(self.values):
            if value <= loss:
                return f"{index + 1:5d} evaluations, {self.seconds[index]:6.2f} s"
        return "not reached"


def with_scipy(record, x0, steps, history) -> None:
    """SciPy's L-BFGS-B, without bounds."""

    def on_flat(flat):
        x = tf.constant(flat.reshape(x0.shape), tf.float32)
        value, gradient = record(x)
        return float(value), gradient.numpy().astype(np.float64).ravel()

    scipy.optimize.minimize(
        on_flat,
        x0.numpy().astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxcor": history,
            "maxfun": steps - 1,
            "maxiter": steps,
            "ftol": 0,
            "gtol": 0,
        },
    )


def main() -> None:
    """Run all three and print when each reaches some losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--content", default=str(IMAGES / "content" / "astronaut.jpg"))
    parser.add_argument("--style", default=str(IMAGES / "style" / "starry_night.jpg"))
    args = parser.parse_args()
    settings = Settings(size=args.size, precision="float32")
    photo = load_image(args.content, args.size)
    style = resize(load_image(args.style), *photo.shape[:2])
    layers = [*settings.style_layers, *settings.content_layers]
    network = load_network(layers=layers, precision="float32", border=settings.border)
    objective = Objective(network, photo, [(style, 1.0)], settings)
    x0 = tf.constant(preprocess(photo))
    objective.value_and_gradient(x0)
    adam = settings.__class__(optimizer="adam").make_optimizer()
    runs = {}
    for name in ("ours", "SciPy", "Adam"):
        record = runs[name] = Recorder(objective)
        if name == "ours":
            lbfgs.minimize(record, x0, args.steps, settings.history)
        elif name == "SciPy":
            with_scipy(record, x0, args.steps, settings.history)
        else:
            descent.minimize(
                record, x0, args.steps, adam, gradient_scale=objective.pixels
            )
    goals = np.minimum.accumulate(runs["SciPy"].values)
    print(f"{args.size} px, {args.steps} evaluations; goals: SciPy's losses")
    for count in (25, 50, 100, args.steps):
        goal = goals[min(count, len(goals)) - 1]
        print(f"loss {goal:.4f}")
        for name, record in runs.items():
            print(f"  {name:6s} {record.evaluations_to(goal)}")
    for name, record in runs.items():
        print(
            f"{name:6s} lowest {min(record.values):.4f} in {len(record.values)} "
            f"evaluations, {record.seconds[-1]:.2f} s"
        )


if __name__ == "__main__":
    main()
