"""Every method on the same picture: seconds, memory, and distances, without loading.

    python benchmarks/methods.py --sizes 512 2048

Each method repaints a square made of the course's cat in Starry Night; the best of
three rounds after the first counts, of the optimisation its only one. Each size and
method runs in a process of its own, whose peak of memory is printed. The distances are
those of `nstlib.report`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from nstlib import load_image, report, stylize
from nstlib.images import resize
from nstlib.universal import METHODS

IMAGES = Path(__file__).parents[1] / "images"
STYLE = "starry_night"


def measure(method: str, size: int) -> None:
    """Print one line."""
    photo = resize(load_image(IMAGES / "content" / "cat.jpg"), size, size)
    painting = load_image(IMAGES / "style" / f"{STYLE}.jpg")
    style = STYLE if method == "feedforward" else painting
    seconds = []
    for _ in range(1 if method == "optimize" else 4):
        began = time.perf_counter()
        result = stylize(photo, style, size=size, method=method)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    judged = report(result.image, photo, painting)
    print(
        f"{method:12} {size:5} px {min(seconds[1:] or seconds):7.2f} s {peak:7.0f} MiB"
        f"  content {judged.content:.3f}  style left {judged.style_left:.1%}"
    )


def main() -> None:
    """Start a process for each method and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512])
    every = ["feedforward", *METHODS, "optimize"]
    parser.add_argument("--methods", nargs="+", default=every, choices=every)
    parser.add_argument("--one", action="store_true", help="in this process")
    args = parser.parse_args()
    for size in args.sizes:
        for method in args.methods:
            if args.one:
                measure(method, size)
                continue
            words = ["--one", "--sizes", str(size), "--methods", method]
            subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
