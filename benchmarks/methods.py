"""Compare every method on the same picture: seconds, memory, and distances.

    python benchmarks/methods.py --sizes 512 2048

Each method repaints a square made of the course's cat in Starry Night. The best of
three rounds after the first counts, of the optimization its only one; reading the
pictures does not count. Each size and method runs in a process of its own, whose peak
of memory is printed. The distances are those of `nstlib.report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from common import (
    IMAGES,
    STYLE,
    Parser,
    add_sizes,
    clocked,
    command,
    count,
    in_a_process,
    peak_bytes,
)

if TYPE_CHECKING:
    from nstlib.runs.result import Result

METHODS = ("feedforward", "adain", "wct", "swap", "neighbors", "optimize")


def measure(method: str, size: int, rounds: int) -> str:
    """Measure in this process; the line to print."""
    from nstlib import report, stylize
    from nstlib.images import load_image, resize

    photo = resize(load_image(IMAGES / "content" / "cat.jpg"), size, size)
    painting = load_image(STYLE)
    style = STYLE.stem if method == "feedforward" else painting
    results: list[Result] = []

    def run() -> None:
        results[:] = [stylize(photo, style, size=size, method=method)]

    task = clocked(run)
    seconds = [task() for _ in range(1 if method == "optimize" else 1 + rounds)]
    peak = peak_bytes() / 2**20
    judged = report(results[0].image, photo, painting)
    return (
        f"{method:12} {size:5} px {min(seconds[1:] or seconds):7.2f} s {peak:7.0f} MiB"
        f"  content {judged.content:.3f}  style left {judged.style_left:.1%}"
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Start a process for each method and size."""
    parser = Parser(__doc__)
    add_sizes(parser, 512)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--rounds", type=count, default=3, help="after the first")
    args = parser.parse_args(argv)
    for size in args.sizes:
        for method in args.methods:
            print(in_a_process(measure, method, size, args.rounds), flush=True)


if __name__ == "__main__":
    main()
