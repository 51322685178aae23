"""Prints: a woodblock wave and an engraved ship.

Taught in: 10_creative_control. See `nstlib.painter.oils` for how places and
sizes are given, and what ``pal`` is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.ink import birds
from nstlib.painter.pigments import (
    curve,
    mix,
    noise,
    pigments,
    points,
    ramp,
    smoothstep,
)

Palette = str | Sequence[str]


def _breaker(c: Canvas, pal: np.ndarray, move: Sequence[float], scale: float) -> None:
    """Print a breaking wave: stripes between its back and its face, then foam."""
    back = "-.12 .95, 0 .66, .10 .42, .22 .22, .36 .12, .50 .14, .60 .24, .625 .36"
    face = ".72 1, .56 .83, .44 .68, .385 .54, .39 .41, .45 .33, .53 .315, .625 .36"
    back, face = (
        (curve(points(side), 120) * scale + move) * c.place for side in (back, face)
    )
    rows = np.linspace(0, 1, 23)
    rows[1:-1] += c.rng.normal(0, 0.008, 21)
    lines = [back * (1 - row) + face * row for row in rows]
    order = (4, 1, 2, 5, 1, 1, 3, 1, 0, 1, 5, 2, 1, 0, 4, 1, 2, 1, 5, 0, 1, 2)
    for left, right, tone in zip(lines, lines[1:], order, strict=False):
        c.polygon(np.vstack([left, right[::-1]]), pal[tone])
    for k, line in enumerate(lines):
        c.line(line, pal[0], (0.0022 if 0 < k < 22 else 0.006) * scale**0.5)
    at = np.linspace(50, 119, 46).astype(int)
    for depth in (0.10, 0.05, 0.0):
        tips = back[at] * (1 - depth) + face[at] * depth
        heading = np.linspace(-0.9, 0.9, 46) + c.rng.normal(0, 0.25, 46)
        sizes = c.rng.uniform(0.035, 0.065, 46) * np.linspace(0.75, 1.1, 46)
        _claws(c, pal, tips + c.rng.normal(0, 0.004, (46, 2)), heading, scale * sizes)
    tips = face[np.linspace(119, 84, 24).astype(int)] + c.rng.normal(0, 0.006, (24, 2))
    sizes = np.linspace(0.07, 0.03, 24) * c.rng.uniform(0.6, 1.2, 24)
    _claws(c, pal, tips, 1.3 + c.rng.normal(0, 0.7, 24), scale * sizes)
    fling = np.abs(c.rng.normal(0, 0.07, (130, 2))) * (1, 0.8) * scale**0.5
    for drop in back[c.rng.integers(60, 120, 130)] + fling - (0, 0.03):
        c.disc(drop, c.rng.uniform(0.0015, 0.0045), pal[5])


def _claws(
    c: Canvas,
    pal: np.ndarray,
    tips: np.ndarray,
    heading: np.ndarray,
    sizes: np.ndarray,
) -> None:
    """Print fingers of foam: hooks of shrinking discs, each hook with one outline."""
    for group in np.array_split(np.arange(len(tips)), len(tips) // 4):
        # A few hooks at a time: first all their ink, a little larger, then all white.
        for grow, tone in ((0.003, 0), (0.0, 5)):
            for i in group:
                turn = heading[i] + np.linspace(0, 1.9, 12)
                way = np.stack([np.cos(turn), np.sin(turn)], axis=1).cumsum(axis=0)
                radii = np.linspace(0.30, 0.05, 12) * sizes[i] + grow
                for at, r in zip(tips[i] + way * sizes[i] / 9, radii, strict=True):
                    c.disc(at, r, pal[tone])


def _sea(c: Canvas, pal: np.ndarray) -> None:
    """Print four swells with contour lines, and the two breakers among them."""
    u = np.linspace(-0.05, 1.05, 90)
    for k, (level, tone) in enumerate(((0.70, 3), (0.76, 2), (0.83, 1), (0.91, 2))):
        crest = level + 0.03 * np.sin(9 * u + 2 * k) + 0.012 * np.sin(23 * u + k)
        edge = np.stack([u, crest], axis=1) * c.place
        c.polygon(np.vstack([edge, [(2, 2), (-1, 2)]]), pal[tone])
        c.line(edge, pal[0], 0.004)
        for down, ink in ((0.014, 4), (0.03, 0), (0.042, 5), (0.066, 0), (0.075, 3)):
            dip = down * (1 + 0.3 * np.sin(14 * u + 3 * k + 30 * down))
            contour = edge + np.stack([0 * u, dip], axis=1)
            c.line(contour, pal[ink], 0.004 if ink else 0.002)
        if k == 2:
            _breaker(c, pal, (c.rng.uniform(-0.06, 0.02), 0), 1.0)
    _breaker(c, pal, (-0.1, 0.58), 0.5)


def _worn(c: Canvas, pal: np.ndarray) -> np.ndarray:
    """Finish a print: add the grain of the block, uneven ink and the paper."""
    (rgb, _), (x, y), rough = c.layers(), c.mesh(), noise(c.rng, 3)
    cx, cy = c.mesh(256)
    slow = c.enlarge(rough(1.1 * cx, 4 * cy))
    rings = np.sin(2 * np.pi * (70 * y + 3 * slow))
    fiber = rough(150 * x + 60 * y, 14 * y + 3 * slow)
    wear = 0.7 * fiber + 0.6 * rings + c.enlarge(rough(6 * cx, 6 * cy + 40))
    dark = 1 - rgb.mean(axis=2) / 255
    rgb = mix(rgb, pal[4], ((0.06 + 0.13 * wear + 0.16 * (wear > 1)) * dark).clip(0, 1))
    rgb = rgb - ((4 + 5 * rings + 4 * fiber) * (1 - dark))[..., np.newaxis]
    return c.finish(rgb, grain=6)


ROWS = np.linspace(0, 1, 160)
FUJI = ".50 .80, .62 .675, .70 .585, .725 .56, .75 .56, .775 .585, .86 .68, 1.02 .80"
SNOW = ".795 .66, .775 .63, .755 .665, .738 .63, .715 .66, .70 .63, .68 .645"


def great_wave(
    height: int, width: int, seed: int = 0, *, palette: Palette = "wave"
) -> np.ndarray:
    """Print a breaking wave, a distant mountain and a red sun from woodblocks.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, pal[4])
    high, low = mix(pal[4], pal[3], 0.5), mix(pal[4], pal[7], 0.5)
    sky = ramp([high, pal[4], pal[4], low, mix(pal[4], pal[2], 0.45)], ROWS)
    for top, tone in zip(ROWS * 0.85, sky, strict=True):
        band = np.array([(0, top), (1, top), (1, top + 0.02), (0, top + 0.02)])
        c.polygon(band * c.place, tone)
    c.disc(c.place * c.rng.uniform((0.76, 0.16), (0.86, 0.28)), 0.085, pal[6])
    aside = c.rng.uniform(-0.05, 0.05), 0
    fuji = (curve(points(FUJI)) + aside) * c.place
    c.polygon(fuji, pal[2])
    snow = fuji[(fuji[:, 1] < 0.635 * c.h)]
    c.polygon(np.vstack([snow, (points(SNOW) + aside) * c.place]), pal[5])
    c.line(fuji, pal[0], 0.003)
    _sea(c, pal)
    return _worn(c, pal)


