"""A painting in ink on paper: mountains in mist.

Taught in: 10_creative_control. See `nstlib.painter.oils` for how places and
sizes are given, and what ``pal`` is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import (
    curve,
    mix,
    noise,
    pigments,
    points,
    ramp,
    smoothstep,
    trace,
)

Palette = str | Sequence[str]


def _slope(c: Canvas, ridge: np.ndarray) -> np.ndarray:
    """Return how steeply a ridge falls, averaged over a twenty-fifth of a unit."""
    width = round(0.04 * c.unit)
    return np.convolve(np.gradient(ridge) * c.unit, np.ones(width) / width, "same")


def _crags(c: Canvas, across: np.ndarray, ridge: np.ndarray, near: float) -> None:
    """Brush the dry strokes that model a mountain's face below its ridge."""
    n = 420
    x = c.rng.uniform(0, c.w, n)
    y = np.interp(x, across, ridge) + c.rng.exponential(0.035, n) + 0.004
    fall = _slope(c, ridge)
    turn = np.arctan(1.3 * np.interp(x, across, fall)) + c.rng.normal(0, 0.12, n)
    turn += np.where(np.abs(turn) < 0.5, 1.1 * np.sign(turn), 0)
    bend, reach = 9 * np.sign(turn), c.rng.uniform(0.015, 0.06, n)
    starts = np.stack([x, y], axis=1)
    paths = trace(lambda p: turn + bend * (p[:, 1] - y), starts, reach)
    shade = (235 - 120 * near + c.rng.normal(0, 12, n))[:, None].repeat(3, axis=1)
    c.strokes(paths, c.rng.uniform(0.001, 0.0042, n), shade, 2, 12)


def _pine(c: Canvas, ink: np.ndarray) -> None:
    """Brush an old pine that leans in from the lower left."""
    tips = []
    for girth, through in (
        (0.040, "-.03 1, .07 .86, .10 .72, .19 .62, .22 .50, .30 .43"),
        (0.017, ".10 .72, .20 .71, .29 .66, .40 .665"),
        (0.014, ".18 .63, .10 .55, .03 .54"),
        (0.013, ".22 .52, .31 .54, .42 .51"),
        (0.011, ".25 .47, .20 .40, .14 .37"),
        (0.013, ".05 .88, .16 .85, .25 .87"),
    ):
        bough = curve(points(through), 40) * c.place
        bough += c.rng.normal(0, 0.0025, (40, 2))
        for _ in range(5):
            aside = c.rng.normal(0, girth * 0.22, 2)
            c.strokes((bough + aside)[None], girth * 0.55, ink + 18, 8, 12)
        knots = c.rng.integers(18, 40, 9) if girth < 0.03 else c.rng.integers(28, 40, 7)
        tips += list(bough[knots] + c.rng.normal(0, 0.012, (len(knots), 2)))
    for tip in tips:
        for turn in c.rng.uniform(-np.pi - 0.35, 0.35, 46):
            reach = c.rng.uniform(0.018, 0.040) * (0.6 + 0.4 * abs(np.cos(turn)))
            needle = reach * np.array([1.25 * np.cos(turn), 0.75 * np.sin(turn)])
            shade = ink + c.rng.uniform(0, 70)
            c.line(np.stack([tip, tip + needle]) - (0, 0.012), shade, 0.0016)


def _boat_and_seal(c: Canvas, pal: np.ndarray) -> None:
    """Brush a fisherman's boat and some birds, and print the painter's seal."""
    ink = pal[0] * 0.8
    hull = ".66 .905, .70 .918, .78 .918, .83 .90, .77 .925, .70 .926"
    for shape, tone in (
        (hull, ink),
        (".715 .915, .725 .897, .755 .897, .765 .915", ink + 60),
        (".785 .869, .797 .860, .809 .869, .803 .89, .807 .912, .788 .912", ink),
    ):
        c.polygon(points(shape) * c.place, tone)
    c.line(points(".80 .885, .83 .85, .87 .83") * c.place, ink, 0.002)
    birds(c, (0.50, 0.27), (0.07, 0.035), 7, ink + 40)
    corner = c.place * (0.055, 0.06)
    c.polygon(corner + points("0 0, .04 0, .04 .06, 0 .06"), pal[6])
    for sign in (
        ".008 .01, .032 .01, .02 .01, .02 .028, .008 .02, .032 .02",
        ".01 .032, .01 .052, .031 .052, .031 .034",
        ".01 .041, .031 .041",
    ):
        c.line(corner + points(sign), np.full(3, 250.0), 0.0032)


