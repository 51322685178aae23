"""Several pictures in one, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.images.resizing import shrink


def contact_sheet(
    pictures: Sequence[np.ndarray], columns: int, side: int = 256, gap: int = 6
) -> np.ndarray:
    """Arrange pictures in a grid, without captions.

    Args:
        pictures: each ``(H, W, 3)``, RGB, 0–255. They are scaled down to fit into
            squares.
        columns: how many pictures are in a row.
        side: side of a square in pixels.
        gap: white pixels between pictures.

    Returns:
        float32 ``(H, W, 3)``, RGB, 0–255. Each row is as high as its highest picture.
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
