"""Paintings in oil: a starry night, and birches in autumn.

Taught in: 10_creative_control. Places are fractions of the width and height, so that a
composition adapts to the shape of the picture. Sizes are in the units of
`nstlib.painter.canvas`, so that circles stay round. ``pal`` always holds the eight
colors that `nstlib.painter.pigments.pigments` returns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import (
    bump,
    mix,
    noise,
    pigments,
    points,
    ramp,
    smoothstep,
    trace,
)
from nstlib.painter.sketch import Sketch

Palette = str | Sequence[str]

STARS = points(
    ".85 .15 .095, .32 .10 .046, .57 .12 .038, .34 .30 .034, .91 .43 .042,"
    ".70 .25 .030, .44 .055 .026, .05 .13 .040, .045 .42 .03, .31 .50 .028,"
    ".69 .06 .022",
    3,
)


def _night_sky(c: Canvas, s: Sketch, pal: np.ndarray, swirl: float) -> None:
    """Lay out a sky that flows around two eddies and eleven stars.

    The strokes follow the contour lines of a function of the plane, whose value also
    chooses the color.
    """
    wander = noise(c.rng, 2)
    stream = s.y + 0.035 * np.sin(6 * s.x + 3 * s.y) + 0.03 * wander(3 * s.x, 3 * s.y)
    for u, v, size, turn in ((0.50, 0.38, 0.105, 2.9), (0.69, 0.47, 0.07, -2.6)):
        stream += swirl * turn * size * bump(s.x, s.y, u * c.w, v * c.h, size)
    down, right = np.gradient(stream * s.pixels)
    t = 0.40 + 0.24 * np.sin(44 * stream) + 0.3 * wander(2.2 * s.x, 2.2 * s.y + 9)
    s.rgb = ramp(pal[:6], (t + 0.3 * (s.v - 0.35)).clip(0.1, 0.86))
    for u, v, size in STARS:
        at = c.place * (u, v) + c.rng.normal(0, 0.01, 2)
        c.disc(at, 0.6 * size, pal[5])
        dx, dy = s.x - at[0], s.y - at[1]
        r = np.hypot(dx, dy) / size
        pull = 6 * np.exp(-((r / 1.7) ** 2)) / (r + 0.05) / size
        down, right = down - pull * dy, right - pull * dx
        glow = 1.9 * np.exp(-((r / 1.3) ** 2)) * (0.8 + 0.3 * np.sin(10 * r))
        halo = ramp(pal[[5, 5, 6, 6, 5, 4, 4, 3]], r / 2.1)
        s.rgb = mix(s.rgb, halo, glow.clip(0, 1))
        s.reach = np.minimum(s.reach, r / 2.2 + 0.45)
    s.angle = np.arctan2(-right, down)


def _night_land(c: Canvas, s: Sketch, pal: np.ndarray) -> None:
    """Lay out five rolling hills and two cypresses that look like flames."""
    wander = noise(c.rng, 2)
    green = [mix(pal[7], pal[4], t) for t in (0, 0.3, 0.6)]
    for k, level in enumerate((0.665, 0.74, 0.80, 0.87, 0.94)):
        swell = (0.07, 0.05, 0.035, 0.03, 0.03)[k] * np.sin(7.5 * s.u + 2.1 * k + 0.6)
        ridge = level - swell - 0.02 * wander(3 * s.x, 9 * k)
        furrow = np.sin(75 * (s.v - ridge) + 4 * wander(4 * s.x, 4 * s.y + k))
        t = 0.33 + 0.25 * furrow + 0.4 * (s.v - ridge < 0.012)
        s.put(s.v > ridge, ramp([pal[0], pal[1], *green], t), s.slope(ridge))
    dark = [pal[0] * 0.6, mix(pal[0], pal[7], 0.5), pal[7], mix(pal[7], pal[6], 0.35)]
    for root, top, girth in ((0.155, 0.05, 0.062), (0.24, 0.42, 0.04)):
        t = ((1.03 - s.v) / (1.03 - top)).clip(0, 1)
        half = girth * (np.sin(np.pi * t**0.6 * 0.98) ** 0.8 + 0.12 * np.sin(17 * t))
        side = (s.x - root * c.w - 0.02 * np.sin(7 * t)) / half.clip(0.004)
        flame = 0.5 * np.sin(26 * s.y + 40 * (s.x - root))
        bark = 0.38 + 0.3 * np.sin(180 * side * half + 5 * flame) + 0.25 * side
        bark += 0.3 * wander(20 * s.x, 20 * s.y)
        s.put((np.abs(side) < 1) & (t < 1), ramp(dark, bark))
        flame = flame - np.pi / 2 - 0.3 * side
        s.angle = np.where(np.abs(side) < 1.3, flame, s.angle)


def _hamlet(c: Canvas, pal: np.ndarray) -> None:
    """Brush a few lit houses into the hills."""
    across = np.linspace(-0.5, 0.5, 4)
    for _ in range(15):
        at = c.place * (c.rng.uniform(0.4, 0.98), c.rng.uniform(0.77, 0.86))
        size = c.rng.uniform(0.022, 0.036)
        rows = ((-0.1, 1.0, 2), (-0.45, 1.0, 3), (-0.85, 1.3, 0), (-1.15, 0.7, 0))
        for rise, wide, tone in rows:
            path = at + size * np.stack([across * wide, 0 * across + rise], axis=1)
            c.strokes(path[None], 0.5 * size, pal[tone], 5, 12)
        path = at + size * np.array([(0, -0.1), (0, -0.25), (0, -0.4), (0, -0.5)])
        c.strokes(path[None], 0.3 * size, pal[6], 3, 14)


def starry_night(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "night",
    stroke: float = 1.0,
    swirl: float = 1.0,
) -> np.ndarray:
    """Paint a village under a swirling sky, in long thick strokes.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        stroke: factor on the length of the strokes, 0.5 (dabs) to 3 (ribbons).
        swirl: strength of the eddies, -2 to 2; 0 is calm, and below 0 they turn the
            other way.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, mix(pal[0], pal[1], 0.8))
    s = Sketch(c, pal[1])
    _night_sky(c, s, pal, swirl)
    _night_land(c, s, pal)
    s.paint(c, ((2400, 0.026, 0.1 * stroke), (7000, 0.0115, 0.075 * stroke)), 5, 13)
    _hamlet(c, pal)
    return c.finish(*c.layers(), relief=0.7)


