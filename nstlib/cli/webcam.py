"""The command ``nst webcam``, which repaints what a camera sees."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from nstlib.cli import studio
from nstlib.cli.console import Parser, Signals
from nstlib.course.pictures import find_network
from nstlib.errors import UsageError
from nstlib.files import shown
from nstlib.film.camera import painted_camera
from nstlib.film.libraries import APART, ffmpeg
from nstlib.transformers import shipped_styles

SIDE = 320
"""The longer side of the frames of a device in pixels, if no size is given."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst webcam``."""
    add = parser.add_argument
    first, *others = shipped_styles()
    style = f"The style: {first} (the default), {', '.join(others)}, or with --device, "
    add("look", nargs="?", metavar="STYLE", help=style + "a file that nst train saved.")
    device = "The camera that ffmpeg reads, such as /dev/video0. No browser is opened."
    add("--device", metavar="DEVICE", help=device)
    out = "With --device, where the painted frames go: a film, or - for a stream of "
    add("-o", "--out", help=out + "pictures to stdout; default a window.")
    size = "With --device, the longer side of the painted frames in pixels; default "
    add("--size", type=int, metavar="N", help=f"{size}{SIDE}.")
    studio.options(parser)


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst webcam`` and return its exit status."""
    if args.device:
        network = find_network(args.look).source
        _show(painted_camera(args.device, network, args.size or SIDE), args.out)
        return 0
    if args.out or args.size:
        raise UsageError(
            "-o and --size need --device: name the camera, such as /dev/video0, or "
            "leave them out to use the browser."
        )
    name = args.look or shipped_styles()[0]
    if name not in shipped_styles():
        raise UsageError(
            f"{shown(name)} is not a style of the page: choose from "
            f"{', '.join(shipped_styles())}, or add --device for a network of yours."
        )
    return studio.run(args, signals, f"webcam?style={name}")


def _show(frames: Iterator[np.ndarray], out: str | None) -> None:
    """Show frames in a window, or write them to a film or to stdout."""
    if out == "-":
        target: list[str] = []
    elif out:
        target = [ffmpeg(), "-v", "error", "-y", "-use_wallclock_as_timestamps", "1"]
        target += ["-f", "image2pipe", "-c:v", "ppm", "-i", "-", "-pix_fmt", "yuv420p"]
        target += ["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", out]
    else:
        player = shutil.which("ffplay")
        if not player or (sys.platform == "linux" and not os.environ.get("DISPLAY")):
            raise UsageError(
                "no window can be opened, because that needs ffplay and a screen: name "
                "a film with -o, send pictures to stdout with -o -, or leave out "
                "--device to use the browser."
            )
        target = [player, "-v", "error", "-f", "image2pipe", "-c:v", "ppm", "-i", "-"]
    with suppress(BrokenPipeError, KeyboardInterrupt):  # the window was closed
        if not target:
            _write(frames, sys.stdout.buffer)
            return
        with subprocess.Popen(target, stdin=subprocess.PIPE, **APART) as process:
            with suppress(KeyboardInterrupt):
                _write(frames, process.stdin)
            if process.stdin:
                process.stdin.close()


def _write(frames: Iterator[np.ndarray], stream: Any) -> None:
    for frame in frames:
        height, width, _ = frame.shape
        stream.write(f"P6\n{width} {height}\n255\n".encode() + frame.tobytes())
        stream.flush()
