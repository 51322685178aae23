"""Compare every method on the same picture: seconds, memory, and distances.

    python benchmarks/methods.py --sizes 512 2048
    python benchmarks/methods.py --methods feedforward quick --rounds 1

Each method repaints a square made of the course's cat in Starry Night. The best of
three rounds after the first counts, of the optimization its only one; reading the
photo does not count. Each size and method runs in a process of its own, whose peak
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
from every_method import METHODS, repaint

if TYPE_CHECKING:
    from nstlib.runs.result import Result


def measure(method: str, size: int, rounds: int) -> str:
    """Measure in this process; the line to print."""
    from nstlib import report
    from nstlib.images import load_image, resize

    photo = resize(load_image(IMAGES / "content" / "cat.jpg"), size, size)
    results: list[Result] = []

    def run() -> None:
        results[:] = [repaint(method, photo, STYLE, size=size)]

    task = clocked(run)
    seconds = [task() for _ in range(1 if method == "optimize" else 1 + rounds)]
    peak = peak_bytes() / 2**20
    judged = report(results[0].image, photo, load_image(STYLE))
    return (
        f"{method:12} {size:5} px {min(seconds[1:] or seconds):7.2f} s {peak:7.0f} MiB"
        f"  content {judged.content:.3f}  style left {judged.style_left:.1%}"
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Start a process for each method and size."""
    parser = Parser(__doc__)
    add_sizes(parser, 512)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--rounds", type=count, default=3, help="after the first")
    args = parser.parse_args(argv)
    for size in args.sizes:
        for method in args.methods:
            print(in_a_process(measure, method, size, args.rounds), flush=True)


if __name__ == "__main__":
    main()