def _birch(c: Canvas, s: Sketch, pal: np.ndarray, at: float) -> np.ndarray:
    """Lay out one birch and return the paths of its dark marks, ``(16, 4, 2)``."""
    side = abs(at - 0.52)
    girth, foot = 0.007 + 0.046 * side, 0.68 + 0.50 * side**1.3

    def middle(v: np.ndarray) -> np.ndarray:
        return at + 0.008 * np.sin(9 * v + 40 * at) + 0.08 * (at - 0.52) * (1 - v)

    off = (s.u - middle(s.v)) * c.w / girth
    shade = [pal[5], pal[5], pal[5], mix(pal[5], pal[7], 0.5), pal[7], pal[0]]
    bark = ramp(shade, 0.5 + 0.5 * off * np.sign(at - 0.52))
    s.put((np.abs(off) < 1) & (s.v < foot), bark, np.pi / 2, 0.6)
    shadow = (np.abs(off) < 3) & (np.abs(s.v - foot - 0.012) < 0.014)
    s.put(shadow, mix(pal[1], pal[0], 0.4), 0.1)
    v = c.rng.uniform(0.04, foot, 16)
    left = middle(v) * c.w + girth * c.rng.choice([-0.9, -0.5, 0.2], 16)
    marks = np.stack([left, v * c.h], axis=1)[:, np.newaxis]
    return marks + girth * points("0 0, .25 .04, .5 .1, .8 .12")