def birds(
    c: Canvas,
    at: Sequence[float],
    spread: Sequence[float],
    count: int,
    ink: np.ndarray,
) -> None:
    """Draw a distant flock of birds.

    Taught in: 10_creative_control.

    Args:
        c: the canvas.
        at: middle of the flock, in fractions of the width and height.
        spread: standard deviation of the birds' places, in units.
        count: number of birds.
        ink: RGB color, 0–255.
    """
    wings = points("-1 -.3, -.4 -.5, 0 0, .4 -.5, 1 -.3")
    for _ in range(count):
        middle = at * c.place + c.rng.normal(0, spread)
        c.line(middle + c.rng.uniform(0.009, 0.017) * wings, ink, 0.0024)


PEAKS = ".33 .86 .6, .14 .98 .5, .25 .8 1.02, .03 .47 .9, .12 .7 1, -.02 .25 1.05"


def _mountain(
    c: Canvas, wash: np.ndarray, rough: Callable[..., np.ndarray], k: int, near: float
) -> np.ndarray:
    """Add one range of peaks, which fades into mist below, to the ``wash`` so far."""
    (x, y), (cx, cy) = c.mesh(), c.mesh(256)
    across = x[0]
    ridge = c.h * (0.44 + 0.36 * near + 0.22 * near**4)
    ridge = ridge + 0.045 * rough(5 * across, 20.5 * k)
    for at in points(PEAKS, 3)[k % 6]:
        rise, girth = c.rng.uniform(0.75, 1.1), c.rng.uniform(0.06, 0.12)
        cone = np.exp(-((np.abs(across / c.w - at) / girth) ** 1.5))
        ridge -= c.h * (0.32 - 0.06 * near) * rise * cone
    ridge += 0.012 * rough(30 * across, 20.5 * k)
    below = y - ridge
    lean = np.tanh(3 * np.interp(cx, across, _slope(c, ridge)))
    down = cy - np.interp(cx, across, ridge)
    face = c.enlarge(rough(34 * (cx - 0.5 * down * lean), 7 * cy + 9 * k))
    dry = 0.3 + 0.7 * smoothstep(-0.5, 0.6, face + 0.7 - 8 * below)
    tone = (0.15 + 0.6 * near**1.3) * dry
    tone *= np.exp(-below.clip(0) / (0.11 + 0.10 * near))
    tone *= 1 + 0.6 * np.exp(-below.clip(0) / 0.005)
    cover = smoothstep(0, 0.003 + 0.008 * (1 - near), below)
    mist = 0.35 + 0.6 * smoothstep(0.0, 0.13, below)
    _crags(c, across, ridge, near)
    return wash * (1 - cover * mist) + cover * tone


def ink_mountains(
    height: int,
    width: int,
    seed: int = 0,
    *,
    palette: Palette = "ink",
    ranges: int = 6,
) -> np.ndarray:
    """Paint mountains in mist, a pine and a red sun, in ink on rough paper.

    Taught in: 10_creative_control.

    Args:
        height, width, seed, palette: see `nstlib.paint`; the sun and the seal have the
            seventh color.
        ranges: number of mountain ranges, one behind the other, 0 to 12.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.
    """
    pal = pigments(palette)
    c = Canvas(height, width, seed, np.full(3, 255.0))
    (x, y), (cx, cy), rough = c.mesh(), c.mesh(256), noise(c.rng, 4)
    wash = np.zeros_like(x)
    for k in range(ranges):
        wash = _mountain(c, wash, rough, k, k / max(ranges - 1, 1))
    pool = c.enlarge(rough(3.5 * cx, 3.5 * cy + 60))
    wash *= 1 + 0.25 * pool + 0.14 * rough(90 * x, 90 * y)
    water = smoothstep(0.1, 0.6, c.enlarge(rough(3 * cx, 80 * cy)))
    wash += 0.13 * water * smoothstep(0.86, 0.9, y / c.h)
    _pine(c, pal[0] * 0.8)
    _boat_and_seal(c, pal)
    drawn, _ = c.layers()
    fiber = rough(140 * x + 30 * pool, 12 * y)
    paper = pal[5] + (6 * pool + 5 * fiber)[..., np.newaxis]
    sun = np.hypot(x - 0.72 * c.w, y - 0.16 * c.h) + 0.003 * pool
    red = (0.82 + 0.1 * fiber) * smoothstep(0.078, 0.074, sun)
    paper = mix(paper, pal[6], red)
    inked = ramp([np.full(3, 255.0), *pal[3::-1]], wash) / 255
    return c.finish(paper * inked * (drawn / 255), grain=7)
