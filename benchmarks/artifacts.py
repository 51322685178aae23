"""Measure fine noise in flat areas, and frames along the border.

    python benchmarks/judge.py --data DATA --photos golden_gate sailboat \\
        --teacher 2 --pictures pictures
    python benchmarks/artifacts.py pictures

One line is printed for each PNG of the folder. Noise is the root mean square of the
luminance above half the Nyquist frequency, in gray levels, in a part of the photo
without detail; such a part is known of the two photos above. Frame says how much the
outermost lines differ from the second next, divided by the same for lines inside the
picture: near 1, there is no frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import Parser, command, folder, pictures_in

FLAT = {  # top, bottom, left, right, as shares of the picture
    "golden_gate": (0.05, 0.35, 0.35, 0.95),
    "sailboat": (0.70, 0.95, 0.10, 0.90),
}
LEAST = 0.01  # gray levels, so that a plain picture divides nothing by zero


def fine_noise(luminance: np.ndarray) -> float:
    """Root mean square above half the Nyquist frequency, in gray levels."""
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
        usual = max(np.median(steps[4 : len(steps) // 4]), LEAST)
        worst = max(worst, steps[0] / usual)
    return float(worst)


def line(path: Path) -> str:
    """What is printed of one picture."""
    from nstlib.color import rgb_to_yiq
    from nstlib.images import load_image

    luminance = rgb_to_yiq(load_image(path))[..., 0]
    noise = "    –"
    if (photo := path.stem.split("-")[0]) in FLAT:
        top, bottom, left, right = FLAT[photo]
        height, width = luminance.shape
        rows = slice(int(top * height), int(bottom * height))
        columns = slice(int(left * width), int(right * width))
        noise = f"{fine_noise(luminance[rows, columns]):5.2f}"
    return f"{path.stem:58s} {noise}  {frame(luminance):5.2f}"


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure every picture in a folder."""
    parser = Parser(__doc__)
    parser.add_argument("folder", type=folder, help="pictures named PHOTO-STYLE-….png")
    args = parser.parse_args(argv)
    files = pictures_in(args.folder, "*.png")
    print(f"{'':58s} noise  frame")
    for path in files:
        print(line(path))


if __name__ == "__main__":
    main()
