"""How cost grows with the picture: seconds and memory against pixels.

    python benchmarks/scaling.py --sizes 256 512 1024 2048
    python benchmarks/scaling.py --network vgg19 --steps 3

Each size runs in a process of its own: some evaluations of the default loss with L-BFGS
and all its curvature pairs, at one size. Seconds are the fastest of an evaluation after
the first two, optimiser included. The exponent is that of a log-log fit: 1 is linear in
the pixels. For memory it counts what is taken beyond TensorFlow itself.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from memory import use_random_weights


def child(job: dict[str, Any]) -> None:
    """Run one size; print seconds of an evaluation, and bytes before and at most."""
    from nstlib import transfer

    side, times = job["size"], []
    if job["network"] == "vgg19":
        use_random_weights(transfer)
    transfer.lbfgs.PairMemory = full_memory(transfer.lbfgs.PairMemory)
    rng = np.random.default_rng(0)
    photo, style = rng.uniform(0, 255, (2, side, side, 3)).astype(np.float32)
    before = peak()
    transfer.stylize(
        photo, style, callback=lambda _: times.append(time.perf_counter()), **job
    )
    print(json.dumps([float(np.diff(times)[1:].min()), before, peak()]))


def full_memory(pair_memory):
    """With room for all pairs from the start, so that a few evaluations will do."""
    return lambda history, x: pair_memory(20, x)


def peak() -> int:
    """The most bytes that this process has held."""
    count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return count * (1 if sys.platform == "darwin" else 1024)


def exponent(sizes: list[int], values: list[float]) -> float:
    """Slope over the pixels, both in logarithms."""
    return float(np.polyfit(2 * np.log(sizes), np.log(values), 1)[0])


def main() -> None:
    """Measure, print, fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    add("--network", choices=("mini", "random", "vgg19"), default="mini")
    add("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    add("--steps", type=int, default=6, help="evaluations, at least 3")
    add("--out", type=Path, help="write the figures as JSON, too")
    add("--child", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.child)
    job = {"network": args.network, "precision": args.precision, "steps": args.steps}
    rows = []
    print(f"{args.network}\n{'side':>6}  s/evaluation  ns/pixel  peak MiB  bytes/pixel")
    for size in args.sizes:
        text = json.dumps(job | {"size": size, "coarse_to_fine": False})
        command = [sys.executable, __file__, "--child", text]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        seconds, before, most = json.loads(done.stdout.splitlines()[-1])
        rows.append((size, seconds, most, most - before))
        print(
            f"{size:6d} {seconds:13.3f} {1e9 * seconds / size**2:9.0f} "
            f"{most / 2**20:9.0f} {(most - before) / size**2:12.0f}",
            flush=True,
        )
    sizes, seconds, _, taken = map(list, zip(*rows, strict=True))
    if len(sizes) > 1:
        print(f"time ∝ pixels^{exponent(sizes, seconds):.2f}, memory ∝ pixels", end="")
        print(f"^{exponent(sizes, taken):.2f}")
    if args.out:
        names = ("size", "seconds", "peak_bytes", "taken_bytes")
        facts = [dict(zip(names, row, strict=True)) for row in rows]
        args.out.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return None


if __name__ == "__main__":
    main()
