"""The course's own style pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nstlib.brush import Canvas, Sketch, hexes, mix, noise, ramp, smoothstep, trace, curve

PALETTES = {
    "night": "#0a1230 #14295f #1f4b93 #3f7fb5 #8fbfc4 #efe9c0 #f4b731 #33553a",
    "wave": "#13284a #1f4c78 #4b7f9f #9bbcc0 #e7dabb #f7f0de #c4523a #b7a178",
}
STARS = ((0.85, 0.15, 0.095), (0.32, 0.10, 0.046), (0.57, 0.12, 0.038),
    (0.34, 0.30, 0.034), (0.91, 0.43, 0.042), (0.70, 0.25, 0.026), (0.44, 0.055, 0.024),
    (0.05, 0.13, 0.040), (0.045, 0.42, 0.03), (0.31, 0.50, 0.026), (0.69, 0.06, 0.02))


def colours(palette):
    return hexes(PALETTES.get(palette, palette))

def bump(x, y, u, v, size):
    return np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * size**2))

def night_sky(c, s, pal, swirl):
    wander, x, y = noise(c.rng, 2), s.x, s.y
    psi = y + 0.035 * np.sin(6 * x + 3 * y) + 0.03 * wander(3 * x, 3 * y)
    for u, v, size, turn in ((0.50, 0.38, 0.105, 1.0), (0.69, 0.47, 0.07, -0.9)):
        psi += swirl * turn * 2.9 * size * bump(x, y, u * c.w, v * c.h, size)
    vx, vy = np.gradient(psi * s.pixels) * np.array([1, -1]).reshape(2, 1, 1)
    t = 0.40 + 0.24 * np.sin(44 * psi) + 0.3 * wander(2.2 * x, 2.2 * y + 9)
    s.rgb = ramp(pal[:6], (t + 0.3 * (s.v - 0.35)).clip(0.1, 0.86))
    for u, v, size in STARS:
        dx, dy = x - u * c.w, y - v * c.h
        dx, dy = dx - c.rng.normal(0, 0.01), dy - c.rng.normal(0, 0.01)
        r = np.hypot(dx, dy) / size
        pull = 6 * np.exp(-((r / 1.7) ** 2)) / (r + 0.05) / size
        vx, vy = vx - pull * dy, vy + pull * dx
        glow = 1.9 * np.exp(-((r / 1.3) ** 2)) * (0.8 + 0.3 * np.sin(10 * r))
        halo = ramp(pal[[5, 5, 6, 6, 5, 4, 4, 3]], r / 2.1)
        s.rgb, s.reach = mix(s.rgb, halo, glow.clip(0, 1)), np.minimum(s.reach, r / 2.2 + 0.35)
    s.angle = np.arctan2(vy, vx)

def starry_night(height, width, seed=0, *, palette="night", stroke=1.0, swirl=1.0):
    c, pal = Canvas(height, width, seed, (16, 30, 74)), colours(palette)
    s, wander = Sketch(c, pal[1]), noise(c.rng, 2)
    night_sky(c, s, pal, swirl)
    land = np.array([pal[0], pal[1], pal[7], mix(pal[7], pal[4], 0.3), mix(pal[7], pal[4], 0.6)])
    for k, (level, rise) in enumerate(((0.665, 0.07), (0.74, 0.05), (0.80, 0.035), (0.87, 0.03), (0.94, 0.03))):
        ridge = level - rise * np.sin(7.5 * s.u + 2.1 * k + 0.6) - 0.02 * wander(3 * s.x, 9 * k)
        below = s.v - ridge
        t = 0.33 + 0.25 * np.sin(75 * below + 4 * wander(4 * s.x, 4 * s.y + k)) + 0.4 * (below < 0.012)
        s.put(below > 0, ramp(land, t), np.arctan(np.gradient(ridge, axis=1) * s.pixels))
        if k == 2: hamlet = s.depth.max()
    for root, top, girth in ((0.155, 0.05, 0.062), (0.24, 0.42, 0.04)):
        t = ((1.03 - s.v) / (1.03 - top)).clip(0, 1)
        half = girth * (np.sin(np.pi * t**0.6 * 0.98) ** 0.8 + 0.12 * np.sin(17 * t))
        side = (s.x - root * c.w - 0.02 * np.sin(7 * t)) / half.clip(0.004)
        flame = 0.5 * np.sin(26 * s.y + 40 * (s.x - root))
        bark = 0.38 + 0.3 * np.sin(180 * side * half + 5 * flame) + 0.25 * side
        tree = ramp(np.array([pal[0] * 0.6, mix(pal[0], pal[7], 0.5), pal[7], mix(pal[7], pal[6], 0.35)]), bark + 0.3 * wander(20 * s.x, 20 * s.y))
        s.put((np.abs(side) < 1) & (t < 1), tree)
        s.angle = np.where(np.abs(side) < 2, -np.pi / 2 + flame - 0.3 * side, s.angle)
    c.brush(s, ((2400, 0.026, 0.1 * stroke), (7000, 0.0115, 0.075 * stroke)), 5, 13)
    for _ in range(16):
        at, size = np.array([c.rng.uniform(0.4, 0.98) * c.w, c.rng.uniform(0.79, 0.85) * c.h]), c.rng.uniform(0.018, 0.03)
        box = np.array([(-0.5, 0), (0.5, 0), (0.5, -0.8), (-0.5, -0.8)])
        c.strokes(at + size * box[[[0, 1], [3, 2], [0, 1]]] + [[[0, 0]], [[0, .006]], [[0, -.008]]], 0.012, ramp(pal[1:5], c.rng.random()), 4)
        c.polygon(at + size * np.array([(-0.7, -0.6), (0.7, -0.6), (0.3, -1.2), (-0.3, -1.2)]), pal[0])
        c.polygon(at + size * (0.35 * box + (0, -0.1)), pal[6], 250)
    return c.finish(relief=0.7)

BACK = ((-0.12, 0.95), (0.0, 0.66), (0.10, 0.42), (0.22, 0.22), (0.36, 0.12), (0.50, 0.14), (0.60, 0.24), (0.625, 0.36))
FACE = ((0.72, 1.0), (0.56, 0.83), (0.44, 0.68), (0.385, 0.54), (0.39, 0.41), (0.45, 0.33), (0.53, 0.315), (0.625, 0.36))

def claws(c, tips, heading, size, white, ink):
    """fingers"""
    for group in np.array_split(np.arange(len(tips)), max(1, len(tips) // 4)):
        for grow, tint in ((0.0030, ink), (0.0, white)):
            for i in group:
                turn = heading[i] + np.linspace(0, 1.9, 12)
                path = tips[i] + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1), 0) * size[i] / 9
                for p, r in zip(path, np.linspace(0.30, 0.05, 12)):
                    c.disc(p, r * size[i] + grow, tint)

def breaker(c, pal, move, scale):
    ink, foam = pal[0], pal[5]
    back, face = (curve(p, 120) * scale + move for p in (BACK, FACE))
    back, face = back * (c.w, c.h), face * (c.w, c.h)
    rows = np.linspace(0, 1, 23)
    rows = rows + np.r_[0, c.rng.normal(0, 0.008, 21), 0]
    lines = [back * (1 - r) + face * r for r in rows]
    order = [4, 1, 2, 5, 1, 1, 3, 1, 0, 1, 5, 2, 1, 0, 4, 1, 2, 1, 5, 0, 1, 2]
    for a, b, tone in zip(lines, lines[1:], order):
        c.polygon(np.vstack([a, b[::-1]]), pal[tone])
    for line in lines[1:]:
        c.line(line, ink, 0.0022 * scale ** .5)
    for line in (back, face):
        c.line(line, ink, 0.006 * scale ** .5)
    # foam
    n = 46
    t = np.linspace(0.42, 1.0, n); idx = (t * 119).astype(int)
    for depth in (0.10, 0.05, 0.0):
        at = back[idx] * (1 - depth) + face[idx] * depth + c.rng.normal(0, .004, (n, 2))
        heading = np.linspace(-0.9, 0.9, n) + c.rng.normal(0, 0.25, n)
        size = scale * c.rng.uniform(0.035, 0.065, n) * np.linspace(0.75, 1.1, n)
        claws(c, at, heading, size, foam, ink)
    m = 24
    idx = np.linspace(119, 84, m).astype(int)
    claws(c, face[idx] + c.rng.normal(0, .006, (m, 2)), 1.3 + c.rng.normal(0, .7, m), scale * np.linspace(.07, .03, m) * c.rng.uniform(.6, 1.2, m), foam, ink)
    spray = back[c.rng.integers(60, 120, 130)] + np.abs(c.rng.normal(0, 0.07, (130, 2))) * (1, .8) * scale ** .5 - (0, .03)
    for p in spray:
        c.disc(p, c.rng.uniform(0.0015, 0.0045), foam)

def great_wave(height, width, seed=0, *, palette="wave"):
    c, pal = Canvas(height, width, seed), colours(palette)
    place = (c.w, c.h)
    sky = ramp(np.array([mix(pal[4], pal[3], .5), pal[4], pal[4], mix(pal[4], pal[7], .5), mix(pal[4], pal[2], .45)]), np.linspace(0, 1, 160))
    for i, tone in enumerate(sky):
        c.polygon(np.array([(0, i / 200), (1, i / 200), (1, (i + 1.5) / 200), (0, (i + 1.5) / 200)]) * place, tone)
    c.disc(np.array((0.80, 0.2)) * place, 0.085, pal[6])
    fuji = curve(((0.52, 0.72), (0.62, 0.675), (0.70, 0.585), (0.725, 0.56), (0.75, 0.56), (0.775, 0.585), (0.86, 0.68), (0.98, 0.72)), 60)
    c.polygon(fuji * place, pal[2])
    snow = np.vstack([fuji[(fuji[:, 1] < 0.635)], [(0.795, 0.66), (0.775, 0.63), (0.755, 0.665), (0.738, 0.63), (0.715, 0.66), (0.70, 0.63), (0.68, 0.645)]])
    c.polygon(snow * place, pal[5]); c.line(fuji * place, pal[0], .003)
    for k, (level, tone) in enumerate(((0.70, 3), (0.76, 2), (0.83, 1), (0.91, 2))):
        u = np.linspace(-0.05, 1.05, 90)
        top = level + 0.03 * np.sin(9 * u + 2 * k) + 0.012 * np.sin(23 * u + k)
        edge = np.stack([u, top], 1) * place
        c.polygon(np.vstack([edge, [(2, 2), (-1, 2)]]), pal[tone]); c.line(edge, pal[0], .004)
        for d, other in zip((0.014, 0.03, 0.042, 0.066, 0.075), (4, 0, 5, 0, 3)):
            c.line(edge + np.stack([0 * u, d * (1 + 0.3 * np.sin(14 * u + 3 * k + 30 * d))], 1), pal[other], 0.004 if other else 0.002)
        if k == 2: breaker(c, pal, np.zeros(2), 1.0)
    breaker(c, pal, np.array((-0.1, 0.58)), 0.5)
    rgb, _ = c.layers()
    x, y = c.mesh(); rough = noise(c.rng, 3)
    rings = np.sin(2 * np.pi * (70 * y + 3 * rough(1.1 * x, 4 * y)))
    wear = 0.7 * rough(150 * x, 12 * y) + 0.6 * rings + rough(6 * x, 6 * y + 40)
    dark = 1 - rgb.mean(axis=2) / 255
    rgb = mix(rgb, pal[4], ((0.06 + 0.13 * wear) * dark + 0.16 * (wear > 1.0) * dark).clip(0, 1))
    rgb = rgb - (4 + 5 * rings + 4 * rough(150 * x, 12 * y) )[..., None] * (1 - dark[..., None])
    return c.finish(rgb, relief=0, grain=6)
