"""The command ``nst paint``, which paints style pictures like those of the course."""

from __future__ import annotations

import argparse
import inspect
import os
import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from nstlib import __version__
from nstlib.cli.console import Parser, Signals, check_name, write
from nstlib.cli.targets import about_target
from nstlib.errors import ImageError, UsageError
from nstlib.files import as_path
from nstlib.images import check_writable, read_metadata, save_image
from nstlib.names import first_free, is_there
from nstlib.painter import PAINTINGS, PALETTES, check_painting, options_of, paint
from nstlib.runs.facts import is_ours

SIDE = 768
"""Default length of each side in pixels."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst paint``."""
    add = parser.add_argument
    add("name", nargs="?", metavar="NAME", help="The painting; list names all.")
    size = f"The sides of a square picture, 16 to 4096 pixels, default {SIDE}."
    add("--size", type=int, metavar="N", help=size)
    width = f"The width in pixels, default the height, or else {SIDE}."
    add("--width", type=int, metavar="W", help=width)
    height = f"The height in pixels, default the width, or else {SIDE}."
    add("--height", type=int, metavar="H", help=height)
    seed = "A whole number, default 0. Each makes a different picture of the same kind."
    add("--seed", type=int, default=0, metavar="S", help=seed)
    palette = "Its name, or eight colors as '#rrggbb', separated by commas."
    add("--palette", metavar="P", help=palette)
    setting = "An option of the painting, as in swirl=1.5. It can be repeated."
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    add("-o", "--out", help=f"The picture, default output{os.sep}NAME.png.")


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst paint`` and return its exit status."""
    if args.name in (None, "list"):
        return _list_paintings()
    check_name("painting", args.name, PAINTINGS)
    (width, height), wishes = _sides(args), _wishes(args)
    check_painting(args.name, height, width, args.seed, wishes)
    made = {"Software": f"nstlib {__version__}"}
    made["Comment"] = _command(args.name, width, height, args.seed, wishes)
    out = _target(args.out, args.name, made["Comment"])
    check_writable(out)
    write(sys.stdout, f"Painting {args.name}, {width}×{height} pixels …")
    began = time.perf_counter()
    picture = paint(args.name, height, width, args.seed, **wishes)
    holds = out.suffix.lower() not in (".bmp", ".gif")
    save_image(picture, out, made if holds else None)
    seconds = time.perf_counter() - began
    write(sys.stdout, f"Saved {out} after {seconds:.1f} s. Next: nst stylize cat {out}")
    return 0


def _list_paintings() -> int:
    for name, function in PAINTINGS.items():
        what = (function.__doc__ or "").splitlines()[0]
        palette = inspect.signature(function).parameters["palette"].default
        numbers = [
            f"{option}={facts.default:g} ({facts.low:g} to {facts.high:g})"
            for option, facts in options_of(name).items()
        ]
        write(sys.stdout, f"{name:18} {what}")
        write(sys.stdout, f"{'':18} {', '.join([f'palette={palette}', *numbers])}")
    write(sys.stdout, f"Palettes: {', '.join(PALETTES)}; or eight colors of your own.")
    write(sys.stdout, "Next: nst paint starry_night --palette autumn --set swirl=2")
    return 0


def _sides(args: argparse.Namespace) -> tuple[int, int]:
    """Return the width and the height in pixels."""
    if args.size is None:
        width = SIDE if args.width is None else args.width
        height = SIDE if args.height is None else args.height
        return (
            height if args.width is None else width,
            width if args.height is None else height,
        )
    if args.width is not None or args.height is not None:
        raise UsageError("give either --size, for a square, or --width and --height.")
    return args.size, args.size


def _wishes(args: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the painting, from ``--set`` and ``--palette``."""
    wishes: dict[str, Any] = {}
    if args.palette is not None:
        wishes["palette"] = args.palette.replace(",", " ")
    for pair in args.set:
        key, equals, text = (part.strip() for part in pair.partition("="))
        if not equals:
            raise UsageError(f"write {pair} as key=value, as in swirl=1.5.")
        if key in wishes:
            raise UsageError(f"{key} is given twice.")
        wishes[key] = text.replace(",", " ") if key == "palette" else _number(text)
    return wishes


def _number(text: str) -> int | float | str:
    """Read a number, or return the text, so that the painter can refuse it."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def _target(typed: str | None, name: str, command: str) -> Path:
    """Return the path for the picture, and say if it replaces one that is there."""
    typed = typed or f"output{os.sep}"
    out = meant = as_path(typed)
    chosen = typed.endswith(("/", os.sep)) or out.is_dir()
    if chosen:
        meant = out / f"{name}.png"
        out = first_free(meant, lambda p: not is_there(p) or _comment(p) == command)
    said = about_target(meant, out, is_ours(out), chosen)
    if said:
        write(sys.stdout, said)
    return out


def _comment(path: Path) -> str:
    """Return the command that a painting was made with; an empty text if it was not."""
    try:
        return read_metadata(path).get("Comment", "")
    except ImageError:
        return ""


def _command(
    name: str, width: int, height: int, seed: int, wishes: dict[str, Any]
) -> str:
    """Return the command that paints the same picture again."""
    words = ["nst", "paint", name, "--width", str(width), "--height", str(height)]
    words += ["--seed", str(seed)]
    for key, value in wishes.items():
        words += ["--set", f"{key}={value}"]
    return shlex.join(words)
