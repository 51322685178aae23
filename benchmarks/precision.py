"""Does bfloat16 cost quality? The final loss of both precisions, judged in float32.

    python benchmarks/precision.py --sizes 256 512

Each of the course's pairs is painted in float32 and in bfloat16, at default settings
but for the margin, which is cut off the picture and could not be judged.
The pictures, not clipped, are then judged by one objective in float32. Printed: both
losses and by how much that of bfloat16 is higher, and the same for a second run in
float32 from a start that differs by a hundredth of a grey level: so much is chance.
"""

from __future__ import annotations

import argparse
from unittest import mock

import numpy as np
from convergence import IMAGES
from quality import COURSE

from nstlib import load_image, load_network, preprocess, stylize
from nstlib.color import match_covariance
from nstlib.images import resize, shrink
from nstlib.objective import Objective
from nstlib.preprocessing import BGR_MEANS
from nstlib.settings import Settings


def unclipped(tensor: np.ndarray) -> np.ndarray:
    """As `nstlib.deprocess`, but for the clipping."""
    return (tensor[0] + BGR_MEANS)[..., ::-1]


@mock.patch("nstlib.transfer.deprocess", unclipped)
def judged(photo: np.ndarray, style: np.ndarray, size: int) -> np.ndarray:
    """Final losses: float32, bfloat16, float32 from a start that is a hair away."""
    settings = Settings(size=size, precision="float32", margin=0)
    layers = [*settings.content_layers, *settings.style_layers]
    network = load_network(layers=layers, precision="float32", border=settings.border)
    start = match_covariance(photo, style)
    start += np.random.default_rng(0).normal(0, 0.01, photo.shape)
    runs = (
        stylize(photo, style, settings),
        stylize(photo, style, settings, precision="bfloat16"),
        stylize(photo, style, settings, start=np.clip(start, 0, 255)),
    )
    height, width = runs[0].image.shape[:2]
    small = shrink(style, size)
    content = resize(photo, height, width)
    objective = Objective(network, content, [(small, 1.0)], settings)
    return np.array([float(objective.losses(preprocess(r.image))[0]) for r in runs])


def main() -> None:
    """Paint the pairs and print the losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256])
    args = parser.parse_args()
    print(f"{'':32} float32  bfloat16  higher by    by chance")
    for size in args.sizes:
        for photo, style in COURSE:
            files = [
                IMAGES / folder / f"{name}.jpg"
                for folder, name in (("content", photo), ("style", style))
            ]
            one, other, again = judged(*map(load_image, files), size)
            name = f"{photo}-{style}, {size} px"
            higher, chance = (100 * (loss / one - 1) for loss in (other, again))
            print(f"{name:32} {one:7.4f}  {other:8.4f} {higher:8.2f} % {chance:9.2f} %")


if __name__ == "__main__":
    main()
