"""The composition of a painting, from which every stroke takes its color.

Taught in: 10_creative_control. Lengths are in the units of `nstlib.painter.canvas`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import mix, trace


class Sketch:
    """A composition: the wanted color and stroke direction at every place.

    Taught in: 10_creative_control. They are stored in grids that do not depend on the
    picture's size. The grids may be coarse, because a stroke reads them only once.

    Args:
        canvas: the canvas that it will be painted on.
        color: RGB color of the empty composition, 0–255.
        pixels: grid points per unit.
    """

    def __init__(
        self, canvas: Canvas, color: np.ndarray, pixels: float = 288.0
    ) -> None:
        """Lay out an empty composition."""
        self.x, self.y = canvas.mesh(pixels)
        self.u, self.v = self.x / canvas.w, self.y / canvas.h
        self.pixels, zero = pixels, np.zeros_like(self.x)
        self.rgb = mix(color, color, zero)
        self.angle, self.depth, self.reach = zero, zero, zero + 1

    def put(
        self,
        where: np.ndarray,
        rgb: np.ndarray,
        angle: np.ndarray | float | None = None,
        reach: np.ndarray | float = 1.0,
    ) -> None:
        """Put one more thing in front of what is there.

        Args:
            where: its shape, ``(h, w)``: a mask, or a coverage from 0 to 1.
            rgb: its color, ``(3,)`` or ``(h, w, 3)``, 0–255.
            angle: direction of its strokes in radians; None leaves it as it is.
            reach: factor on the length of its strokes.
        """
        inside = where > 0.5
        self.rgb = mix(self.rgb, rgb, where)
        self.depth = np.where(inside, self.depth.max() + 1, self.depth)
        self.reach = np.where(inside, reach, self.reach)
        if angle is not None:
            self.angle = np.where(inside, angle, self.angle)

    def slope(self, ridge: np.ndarray) -> np.ndarray:
        """Return the angle of a line, given its height (v) at each place."""
        aspect = self.x.max() / self.y.max()
        return np.arctan(np.gradient(ridge, axis=1) * ridge.shape[1] / aspect)

    def at(self, field: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Return the values of one of its grids at points ``(N, 2)``, in units."""
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
        """Paint the composition with strokes that follow its directions.

        Args:
            canvas: the canvas to paint on.
            passes: ``(number of strokes, width, length)``, coarse to fine, in units.
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
            colors = self.at(self.rgb, starts)
            canvas.strokes(paths, widths, colors, bristles, streak)
