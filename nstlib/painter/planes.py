"""Paintings of planes and lines: a cubist guitar and an abstract composition.

Taught in: 10_creative_control. See `nstlib.painter.oils` for how places and
sizes are given, and what ``pal`` is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import (
    arc,
    curve,
    mix,
    noise,
    pigments,
    points,
    ramp,
    smoothstep,
)
from nstlib.painter.sketch import Sketch

Palette = str | Sequence[str]


def _plane(c: Canvas, pal: np.ndarray, size: float, loose: float) -> None:
    """Fold the picture along a line: dark on one side of it, light on the other."""
    rng = c.rng
    at = (0.5 + rng.normal(0, (0.2, 0.23)) * loose) * c.place
    turn = rng.choice([-1.08, -0.6, 0.1, 0.6, 1.12, 1.6]) + rng.normal(0, 0.05)
    along = np.array([np.cos(turn), np.sin(turn)])
    out = np.array([-along[1], along[0]]) + along * rng.normal(0, 0.35)
    ends = at + np.outer(size * rng.uniform(0.3, 1, 2) * (-1, 1), along)
    bright = pal[rng.choice([4, 5, 5, 6, 3, 7])]
    for sign, tone, opacity in ((1, pal[0], 0.62), (-1, bright, 0.75)):
        deep = sign * size * rng.uniform(0.35, 0.8) * out
        far = ends[::-1] + np.outer((rng.uniform(0.5, 1), 1), deep)
        fade = turn + sign * np.pi / 2
        c.glaze(np.vstack([ends, far]), tone, opacity, fade, 0.25)
    if rng.random() < 0.5:
        c.line(ends, pal[0], rng.uniform(0.0015, 0.0035))


def _guitar(c: Canvas, pal: np.ndarray) -> None:
    """Lay a guitar with shifted halves, and a newspaper, over the planes."""
    cos, sin = np.cos(0.38), np.sin(0.38)

    def lay(shape: np.ndarray) -> np.ndarray:
        # Smaller in a wide picture, or its head would be cut off.
        shape = min(1, c.h) * shape @ np.array([[cos, sin], [-sin, cos]])
        return shape + c.place * (0.47, 0.62)

    side = (
        "0 -.21, .075 -.185, .1 -.12, .068 -.045, .115 .04, .125 .13, .07 .20, 0 .215"
    )
    outline = curve(points(side), 50)
    rust = mix(pal[3], pal[7], 0.6)
    for flip, move, tone, fade in (
        (-1.2, (-0.014, 0.018), pal[4], 2.7),
        (1.2, (0.014, -0.022), rust, 0.2),
        (0.85, (0.03, 0.03), pal[5], 1.2),
    ):
        half = lay(outline * (flip, abs(flip)) + move)
        c.glaze(half, tone, 0.85, fade, 0.25)
        c.line(half, pal[0], 0.0035)
    c.glaze(lay(points("-.026 -.1, .026 -.1, .02 -.5, -.02 -.5")), pal[0], 0.95)
    c.glaze(lay(points("-.034 -.5, .034 -.5, .028 -.59, -.028 -.59")), rust, 0.95, 1.2)
    for r, tone in ((0.058, 0), (0.048, 4), (0.042, 0)):
        c.polygon(lay(arc((0, -0.03), r, 0.5, 5.6)), pal[tone])
    c.glaze(lay(points("-.06 .12, .06 .12, .06 .14, -.06 .14")), pal[0], 0.9)
    for k in np.linspace(-1, 1, 6):
        c.line(lay(np.array([(0.034 * k, 0.13), (0.018 * k, -0.5)])), pal[5], 0.0016)
        peg = np.array((0.045 * np.sign(k), -0.575 + 0.06 * abs(k)))
        c.disc(lay(peg), 0.008, pal[4])
    _newspaper(c, pal)


def _newspaper(c: Canvas, pal: np.ndarray) -> None:
    """Lay a sheet with rows of words too small to read."""

    def lay(shape: np.ndarray) -> np.ndarray:
        shape = min(1, c.h) * shape @ np.array([[0.98, -0.18], [0.18, 0.98]])
        return shape + c.place * (0.14, 0.66)

    c.glaze(lay(points("0 0, .2 0, .2 .2, 0 .2")), pal[5], 0.9, 0.9, 0.2)
    c.line(lay(points(".015 .025, .12 .025")), pal[0], 0.014)
    for row in np.arange(0.05, 0.19, 0.011):
        x = 0.012
        while x < 0.17:
            word = c.rng.uniform(0.008, 0.03)
            c.line(lay(np.array([(x, row), (x + word, row)])), pal[0], 0.0035)
            x += word + 0.007


def cubist_guitar(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "cubist",
    stroke: float = 1.0,
    planes: int = 120,
) -> np.ndarray:
    """Paint a guitar and a newspaper that are broken into shaded planes.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        stroke: factor on the length of the dabs below the planes, 0.4 to 3.
        planes: number of folds, 0 to 400.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, pal[2])
    s, cells = Sketch(c, pal[2]), noise(c.rng, 2)
    glow = np.exp(-(((s.u - 0.5) / 0.36) ** 2) - ((s.v - 0.5) / 0.42) ** 2)
    s.rgb = ramp(pal[1:6], 0.12 + 0.62 * glow + 0.16 * cells(6 * s.x, 6 * s.y))
    cool = smoothstep(0.1, 0.6, cells(3 * s.x + 9, 3 * s.y))
    s.rgb = mix(s.rgb, pal[6], 0.55 * cool)
    s.angle = np.round(3 * cells(7 * s.x, 7 * s.y + 5)) * 0.55
    s.paint(c, ((2500, 0.02, 0.04 * stroke), (9000, 0.01, 0.028 * stroke)), 4, 9)
    # The planes are thin paint: the relief is that of the dabs below them.
    dabs = c.image.getchannel("A")
    for k in range(planes):
        _plane(c, pal, 0.30 * (1 - 0.75 * k / planes), 1.15 - 0.5 * k / planes)
    _guitar(c, pal)
    c.image.putalpha(dabs)
    return c.finish(*c.layers(), relief=0.7, grain=6)


