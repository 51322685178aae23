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
from nstlib.cli.options import add_setting
from nstlib.course.pictures import find_network
from nstlib.errors import UsageError
from nstlib.film.camera import painted_camera
from nstlib.film.libraries import APART, ffmpeg
from nstlib.transformers import shipped_styles

SIDE = 320
"""The longer side of the frames in pixels, if none is said."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst webcam``."""
    add = parser.add_argument
    style = f"The style: {', '.join(shipped_styles())}; with --device, also a file of "
    add("look", nargs="?", metavar="STYLE", help=style + "nst train.")
    device = "Read this device with ffmpeg, such as /dev/video0, and open no browser."
    add("--device", metavar="DEVICE", help=device)
    out = "Where the painted frames of --device go: a film, or - for a stream of "
    add(
        "-o",
        "--out",
        help=out + "pictures on stdout; default a window, if there is one.",
    )
    add_setting(parser, "size")
    studio.options(parser)


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst webcam`` and return its exit status."""
    if args.device:
        network = find_network(args.look).source
        _show(painted_camera(args.device, network, args.size or SIDE), args.out)
        return 0
    name = args.look or shipped_styles()[0]
    if name not in shipped_styles():
        raise UsageError(
            f"the page has the styles {', '.join(shipped_styles())}: choose one, or "
            "give another network with --device."
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
                "no window can be opened here, which needs ffplay and a screen: name a "
                "film with -o, send pictures to stdout with -o -, or leave --device "
                "out to use the browser."
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
