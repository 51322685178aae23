"""Measure what tiles cost in time, and what they save in memory.

    python benchmarks/tiles.py --sizes 1024 2048 --tiles 0 512 768 1024
    python benchmarks/tiles.py --run 3840x2160

The table has the seconds of one evaluation of the default objective (the fastest of
some) and the peak memory of the process, for square pictures seen whole (tile 0) and in
tiles. With ``--run``, it has the seconds of an evaluation and the peak memory of whole
runs of `nstlib.stylize`, L-BFGS included, with the tiles that it takes by itself. Every
line is a process of its own, one after the other.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from common import (
    PHOTO,
    STYLE,
    Parser,
    add_sizes,
    clocked,
    command,
    count,
    in_a_process,
    number,
    peak_bytes,
)


def pictures(height: int, width: int) -> list[np.ndarray]:
    """A content and a style of this size; what is on them has no say in the costs."""
    from nstlib.images import load_image, resize

    return [resize(load_image(path), height, width) for path in (PHOTO, STYLE)]


def one_evaluation(
    height: int, width: int, chosen: dict[str, Any], rounds: int
) -> dict[str, Any]:
    """Build the objective that a run would take, and evaluate it."""
    from workload import extractor_for, objective_for

    from nstlib.backend import tf
    from nstlib.images import widened
    from nstlib.large.tiles import make_tiles, tile_side
    from nstlib.preprocessing import preprocess
    from nstlib.settings import make_settings

    settings = make_settings(**chosen)
    extractor, margin = extractor_for(settings), settings.margin
    content, style = pictures(height, width)
    began = time.perf_counter()
    objective = objective_for(extractor, content, [(style, 1.0)], settings)
    tensor = tf.constant(preprocess(widened(content, margin)))
    built = time.perf_counter() - began
    evaluate = clocked(lambda: objective.value_and_gradient(tensor))
    seconds, tiles = min(evaluate() for _ in range(rounds)), 1
    if side := tile_side(height, width, settings):
        layers, (_, tall, wide, _) = settings.layers, tensor.shape
        tiles = len(make_tiles(tall, wide, side, layers, extractor.name, margin))
    gibibytes = peak_bytes() / 2**30
    return {
        "tiles": tiles, "seconds": seconds, "targets": built, "gibibytes": gibibytes
    }  # fmt: skip


def one_run(
    height: int, width: int, chosen: dict[str, Any], rounds: int
) -> dict[str, Any]:
    """All of `stylize` at one scale."""
    from nstlib import stylize
    from nstlib.large.tiles import tile_side
    from nstlib.lbfgs import pairs_kept
    from nstlib.settings import make_settings

    size = max(height, width)
    settings = make_settings(size=size, steps=rounds, coarse_to_fine=False, **chosen)
    content, style = pictures(height, width)
    result = stylize(content, style, settings)
    margin = 2 * settings.margin
    return {
        "tile": tile_side(height, width, settings),
        "seconds": result.seconds / result.evaluations,
        "pairs": pairs_kept(height + margin, width + margin, settings.history),
        "gibibytes": peak_bytes() / 2**30,
    }


def shape_of(text: str) -> tuple[int, int]:
    """Width and height from ``3840x2160``, for `argparse`."""
    if not (found := re.fullmatch(r"([1-9]\d*)[x×]([1-9]\d*)", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT")
    return int(found[1]), int(found[2])


def show_evaluation(size: int, tile: int, chosen: dict[str, Any], rounds: int) -> None:
    """Measure and print one line of the table."""
    try:
        task = (size, size, {**chosen, "tile": tile}, rounds)
        found = in_a_process(one_evaluation, *task)
    except Exception as error:  # too little memory, or a tile that is all halo
        print(f"{size:5d} {tile:5d}  {error}", flush=True)
        return
    print(
        f"{size:5d} {tile:5d}  {found['tiles']:5d}  {found['seconds']:8.2f}  "
        f"{found['gibibytes']:5.2f}",
        flush=True,
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print one line each."""
    parser = Parser(__doc__)
    add_sizes(parser, 1024, 2048)
    add = parser.add_argument
    add("--tiles", type=number, nargs="+", default=[0, 512, 768, 1024])
    add("--count", type=count, default=3, help="evaluations")
    add("--run", type=shape_of, nargs="+", metavar="WIDTHxHEIGHT", default=[])
    add("--set", nargs="*", default=[], metavar="key=value", help="other settings")
    args = parser.parse_args(argv)
    from nstlib.settings import make_settings, parse_settings

    chosen = parse_settings(args.set)
    make_settings(**chosen)  # complains here, not in each process
    for width, height in args.run:
        found = in_a_process(one_run, height, width, chosen, args.count)
        print(
            f"{width}×{height}: {found['seconds']:.2f} s for an evaluation, "
            f"{found['gibibytes']:.2f} GiB, tile {found['tile']}, "
            f"{found['pairs']} curvature pairs",
            flush=True,
        )
    if args.run:
        return
    print(f"{'size':>5s} {'tile':>5s}  {'tiles':>5s}  {'seconds':>8s}  {'GiB':>5s}")
    for size in args.sizes:
        for tile in args.tiles:
            show_evaluation(size, tile, chosen, args.count)


if __name__ == "__main__":
    main()
