"""A composition, before it is painted: what every stroke looks at.

Taught in: 10_creative_control. Lengths are in the units of `nstlib.painter.canvas`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import mix, trace


class Sketch:
    """A composition: the colour and the stroke direction wanted at every place.

    Taught in: 10_creative_control. A stroke reads the grid once, so it may be
    coarse; it does not depend on the picture's size.

    Args:
        canvas: the canvas it is for.
        colour: RGB all over, 0–255.
        pixels: grid points a unit.
    """

    def __init__(
        self, canvas: Canvas, colour: np.ndarray, pixels: float = 288.0
    ) -> None:
        """Lay out an empty composition."""
        self.x, self.y = canvas.mesh(pixels)
        self.u, self.v = self.x / canvas.w, self.y / canvas.h
        self.pixels, zero = pixels, np.zeros_like(self.x)
        self.rgb = mix(colour, colour, zero)
        self.angle, self.depth, self.reach = zero, zero, zero + 1

    def put(
        self,
        where: np.ndarray,
        rgb: np.ndarray,
        angle: np.ndarray | float | None = None,
        reach: np.ndarray | float = 1.0,
    ) -> None:
        """Lay one more thing over what is there.

        Args:
            where: a mask or coverage 0–1, ``(h, w)``.
            rgb: its colour, ``(3,)`` or ``(h, w, 3)``.
            angle: direction of its strokes, radians; None leaves it as it is.
            reach: factor on the length of its strokes.
        """
        inside = where > 0.5
        self.rgb = mix(self.rgb, rgb, where)
        self.depth = np.where(inside, self.depth.max() + 1, self.depth)
        self.reach = np.where(inside, reach, self.reach)
        if angle is not None:
            self.angle = np.where(inside, angle, self.angle)

    def slope(self, ridge: np.ndarray) -> np.ndarray:
        """Return the angle of a line given by its height (v) along the picture."""
        aspect = self.x.max() / self.y.max()
        return np.arctan(np.gradient(ridge, axis=1) * ridge.shape[1] / aspect)

    def at(self, field: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Read one of its grids at ``(N, 2)`` points."""
        column, row = np.floor(points * self.pixels).astype(int).T
        rows, columns = field.shape[:2]
        return field[row.clip(0, rows - 1), column.clip(0, columns - 1)]

    def paint(
        self,
        canvas: Canvas,
        passes: Sequence[tuple[int, float, float]],
        bristles: int = 5,
        streak: float = 12.0,
    ) -> None:
        """Paint all of it with strokes that follow its directions.

        Args:
            canvas: what to paint on.
            passes: ``(number of strokes, width, length)``, coarse to fine.
            bristles, streak: see `Canvas.strokes`.
        """
        for count, width, length in passes:
            starts = canvas.scatter(count)
            nearness = self.at(self.depth, starts)
            starts = starts[np.argsort(nearness, kind="stable")]
            lengths = length * canvas.rng.uniform(0.6, 1.3, count)
            lengths *= self.at(self.reach, starts)
            paths = trace(lambda p: self.at(self.angle, p), starts, lengths)
            widths = width * canvas.rng.uniform(0.7, 1.25, count)
            colours = self.at(self.rgb, starts)
            canvas.strokes(paths, widths, colours, bristles, streak)