def _ship(c: Canvas, at: np.ndarray, size: float) -> None:
    """Draw a three-master. Red 0 means ink, blue 0 means paper without hatching."""
    clear, ink = np.array((255, 255, 0)), np.array((0, 0, 255))

    def lay(shape: str | np.ndarray) -> np.ndarray:
        return at + size * (points(shape) if isinstance(shape, str) else shape)

    jib = ".85 -.3, .38 -.8, .5 -.2, .85 -.3"
    c.polygon(lay(jib), clear)
    for mast, tall in ((-0.34, 0.85), (0.0, 1.15), (0.32, 0.9)):
        c.line(lay(np.array([(mast, 0), (mast + 0.01, -tall - 0.08)])), ink, 0.005)
        for half, low, high in points(".17 .12 .44, .14 .48 .74, .10 .78 .96", 3):
            sail = points("-1 0, -.72 .5, -.85 1, .8 1, 1.25 .5, 1 0, -1 0")
            rise = -tall * np.array((low, high - low))
            sail = curve(sail, 50) * (half, rise[1]) + (mast, rise[0])
            c.polygon(lay(sail), clear)
            c.line(lay(sail), ink, 0.0032)
            for t in np.linspace(0.35, 0.85, 7):
                fold = np.array([(t, 0.06), (t + 0.12, 0.5), (t - 0.08, 0.94)])
                fold = fold * (half, rise[1]) + (mast, rise[0])
                c.line(lay(fold), ink, 0.0014)
        pennant = np.array([(0, -0.08), (0.13, -0.05), (0, -0.02)])
        c.polygon(lay(np.add(pennant, (mast, -tall))), ink)
    outline = "-.62 -.1, -.45 .02, -.1 .06, .3 .05, .5 -.02, .62 -.16, .4 -.06, 0 -.03"
    hull = lay(curve(points(outline + ", -.35 -.07, -.62 -.1")))
    c.polygon(hull, ink)
    c.line(hull - (0, 0.002), clear, 0.0016)
    c.line(lay("-.5 -.035, -.1 .005, .3 0, .52 -.07"), clear, 0.003)
    for rope in ("-.62 -.12, 0 -1.2", ".62 -.17, .32 -.95", ".62 -.17, .85 -.3", jib):
        c.line(lay(rope), ink, 0.0022)


