"""The command ``nst estimate``, which predicts the time and the memory of a run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from nstlib.cli.console import Parser, Signals, write
from nstlib.cli.options import add_set, add_setting
from nstlib.cli.progress import in_one_pass
from nstlib.course.pictures import LOADED_SIDE, find_network, find_or_default
from nstlib.fast.speed import estimate_one_pass
from nstlib.images import load_image
from nstlib.large.cost import BASE_BYTES, estimate
from nstlib.large.countdown import duration
from nstlib.large.fitting import largest_size, loaded_bytes, tile_that_fits
from nstlib.large.free_memory import usable_memory
from nstlib.limits import gigabytes, peak_so_far
from nstlib.settings import SCHEMA, make_settings, typed_settings
from nstlib.transformers import load_transformer

TYPED = ("steps", "quality", "network", "method", "refine")
"""Settings that have an option of their own, besides the sizes."""
SIZES = (256, 512, 768, 1024, 2048, 4096)


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst estimate``."""
    add = parser.add_argument
    photo = "The photo: a file, an address, or the name of a course picture."
    add("photo", nargs="?", metavar="PHOTO", help=photo)
    painting = "The painting: a file, an address, or the name of a course picture."
    add("style", nargs="?", metavar="STYLE", help=painting)
    sides = f"{SCHEMA['size'].meaning} Several can be named, default "
    sides += f"{', '.join(map(str, SIZES))} pixels."
    add("--size", type=int, nargs="+", metavar="N", help=sides)
    for name in TYPED:
        add_setting(parser, name)
    add_set(parser, "history=10")
    add("--json", action="store_true", help="Print one line of JSON.")


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst estimate`` and return its exit status."""
    settings = _settings(args)
    pictures = _load(args, settings[0].method)
    read = peak_so_far()  # a large picture may take more than the run
    free = usable_memory()
    rows = [_row(pictures, each, free, read) for each in settings]
    largest = _largest(pictures[0], settings[0], free)
    if args.json:
        facts = {"usable_bytes": free, "largest_size": largest, "sizes": rows}
        write(sys.stdout, json.dumps(facts))
        return 0
    first = settings[0]
    optimized = f"{first.quality}: network {first.network}, {first.steps} evaluations"
    one_pass = in_one_pass(first)
    write(sys.stdout, optimized if first.method == "optimize" else one_pass)
    write(sys.stdout, f"{'pixels':>11}  {'memory':>9}  {'time':>8}  fits")
    for row in rows:
        shape = f"{row['width']}×{row['height']}"
        memory, seconds = gigabytes(row["peak_bytes"]), duration(row["seconds"])
        write(sys.stdout, f"{shape:>11}  {memory:>9}  {seconds:>8}  {_fits(row)}")
    write(sys.stdout, _verdict(free, largest))
    return 0


def _fits(row: dict[str, Any]) -> str:
    if row["fits"]:
        return "in tiles" if row["tile"] else "yes"
    if row["fits"] is None:
        return "?"
    tile = row["tile_that_fits"]
    return f"in tiles, with --set tile={tile}" if tile else "no"


def _load(args: argparse.Namespace, method: str) -> list[Any]:
    """Load the photo, and the painting; of a trained network, its style picture."""
    side = max([LOADED_SIDE, *(args.size or [])])
    photo = load_image(find_or_default(args.photo, "content").source, side)
    if method == "feedforward":
        return [photo, load_transformer(find_network(args.style).source).style]
    return [photo, load_image(find_or_default(args.style, "style").source, side)]


def _settings(args: argparse.Namespace) -> list[Any]:
    """Return the settings for each of the sizes."""
    options = typed_settings(args, ("size", *TYPED))
    sizes = options.pop("size", SIZES)
    sizes = sizes if isinstance(sizes, list | tuple) else [sizes]
    return [make_settings(size=size, **options) for size in sizes]


def _row(
    pictures: Sequence[Any], settings: Any, free: int | None, read: int
) -> dict[str, Any]:
    height, width = pictures[0].shape[:2]
    predict = estimate if settings.method == "optimize" else estimate_one_pass
    cost = predict(height, width, settings)
    fits = None if free is None else cost.peak_bytes - BASE_BYTES <= free
    tile = tile_that_fits(height, width, settings, free or 0) if fits is False else None
    scales = [asdict(scale) for scale in cost.scales]
    for scale in scales:
        scale["seconds"] = round(scale["seconds"], 2)
    return {
        "size": settings.size,
        "height": cost.scales[-1].height,
        "width": cost.scales[-1].width,
        "peak_bytes": max(cost.peak_bytes + loaded_bytes(pictures), read),
        "seconds": round(cost.seconds, 1),
        "fits": fits,
        "tile": cost.scales[-1].tile,
        "tile_that_fits": tile,
        "scales": scales,
    }


def _verdict(free: int | None, largest: int | None) -> str:
    if free is None:
        return "How much memory is free is not known on this system."
    if largest is None:
        return f"{gigabytes(free)} can be used: too little for any size."
    return f"{gigabytes(free)} can be used: up to --size {largest}."


def _largest(photo: Any, settings: Any, free: int | None) -> int | None:
    height, width = photo.shape[:2]
    return None if free is None else largest_size(height, width, settings, free)
