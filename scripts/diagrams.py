"""Draw the diagrams of the lessons.

    python scripts/diagrams.py
    python scripts/diagrams.py loop gram
    python scripts/diagrams.py --pictures

Each is an SVG in `docs/diagrams`; without names, all are drawn. `loop` comes in a
variant for each of the lessons 01 to 09 and 13, such as `loop_04`. The small pictures
in them lie in `scripts/drawings/pictures`; `--pictures` paints these anew, which takes
some minutes. The paths are printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from command import ROOT, InputError, Parser, command, count
from drawings.card import PICTURES, Card
from drawings.convolution import convolution
from drawings.course import course_map
from drawings.film import film
from drawings.gradient import backpropagation, two_loops
from drawings.gram import gram
from drawings.history import history
from drawings.loop import LESSONS, loop
from drawings.methods import choice, one_pass
from drawings.scales import SIZE, coarse_to_fine, paint
from drawings.studio import studio
from drawings.vgg import vgg

DIAGRAMS: dict[str, Callable[[], Card]] = {
    "loop": loop,
    "vgg": vgg,
    "convolution": convolution,
    "gram": gram,
    "backpropagation": backpropagation,
    "two_loops": two_loops,
    "coarse_to_fine": coarse_to_fine,
    "course_map": course_map,
    "history": history,
    "one_pass": one_pass,
    "choice": choice,
    "film": film,
    "studio": studio,
}
"""Name → what draws it."""


def drawn(name: str) -> dict[str, str]:
    """The files of a diagram: name → text in SVG."""
    texts = {name: DIAGRAMS[name]().svg()}
    if name == "loop":
        texts |= {f"loop_{lesson}": loop(lesson).svg() for lesson in LESSONS}
    return texts


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Draw what is asked for."""
    parser = Parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path, metavar="FOLDER")
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument(
        "--size", type=count, default=SIZE, help="longer side of the finest picture"
    )
    args = parser.parse_args(argv)
    for name in args.names:
        if name not in DIAGRAMS:
            raise InputError(f"there is no {name}; choose from {', '.join(DIAGRAMS)}.")
    if args.pictures:
        for path in paint(args.size, args.out or PICTURES):
            print(path)
        return
    folder = args.out or ROOT / "docs" / "diagrams"
    for name in args.names or DIAGRAMS:
        for stem, text in drawn(name).items():
            path = folder / f"{stem}.svg"
            path.write_text(text, encoding="utf-8", newline="\n")
            print(path)


if __name__ == "__main__":
    main()