def _rings(
    c: Canvas,
    pal: np.ndarray,
    at: np.ndarray,
    radius: float,
    tones: Sequence[int] | np.ndarray,
    halo: int | None = None,
) -> None:
    """Paint concentric circles, with or without a soft halo."""
    if halo is not None:
        for grow in (1.5, 1.36, 1.22):
            c.glaze(arc(at, radius * grow), pal[halo], 0.35, None, 0.5)
    for k, tone in enumerate(tones):
        ring = arc(at, radius * (1 - k / len(tones)), count=60)
        c.glaze(ring, pal[tone], 0.96, None, 0.25)


def _checkerboard(c: Canvas, pal: np.ndarray, sides: np.ndarray, count: int) -> None:
    """Paint a slanted checkerboard; ``sides`` holds its corner and two edges."""
    corner, across, down = sides * c.place
    square = points("0 0, 1 0, 1 1, 0 1")
    for i in range(count):
        for j in range(count):
            cells = np.add(square, (i, j)) / count
            tone = 0 if (i + j) % 2 else c.rng.choice([2, 3, 4, 5, 6, 7])
            shape = corner + cells[:, :1] * across + cells[:, 1:] * down
            c.glaze(shape, pal[tone], 0.92, None, 0.35)


BEAMS = ".02 .92 .98 .06 .007, .36 .04 .9 .98 .005, .02 .44 .62 .62 .003"
BEAMS += ", .45 .97 .98 .6 .004"
BUNDLES = ".55 .1 .012 .02 .33 -.06 7, .08 .1 .004 .018 .4 .3 5"
BUNDLES += ", .6 .86 .016 .008 .25 -.22 9, .84 .62 .014 .003 .05 .3 8"
TARGETS = ".24 .25 .145 7, .79 .33 .085 6, .70 .74 .062 3"
RINGS = ((0, 2, 2, 7, 1), (0, 6, 3, 0, 5), (1, 4, 7, 0))
WEDGES = ".3 1.02 .6 1.02 .52 .16 3, .52 .98 .95 .9 .42 .4 6"
WEDGES += ", .02 .72 .16 .98 .44 .52 7, .66 .02 .98 .1 .62 .46 2"
BOARDS = ".06 .56 .22 -.045 .03 .15 7, .74 .5 .2 .06 -.05 .15 6"
BOARDS += ", .40 .76 .1 .03 -.02 .18 5"


