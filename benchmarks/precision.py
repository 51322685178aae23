"""Does bfloat16 cost quality? Judge the final loss of both precisions in float32.

    python benchmarks/precision.py --sizes 256 512

Each of the course's pairs is painted in float32 and in bfloat16, at default settings
but for the margin, which is cut off the picture and could not be judged. The pictures,
not clipped, are then judged by one objective in float32. Printed are the loss of the
first, that of the second, and by how much it is higher. The same is printed for another
run in float32, from a start that differs by a hundredth of a gray level: so much is
chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from common import Parser, add_sizes, command, count, pairs


def judged(
    photo: np.ndarray, style: np.ndarray, size: int, steps: int
) -> tuple[float, float, float]:
    """Final losses: float32, bfloat16, float32 from a start that is a hair away."""
    from workload import extractor_for, paint

    from nstlib.backend import tf
    from nstlib.images import resize, shrink
    from nstlib.objective import Objective
    from nstlib.settings import Settings, make_settings

    exact = Settings(size=size, steps=steps, precision="float32", margin=0)
    rounded = make_settings(exact, precision="bfloat16")
    network, other = extractor_for(exact), extractor_for(rounded)
    runs = (
        paint(network, photo, style, exact),
        paint(other, photo, style, rounded),
        paint(network, photo, style, exact, nudge=0.01),
    )
    content = resize(photo, *runs[0].shape[1:3])
    objective = Objective(network, content, [(shrink(style, size), 1.0)], exact)
    one, two, three = (float(objective.losses(tf.constant(run))[0]) for run in runs)
    return one, two, three


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Paint the pairs and print the losses."""
    parser = Parser(__doc__)
    add_sizes(parser, 256)
    parser.add_argument("--steps", type=count, default=300, help="evaluations")
    parser.add_argument("--count", type=count, help="only so many pairs")
    args = parser.parse_args(argv)
    from nstlib.images import load_image

    print(f"{'':32} float32  bfloat16  higher by    by chance")
    for size in args.sizes:
        for photo, style in pairs(None)[: args.count]:
            pictures = load_image(photo), load_image(style)
            one, other, again = judged(*pictures, size, args.steps)
            name = f"{photo.stem}-{style.stem}, {size} px"
            higher, chance = (100 * (loss / one - 1) for loss in (other, again))
            print(
                f"{name:32} {one:7.4f}  {other:8.4f} {higher:8.2f} % {chance:9.2f} %",
                flush=True,
            )


if __name__ == "__main__":
    main()
