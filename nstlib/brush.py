"""Brushes, noise and light: what every painting of `nstlib.paint` is made with.

Taught in: 10_creative_control. All lengths are in *units*: the picture has area
one, so a square is 1 × 1 and a 4:3 picture 1.155 × 0.866. Nothing is measured in
pixels, which is why the same seed gives the same picture at every size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

Field = Callable[[np.ndarray, np.ndarray], np.ndarray]
WORK = 512
"""Small pictures are painted at least this large, then reduced."""


def hexes(colours: str | Sequence[str]) -> np.ndarray:
    """Turn ``"#102030 #a0b0c0"`` (or a list of such) into ``(N, 3)``, 0–255.

    Taught in: 10_creative_control.
    """
    words = colours.split() if isinstance(colours, str) else colours
    rows = [[int(word.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4)] for word in words]
    return np.array(rows, dtype=np.float32)


def ramp(colours: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """Blend along a row of colours.

    Taught in: 10_creative_control.

    Args:
        colours: ``(N, 3)``, 0–255.
        t: any shape, 0 (first colour) to 1 (last); beyond is held.

    Returns:
        ``t.shape + (3,)``.
    """
    at = np.clip(t, 0, 1) * (len(colours) - 1)
    low = np.minimum(at.astype(int), len(colours) - 2) if np.ndim(at) else int(at)
    low = np.minimum(low, len(colours) - 2)
    part = np.asarray(at - low, dtype=np.float32)[..., np.newaxis]
    return colours[low] * (1 - part) + colours[low + 1] * part


def mix(a: np.ndarray, b: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """Blend two colours or pictures, ``t`` from 0 (all a) to 1 (all b).

    Taught in: 10_creative_control.
    """
    part = np.asarray(t, dtype=np.float32)[..., np.newaxis]
    return a * (1 - part) + b * part


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high`` (falls if low > high).

    Taught in: 10_creative_control.
    """
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(rng: np.random.Generator, octaves: int = 1) -> Field:
    """Make a smooth random function of the plane.

    Taught in: 10_creative_control. Random values on the integer lattice, blended
    in between; each further octave is twice as fine and half as strong.

    Args:
        rng: source of the lattice values.
        octaves: 1 (smooth) to 6 (rough).

    Returns:
        ``field(x, y)`` with values of about −1 to 1, one cell a unit of x and y:
        ``field(9 * x, 9 * y)`` has nine cells across a square picture.
    """
    table = rng.uniform(-1, 1, (octaves, 256, 256)).astype(np.float32)

    def field(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        total = np.zeros(np.broadcast(x, y).shape, dtype=np.float32)
        for octave in range(octaves):
            total += lattice(table[octave], x * 2**octave, y * 2**octave) / 2**octave
        return total

    return field


def lattice(table: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Read a table between its entries: smooth, repeating every 256 cells."""
    left, top = np.floor(x), np.floor(y)
    u, v = (x - left).astype(np.float32), (y - top).astype(np.float32)
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    i, j = top.astype(np.int32) & 255, left.astype(np.int32) & 255
    i1, j1 = (i + 1) & 255, (j + 1) & 255
    upper = table[i, j] * (1 - u) + table[i, j1] * u
    lower = table[i1, j] * (1 - u) + table[i1, j1] * u
    return upper * (1 - v) + lower * v


class Sketch:
    """A composition: the colour and the stroke direction wanted at every place.

    Taught in: 10_creative_control. The grid is as coarse as it is because a stroke
    reads it once; it does not depend on the picture's size.

    Args:
        canvas: the canvas it is for.
        colour: RGB all over, 0–255.
        pixels: grid points a unit.
    """

    def __init__(
        self, canvas: Canvas, colour: Sequence[float], pixels: float = 384
    ) -> None:
        """Lay out an empty composition."""
        self.x, self.y = canvas.mesh(pixels)
        self.u, self.v = self.x / canvas.w, self.y / canvas.h
        self.pixels, zero = pixels, np.zeros_like(self.x)
        self.rgb = zero[..., np.newaxis] + np.asarray(colour, dtype=np.float32)
        self.angle, self.depth, self.reach = zero, zero.copy(), zero + 1

    def put(
        self,
        where: np.ndarray,
        rgb: np.ndarray,
        angle: np.ndarray | float | None = None,
        reach: np.ndarray | float = 1.0,
    ) -> None:
        """Lay one more thing over what is there.

        Args:
            where: its coverage, 0–1 (or a mask), ``(h, w)``.
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

    def at(self, field: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Read one of its grids at ``(N, 2)`` points."""
        column, row = np.floor(points * self.pixels).astype(int).T
        rows, columns = field.shape[:2]
        return field[row.clip(0, rows - 1), column.clip(0, columns - 1)]


class Canvas:
    """A surface to draw on, in units, with paint that has thickness.

    Taught in: 10_creative_control.

    Args:
        height, width: of the finished picture, pixels, 1 or more.
        seed: of every random choice.
        ground: RGB of the bare canvas, 0–255.
    """

    def __init__(
        self, height: int, width: int, seed: int, ground: Sequence[float] = (255,) * 3
    ) -> None:
        """Prime the canvas."""
        self.rng = np.random.default_rng(seed)
        self.w, self.h = (width / height) ** 0.5, (height / width) ** 0.5
        self.reduce = max(1, -(-WORK // max(height, width)))
        self.size = (height * self.reduce, width * self.reduce)
        self.unit = 2 * self.size[0] / self.h
        # Drawn at twice the working size: averaging 2 × 2 pixels is the
        # anti-aliasing. The fourth channel is the thickness of the paint.
        big = (2 * self.size[1], 2 * self.size[0])
        self.image = Image.new("RGBA", big, (*(int(c) for c in ground), 60))
        self.draw = ImageDraw.Draw(self.image)

    def mesh(self, pixels: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y, in units, of every working pixel, or of a coarser grid.

        Args:
            pixels: grid points a unit; None for one at each working pixel.
        """
        rows, columns = self.size
        if pixels:
            rows, columns = round(self.h * pixels), round(self.w * pixels)
        y, x = np.mgrid[:rows, :columns].astype(np.float32) + 0.5
        return x * (self.w / columns), y * (self.h / rows)

    def scatter(self, count: int) -> np.ndarray:
        """Return ``(count, 2)`` points spread evenly, a little past the edges."""
        # A jittered low-discrepancy sequence: uniform noise leaves holes.
        steps = np.arange(count)[:, np.newaxis] * (0.7548776662, 0.5698402910)
        points = (steps + self.rng.random(2)) % 1
        points += self.rng.normal(0, 0.3 / count**0.5, (count, 2))
        return (points * 1.08 - 0.04) * (self.w, self.h)

    def polygon(
        self, points: np.ndarray, colour: Sequence[float], thick: int = 90
    ) -> None:
        """Fill a polygon; ``points`` (N, 2) in units."""
        ink = (*(int(c) for c in np.clip(colour, 0, 255)), thick)
        self.draw.polygon((np.asarray(points) * self.unit).ravel().tolist(), fill=ink)

    def line(
        self, points: np.ndarray, colour: Sequence[float], width: float, thick: int = 90
    ) -> None:
        """Draw a polyline with round joints; ``width`` in units."""
        ink = (*(int(c) for c in np.clip(colour, 0, 255)), thick)
        pixels = max(1, round(width * self.unit))
        flat = (np.asarray(points) * self.unit).ravel().tolist()
        self.draw.line(flat, fill=ink, width=pixels, joint="curve")

    def disc(
        self, centre: Sequence[float], radius: float, colour: Sequence[float], thick=90
    ) -> None:
        """Fill a circle; centre and radius in units."""
        ink = (*(int(c) for c in np.clip(colour, 0, 255)), thick)
        x, y = centre[0] * self.unit, centre[1] * self.unit
        r = max(radius * self.unit, 0.5)
        self.draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)

    def brush(
        self,
        sketch: Sketch,
        passes: Sequence[tuple[int, float, float]],
        bristles: int = 5,
        streak: float = 12.0,
    ) -> None:
        """Paint a whole sketch with strokes that follow its directions.

        Args:
            sketch: what to paint.
            passes: ``(number of strokes, width, length)``, coarse to fine.
            bristles, streak: see `strokes`.
        """
        for count, width, length in passes:
            starts = self.scatter(count)
            nearness = sketch.at(sketch.depth, starts)
            starts = starts[np.argsort(nearness, kind="stable")]
            lengths = length * self.rng.uniform(0.6, 1.3, count)
            lengths *= sketch.at(sketch.reach, starts)
            paths = trace(lambda p: sketch.at(sketch.angle, p), starts, lengths)
            widths = width * self.rng.uniform(0.7, 1.25, count)
            self.strokes(paths, widths, sketch.at(sketch.rgb, starts), bristles, streak)

    def strokes(
        self,
        paths: np.ndarray,
        widths: np.ndarray | float,
        colours: np.ndarray,
        bristles: int = 6,
        streak: float = 12.0,
    ) -> None:
        """Brush many strokes, each a bundle of bristles of slightly unlike colour.

        Args:
            paths: ``(N, P, 2)`` in units, painted in this order.
            widths: one or ``(N,)``, in units.
            colours: ``(N, 3)`` or ``(3,)``, 0–255.
            bristles: bristles in a brush, 1 to 12.
            streak: how much the bristles differ, in grey levels.
        """
        count, steps, _ = paths.shape
        widths = np.broadcast_to(widths, (count,))
        along = np.gradient(paths, axis=1)
        along /= np.linalg.norm(along, axis=2, keepdims=True) + 1e-9
        normal = np.stack([-along[..., 1], along[..., 0]], axis=2)[:, np.newaxis]
        lanes = np.linspace(-0.5, 0.5, bristles) if bristles > 1 else np.zeros(1)
        aside = lanes[:, np.newaxis] * widths[:, np.newaxis, np.newaxis]
        tracks = paths[:, np.newaxis] + aside[..., np.newaxis] * normal
        shade = self.rng.normal(0, streak, (count, bristles, 1))
        shade = shade + self.rng.normal(0, streak / 3, (count, bristles, 3))
        inks = np.broadcast_to(colours, (count, 3))[:, np.newaxis] + shade
        thick = self.rng.integers(70, 255, (count, bristles, 1))
        inks = np.concatenate([np.clip(inks, 0, 255), thick], axis=2).astype(int)
        # Ragged ends: each bristle touches down a little later, lifts earlier.
        ends = self.rng.integers(0, max(2, steps // 3), (count, bristles, 2))
        pixels = np.maximum(1, np.ceil(widths * self.unit / bristles * 1.3)).astype(int)
        flat = (tracks * self.unit).reshape(count, bristles, -1).tolist()
        inks, ends = inks.tolist(), ends.tolist()
        for n in range(count):
            for b in range(bristles):
                start, stop = ends[n][b]
                run = flat[n][b][2 * start : 2 * (steps - stop)]
                self.draw.line(run, fill=tuple(inks[n][b]), width=int(pixels[n]))

    def layers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the colours ``(h, w, 3)`` and the thickness ``(h, w)``, 0–1."""
        big = np.asarray(self.image, dtype=np.float32)
        small = big.reshape(self.size[0], 2, self.size[1], 2, 4).mean(axis=(1, 3))
        return small[..., :3], small[..., 3] / 255

    def finish(
        self,
        rgb: np.ndarray | None = None,
        thickness: np.ndarray | None = None,
        relief: float = 0.5,
        grain: float = 4.0,
    ) -> np.ndarray:
        """Light the surface from the upper left, add grain, reduce to size.

        Args:
            rgb, thickness: instead of what was drawn; ``(h, w, 3)`` and ``(h, w)``.
            relief: strength of the light on the ridges of the paint, 0–1.
            grain: of the paper or canvas, in grey levels.

        Returns:
            float32 ``(H, W, 3)``, RGB, 0–255.
        """
        drawn, thick = self.layers() if rgb is None else (rgb, thickness)
        light = np.zeros(self.size, dtype=np.float32)
        if thick is not None and relief:
            down, right = np.gradient(thick)
            light = np.tanh((down + right) * relief * self.unit / 1536 * 2)
        x, y = self.mesh()
        fine = noise(self.rng, 2)(190 * x, 190 * y) * grain
        lit = drawn * (1 - 0.28 * light[..., np.newaxis]) + fine[..., np.newaxis]
        k, (height, width) = self.reduce, self.size
        lit = lit.reshape(height // k, k, width // k, k, 3).mean(axis=(1, 3))
        return np.clip(lit, 0, 255).astype(np.float32)


def trace(
    flow: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    lengths: np.ndarray,
    steps: int = 9,
) -> np.ndarray:
    """Follow a field of directions from many points at once.

    Taught in: 10_creative_control.

    Args:
        flow: gives the direction, an angle in radians, at points ``(N, 2)``.
        starts: ``(N, 2)`` middles of the strokes, in units.
        lengths: ``(N,)`` or one, in units.
        steps: points in each stroke.

    Returns:
        Paths ``(N, steps, 2)``.
    """
    paths = np.empty((len(starts), steps, 2))
    step = np.broadcast_to(np.asarray(lengths), (len(starts),)) / (steps - 1)
    half = steps // 2
    paths[:, half] = starts
    for sign, order in ((1, range(half + 1, steps)), (-1, range(half - 1, -1, -1))):
        for i in order:
            angle = flow(paths[:, i - sign])
            move = np.stack([np.cos(angle), np.sin(angle)], axis=1)
            paths[:, i] = paths[:, i - sign] + sign * step[:, np.newaxis] * move
    return paths


def curve(points: Sequence[Sequence[float]], count: int = 60) -> np.ndarray:
    """Draw a smooth (Catmull–Rom) curve through points.

    Taught in: 10_creative_control.

    Args:
        points: ``(N, 2)``, passed in this order.
        count: points of the result.

    Returns:
        ``(count, 2)``, from the first point to the last.
    """
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    at = np.linspace(0, len(p) - 3, count)
    i = np.minimum(at.astype(int), len(p) - 4)
    t = (at - i)[:, np.newaxis]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    slope, bend = (c - a) / 2, (d - b) / 2
    cubic = (2 * (b - c) + slope + bend) * t**3
    return cubic + (3 * (c - b) - 2 * slope - bend) * t**2 + slope * t + b