def _lines_and_arcs(c: Canvas, pal: np.ndarray) -> None:
    """Draw beams, bundles of lines, arcs, waves and a row of domes."""
    for x0, y0, x1, y1, wide in points(BEAMS, 5):
        c.line(np.array([(x0, y0), (x1, y1)]) * c.place, pal[0], wide, 160)
    for x, y, dx, dy, across, down, count in points(BUNDLES, 7):
        for k in range(int(count)):
            start = np.array((x, y)) + np.array((dx, dy)) * k
            line = np.stack([start, np.add(start, (across, down))]) * c.place
            c.line(line, pal[0] if k % 3 else pal[7], 0.0022)
    for k, tone in enumerate((7, 1, 6, 3, 2, 4, 0)):
        dome = arc(c.place * (0.14 + 0.055 * k, 0.90), 0.027, np.pi)
        c.polygon(dome, pal[tone])
        c.line(dome, pal[0], 0.003)
    for k, tone in enumerate((0, 7, 0, 1, 0, 6, 0, 2)):
        radius = 0.10 + 0.018 * k
        bow = arc(c.place * (0.52, 0.30), radius, -2.4 + 0.1 * k, -0.5 - 0.08 * k)
        c.line(bow, pal[tone], (0.005, 0.002)[k % 2])
    t = np.linspace(0, 1, 80)
    for k, tone in enumerate((0, 7, 1)):
        wave = 0.66 + 0.035 * k + 0.03 * np.sin(16 * t) * (1 - t)
        wave = np.stack([0.08 + 0.42 * t, wave], axis=1)
        c.line(wave * c.place, pal[tone], 0.004)


def circles_and_lines(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "music",
    dots: int = 42,
) -> np.ndarray:
    """Paint an abstract composition: circles, wedges, checkerboards and lines.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        dots: number of small circles, 0 to 200.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, pal[5])
    for at in c.rng.random((16, 2)) * c.place:
        tone, fade = pal[c.rng.choice([3, 4, 6, 7, 2])], c.rng.uniform(0, 6)
        for grow in (1, 0.8, 0.6):
            c.glaze(arc(at, grow * c.rng.uniform(0.1, 0.25)), tone, 0.13, fade, 0.6)
    for *corners, tone in points(WEDGES, 7):
        wedge = np.reshape(corners, (3, 2)) + c.rng.normal(0, 0.025, (3, 2))
        wedge *= c.place
        fade = np.arctan2(*(wedge[2] - wedge[0])[::-1])
        c.glaze(wedge, pal[int(tone)], 0.75, fade, 0.4)
        c.line(np.vstack([wedge, wedge[:1]]), pal[0], 0.0025)
    for (x, y, size, halo), target in zip(points(TARGETS, 4), RINGS, strict=True):
        middle = c.place * np.add((x, y), c.rng.normal(0, 0.012, 2))
        _rings(c, pal, middle, size, target, int(halo))
    for *sides, count in points(BOARDS, 7):
        _checkerboard(c, pal, np.reshape(sides, (3, 2)), int(count))
    _lines_and_arcs(c, pal)
    for at, r in zip(c.scatter(dots), c.rng.uniform(0.006, 0.022, dots), strict=True):
        tones = c.rng.choice([0, 1, 2, 3, 4, 6, 7], 3, replace=False)
        count = 1 + int(r > 0.009) + int(r > 0.015)
        _rings(c, pal, at, r, tones[:count], tones[2] if r > 0.014 else None)
    (rgb, thick), (x, y), rough = c.layers(), c.mesh(), noise(c.rng, 3)
    tooth = rough(90 * x, 90 * y) + 0.7 * rough(5 * x, 5 * y)
    rgb = rgb * (1 + 0.055 * tooth)[..., np.newaxis]
    return c.finish(rgb, thick + 0.06 * tooth, relief=0.5, grain=6)
