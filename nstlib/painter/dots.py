"""A painting in dots: an evening by the river.

Taught in: 10_creative_control. See `nstlib.painter.oils` for how places and
sizes are given, and what ``pal`` is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import mix, noise, pigments, points, ramp, smoothstep
from nstlib.painter.sketch import Sketch

Palette = str | Sequence[str]
Shape = Callable[[np.ndarray], np.ndarray]
LEVEL = 0.46
"""Height of the horizon as a fraction of the picture's height."""


def _river_air(c: Canvas, s: Sketch, pal: np.ndarray) -> Shape:
    """Return the evening sky as a function of height, so that it can be mirrored."""
    wander = noise(c.rng, 3)
    sky = [pal[2], pal[3], mix(pal[3], pal[5], 0.6), pal[5], pal[6], pal[6]]

    def air(v: np.ndarray) -> np.ndarray:
        tone = ramp(sky, v / LEVEL - 0.08 * wander(2.5 * s.x, 14 * v))
        glow = 1.5 * np.exp(-np.hypot((s.u - 0.6) * c.w, (v - 0.35) * c.h) / 0.10)
        cloud = wander(3 * s.x + 5, 9 * v) + 0.5 - 6 * np.abs(v - 0.17)
        tone = mix(tone, mix(pal[5], pal[7], 0.35), 0.75 * smoothstep(0.15, 0.8, cloud))
        return mix(tone, pal[5] + 20, glow.clip(0, 1))

    return air


def _poplars(
    c: Canvas, s: Sketch, pal: np.ndarray, both: Callable[[Shape, np.ndarray], None]
) -> None:
    """Lay out four poplars on the far bank, lit from the right."""
    wander = noise(c.rng, 3)
    rows = points(".07 .10 .03, .135 .06 .034, .205 .16 .028, .265 .22 .024", 3)
    for at, top, girth in rows:

        def tree(v: np.ndarray, at=at, top=top, girth=girth) -> np.ndarray:  # type: ignore[no-untyped-def]
            t = ((v - top) / (LEVEL - top)).clip(0, 1)
            half = girth * np.sin(np.pi * t**0.7 * 0.93) ** 0.7
            half = half * (1 + 0.5 * wander(30 * s.x, 30 * v))
            return (np.abs(s.x - at * c.w) < half) & (v > top)

        light = 0.45 + 12 * (s.x - at * c.w) + 0.4 * wander(26 * s.x, 26 * s.v)
        both(tree, ramp(_foliage(pal), light))


def _sail(s: Sketch, at: float, size: float) -> Shape:
    """Return a sail's shape as a function of height, so that it can be mirrored."""

    def shape(v: np.ndarray) -> np.ndarray:
        rise, along = (v - LEVEL + size) / size, (s.u - at) / size
        return (along > -0.02) & (along < 0.46 * rise) & (rise < 0.9)

    return shape


def _foliage(pal: np.ndarray) -> list[np.ndarray]:
    """Return the colors of leaves from shade to sun."""
    return [pal[0], pal[1], pal[4], mix(pal[4], pal[6], 0.5), pal[6]]


