"""Several pictures as one animation.

Taught in: 10_creative_control.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from nstlib.errors import ImageError, about_pictures
from nstlib.files import atomic_write
from nstlib.images.reading import Picture, as_picture
from nstlib.images.resizing import resize


def save_gif(
    pictures: Iterable[Picture],
    path: str | Path,
    seconds: float = 0.2,
    back_and_forth: bool = False,
) -> Path:
    """Save pictures as an animated GIF that repeats forever.

    Taught in: 10_creative_control. GIF stores at most 256 colors for each picture.

    Args:
        pictures: each ``(H, W, 3)``, RGB, 0–255. All are resized to the last one.
        path: a file name that ends in ``.gif``. An existing file is replaced; missing
            folders are created.
        seconds: how long each picture is shown, 0.02 to 600; GIF rounds this to
            hundredths.
        back_and_forth: play backwards after the last picture instead of jumping to the
            first.

    Returns:
        The path that was written.

    Raises:
        ImageError: there are no pictures, the suffix or ``seconds`` is wrong, or the
            file cannot be written.
    """
    frames = [as_picture(picture) for picture in pictures]
    if not frames:
        raise ImageError(f"{path} was not written: there are no pictures.")
    if Path(path).suffix.lower() != ".gif":
        raise ImageError(f"{path} does not name a GIF: end it with .gif.")
    if not 0.02 <= seconds <= 600:
        raise ImageError(f"seconds is a number from 0.02 to 600, not {seconds!r}.")
    height, width, _ = frames[-1].shape
    if back_and_forth:
        frames += frames[-2:0:-1]
    images = [
        Image.fromarray(np.rint(resize(frame, height, width)).astype(np.uint8))
        for frame in frames
    ]
    encoded = io.BytesIO()
    images[0].save(
        encoded,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=round(seconds * 1000),
        loop=0,
    )
    with about_pictures():
        return atomic_write(path, lambda file: file.write(encoded.getbuffer()))
