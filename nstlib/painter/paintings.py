"""The ten paintings by name, and the function that paints any of them.

Taught in: 10_creative_control. Each painting has its own palette, texture and
composition, can have any size, and is free to use and to change.
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
"""Name → function ``(height, width, seed=0, **options)`` that paints the picture."""


def paint(
    name: str, height: int = 768, width: int = 768, seed: int = 0, **options: Any
) -> np.ndarray:
    """Paint one of the course's own style pictures.

    Taught in: 10_creative_control. The same arguments give the same picture. Another
    size gives the same picture larger or smaller; another seed gives a variation.

    Args:
        name: one of `PAINTINGS`.
        height, width: in pixels, 16 to 4096; neither is more than four times the other.
        seed: any integer from 0.
        options: options of the painting. All have ``palette``, a name in `PALETTES` or
            eight colours. The docstring of each painting describes the others, such as
            ``stroke`` or ``swirl``.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.

    Raises:
        ValueError: there is no such painting, option, size or palette.

    Example:
        >>> tapestry = paint("tapestry", 32, 48, seed=1, palette="autumn")
        >>> tapestry.shape
        (32, 48, 3)
        >>> bool((tapestry == paint("tapestry", 32, 48, seed=2)).all())
        False
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
