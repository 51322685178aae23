"""How many frames of a film are painted in a second, and how much they flicker.

    python benchmarks/film.py --sizes 256 512 --frames 50

The clip is painted by code, with a tone as its sound. Each line is one film, painted
from file to file in a process of its own: its method and longer side, the frames in a
second after the first one, and the warping error on what is visible in two frames, in
gray levels and as a multiple of that of the original. "alone" optimizes each frame for
itself, which takes long: ``--alone`` says for how many frames.

    python benchmarks/film.py --memory --sizes 128 --frames 50

With ``--memory``, ``nst video`` paints so many frames, and then four times as many.
Each line says how much memory its process held at most, in MiB, without ffmpeg's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import (
    STYLE,
    InputError,
    Parser,
    add_sizes,
    command,
    count,
    in_a_process,
    peak_bytes,
)

METHODS = ("feedforward", "adain", "optimize", "alone")


def painted(method: str, size: int, frames: int, steps: int | None) -> dict[str, Any]:
    """Paint the clip by one method, and return what was measured."""
    from nstlib.film.choices import Choices
    from nstlib.film.door import paint_film
    from nstlib.film.example import write_example

    times: list[float] = []
    kind = "optimize" if method == "alone" else method
    more: Any = {"steps": steps} if kind == "optimize" and steps else {}
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        made = paint_film(
            write_example(clip, frames, size * 9 // 16, size),
            "starry_night" if method == "feedforward" else STYLE,
            Path(folder) / "film.mp4",
            method=kind,
            size=size,
            choices=Choices(reach=()) if method == "alone" else None,
            callback=lambda step: times.append(step.seconds),
            **more,
        )
    later = (times[-1] - times[0]) / max(1, len(times) - 1)
    return {"seconds": later, "frames": made.frames, **made.flicker}


def held(method: str, size: int, clip: Path, out: Path, steps: int | None) -> int:
    """Paint a clip with ``nst video``, and return the most bytes that it held."""
    from nstlib.cli.main import main

    style = "starry_night" if method == "feedforward" else str(STYLE)
    words = ["--size", str(size), "--method", method, "--quiet", "-o", str(out)]
    if method == "optimize" and steps:
        words += ["--steps", str(steps), "--frame-steps", str(steps)]
    if status := main(["video", str(clip), style, *words]):
        raise InputError(f"nst video ended with status {status}.")
    return peak_bytes()


def print_memory(method: str, size: int, frames: int, steps: int | None) -> None:
    """Print the memory for a clip, and for one that is four times as long."""
    from nstlib.film.example import write_example

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for length in (frames, 4 * frames):
            clip, out = (Path(folder) / f"{name}{length}.mp4" for name in ("in", "out"))
            write_example(clip, length, size * 9 // 16, size)
            held_bytes = in_a_process(held, method, size, clip, out, steps)
            found.append(f"{length:5} frames: {held_bytes / 2**20:5.0f} MiB")
    print(f"{method:12} {size:5} px  {'  '.join(found)}", flush=True)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Print a line for each film."""
    parser = Parser(__doc__)
    add_sizes(parser, 256)
    frames = "frames of the clip, default %(default)s"
    parser.add_argument("--frames", type=count, default=50, metavar="N", help=frames)
    alone = "frames that are optimized each for itself, default %(default)s"
    parser.add_argument("--alone", type=count, default=6, metavar="N", help=alone)
    steps = "evaluations of a frame that stands for itself; with --memory, of each"
    parser.add_argument("--steps", type=count, metavar="N", help=steps)
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, default=METHODS, help="default all"
    )
    memory = "measure memory in place of speed and flicker"
    parser.add_argument("--memory", action="store_true", help=memory)
    args = parser.parse_args(argv)
    for size in args.sizes:
        for method in args.methods:
            if args.memory:
                if method != "alone":
                    print_memory(method, size, args.frames, args.steps)
                continue
            frames = args.alone if method == "alone" else args.frames
            found = in_a_process(painted, method, size, frames, args.steps)
            error, floor = found["film"], found["original"]
            print(
                f"{method:12} {size:5} px  {1 / found['seconds']:6.2f} frames/s  "
                f"{error:5.2f} gray levels, {error / floor:.2f} × the original's",
                flush=True,
            )


if __name__ == "__main__":
    main()
