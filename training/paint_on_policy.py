"""Let the student paint, and keep the pictures for it to learn from.

    python training/paint_on_policy.py --data DATA --student RUN/student.npz \\
        --out painted.npy

Optimization walks off natural pictures to where the student no longer agrees with its
teacher. The cure is to show the teacher where it went (Ross et al. 2011, DAgger). The
file holds uint8 pictures ``(count, side, side, 3)``; its shape is printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from shared import (
    InputError,
    Parser,
    add_data,
    command,
    count,
    file,
    load_crops,
    number,
)

if TYPE_CHECKING:
    from nstlib.vgg import FeatureExtractor


def paint_one(
    extractor: FeatureExtractor,
    crops: np.ndarray,
    rng: np.random.Generator,
    length: tuple[int, int],
) -> np.ndarray:
    """One transfer with random pictures, weights, start and length."""
    from nstlib.backend import tf
    from nstlib.lbfgs import minimize
    from nstlib.objective import Objective
    from nstlib.preprocessing import deprocess, preprocess
    from nstlib.settings import Settings

    photo, style, other = (
        np.asarray(crops[rng.integers(len(crops))], np.float32) for _ in range(3)
    )
    noise = rng.normal(size=photo.shape) * rng.uniform(5, 60)
    starts: list[np.ndarray] = [photo, photo, photo + noise, other, 128 + noise]
    start = starts[rng.integers(5)]
    settings = Settings(
        style_weight=float(np.exp(rng.uniform(np.log(100), np.log(3000)))),
        tv_weight=float(rng.choice([0.0, 0.5, 1.5, 4.0])),
    )
    objective = Objective(extractor, photo, [(style, 1.0)], settings)
    x0 = tf.constant(preprocess(start))
    result = minimize(
        objective.value_and_gradient, x0, int(rng.integers(*length)), noise=1e-3
    )
    return np.rint(deprocess(result.x)).astype(np.uint8)


def student_network(path: Path) -> FeatureExtractor:
    """The student of a run, at the layers of the default objective."""
    from student import load_student

    from nstlib.backend import has_native_bfloat16
    from nstlib.settings import Settings
    from nstlib.vgg import FeatureExtractor

    settings = Settings()
    return FeatureExtractor(
        "mini",
        load_student(path),
        [*settings.style_layers, *settings.content_layers],
        precision="bfloat16" if has_native_bfloat16() else "float32",
        border=settings.border,
    )


def paint(args: argparse.Namespace) -> np.ndarray:
    """As many pictures as were asked for."""
    from tqdm import tqdm

    crops = load_crops(args.data)[0][:, : args.side, : args.side]
    extractor = student_network(args.student)
    rng = np.random.default_rng([args.seed, 7])
    return np.stack(
        [
            paint_one(extractor, crops, rng, tuple(args.length))
            for _ in tqdm(range(args.count), unit="picture")
        ]
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and paint."""
    parser = Parser(__doc__)
    add_data(parser, "the crops")
    add = parser.add_argument
    add("--student", type=file, required=True, help="student.npz of a run")
    add("--out", type=Path, required=True, metavar="FILE", help=".npy to write")
    add("--count", type=count, default=100, help="how many pictures")
    add("--seed", type=number, default=0)
    add("--side", type=count, default=192, help="of a picture, in pixels")
    add(
        "--length", type=count, nargs=2, default=[20, 80], metavar=("FROM", "TO"),
        help="evaluations of a transfer: at least FROM, fewer than TO",
    )  # fmt: skip
    args = parser.parse_args(argv)
    if args.length[0] >= args.length[1]:
        raise InputError("--length is two numbers, the second above the first.")
    if args.out.suffix != ".npy":
        raise InputError(f"{args.out} does not end in .npy.")
    pictures = paint(args)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    np.save(args.out, pictures)
    print(f"{args.out}: {' × '.join(map(str, pictures.shape))}")


if __name__ == "__main__":
    main()
