"""Several pictures as one, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.images.resizing import shrink


def contact_sheet(
    pictures: Sequence[np.ndarray], columns: int, side: int = 256, gap: int = 6
) -> np.ndarray:
    """Join pictures to one, without captions, for files and gallery pages.

    Args:
        pictures: each ``(H, W, 3)``, 0–255; they are fitted into squares.
        columns: pictures in a row.
        side: of a square, in pixels.
        gap: white pixels between pictures.

    Returns:
        float32 RGB; each row is as high as its highest picture.
    """
    fitted = [shrink(p, side) for p in pictures]
    rows = [fitted[i : i + columns] for i in range(0, len(fitted), columns)]
    strips = []
    for row in rows:
        height = max(len(picture) for picture in row)
        width = columns * (side + gap) - gap
        strip = np.full((height + gap, width, 3), 255, np.float32)
        for index, picture in enumerate(row):
            top = (height - picture.shape[0]) // 2
            left = index * (side + gap) + (side - picture.shape[1]) // 2
            strip[top : top + len(picture), left : left + picture.shape[1]] = picture
        strips.append(strip)
    return np.concatenate(strips)[: -gap or None]
