"""Crafts in glass and threads: a rose window and a tapestry.

Taught in: 10_creative_control. See `nstlib.painter.oils` for how places and
sizes are given, and what ``pal`` is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import arc, blur, mix, noise, pigments, points

Palette = str | Sequence[str]


class _Glazier:
    """Cuts the panes of a round window and sets them in lead.

    Radii are fractions of the window's radius.
    """

    def __init__(self, c: Canvas, pal: np.ndarray) -> None:
        """Measure the window."""
        self.c, self.pal, self.lead = c, pal, pal[0] * 0.7
        self.hub, self.radius = c.place / 2, 0.49 * min(c.w, c.h)

    def at(self, r: np.ndarray | float, turn: np.ndarray | float) -> np.ndarray:
        """Return the points at given radii and angles (in radians)."""
        r, turn = np.broadcast_arrays(r, turn)
        way = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        return self.hub + self.radius * r[..., np.newaxis] * way

    def pane(self, corners: np.ndarray, tone: int, lead: float = 0.0042) -> None:
        """Set one pane; no two panes have exactly the same color."""
        rng = self.c.rng
        tint = self.pal[tone] * rng.uniform(0.65, 1.25) + rng.normal(0, 16, 3)
        self.c.polygon(corners, tint, 40)
        self.c.line(np.vstack([corners, corners[:2]]), self.lead, lead, 230)

    def ring(
        self,
        inner: float,
        outer: float,
        count: int,
        tones: Sequence[int],
        rows: int = 1,
    ) -> None:
        """Set rows of bricks round the hub."""
        r = np.linspace(inner, outer, rows + 1)
        for k in range(count):
            for j in range(rows):
                turn = (k + 0.5 * j + np.linspace(0, 1, 7)) * 2 * np.pi / count
                edges = self.at(r[j], turn), self.at(r[j + 1], turn[::-1])
                self.pane(np.vstack(edges), tones[(k + j) % len(tones)])

    def roundels(
        self, at: float, size: float, count: int, tones: Sequence[int], turn: float
    ) -> None:
        """Set a ring of small six-petalled roses."""
        size = size * self.radius
        for k in range(count):
            middle = self.at(at, (k + turn) * 2 * np.pi / count)
            self.pane(arc(middle, size), tones[0], 0.009)
            for petal in arc(middle, 0.58 * size, 0, 5 * np.pi / 3, 6):
                self.pane(arc(petal, 0.29 * size, count=16), tones[1], 0.004)
            self.pane(arc(middle, 0.3 * size, count=16), tones[2], 0.004)

    def lancets(
        self,
        inner: float,
        outer: float,
        count: int,
        tones: Sequence[Sequence[int]],
        turn: float = 0.0,
    ) -> None:
        """Set a ring of petals: three nested leaves, cut into strips."""
        for k in range(count):
            middle = (k + turn) * 2 * np.pi / count
            for shrink, strips, tone in zip(
                (1, 0.68, 0.36), (7, 5, 2), tones, strict=True
            ):
                t = np.linspace(-1, 1, 4 * strips + 1)
                r = (inner + outer) / 2 + (outer - inner) / 2 * shrink**0.6 * t
                w = (1 - np.abs(t) ** 2.2) ** 0.75 * (1 + 0.25 * t)
                w *= 1.05 * shrink * np.pi / count
                for i in range(0, 4 * strips, 4):
                    cut = slice(i, i + 5)
                    for a, b in ((-1, 0), (0, 1)) if shrink > 0.5 else ((-1, 1),):
                        left = self.at(r[cut], middle + a * w[cut])
                        right = self.at(r[cut], middle + b * w[cut])[::-1]
                        melt = tone[(k + i // 4) % len(tone)]
                        self.pane(np.vstack([left, right]), melt, 0.0034)
                rim = np.vstack([self.at(r, middle - w), self.at(r, middle + w)[::-1]])
                self.c.line(rim, self.lead, 0.0065, 255)


def _shine(c: Canvas) -> np.ndarray:
    """Light a leaded window from behind: glow, streaks in the glass, bloom."""
    (rgb, thick), (x, y), wave = c.layers(), c.mesh(), noise(c.rng, 3)
    leaded = (thick - 0.16) / 0.74
    shade = blur(255 * leaded, 0.005 * c.unit) / 255
    streaks = 0.30 * wave(9 * x + 4 * y, 70 * y - 40 * x) + 0.22 * wave(30 * x, 30 * y)
    bubbles = 0.5 * (wave(120 * x, 120 * y) > 1.0)
    sun = 1.5 - 0.9 * np.hypot(x - 0.5 * c.w + 0.08, y - 0.5 * c.h + 0.1)
    light = (1.34 - 1.2 * shade + streaks + bubbles) * sun
    lit = rgb * np.where(leaded > 0.5, 0.8, light.clip(0.15))[..., np.newaxis]
    bloom = [blur(lit[..., i], 0.012 * c.unit) for i in range(3)]
    # tanh instead of clip, so that very bright glass keeps its color.
    lit = 262 * np.tanh((lit + 0.35 * np.stack(bloom, axis=2)) / 265)
    return c.finish(lit, thick, relief=0.35, grain=8)


def rose_window(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "glass",
    petals: int = 12,
) -> np.ndarray:
    """Paint a rose window with the sun behind it.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        petals: number of petals in each of the two rings, 5 to 20.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal, n, cell = pigments(palette), petals, 0.05
    c = Canvas(height, width, seed, pal[0])
    pal[2:5] = c.rng.permutation(pal[2:5])
    g, diamond = _Glazier(c, pal), cell * points("0 -.5, .5 0, 0 .5, -.5 0")
    for j in range(-1, int(c.h / cell) * 2 + 3):
        for i in range(-1, int(c.w / cell) + 2):
            middle = cell * np.array([i + 0.5 * (j % 2), j / 2])
            g.pane(middle + diamond, (1, 1, 4, 1, 2)[(i * 7 + j * 3) % 5])
    for corner in points(".08 .08, .92 .08, .08 .92, .92 .92") * c.place:
        for size, tone in ((0.066, 3), (0.052, 2), (0.034, 6), (0.018, 5)):
            g.pane(arc(corner, size), tone, 0.008)
    c.disc(g.hub, g.radius * 1.015, pal[0], 255)
    g.ring(0.91, 0.995, 4 * n, (2, 1, 6, 1))
    g.ring(0.58, 0.91, 5 * n, (1, 1, 4), 6)
    g.lancets(0.59, 0.905, n, ((2, 3), (1, 5), (6,)))
    g.roundels(0.835, 0.07, n, (2, 5, 6), 0.5)
    g.ring(0.53, 0.58, 5 * n, (6, 2, 1))
    g.ring(0.2, 0.53, 2 * n, (1, 3, 1), 7)
    g.lancets(0.2, 0.53, n, ((2, 4), (5, 1), (6, 7)), 0.5)
    g.roundels(0.475, 0.052, n, (3, 7, 6), 0.0)
    g.ring(0.15, 0.21, 2 * n, (3, 6))
    g.ring(0.0, 0.15, n, (2, 6, 1), 2)
    g.pane(arc(g.hub, 0.05 * g.radius), 7, 0.01)
    for r in (0.15, 0.21, 0.53, 0.58, 0.91, 0.995):
        c.line(arc(g.hub, r * g.radius, count=160), pal[0], 0.011, 255)
    return _shine(c)


