"""What reading a picture takes: announced, guarded, and never far more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

import nstlib
from nstlib.errors import ImageError
from nstlib.images import decoding, load_alpha, load_image, modes
from nstlib.images.decoding import decoding_memory

PEAK = """
import re, sys
from pathlib import Path
from nstlib.images import load_image
from PIL import Image, ImageFile
import psutil

def peak():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", status)[1])

Image.init()
before = peak()
load_image(sys.argv[1], int(sys.argv[2]) or None)
print(peak() - before)
"""


def peak_of(path, side):
    """Bytes that a process of its own takes to read a picture."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path), str(side)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(nstlib.__file__).parents[1])},
    )  # fmt: skip
    return int(done.stdout)


def announced(path, side):
    with Image.open(path) as image:
        height, width = nstlib.images.fit_within(
            image.height, image.width, side or None
        )
        return decoding_memory(image, image.size, height, width)


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize("side", [512, 0])
def test_reading_takes_no_more_than_is_announced(tmp_path, side):
    path = tmp_path / "large.png"
    columns = np.tile(np.arange(6000, dtype=np.uint16) // 30, (6000, 1))
    image = Image.fromarray(columns.astype(np.uint8)).convert("P")
    image.save(path, compress_level=1)
    said = announced(path, side)
    assert 0.4 * said < peak_of(path, side) < 1.15 * said


@pytest.mark.parametrize(
    ("mode", "suffix", "options", "each"),
    [
        ("P", "png", {}, 1),
        ("L", "png", {}, 1),
        ("RGB", "png", {}, 4),
        ("RGBA", "png", {}, 4),
        ("I;16", "png", {}, 2),
        ("RGB", "tif", {}, 5),
        ("RGB", "webp", {}, 16),
    ],
)
def test_what_is_announced_for_each_kind(tmp_path, mode, suffix, options, each):
    path = tmp_path / f"a.{suffix}"
    Image.new(mode, (400, 300)).save(path, **options)
    clear = 4 * (mode == "RGBA")
    with Image.open(path) as image:
        found = decoding_memory(image, image.size, 30, 40)
    assert found == (each + 24) * 400 * 300 + (12 + clear) * 30 * 40


def test_a_progressive_jpeg_takes_its_memory_even_if_it_is_decoded_small(tmp_path):
    for progressive, more in ((False, 0), (True, 6)):
        path = tmp_path / "a.jpg"
        Image.new("RGB", (4000, 3000)).save(path, progressive=progressive)
        with Image.open(path) as image:
            image.draft("RGB", (80, 60))
            found = decoding_memory(image, (4000, 3000), 30, 40)
        least = more * 4000 * 3000
        assert least <= found < least + 16_000_000


@pytest.mark.parametrize("read", [load_image, load_alpha])
def test_a_picture_that_does_not_fit_is_told_before_it_is_decoded(
    tmp_path, monkeypatch, read
):
    path = tmp_path / "large.png"
    Image.new("RGB", (6000, 5000)).save(path)
    monkeypatch.setattr(decoding, "available_memory", lambda: 2**27)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(ImageError) as caught:
        read(path, 512)
    assert str(caught.value) == (
        f"{path} has 6000×5000 pixels, and reading it takes about 0.2 GiB of memory, "
        "but only 0.1 GiB can be used: scale it down first, or close other programs."
    )


def test_small_pictures_do_not_ask_what_is_free(tmp_path, monkeypatch):
    path = tmp_path / "small.png"
    Image.new("RGB", (600, 500)).save(path)
    monkeypatch.setattr(decoding, "available_memory", lambda: pytest.fail("asked"))
    assert load_image(path).shape == (500, 600, 3)


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "RGBA", "I;16", "F", "CMYK"])
@pytest.mark.parametrize("side", [None, 200, 40])
@pytest.mark.parametrize("orientation", [1, 6])
def test_bands_cannot_be_seen(tmp_path, monkeypatch, mode, side, orientation):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (301, 402, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    if mode == "I;16":
        image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257)
    elif mode == "RGBA":
        image.putalpha(Image.fromarray(noise[..., 1]))
    else:
        image = image.convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / (
        "a.png" if mode in ("P", "L", "RGB", "RGBA", "I;16") else "a.tif"
    )
    image.save(path, exif=exif)
    whole, opacity = load_image(path, side), load_alpha(path, side)
    monkeypatch.setattr(modes, "BAND_PIXELS", 402 * 37)
    banded, other = load_image(path, side), load_alpha(path, side)
    # Pictures that become far smaller are averaged in blocks first, and the blocks of
    # each band begin at its own first row.
    most = {None: 0, 200: 1, 40: 8}[side]
    assert np.abs(banded - whole).max() <= most
    assert (opacity is None) == (other is None) == (mode != "RGBA")
    if opacity is not None:
        assert 255 * np.abs(opacity - other).max() <= most + 1e-3
