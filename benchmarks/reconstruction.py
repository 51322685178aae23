"""Measure how well the decoders give back a photo.

    python benchmarks/reconstruction.py
    python benchmarks/reconstruction.py --data D --size 512 --sheets FOLDER

For each decoder the means over the photos are printed: PSNR in decibels, SSIM (Wang et
al. 2004, on gray, 1 is equal), and the largest shift of a channel's mean, in levels.
The photos are those of the evaluation data, or the course's own. This needs
scikit-image, which comes with the extra ``test``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import Parser, add_data, command, count, photos

if TYPE_CHECKING:
    from nstlib.vgg import FeatureExtractor

GRAY = [0.299, 0.587, 0.114]
MULTIPLE = 16  # the sides of a photo, so that pooling drops nothing
Row = tuple[float, float, float]


def judged(picture: np.ndarray, photo: np.ndarray) -> Row:
    """PSNR, SSIM and the largest shift of a mean."""
    from skimage.metrics import structural_similarity

    noise = np.mean((picture - photo) ** 2)
    alike = structural_similarity(picture @ GRAY, photo @ GRAY, data_range=255)
    shift = np.abs(picture.mean((0, 1)) - photo.mean((0, 1))).max()
    return float(10 * np.log10(255**2 / noise)), float(alike), float(shift)


def decoded(
    photo: np.ndarray, network: FeatureExtractor, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """What each decoder makes of a photo."""
    from nstlib.decoders import decode, decoder_level, load_decoder
    from nstlib.preprocessing import deprocess, preprocess

    maps, made = network(preprocess(photo)), {}
    for name in names:
        level = decoder_level(name)
        tensor = decode(load_decoder(name), maps[level], level)
        made[name] = deprocess(tensor.numpy())
    return made


def load(path: Path, size: int) -> np.ndarray:
    """A photo whose sides are multiples of `MULTIPLE`."""
    from nstlib.images import load_image

    photo = load_image(path, size)
    height, width = (side // MULTIPLE * MULTIPLE for side in photo.shape[:2])
    return photo[:height, :width]


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Decode every photo with every decoder, and print the table."""
    parser = Parser(__doc__)
    add_data(parser, "eval/content")
    parser.add_argument("--size", type=count, default=512, help="longer side")
    parser.add_argument("--count", type=count, help="only so many photos")
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of each photo")
    args = parser.parse_args(argv)
    files = photos(args.data)[: args.count]
    from nstlib.data import known_facts
    from nstlib.decoders import LEVELS
    from nstlib.images import contact_sheet, save_image
    from nstlib.vgg import load_network

    names = sorted(known_facts("decoders"))
    network = load_network("mini", LEVELS, precision="float32", border="replicate")
    rows: dict[str, list[Row]] = {name: [] for name in names}
    for path in files:
        photo = load(path, args.size)
        made = decoded(photo, network, names)
        for name, picture in made.items():
            rows[name].append(judged(picture, photo))
        if args.sheets:
            sheet = contact_sheet([photo, *made.values()], 2, args.size)
            save_image(sheet, args.sheets / f"{path.stem}.png")
    print(f"{'':14} PSNR dB   SSIM   shift")
    for name, values in rows.items():
        decibels, alike, shift = np.mean(values, axis=0)
        print(f"{name:14} {decibels:7.2f} {alike:6.3f} {shift:7.2f}")


if __name__ == "__main__":
    main()