BIRD = """
...........##...
..........####..
..........#o###.
..........##....
#........###....
##.....#####....
.##o##o#####....
..#o##o####.....
...o##o###......
.....###........
......#.#.......
.....##.##......
"""


STEPS = "20 0, 19 5, 18 -1, 15 5, 14 -2, 12 -3, 10 5, 9 0, 8 -4, 5 5, 4 3, 2 7, 0 0"


def _kilim(wide: int, tall: int, dyes: np.ndarray) -> np.ndarray:
    """Draw the pattern of a kilim: the color of every knot.

    Args:
        wide, tall: threads from the middle to each edge.
        dyes: colors of the medallion's broad bands, from the outside in.

    Returns:
        Numbers of colors, 0–7, ``(2 * tall + 1, 2 * wide + 1)``.
    """
    a, b = np.meshgrid(np.abs(np.arange(-wide, wide + 1)), np.arange(-tall, tall + 1))
    b = np.abs(b)
    grid = np.where((a + b) % 12 + (a - b) % 12 < 3, 7, 3)
    steps = a // 2 + b // 3
    for k, tone in points(STEPS).astype(int):
        # A negative number stands for one of the dyes.
        grid[steps <= k] = tone if tone >= 0 else dyes[-tone - 1]
    bird = np.array([list(row) for row in BIRD.split()])
    for across, down in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        top = tall + down * round(0.56 * tall) - 6
        left = wide + across * round(0.58 * wide) - 8
        patch, mark = grid[top : top + 12, left : left + 16], bird[:, ::across]
        patch[...] = 3
        patch[mark == "#"], patch[mark == "o"] = 0 if down > 0 else 5, 7
    rim = np.minimum(wide - a, tall - b)
    tooth = np.abs(np.where(wide - a < tall - b, b, a) % 8 - 4) - np.abs(rim - 6.5)
    border = np.select([tooth >= 2.4, tooth >= 0.4, tooth > -1.2], [2, 7, 5], 1)
    grid = np.where(rim <= 10, border, grid)
    for k, tone in ((12, 5), (11, 0), (2, 0), (1, 5), (0, 2)):
        grid[rim == k] = tone
    return grid