def _forest_floor(c: Canvas, s: Sketch, pal: np.ndarray) -> None:
    """Lay out glowing foliage, a carpet of leaves and a wet path that mirrors it."""
    wander, warm = noise(c.rng, 3), pal[[1, 2, 6, 3, 4, 5]]
    leafy = wander(9 * s.x, 9 * s.y)
    far = np.hypot((s.u - 0.52) * c.w, 0.8 * (s.v - 0.50) * c.h)
    s.rgb = ramp(warm, 0.96 - 1.15 * far + 0.24 * leafy)
    stems = smoothstep(0.3, 0.55, wander(40 * s.x, 1.2 * s.v))
    stems *= smoothstep(0.45, 0.1, far) * (s.v > 0.25)
    s.rgb = mix(s.rgb, mix(pal[7], pal[2], 0.45), 0.6 * stems)
    s.angle = 0.9 + 1.6 * wander(5 * s.x + 40, 5 * s.y)
    deep = (s.v - 0.66 - 0.012 * wander(6 * s.x, 0.5)) / 0.34
    carpet = ramp(warm, 0.50 + 0.5 * wander(12 * s.x, 40 * s.v) - 0.25 * deep)
    turn = 0.5 * leafy + 0.5 * np.sign(s.u - 0.52) * (1 - deep)
    s.put(deep > 0, carpet, turn)
    half = 0.02 + 0.25 * deep.clip(0)
    path = np.abs(s.u - 0.52 - 0.03 * np.sin(5 * deep)) / half
    glow = ramp(warm[1:], 0.95 - 0.5 * path + 0.45 * wander(15 * s.x, 2.5 * s.v))
    cool = smoothstep(0.0, 0.45, wander(12 * s.x + 9, 2 * s.v) + 0.45 * (path - 0.4))
    glow = mix(glow, mix(pal[7], pal[5], 0.2), 0.8 * cool)
    s.put((deep > 0) & (path < 1), glow, np.pi / 2)


def autumn_birches(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "autumn",
    stroke: float = 1.0,
    trees: int = 14,
) -> np.ndarray:
    """Paint birches along a wet path in autumn, with a loaded palette knife.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        stroke: factor on the length of the strokes, 0.4 to 3.
        trees: number of birches, 0 to 40.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, pal[1])
    s, wander = Sketch(c, pal[3]), noise(c.rng, 3)
    _forest_floor(c, s, pal)
    left, right = np.arange(trees // 2), np.arange(trees - trees // 2)
    at = np.r_[0.40 * (left + 0.5) / max(len(left), 1), 1 - 0.36 * right / len(right)]
    at += c.rng.uniform(-0.025, 0.025, trees)
    marks = [_birch(c, s, pal, u) for u in at[np.argsort(np.abs(at - 0.52))]]
    leafy = wander(9 * s.x, 9 * s.y)
    crown = wander(7 * s.x + 20, 7 * s.y + 20) + 0.5 - 3.4 * s.v
    light = 0.5 + 0.5 * leafy - 0.3 * np.abs(s.u - 0.52)
    gaps = wander(24 * s.x, 24 * s.y) > 0.9 - 2.6 * crown
    s.put((crown > 0) & gaps, ramp(pal[[1, 2, 6, 3, 4]], light), 2 * leafy)
    sizes = ((1800, 0.036, 0.055), (5000, 0.019, 0.036), (4500, 0.0105, 0.024))
    s.paint(c, [(n, wide, long * stroke) for n, wide, long in sizes], 6, 11)
    if marks:
        c.strokes(np.concatenate(marks), 0.0055, pal[0], 4, 10)
    falling = c.scatter(600)
    turn, size = c.rng.uniform(0, np.pi, 600), c.rng.uniform(0.005, 0.009, 600)
    paths = trace(lambda _: turn, falling, 1.5 * size, 4)
    c.strokes(paths, size, ramp(pal[[2, 6, 3, 4, 4]], c.rng.random(600)), 4, 14)
    return c.finish(*c.layers(), relief=1.0)
