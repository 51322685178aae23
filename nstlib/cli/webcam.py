"""The command ``nst webcam``, which repaints what a camera sees."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from nstlib.cli import studio
from nstlib.cli.console import Parser, Signals, nearest, write
from nstlib.course.pictures import find_network
from nstlib.errors import FilmError, UsageError
from nstlib.files import as_path, new_file_beside, shown
from nstlib.film.camera import painted_camera
from nstlib.film.libraries import APART, ffmpeg, last_words
from nstlib.film.writing import FORMATS, check_film, encoder_of
from nstlib.names import is_there
from nstlib.transformers import shipped_styles

PICTURES = ["-f", "image2pipe", "-c:v", "ppm", "-i", "-"]
"""Options of ffmpeg and ffplay: a stream of pictures comes in."""
SIDE = 320
"""The longer side of the frames of a device in pixels, if no size is given."""
SMALLEST = 16
"""The smallest of these sides that can be chosen."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst webcam``."""
    add = parser.add_argument
    first, *others = shipped_styles()
    style = f"The style: {first} (the default), {', '.join(others)}, or with --device, "
    add("look", nargs="?", metavar="STYLE", help=style + "a file that nst train saved.")
    device = "The camera that ffmpeg reads, such as /dev/video0, in place of a browser."
    add("--device", metavar="DEVICE", help=device)
    out = "With --device, where the painted frames go: a film, or - for a stream of "
    add("-o", "--out", help=out + "pictures to stdout. The default is a window.")
    size = "With --device, the longer side of the painted frames in pixels; default "
    add("--size", type=int, metavar="N", help=f"{size}{SIDE}.")
    studio.options(parser)


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst webcam`` and return its exit status."""
    if args.size is not None and args.size < SMALLEST:
        raise UsageError(f"--size must be {SMALLEST} pixels or more, not {args.size}.")
    if args.device:
        network = find_network(args.look).source
        frames = painted_camera(args.device, network, args.size or SIDE)
        if args.out == "-":
            with suppress(BrokenPipeError, KeyboardInterrupt):  # nobody reads on
                for frame in frames:
                    _write(frame, sys.stdout.buffer)
        elif args.out:
            _record(frames, args.out)
        else:
            _show(frames)
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
            f"{', '.join(shipped_styles())}, or add --device to use a network of your "
            "own."
        )
    return studio.run(args, signals, f"webcam?style={name}")


def _show(frames: Iterator[np.ndarray]) -> None:
    """Show frames in a window until it is closed."""
    player = shutil.which("ffplay")
    if not player or (sys.platform == "linux" and not os.environ.get("DISPLAY")):
        raise UsageError(
            "no window can be opened, because that needs ffplay and a screen: name "
            "a film with -o, send pictures to stdout with -o -, or leave out "
            "--device to use the browser."
        )
    _pipe(frames, [player, "-v", "error", *PICTURES])


def _record(frames: Iterator[np.ndarray], typed: str) -> None:
    """Write frames to a film until Ctrl-C, each shown as long as it took to paint.

    An older film of that name stays until the new one is whole.
    """
    out = as_path(typed)
    if not out.suffix or out.is_dir() or typed.endswith(("/", os.sep)):
        raise UsageError(
            f"{shown(typed)} is not the name of a film: end it with .mp4, or send "
            "pictures to stdout with -o -."
        )
    check_film(out)
    encoder, options = encoder_of(out)
    kind, replaced = FORMATS[out.suffix.lower()], " It is replaced." * is_there(out)
    write(sys.stderr, f"Recording {nearest(out)} until you press Ctrl-C.{replaced}")
    target = [ffmpeg(), "-v", "error", "-y", "-use_wallclock_as_timestamps", "1"]
    target += [*PICTURES, *(["-vf", kind.filters] if kind.filters else [])]
    target += ["-c:v", encoder, *options.split(), *kind.options, "-f", kind.container]
    with new_file_beside(out) as file:
        file.close()
        count, status, words = _pipe(frames, [*target, file.name])
        if status:
            raise FilmError(
                f"{shown(out)} cannot be written ({last_words(words)}): choose another "
                "format or another folder with -o."
            )
        os.replace(file.name, out)  # noqa: PTH105
    write(sys.stderr, f"Saved {nearest(out)}: {count} frames.")


def _pipe(frames: Iterator[np.ndarray], program: list[str]) -> tuple[int, int, bytes]:
    """Send frames to a program.

    Returns:
        How many frames it took, its exit status, and what it complained about.

    Raises:
        KeyboardInterrupt: the run was interrupted before the first frame.
    """
    count = 0
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(
            program, stdin=subprocess.PIPE, stderr=words, **APART
        ) as process:
            stream: Any = process.stdin
            try:
                for frame in frames:
                    _write(frame, stream)
                    count += 1
            except BrokenPipeError:
                pass  # its words say why
            except KeyboardInterrupt:
                if not count:
                    raise
            with suppress(BrokenPipeError):
                stream.close()
        words.seek(0)
        return count, process.returncode, words.read()


def _write(frame: np.ndarray, stream: Any) -> None:
    height, width, _ = frame.shape
    stream.write(f"P6\n{width} {height}\n255\n".encode() + frame.tobytes())
    stream.flush()
