"""The ten paintings by name, and the one function that paints any of them.

Taught in: 10_creative_control. A picture of any size with a palette, a texture and a
composition of its own, free to use and to change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from nstlib.painter.crafts import rose_window, tapestry
from nstlib.painter.dots import pointillist_river
from nstlib.painter.ink import ink_mountains
from nstlib.painter.oils import autumn_birches, starry_night
from nstlib.painter.pigments import PALETTES
from nstlib.painter.planes import circles_and_lines, cubist_guitar
from nstlib.painter.prints import engraved_ship, great_wave

__all__ = ["PAINTINGS", "PALETTES", "paint"]

PAINTINGS: dict[str, Callable[..., np.ndarray]] = {
    "starry_night": starry_night,
    "great_wave": great_wave,
    "rose_window": rose_window,
    "pointillist_river": pointillist_river,
    "circles_and_lines": circles_and_lines,
    "cubist_guitar": cubist_guitar,
    "ink_mountains": ink_mountains,
    "tapestry": tapestry,
    "autumn_birches": autumn_birches,
    "engraved_ship": engraved_ship,
}
"""Every painting by name: ``fn(height, width, seed=0, **options) -> picture``."""


def paint(
    name: str, height: int = 768, width: int = 768, seed: int = 0, **options: Any
) -> np.ndarray:
    """Paint a picture.

    Taught in: 10_creative_control. The same arguments give the same picture; another
    size gives it larger or smaller, another seed gives another of its kind.

    Args:
        name: one of `PAINTINGS`.
        height, width: pixels, 16 to 4096, neither more than four times the other.
        seed: any integer from 0.
        options: those of the painting: ``palette`` in all of them (a name in
            `PALETTES` or eight colours), and ``stroke``, ``swirl``, … as its
            docstring says.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.

    Raises:
        ValueError: no such painting, option, size or palette.
    """
    if name not in PAINTINGS:
        raise ValueError(f"No painting {name!r}; there are: {', '.join(PAINTINGS)}.")
    known = list(inspect.signature(PAINTINGS[name]).parameters)[3:]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ValueError(
            f"{name} has no option {', '.join(unknown)}; it has: {', '.join(known)}."
        )
    short, long = sorted((height, width))
    if not (short >= 16 and long <= 4096 and long <= 4 * short):
        raise ValueError(
            f"Cannot paint {height} × {width} pixels: each side must be 16 to 4096 "
            "and neither more than four times the other."
        )
    return PAINTINGS[name](height, width, seed, **options)
