"""Paint the film of the README: a clip made by code, and beside it the clip painted.

    python scripts/readme_film.py

writes docs/film.webp, an animated WebP, and prints its path. The clip is
`nstlib.film.example.moving_shapes`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from command import ROOT, Parser, command, count

RATE = 12
"""Frames in a second."""


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Paint the film."""
    parser = Parser(__doc__)
    parser.add_argument("--frames", type=count, default=48, help="of the film")
    parser.add_argument("--side", type=count, default=256, help="of each half")
    parser.add_argument("--style", default="great_wave", help="a trained network")
    out = "where to write, default %(default)s"
    parser.add_argument("--out", type=Path, default=ROOT / "docs/film.webp", help=out)
    args = parser.parse_args(argv)

    import numpy as np
    from PIL import Image

    from nstlib.film.door import paint_film
    from nstlib.film.example import write_example
    from nstlib.film.opening import open_film

    args.out.parent.mkdir(parents=True, exist_ok=True)  # before what takes minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        height, width = args.side * 9 // 16, args.side
        # Strokes have a fixed width: paint at twice the size, then reduce.
        clip = write_example(
            folder / "clip.mkv", args.frames, 2 * height, 2 * width, RATE
        )
        painted = folder / "painted"
        paint_film(clip, args.style, painted, method="feedforward")
        pairs = zip(open_film(clip).frames(), open_film(painted).frames(), strict=True)
        frames = [
            Image.fromarray(np.concatenate(pair, axis=1)).resize(
                (2 * width, height), Image.Resampling.LANCZOS
            )
            for pair in pairs
        ]
    frames[0].save(
        args.out, save_all=True, append_images=frames[1:], duration=1000 // RATE,
        loop=0, quality=60, method=4,
    )  # fmt: skip
    print(args.out)


if __name__ == "__main__":
    main()
