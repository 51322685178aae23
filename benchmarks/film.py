"""How many frames of a film are painted in a second, and how much they flicker.

    python benchmarks/film.py --sizes 256 512 --frames 50

The clip is painted by code, with a tone as its sound. Each line is one film, painted
from file to file in a process of its own: its method and longer side, the frames in a
second after the first one, and the warping error on what is visible in two frames, in
gray levels and as a multiple of that of the original. "alone" optimizes each frame for
itself, which takes long: ``--alone`` says for how many frames.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import STYLE, Parser, add_sizes, command, count, in_a_process

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


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Print a line for each film."""
    parser = Parser(__doc__)
    add_sizes(parser, 256)
    frames = "frames of the clip, default %(default)s"
    parser.add_argument("--frames", type=count, default=50, metavar="N", help=frames)
    alone = "frames that are optimized each for itself, default %(default)s"
    parser.add_argument("--alone", type=count, default=6, metavar="N", help=alone)
    steps = "evaluations of a frame that stands for itself"
    parser.add_argument("--steps", type=count, metavar="N", help=steps)
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, default=METHODS, help="default all"
    )
    args = parser.parse_args(argv)
    for size in args.sizes:
        for method in args.methods:
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
