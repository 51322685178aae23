"""Measure how cost grows with the picture: seconds and memory against pixels.

    python benchmarks/scaling.py --sizes 256 512 1024 2048
    python benchmarks/scaling.py --network vgg19 --steps 3

Each size runs in a process of its own: some evaluations of the default loss with L-BFGS
and room for all its curvature pairs, at one size. Seconds are the fastest of an
evaluation after the first two, optimizer included. The last line has the exponent of a
log-log fit: 1 is linear in the pixels. For memory it counts what is taken beyond
TensorFlow itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import (
    InputError,
    Parser,
    add_sizes,
    command,
    count,
    in_a_process,
    peak_bytes,
    random_pictures,
    write_json,
)

NAMES = ("size", "seconds", "peak_bytes", "taken_bytes")
Row = tuple[int, float, int, int]
"""What NAMES names."""


def measure(network: str, precision: str, size: int, steps: int) -> Row:
    """Run one size in this process."""
    from workload import noise_of, objective_for

    from nstlib.backend import tf
    from nstlib.images import widened
    from nstlib.lbfgs import PairMemory, minimize
    from nstlib.preprocessing import preprocess
    from nstlib.settings import Settings
    from nstlib.vgg import FeatureExtractor, computed_in, load_network
    from nstlib.vgg_weights import random_parameters

    settings = Settings(network=network, precision=precision, size=size)
    layers, exact = settings.layers, computed_in(settings.precision)
    before = peak_bytes()
    if network == "vgg19":
        weights = random_parameters(network, layers)
        extractor = FeatureExtractor(
            network, weights, layers, precision=exact, border=settings.border
        )
    else:
        extractor = load_network(
            network, layers, precision=exact, border=settings.border
        )
    photo, style = random_pictures(size, size)
    margin, times = settings.margin, []
    objective = objective_for(extractor, photo, [(style, 1.0)], settings)
    x0 = tf.constant(preprocess(widened(photo, margin)))
    minimize(
        objective.value_and_gradient,
        x0,
        steps,
        settings.history,
        lambda *_: times.append(time.perf_counter()),
        # Room for all pairs from the start, so that a few evaluations will do.
        memory=PairMemory(settings.history, x0),
        noise=noise_of(exact),
    )
    most = peak_bytes()
    return size, float(np.diff(times)[1:].min()), most, most - before


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Slope over the pixels, both in logarithms."""
    return float(np.polyfit(2 * np.log(sizes), np.log(values), 1)[0])


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print, fit."""
    parser = Parser(__doc__)
    add_sizes(parser, 256, 512, 1024, 2048)
    add = parser.add_argument
    add("--network", choices=("mini", "random", "vgg19"), default="mini")
    add("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    add("--steps", type=count, default=6, help="evaluations, at least 3")
    add("--out", type=Path, metavar="FILE", help="write the figures as JSON, too")
    args = parser.parse_args(argv)
    if args.steps < 3:
        raise InputError("--steps is at least 3, for the first two do not count.")
    rows: list[Row] = []
    print(f"{args.network}\n{'side':>6}  s/evaluation  ns/pixel  peak MiB  bytes/pixel")
    for size in args.sizes:
        task = (args.network, args.precision, size, args.steps)
        rows.append(in_a_process(measure, *task))
        _, seconds, most, taken = rows[-1]
        print(
            f"{size:6d} {seconds:13.3f} {1e9 * seconds / size**2:9.0f} "
            f"{most / 2**20:9.0f} {taken / size**2:12.0f}",
            flush=True,
        )
    sizes, seconds_of, _, taken_of = zip(*rows, strict=True)
    if len(set(sizes)) > 1:
        time_slope, memory_slope = (exponent(sizes, v) for v in (seconds_of, taken_of))
        print(
            f"time ∝ pixels^{time_slope:.2f}, memory ∝ pixels^{memory_slope:.2f}",
        )
    write_json(args.out, [dict(zip(NAMES, row, strict=True)) for row in rows])


if __name__ == "__main__":
    main()
