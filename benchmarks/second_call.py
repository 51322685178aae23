"""What the second picture costs before its first evaluation, and whether memory grows.

    python benchmarks/second_call.py --sizes 512 --calls 200

One `Stylizer` repaints three pictures of each size: a first one, another photo in the
same style, and that photo in another style. Printed are the seconds from the call to
the first evaluation of the loss, reading the files included: the time of the first
answer less that of one evaluation. Then `nstlib.stylize` is called so many times at 96
and 80 pixels, by four methods in turn; printed is the memory that the process holds
after a tenth of the calls and after all of them. Each part has a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from common import IMAGES, Parser, add_sizes, command, count, in_a_process

CALLS = (
    ("first", "cat", "starry_night"),
    ("another photo", "coffee", "starry_night"),
    ("another style", "coffee", "great_wave"),
)


def before_evaluations(size: int, steps: int) -> dict[str, float]:
    """Seconds before the first evaluation of each call, in this process."""
    from nstlib import Stylizer

    found, stylizer = {}, Stylizer(size=size, steps=steps, coarse_to_fine=False)
    for name, photo, style in CALLS:
        answers = [time.perf_counter()]
        stylizer(
            IMAGES / "content" / f"{photo}.jpg",
            IMAGES / "style" / f"{style}.jpg",
            callback=lambda _: answers.append(time.perf_counter()),  # noqa: B023
        )
        gaps = [after - before for before, after in pairwise(answers)]
        found[name] = gaps[0] - median(gaps[1:])
    return found


def growth(calls: int) -> tuple[float, float]:
    """MiB held after a tenth of the calls, and after all of them, in this process."""
    import psutil

    from nstlib import paint, stylize

    def held() -> float:
        return float(psutil.Process().memory_info().rss) / 2**20

    photo, painting = paint("tapestry", 72, 96), paint("great_wave", 96, 96)
    methods, early = ("optimize", "adain", "wct", "swap", "neighbors"), 0.0
    for call in range(1, calls + 1):
        method, size = methods[call % 4], (96, 80)[call // 4 % 2]
        steps: dict[str, Any] = {"steps": 3} if method == "optimize" else {}
        stylize(photo, painting, size=size, method=method, **steps)
        if call == max(1, calls // 10):
            early = held()
    return early, held()


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Print both."""
    parser = Parser(__doc__)
    add_sizes(parser, 512)
    parser.add_argument("--steps", type=count, default=5, help="of each call")
    parser.add_argument("--calls", type=count, default=200, help="of small pictures")
    args = parser.parse_args(argv)
    for size in args.sizes:
        found = in_a_process(before_evaluations, size, max(3, args.steps))
        for name, seconds in found.items():
            print(
                f"{size:5} px  {name:14} {seconds:6.2f} s before the first evaluation"
            )
    early, late = in_a_process(growth, args.calls)
    print(
        f"{args.calls} calls: {early:.0f} MiB after {max(1, args.calls // 10)}, "
        f"{late:.0f} MiB after all of them"
    )


if __name__ == "__main__":
    main()
