"""Train MiniVGG: a small student that learns the feature maps of VGG19.

    python training/train_minivgg.py --data DATA --run training/runs/mini

Every student layer, through a linear 1×1 map that is thrown away afterwards, predicts
the teacher's map after the ReLU. The map is linear, F_teacher ≈ F_student·A, so a
matched student Gram implies a matched teacher Gram: G_teacher ≈ Aᵀ·G_student·A.

Now and then one line is printed: the steps so far, and 1 minus the running error of
each layer, from block1_conv1 up. The student is in ``student.npz`` in the folder of the
run then. The same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from shared import (
    InputError,
    Parser,
    add_data,
    add_run,
    command,
    count,
    file,
    load_crops,
    save_arrays,
)


def load_painted(path: Path | None) -> np.ndarray | None:
    """What paint_on_policy.py has written, if there is a path."""
    if path is None:
        return None
    try:
        painted: np.ndarray = np.load(path, mmap_mode="r")
    except (ValueError, EOFError) as error:
        raise InputError(f"{path} is no .npy of pictures: {error}.") from error
    if not isinstance(painted, np.ndarray) or painted.ndim != 4:
        raise InputError(f"{path} is no .npy of pictures (n, H, W, 3).")
    return painted


def train(args: argparse.Namespace) -> None:
    """Train, or go on where the run's last checkpoint stands."""
    crops, _ = load_crops(args.data)
    painted = load_painted(args.on_policy)
    sides = [*crops.shape[1:3], *(() if painted is None else painted.shape[1:3])]
    if args.side % 2 or 2 * args.side > min(sides):
        raise InputError(f"--side is even, and at most {min(sides) // 2} here.")
    from distillation import Batches, fit_maps, make_step, normalizers
    from loop import Training
    from student import balance, new_student, parameters_of, widen
    from teachers import Teachers

    from nstlib.backend import tf

    teachers = Teachers(args.data / "teachers", tf.as_dtype(args.precision))
    batches = Batches(crops, painted, args.side, args.batch)
    student = new_student(args.seed)
    if args.start:
        widen(student, parameters_of(args.start))
    balance(student, batches(np.random.default_rng(2), plain=True))
    scales = normalizers(teachers, batches)
    maps = fit_maps(student, teachers, scales, batches)
    training = Training(student | maps, args)
    compiled = make_step(student, maps, teachers, scales, training)

    def keep(steps: int, errors: np.ndarray) -> str:
        save_arrays(args.run / "student.npz", student | maps)
        return f"{steps} 1-error: " + " ".join(f"{1 - e:.3f}" for e in errors)

    training.go_on(lambda rng: compiled(tf.constant(batches(rng))), keep)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = Parser(__doc__)
    add_data(parser, "the teachers and crops")
    add_run(parser, steps=20000, peak=2e-3, save_every=500)
    add = parser.add_argument
    add("--start", type=file, help="student.npz or .npz of a network to start from")
    add("--on-policy", type=file, help=".npy of pictures made by paint_on_policy.py")
    add("--precision", default="bfloat16", choices=("bfloat16", "float32"))
    add("--side", type=count, default=96, help="of the pieces of crops, in pixels")
    add("--batch", type=count, default=12, help="pieces in a batch")
    train(parser.parse_args(argv))


if __name__ == "__main__":
    main()