def tapestry(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "weave",
    threads: int = 104,
) -> np.ndarray:
    """Weave a kilim with a stepped medallion, four birds and a border.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        threads: threads per unit, 64 (coarse) to 200 (fine).

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, pal[0])
    (x, y), (cx, cy), loose = c.mesh(), c.mesh(256), noise(c.rng, 3)
    dyes = c.rng.permutation([1, 7, 2, 6])
    grid = _kilim(round(threads * c.w / 2), round(threads * c.h / 2), dyes)
    rows, columns = grid.shape
    across = x / c.w * columns + 0.22 * c.enlarge(loose(5 * cx, 40 * cy))
    down = y / c.h * rows + 0.22 * c.enlarge(loose(40 * cx, 5 * cy + 50))
    down += 0.1 * np.where(np.floor(across) % 2, 1, -1)
    column = np.floor(across).astype(int).clip(0, columns - 1)
    row = np.floor(down).astype(int).clip(0, rows - 1)
    fx, fy = across % 1 - 0.5, down % 1 - 0.5
    # Dyes are uneven: rows differ from each other, and so do the threads of a row.
    dye = c.rng.normal(0, 7, (rows, 1, 3)) + c.rng.normal(0, 7, (rows, columns, 1))
    over = (row + column) % 2
    round_ = np.cos(np.pi * fx * np.where(over, 0.9, 1.5)).clip(0)
    bulge = np.cos(np.pi * fy).clip(0) ** 0.6 * (0.55 + 0.45 * round_)
    fiber = loose(70 * x + 90 * y, 260 * y - 60 * x)
    rgb = (pal[grid] + dye)[row, column]
    rgb = rgb * (0.34 + 0.78 * bulge + 0.13 * fiber)[..., np.newaxis]
    warp = 0.35 * np.exp(-(((np.abs(fx) - 0.5) / 0.07) ** 2)) * (1 - over)
    rgb = mix(rgb, pal[5] * 0.72, warp)
    return c.finish(rgb, 0.12 * bulge + 0.03 * fiber, relief=0.9, grain=6)
