"""How well do the decoders give back a photo?

    python benchmarks/reconstruction.py
    python benchmarks/reconstruction.py --data D --size 512 --sheets FOLDER

For each decoder the mean over the photos of PSNR (in decibels) and SSIM (Wang et al.
2004, on grey, 1 is equal), and the largest shift of a channel's mean, in levels.
Photos are those of the evaluation data, or the course's own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from skimage.metrics import structural_similarity

from nstlib import deprocess, load_image, load_network, preprocess, save_image
from nstlib.decoders import LEVELS, decode, decoder_level, load_decoder
from nstlib.plotting import contact_sheet
from nstlib.weights import known_facts

ROOT = Path(__file__).parents[1]
GREY = [0.299, 0.587, 0.114]


def judged(picture: np.ndarray, photo: np.ndarray) -> tuple[float, float, float]:
    """PSNR, SSIM and the largest shift of a mean."""
    noise = np.mean((picture - photo) ** 2)
    alike = structural_similarity(picture @ GREY, photo @ GREY, data_range=255)
    shift = np.abs(picture.mean((0, 1)) - photo.mean((0, 1))).max()
    return float(10 * np.log10(255**2 / noise)), float(alike), float(shift)


def main() -> None:
    """Decode every photo with every decoder, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with eval/content")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of each photo")
    args = parser.parse_args()
    folder = Path(args.data) / "eval" if args.data else ROOT / "images"
    names = sorted(known_facts("decoders"))
    network = load_network("mini", LEVELS, precision="float32", border="replicate")
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for file in sorted((folder / "content").glob("*.jpg")):
        photo = load_image(file, args.size)
        height, width = (side // 16 * 16 for side in photo.shape[:2])
        photo = photo[:height, :width]
        maps, shown = network(preprocess(photo)), [photo]
        for name in names:
            level = decoder_level(name)
            made = decode(load_decoder(name), maps[level], level).numpy()
            shown.append(deprocess(made))
            rows[name].append(judged(shown[-1], photo))
        if args.sheets:
            sheet = contact_sheet(shown, 2, args.size)
            save_image(sheet, args.sheets / f"{file.stem}.png")
    print(f"{'':14} PSNR dB   SSIM   shift")
    for name, values in rows.items():
        decibels, alike, shift = np.mean(values, axis=0)
        print(f"{name:14} {decibels:7.2f} {alike:6.3f} {shift:7.2f}")


if __name__ == "__main__":
    main()