def _river_scene(c: Canvas, s: Sketch, pal: np.ndarray) -> None:
    """Lay out an evening river: hills, poplars and sails, each with its reflection."""
    wander, air = noise(c.rng, 3), _river_air(c, s, pal)
    ripple = 0.12 * wander(6 * s.x, 60 * s.v) * (s.v - LEVEL)
    mirror = 2 * LEVEL - s.v + ripple
    s.rgb = np.where((s.v < LEVEL)[..., None], air(s.v), mix(air(mirror), pal[1], 0.14))

    def both(shape: Shape, tone: np.ndarray) -> None:
        s.put(shape(s.v) & (s.v < LEVEL + 0.004), tone)
        s.put(shape(mirror) & (s.v > LEVEL), mix(tone, pal[1], 0.2))

    rough = 22 * wander(20 * s.x, 20 * s.v)[..., None]
    for k, (tall, tone) in enumerate(((0.075, 3), (0.04, 1))):
        crest = LEVEL - tall * (0.75 + 0.9 * wander(2.6 * s.u, 7.3 * k))
        both(partial(np.less, crest), mix(pal[tone], pal[7], 0.45) + rough)
    _poplars(c, s, pal, both)
    for at, size in points(".44 .19, .83 .09, .74 .06"):
        both(_sail(s, at, size), mix(pal[5], np.full(3, 255.0), 0.5))
        hull = np.abs(s.u - at - 0.12 * size) < 0.34 * size - 2 * (s.v - LEVEL)
        s.put(hull & (np.abs(s.v - LEVEL + 0.02 * size) < 0.07 * size), pal[7])
    glitter = np.exp(-(((s.u - 0.60) / 0.06) ** 2)) * (wander(9 * s.x, 90 * s.v) > 0.05)
    s.put(0.9 * glitter * (s.v > LEVEL + 0.02), pal[5] + 25)
    _river_bank(c, s, pal)


def _river_bank(c: Canvas, s: Sketch, pal: np.ndarray) -> None:
    """Lay out the near bank in dappled shade and the tree that frames the view."""
    wander = noise(c.rng, 3)
    deep = s.v - 0.80 - 0.10 * s.u + 0.25 * (s.u - 0.75).clip(0)
    deep -= 0.02 * wander(5 * s.x, 0.5)
    grass = [*_foliage(pal)[:4], mix(pal[5], pal[4], 0.3)]
    t = 0.55 + 0.7 * wander(5 * s.x, 12 * s.v + 3) + 8 * (0.03 - deep).clip(0)
    s.put(deep > 0, ramp(grass, t))
    side = s.x - 0.86 * c.w - 0.02 * np.sin(7 * s.v)
    trunk = np.abs(side) < 0.022 + 0.12 * (s.v - 0.8).clip(0)
    bark = ramp([pal[0], mix(pal[0], pal[7], 0.5), pal[6]], 0.5 - 12 * side)
    s.put(trunk & (s.v > 0.1) & (s.v < 0.9), bark)
    crown = np.hypot((s.u - 0.93) / 0.30, (s.v - 0.08) / 0.27)
    light = 0.45 + 0.45 * wander(12 * s.x, 12 * s.v + 7) - 0.9 * (s.u - 0.85)
    leafy = crown + 0.30 * wander(7 * s.x, 7 * s.v) < 0.95
    s.put(leafy, ramp(_foliage(pal), light + 0.3 * (0.1 - s.v)))


def pointillist_river(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "river",
    dot: float = 1.0,
) -> np.ndarray:
    """Paint an evening by the river in dots of unmixed color.

    Taught in: 10_creative_control. Every dot has one of 24 pigments: the palette and
    its tints. The pigment nearest to the wanted color is only the most likely one. So
    neighboring dots differ, and the eye mixes them.

    Args:
        height, width, seed, palette: see `nstlib.paint`.
        dot: factor on the size of the dots, 0.6 (fine) to 2.5 (a mosaic).

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal, white = pigments(palette), np.full(3, 252.0)
    c = Canvas(height, width, seed, mix(pal[5], white, 0.3))
    s = Sketch(c, pal[3])
    _river_scene(c, s, pal)
    tubes = np.vstack([mix(pal, white, t) for t in (0.0, 0.35, 0.7)])
    for count, radius in ((9000, 0.0075), (15000, 0.0054), (9000, 0.0042)):
        at = c.scatter(int(count / dot**2))
        wanted = s.at(s.rgb, at)
        far = ((wanted[:, np.newaxis] - tubes) ** 2).sum(axis=2) / 60**2
        pick = tubes[np.argmin(far - c.rng.gumbel(0, 0.55, far.shape), axis=1)]
        tint = mix(pick, wanted, 0.3) + c.rng.normal(0, 8, pick.shape)
        radii = radius * dot * c.rng.uniform(0.7, 1.15, len(at))
        c.dots(at, radii, tint)
    return c.finish(*c.layers(), relief=0.45, grain=5)
