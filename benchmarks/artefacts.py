"""Fine noise in flat areas, and frames along the border.

    python benchmarks/judge.py --data ../shared/data --photos golden_gate sailboat \
        --teacher 2 --pictures pictures
    python benchmarks/artefacts.py pictures

Noise: root mean square of the luminance above half the Nyquist frequency in a part of
the photo without detail, in grey levels; for MiniVGG's pictures, and for VGG19's.
Frame: how much the outermost lines differ from the second next, divided by the same
for lines inside the picture; near 1, there is no frame.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from nstlib import load_image
from nstlib.color import rgb_to_yiq

FLAT = {  # top, bottom, left, right, as shares of the picture
    "golden_gate": (0.05, 0.35, 0.35, 0.95),
    "sailboat": (0.70, 0.95, 0.10, 0.90),
}


def fine_noise(luminance: np.ndarray) -> float:
    """Root mean square above half the Nyquist frequency, in grey levels."""
    height, width = luminance.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    window /= np.sqrt(np.mean(window**2))
    spectrum = np.fft.fft2((luminance - luminance.mean()) * window)
    y, x = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    power = np.abs(spectrum) ** 2 / (height * width)
    return float(np.sqrt(power[np.maximum(abs(y), abs(x)) > 0.25].sum() / power.size))


def frame(luminance: np.ndarray) -> float:
    """The worst of the four sides."""
    worst = 0.0
    for picture in (luminance, luminance[::-1], luminance.T, luminance.T[::-1]):
        steps = np.abs(picture[2:] - picture[:-2]).mean(axis=1)
        worst = max(worst, steps[0] / np.median(steps[4 : len(steps) // 4]))
    return float(worst)


def main() -> None:
    """Measure every picture in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="pictures named PHOTO-STYLE-….png")
    args = parser.parse_args()
    print(f"{'':58s} noise  frame")
    for path in sorted(Path(args.folder).glob("*.png")):
        luminance = rgb_to_yiq(load_image(path))[..., 0]
        noise = "    –"
        if (photo := path.stem.split("-")[0]) in FLAT:
            top, bottom, left, right = FLAT[photo]
            height, width = luminance.shape
            rows = slice(int(top * height), int(bottom * height))
            columns = slice(int(left * width), int(right * width))
            noise = f"{fine_noise(luminance[rows, columns]):5.2f}"
        print(f"{path.stem:58s} {noise}  {frame(luminance):5.2f}")


if __name__ == "__main__":
    main()
