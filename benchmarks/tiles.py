"""What tiles cost in time, and what they save in memory.

    python benchmarks/tiles.py --sizes 1024 2048 --tiles 0 512 768 1024
    python benchmarks/tiles.py --run 3840x2160

The table: seconds for one evaluation of the default objective (the fastest of some) and
the peak memory of the process, for square pictures seen whole (tile 0) and in tiles.
With --run, the peak memory of whole runs of `nstlib.stylize`, L-BFGS included, with the
tiles that it takes by itself. Every line is a process of its own, one after the other.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from nstlib.options import parse_settings
from nstlib.quiet import tf
from nstlib.tiled import make_objective
from nstlib.tiles import make_tiles, pairs_kept, tile_side

from nstlib import load_image, stylize
from nstlib.images import resize
from nstlib.objective import widened
from nstlib.preprocessing import preprocess
from nstlib.settings import make_settings
from nstlib.vgg import load_network

IMAGES = Path(__file__).resolve().parents[1] / "images"


def pictures(height: int, width: int) -> list[np.ndarray]:
    """A content and a style of this size; what is on them has no say in the costs."""
    files = IMAGES / "content/astronaut.jpg", IMAGES / "style/starry_night.jpg"
    return [resize(load_image(file), height, width) for file in files]


def gibibytes() -> float:
    """Peak memory of this process."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def one_evaluation(height: int, width: int, options: dict, count: int) -> dict:
    """Build the objective that a run would take, and evaluate it."""
    settings = make_settings(**options)
    layers = list(dict.fromkeys([*settings.content_layers, *settings.style_layers]))
    extractor = load_network(
        settings.network, layers, settings.pooling, settings.precision,
        settings.weights, settings.border,
    )  # fmt: skip
    content, style = pictures(height, width)
    began = time.perf_counter()
    margin = settings.margin
    objective = make_objective(extractor, content, [(style, 1.0)], settings, margin)
    tensor = tf.constant(preprocess(widened(content, margin)))
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        objective.value_and_gradient(tensor)
        seconds.append(time.perf_counter() - start)
    tiles = 1
    if side := tile_side(height, width, settings):
        shape = tensor.shape[1:3]
        tiles = len(make_tiles(*shape, side, layers, extractor.name, margin))
    built = time.perf_counter() - began - sum(seconds)
    return {"tiles": tiles, "seconds": min(seconds), "targets": built}


def one_run(height: int, width: int, options: dict, count: int) -> dict:
    """All of `stylize` at one scale."""
    size = max(height, width)
    settings = make_settings(size=size, steps=count, coarse_to_fine=False, **options)
    result = stylize(*pictures(height, width), settings)
    margin = 2 * settings.margin
    return {
        "tiles": f"of {tile_side(height, width, settings)}",
        "seconds": result.seconds / result.evaluations,
        "pairs": pairs_kept(height + margin, width + margin, settings),
    }


def child(height: int, width: int, options: dict, count: int, whole_run: bool) -> dict:
    """Measure in a process of its own."""
    task = json.dumps([height, width, options, count, whole_run])
    command = [sys.executable, __file__, "--child", task]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 2048])
    parser.add_argument("--tiles", type=int, nargs="+", default=[0, 512, 768, 1024])
    parser.add_argument("--count", type=int, default=3, help="evaluations")
    parser.add_argument("--run", nargs="+", metavar="WIDTHxHEIGHT", default=[])
    parser.add_argument("--set", nargs="*", default=[], metavar="key=value")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        *task, whole_run = json.loads(args.child)
        measured = (one_run if whole_run else one_evaluation)(*task)
        print(json.dumps({**measured, "gibibytes": gibibytes()}))
        return
    options = parse_settings(args.set)
    for text in args.run:
        width, height = map(int, text.split("x"))
        print(text, child(height, width, options, args.count, True), flush=True)
    if args.run:
        return
    print(f"{'size':>5s} {'tile':>5s}  {'tiles':>5s}  {'seconds':>8s}  {'GiB':>5s}")
    for size in args.sizes:
        for tile in args.tiles:
            found = child(size, size, {**options, "tile": tile}, args.count, False)
            if "failed" in found:
                print(f"{size:5d} {tile:5d}  {found['failed']}", flush=True)
                continue
            print(
                f"{size:5d} {tile:5d}  {found['tiles']:5d}  {found['seconds']:8.2f}  "
                f"{found['gibibytes']:5.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
