"""How many pictures a minute one process paints, and how many several workers do.

    python benchmarks/gallery.py

The same small pictures are painted by one process with all cores, and by one worker for
each core. What is counted begins when every worker has painted its first picture, so
that the start of TensorFlow is not part of it; it is printed beside. Both take turns,
and the fastest of the rounds counts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from common import COURSE, IMAGES, Parser, command, count, write_json


class Rate(NamedTuple):
    """What some workers achieved."""

    workers: int
    start: float
    """Seconds until every worker has painted a picture."""
    minute: float
    """Pictures in a minute after that."""


def tasks(pictures: int, chosen: dict[str, Any]) -> list[Any]:
    """What workers are asked for: the course's own pairs, again and again."""
    from nstlib.gallery.painting import Commission
    from nstlib.settings import make_settings

    text = make_settings(**chosen).to_json()
    found = []
    for number in range(pictures):
        names = COURSE[number % len(COURSE)]
        kinds = zip(("content", "style"), names, strict=True)
        photo, style = ((IMAGES / kind / f"{n}.jpg").read_bytes() for kind, n in kinds)
        found.append(Commission(photo, style, text, names, (None, None)))
    return found


def rate(workers: int, threads: int, pictures: int, chosen: dict[str, Any]) -> Rate:
    """Paint with so many workers, each with so many threads."""
    from nstlib.gallery.painting import paint
    from nstlib.worker.crew import Processes
    from nstlib.worker.orders import Order

    def paint_all(name: str, number: int) -> float:
        todo = tasks(number, chosen)
        orders = [Order(f"{name} {n}", paint, task) for n, task in enumerate(todo)]
        began = time.perf_counter()
        with closing(crew.outcomes(orders)) as outcomes:
            for outcome in outcomes:
                if outcome.error:
                    raise RuntimeError(outcome.error)
        return time.perf_counter() - began

    with Processes(workers, threads) as crew:
        start = paint_all("first", 2 * workers)  # two, so that each gets one
        return Rate(workers, start, 60 * pictures / paint_all("next", pictures))


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Print the rates, and how they compare."""
    parser = Parser(__doc__)
    parser.add_argument("--pictures", type=count, default=12, help="of each round")
    parser.add_argument("--size", type=count, default=128, help="longer side, pixels")
    parser.add_argument("--steps", type=count, default=24, help="of the optimizer")
    parser.add_argument("--method", default="optimize", help="how to paint")
    parser.add_argument("--rounds", type=count, default=2)
    parser.add_argument("--workers", type=count, help="by default one for each core")
    parser.add_argument("--out", type=Path, help="file for the figures, as JSON")
    args = parser.parse_args(argv)
    from nstlib.limits import cores

    several = args.workers or cores()
    chosen: dict[str, Any] = {"size": args.size, "method": args.method}
    if args.method == "optimize":
        chosen["steps"] = args.steps
    share = max(1, cores() // several)
    best: dict[int, Rate] = {}
    for _ in range(args.rounds):
        for workers, threads in ((1, cores()), (several, share)):
            found = rate(workers, threads, args.pictures, chosen)
            if workers not in best or best[workers].minute < found.minute:
                best[workers] = found
    alone, crew = best[1], best[several]
    for one in (alone, crew):
        print(
            f"{one.workers:3} workers: {one.minute:6.1f} pictures a minute, after "
            f"{one.start:.1f} s to start and paint {2 * one.workers}"
        )
    times = crew.minute / alone.minute
    print(f"{times:.2f} times the rate of one process with all cores")
    figures = {str(w): one._asdict() for w, one in best.items()}
    write_json(args.out, figures | {"times": times})


if __name__ == "__main__":
    main()
