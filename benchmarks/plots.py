"""Draw the measurements of `rivals.py` and `scaling.py` for docs/performance.md.

    python benchmarks/rivals.py --only ours scipy tutorial stylize --out race.json
    python benchmarks/scaling.py --out scaling.json
    python benchmarks/plots.py race.json scaling.json -o docs/performance.png

The two plots on the left show the lowest loss so far against the seconds, from noise
and from the photo; the dashed line is the loss at which SciPy ends. The plot on the
right shows the seconds of an evaluation against the pixels, beside a straight line
through its first point, on which the time would grow as the pixels do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import InputError, Parser, command, file

NAMES = {
    "stylize": "stylize, coarse to fine",
    "ours": "nstlib.lbfgs, one size",
    "ours32": "the same, float32",
    "scipy": "SciPy L-BFGS-B",
    "torch": "PyTorch L-BFGS",
    "tutorial": "Adam, tutorial loop",
    "keras": "SGD, Keras example",
}
"""Rival → its name in the legend."""


def read(path: Path, *keys: str) -> Any:
    """Read the figures of another benchmark; they must have these keys."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        rows = facts if isinstance(facts, list) else [facts]
        if all(key in row for row in rows for key in keys):
            return facts
    except ValueError:
        pass
    raise InputError(f"{path} does not hold {', '.join(keys)}: see --help.")


def draw_race(axes: Any, facts: Any, start: str) -> None:
    """Draw the loss of every rival against its seconds."""
    for place, (name, curve) in enumerate(facts[start]["curves"].items()):
        _, seconds, losses = zip(*curve, strict=True)
        axes.plot(seconds, losses, color=f"C{place}", label=NAMES[name], linewidth=2)
    axes.axhline(facts[start]["goal"], color="0.4", linestyle="--", linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="seconds", ylabel="lowest loss")
    axes.set_title(f"from the {start}" if start == "photo" else f"from {start}")


def draw_scaling(axes: Any, rows: Sequence[Any]) -> None:
    """Draw the seconds of an evaluation against the pixels."""
    pixels = [row["size"] ** 2 / 1e6 for row in rows]
    seconds = [row["seconds"] for row in rows]
    straight = [seconds[0] * each / pixels[0] for each in pixels]
    axes.plot(pixels, straight, color="0.4", linestyle="--", linewidth=1)
    axes.plot(pixels, seconds, "o-", color="C0", linewidth=2)
    for row, x, y in zip(rows, pixels, seconds, strict=True):
        axes.annotate(
            f"{row['size']}²", (x, y), textcoords="offset points", xytext=(6, -12)
        )
    axes.set(xscale="log", yscale="log", xlabel="megapixels")
    axes.margins(x=0.15)  # room for the last label
    axes.set(ylabel="seconds of an evaluation", title="cost against size")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Read, draw, write."""
    parser = Parser(__doc__)
    parser.add_argument("race", type=file, help="from rivals.py --out")
    parser.add_argument("scaling", type=file, help="from scaling.py --out")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    args = parser.parse_args(argv)
    facts = read(args.race, "noise", "photo")
    rows = read(args.scaling, "size", "seconds")
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(13, 4.4), layout="constrained")
    draw_race(axes[0], facts, "noise")
    draw_race(axes[1], facts, "photo")
    draw_scaling(axes[2], rows)
    axes[0].legend(fontsize="small")
    figure.savefig(args.out, dpi=130)
    print(args.out)


if __name__ == "__main__":
    main()