def _hatched(phase: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Turn a tone into lines, one at each whole number of ``phase``.

    Args:
        phase: where the lines run, ``(h, w)``: it grows by 1 from one to the next.
        tone: share of the paper that a line covers, ``(h, w)``, 0 (paper) to 1 (solid).

    Returns:
        The ink, ``(h, w)``, 0–1.
    """
    gap = np.abs(2 * (phase - np.floor(phase)) - 1)
    # Edges are one pixel of gray wide, however close the lines are.
    soft = 2 * np.hypot(*np.gradient(phase)).clip(0.02, 0.45)
    edge = smoothstep(-1, 1, (tone - 1 + gap) / soft)
    return edge * smoothstep(0.03, 0.15, tone)


HEADLANDS = ".61 .13 .22 .16, .63 .28 -.02 .22, .99 .27 0 .34, 1.03 .16 1.02 .3"


def _coast(c: Canvas, lines: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plan the hatching of a sun, a sea and four headlands.

    Returns:
        The phase and the tone for `_hatched`, and where lines are crossed, each
        ``(h, w)``.
    """
    (x, y), (cx, cy), soft = c.mesh(), c.mesh(256), noise(c.rng, 2)
    u, v = x / c.w, y / c.h
    dx, dy = x - 0.66 * c.w, y - 0.33 * c.h
    sun, cloud = np.hypot(dx, dy), c.enlarge(soft(2.2 * cx + 3, 6 * cy + 9))
    phase, cross = sun * lines + 1.6 * cloud, 1.0 * (v < 0.6)
    tone = 0.16 + 0.42 * sun + 0.42 * smoothstep(0.1, 0.9, cloud)
    tone -= 0.2 * smoothstep(0.1, 0.8, -cloud)
    phase = np.where(sun < 0.15, np.arctan2(dy, dx) * 48 / np.pi, phase)
    tone = np.where(sun < 0.15, 0.55 - 2.2 * np.abs(sun - 0.11), tone) * (sun > 0.088)
    deep = (v - 0.6).clip(0)
    swell = np.sin(60 * deep**0.6 + 9 * c.enlarge(soft(3 * cx, 9 * cy + 20)))
    swell *= c.enlarge(soft(5 * cx, 22 * cy))
    path = np.exp(-(((u - 0.66) / (0.04 + 0.4 * deep)) ** 2))
    water = lines * 1.15 * deep**0.8 + 1.1 * swell * deep**0.4
    phase = np.where(deep > 0, water, phase)
    tone = np.where(deep > 0, 0.60 - 0.44 * path + 0.35 * swell, tone)
    for k, (base, rise, peak, girth) in enumerate(points(HEADLANDS, 4)):
        ridge = base - rise * np.exp(-(((u[0] - peak) / girth) ** 2))
        below = v - ridge - 0.03 * soft(7 * x[0], 20.5 * k)
        fold = c.enlarge(soft(9 * cx - 5 * cy, 4 * cy + 9 * k))
        land = (below > 0) & ((v < 0.603) | (k > 1))
        run = lines * (0.9 * x + 0.35 * below * np.sign(0.5 - u) + 0.035 * fold)
        dark = 0.30 + 0.16 * k + 0.5 * fold * (1 - 0.2 * k)
        dark -= 0.3 * np.exp(-below.clip(0) / 0.012)
        phase, tone = np.where(land, run, phase), np.where(land, dark, tone)
        cross = np.where(land, 0.7, cross)
    return phase, tone, cross


def engraved_ship(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "engraving",
    lines: int = 64,
) -> np.ndarray:
    """Engrave a ship in front of the setting sun, in lines only, thick and thin.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`; the first, sixth and seventh
            colors are used.
        lines: number of lines per unit, 20 (woodcut) to 120 (banknote).

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, np.full(3, 255.0))
    (x, y), (cx, cy), rough = c.mesh(), c.mesh(256), noise(c.rng, 3)
    phase, tone, cross = _coast(c, lines)
    _ship(c, c.place * (c.rng.uniform(0.36, 0.50), 0.655), 0.19)
    birds(c, (0.30, 0.2), (0.1, 0.05), 9, np.array((0, 0, 255)))
    drawn = c.layers()[0] / 255
    second = lines * (0.75 * y - 0.8 * x)
    ink = np.maximum(
        _hatched(phase, tone), _hatched(second, 1.5 * (tone - 0.55) * cross)
    )
    ink = np.maximum(ink * drawn[..., 2], 1 - drawn[..., 0])
    rim = np.minimum(np.minimum(x, c.w - x), np.minimum(y, c.h - y))
    ink = np.where(rim > 0.03, ink, (np.abs(rim - 0.02) < 0.002) | (rim > 0.0275))
    mottle = c.enlarge(rough(4 * cx, 4 * cy + 90)) * 7 + 5 * rough(150 * x, 150 * y)
    glow = 0.5 * np.exp(-(((x - 0.66 * c.w) ** 2 + (y - 0.33 * c.h) ** 2) / 0.04))
    paper = mix(pal[5], pal[6], glow * (rim > 0.03)) + mottle[..., np.newaxis]
    pressed = ink * (0.9 + 0.15 * c.enlarge(rough(60 * cx, 60 * cy)))
    return c.finish(mix(paper, pal[0], pressed.clip(0, 1)), grain=6)
