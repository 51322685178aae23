"""Seconds and memory of one pass, without loading.

    python benchmarks/onepass.py --sizes 512 1024 2048

Each method repaints a square made of the course's cat, five times; the best counts.
Each size runs in a process of its own, whose peak of memory is printed.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from nstlib import load_image, stylize
from nstlib.images import resize
from nstlib.universal import METHODS

IMAGES = Path(__file__).parents[1] / "images"


def measure(method: str, size: int, rounds: int) -> None:
    """Print one line."""
    photo = resize(load_image(IMAGES / "content" / "cat.jpg"), size, size)
    style = load_image(IMAGES / "style" / "starry_night.jpg")
    seconds = []
    for _ in range(rounds + 1):  # the first one starts TensorFlow's threads
        began = time.perf_counter()
        stylize(photo, style, size=size, method=method)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{method:6} {size:5} px {np.min(seconds[1:]):7.2f} s {peak:7.0f} MiB")


def main() -> None:
    """Start a process for each method and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help="in this process")
    args = parser.parse_args()
    for size in args.sizes:
        for method in args.methods:
            if args.one:
                measure(method, size, args.rounds)
                continue
            words = ["--one", "--sizes", str(size), "--methods", method]
            words += ["--rounds", str(args.rounds)]
            subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
