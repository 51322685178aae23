"""Compare optimizers by loss against seconds.

    python benchmarks/convergence.py --size 256 --steps 200

Our L-BFGS, SciPy's L-BFGS-B and Adam minimize the default objective at one size,
without coarse-to-fine, in float32, from the photo. For the losses that SciPy has
reached after some evaluations, it is printed after how many evaluations and seconds
each of the three was there. Seconds are those of the whole loop, compilation excluded.
This needs SciPy, which comes with the extra ``test``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import PHOTO, STYLE, Parser, command, count

if TYPE_CHECKING:
    from nstlib.backend import tf
    from nstlib.objective import Objective
    from nstlib.settings import Settings


class Recorder:
    """The objective, with the loss and the seconds of each evaluation."""

    def __init__(self, objective: Objective):
        self.objective, self.began = objective, time.perf_counter()
        self.values: list[float] = []
        self.seconds: list[float] = []

    def __call__(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Evaluate."""
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


def make_objective(settings: Settings, content: Path, style: Path) -> Objective:
    """The objective of a photo and a painting at one size."""
    from workload import extractor_for

    from nstlib.images import load_image, resize
    from nstlib.objective import Objective

    photo = load_image(content, settings.size)
    painting = resize(load_image(style), *photo.shape[:2])
    return Objective(extractor_for(settings), photo, [(painting, 1.0)], settings)


def race(
    objective: Objective, x0: tf.Tensor, steps: int, settings: Settings
) -> dict[str, Recorder]:
    """Let all three run."""
    from workload import scipy_lbfgs

    from nstlib import descent, lbfgs

    adam = descent.make_optimizer("adam")
    runs = {"ours": Recorder(objective)}
    lbfgs.minimize(runs["ours"], x0, steps, settings.history)
    runs["SciPy"] = Recorder(objective)
    scipy_lbfgs(runs["SciPy"], x0, steps, settings.history)
    runs["Adam"] = Recorder(objective)
    pixels = objective.pixels
    descent.minimize(runs["Adam"], x0, steps, adam, gradient_scale=pixels)
    return runs


def show(runs: dict[str, Recorder], steps: int) -> None:
    """Print when each comes down to some losses of SciPy's, and its lowest."""
    goals = np.minimum.accumulate(runs["SciPy"].values)
    for after in sorted({n for n in (25, 50, 100) if n < steps} | {steps}):
        goal = goals[min(after, len(goals)) - 1]
        print(f"loss {goal:.4f}")
        for name, record in runs.items():
            print(f"  {name:6s} {record.evaluations_to(goal)}")
    for name, record in runs.items():
        print(
            f"{name:6s} lowest {min(record.values):.4f} in {len(record.values)} "
            f"evaluations, {record.seconds[-1]:.2f} s"
        )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Run all three and print when each reaches some losses."""
    parser = Parser(__doc__)
    parser.add_argument("--size", type=count, default=256, help="longer side")
    parser.add_argument("--steps", type=count, default=200, help="evaluations")
    parser.add_argument("--content", type=Path, default=PHOTO)
    parser.add_argument("--style", type=Path, default=STYLE)
    args = parser.parse_args(argv)
    from nstlib.backend import tf
    from nstlib.images import load_image
    from nstlib.preprocessing import preprocess
    from nstlib.settings import Settings

    settings = Settings(size=args.size, precision="float32")
    objective = make_objective(settings, args.content, args.style)
    x0 = tf.constant(preprocess(load_image(args.content, args.size)))
    objective.value_and_gradient(x0)  # compiles
    runs = race(objective, x0, args.steps, settings)
    print(f"{args.size} px, {args.steps} evaluations; goals: SciPy's losses")
    show(runs, args.steps)


if __name__ == "__main__":
    main()
