"""The course's own style pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nstlib.brush import Canvas, Sketch, hexes, mix, noise, ramp, smoothstep, trace, curve

PALETTES = {
    "night": "#0a1230 #14295f #1f4b93 #3f7fb5 #8fbfc4 #efe9c0 #f4b731 #33553a",
    "wave": "#13284a #1f4c78 #4b7f9f #9bbcc0 #e7dabb #f7f0de #c4523a #b7a178",
    "glass": "#17121f #1d37b0 #b8142c #0e7d58 #5f2c90 #6cb2ee #f4b52e #fdedc2",
    "river": "#2a2358 #31508f #4d8fc9 #93c7df #3f8f56 #fbe7b0 #f4a83c #d9577e",
    "music": "#171420 #2b3a8c #6a3d8f #5aa3c4 #6fae7f #f3e7cd #f0b429 #d63b3f",
    "cubist": "#1c1916 #40362b #6e5b42 #97805a #bfa97f #e6dabb #6f8794 #a5552d",
    "ink": "#16171a #33363b #5f6468 #989b98 #f3ebd9 #f1e8d4 #b8352a #6b6152",
    "weave": "#1c1a26 #24416f #86202c #b5342f #bd7a3c #ecdcb8 #3f6b57 #d8a23f",
    "autumn": "#241a2e #5a1f2b #a8321f #ef8a1d #f9bd35 #fdf0cb #d95418 #3d6f8e",
    "engraving": "#2a1d16 #4a372a #7a6047 #a58c6b #d3bf9a #f1e6cb #e0a64e #8c3a26",
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

def arc(centre, radius, start, stop, count=24):
    turn = np.linspace(start, stop, count)
    return centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)

class Glazier:
    def __init__(self, c, pal):
        self.c, self.pal, self.hub = c, pal, np.array([c.w, c.h]) / 2
        self.radius = 0.49 * min(c.w, c.h)

    def pane(self, points, tone, width=0.0042):
        rng = self.c.rng
        tint = self.pal[tone] * rng.uniform(0.65, 1.25) + rng.normal(0, 16, 3)
        self.c.polygon(points, tint, 40)
        self.c.line(np.vstack([points, points[:2]]), self.pal[0] * 0.7, width, 230)

    def at(self, r, a):
        return self.hub + self.radius * np.stack([r * np.cos(a), r * np.sin(a)], axis=-1)

    def ring(self, inner, outer, count, tones, rows=1):
        for k in range(count):
            for j in range(rows):
                a = (k + 0.5 * j + np.linspace(0, 1, 7)) * 2 * np.pi / count
                r = inner + (outer - inner) * (j + np.array([0, 1])) / rows
                self.pane(np.vstack([self.at(r[0], a), self.at(r[1], a[::-1])]), tones[(k + j) % len(tones)])

    def roundels(self, at, size, count, tones, turn=0.5):
        for k in range(count):
            middle = self.at(at, (k + turn) * 2 * np.pi / count)
            size_ = size * self.radius
            self.pane(arc(middle, size_, 0, 2 * np.pi, 30), tones[0], 0.009)
            for petal in range(6):
                self.pane(arc(arc(middle, 0.58 * size_, petal * np.pi / 3, 0, 1)[0], 0.29 * size_, 0, 2 * np.pi, 16), tones[1], 0.004)
            self.pane(arc(middle, 0.3 * size_, 0, 2 * np.pi, 16), tones[2], 0.004)

    def lancets(self, inner, outer, count, tones, turn=0.0):
        """Pointed petals, each of three nested shapes cut into strips."""
        for k in range(count):
            a, mid, half = (k + turn) * 2 * np.pi / count, (inner + outer) / 2, (outer - inner) / 2
            for shrink, strips, tone in zip((1, 0.68, 0.36), (7, 5, 2), tones):
                t = np.linspace(-1, 1, 4 * strips + 1)
                r = mid + half * shrink ** 0.6 * t
                w = 1.05 * shrink * np.pi / count * (1 - np.abs(t) ** 2.2) ** 0.75 * (1 + 0.25 * t)
                for i in range(0, 4 * strips, 4):
                    for side in ((-1, 0), (0, 1)) if shrink > 0.5 else ((-1, 1),):
                        span = slice(i, i + 5)
                        edges = [self.at(r[span], a + w[span] * s) for s in side]
                        self.pane(np.vstack([edges[0], edges[1][::-1]]), tone[(k + i // 4) % len(tone)], 0.0034)
                rim = np.vstack([self.at(r, a - w), self.at(r, a + w)[::-1]])
                self.c.line(rim, self.pal[0] * 0.7, 0.0065, 255)

def rose_window(height, width, seed=0, *, palette="glass", petals=12):
    c, pal, n = Canvas(height, width, seed), colours(palette), petals
    g, cell = Glazier(c, pal), 0.05
    for j in range(-1, int(c.h / cell) * 2 + 3):
        for i in range(-1, int(c.w / cell) + 2):
            middle = cell * np.array([i + 0.5 * (j % 2), j / 2])
            g.pane(middle + cell * np.array([(0, -0.5), (0.5, 0), (0, 0.5), (-0.5, 0)]), (1, 1, 4, 1, 2)[(i * 7 + j * 3) % 5])
    for corner in np.array([(0.08, 0.08), (0.92, 0.08), (0.08, 0.92), (0.92, 0.92)]) * (c.w, c.h):
        for size, tone in ((0.066, 3), (0.052, 2), (0.034, 6), (0.018, 5)):
            g.pane(arc(corner, size, 0, 2 * np.pi), tone, 0.008)
    c.disc(g.hub, g.radius * 1.015, pal[0], 255)
    g.ring(0.91, 0.995, 4 * n, (2, 1, 6, 1))
    g.ring(0.58, 0.91, 5 * n, (1, 1, 4), 6)
    g.lancets(0.59, 0.905, n, ((2, 3), (1, 5), (6,)))
    g.roundels(0.835, 0.07, n, (2, 5, 6))
    g.ring(0.53, 0.58, 5 * n, (6, 2, 1))
    g.ring(0.2, 0.53, 2 * n, (1, 3, 1), 7)
    g.lancets(0.2, 0.53, n, ((2, 4), (5, 1), (6, 7)), 0.5)
    g.roundels(0.475, 0.052, n, (3, 7, 6), 0.0)
    g.ring(0.15, 0.21, 2 * n, (3, 6))
    g.ring(0.0, 0.15, n, (2, 6, 1), 2)
    g.pane(arc(g.hub, 0.05 * g.radius, 0, 2 * np.pi), 7, 0.01)
    for r in (0.15, 0.21, 0.53, 0.58, 0.91, 0.995):
        c.line(arc(g.hub, r * g.radius, 0, 2 * np.pi, 160), pal[0], 0.011, 255)
    return shine(c, g.hub)

def shine(c, hub):
    (rgb, thick), (x, y), wave = c.layers(), c.mesh(), noise(c.rng, 3)
    leaded = (thick - 0.16) / 0.74
    streaks = 0.30 * wave(9 * x + 4 * y, 70 * y - 40 * x) + 0.22 * wave(30 * x, 30 * y)
    seeds = (wave(120 * x, 120 * y) > 1.0) * 0.5
    sun = 1.5 - 0.9 * np.hypot(x - hub[0] + 0.08, y - hub[1] + 0.1)
    light = (1.38 - 1.2 * blur(c, leaded, 0.005) + streaks + seeds) * sun
    lit = rgb * np.where(leaded > 0.5, 0.8, light.clip(0.15))[..., None]
    bloom = np.stack([blur(c, lit[..., i], 0.012) for i in range(3)], axis=2)
    lit = 270 * np.tanh((lit + 0.35 * bloom) / 260)
    return c.finish(lit, thick, relief=0.35, grain=8)

def blur(c, field, radius):
    from PIL import Image, ImageFilter
    small = Image.fromarray(np.clip(field if field.max() > 2 else field * 255, 0, 255).astype(np.uint8))
    out = np.asarray(small.filter(ImageFilter.GaussianBlur(radius * c.unit / 2)), dtype=np.float32)
    return out if field.max() > 2 else out / 255

def river_scene(c, s, pal):
    wander, x, u, v = noise(c.rng, 3), s.x, s.u, s.v
    sky = np.array([pal[2], pal[3], mix(pal[3], pal[5], 0.6), pal[5], pal[6], pal[6]])
    level = 0.46
    def air(v):
        tone = ramp(sky, v / level - 0.08 * wander(2.5 * x, 14 * v) )
        glow = np.exp(-np.hypot((u - 0.60) * c.w, (v - 0.35) * c.h) / 0.10)
        cloud = smoothstep(0.15, 0.8, wander(3 * x + 5, 9 * v) + 0.5 - 1.2 * np.abs(v - 0.17) / 0.2)
        return mix(mix(tone, mix(pal[5], pal[7], 0.35), 0.75 * cloud), pal[5] + 20, (1.5 * glow).clip(0, 1))
    ripple = 0.012 * wander(6 * x, 60 * v) * (v - level) / 0.1
    s.rgb = np.where((v < level)[..., None], air(v), 0.86 * air(2 * level - v + ripple) + 0.14 * pal[1])
    def both(shape, tone, dim=0.8):
        s.put(shape(v) & (v < level + 0.004), tone)
        s.put(shape(2 * level - v + ripple) & (v > level), dim * tone + (1 - dim) * pal[1])
    for k, (rise, tone) in enumerate(((0.07, mix(pal[3], pal[7], 0.5)), (0.04, mix(pal[1], pal[7], 0.5)))):
        both(lambda v: v > level - rise * (1 + 0.8 * wander(2.6 * u, 7 * k + 0 * u)), tone + 25 * wander(20 * x, 20 * v)[..., None])
    for at, top, girth in ((0.07, 0.10, 0.03), (0.135, 0.06, 0.034), (0.205, 0.16, 0.028), (0.265, 0.22, 0.024)):
        def poplar(v, at=at, top=top, girth=girth):
            t = ((v - top) / (level - top)).clip(0, 1)
            return (np.abs(x - at * c.w) < girth * np.sin(np.pi * t ** 0.7 * 0.93) ** 0.7 * (1 + 0.5 * wander(30 * x, 30 * v))) & (v > top)
        light = 0.45 + 12 * (x - at * c.w) + 0.4 * wander(26 * x, 26 * v)
        both(poplar, ramp(np.array([pal[0], pal[1], pal[4], mix(pal[4], pal[6], 0.5), pal[6]]), light))
    for at, size in ((0.47, 0.12), (0.83, 0.06), (0.74, 0.045)):
        def sail(v, at=at, size=size):
            return (u > at) & (u - at < 0.42 * size * (v - level + size) / size) & (v < level - 0.08 * size)
        both(sail, mix(pal[5], np.full(3, 255.0), 0.5), 0.9)
        both(lambda v: (np.abs(u - at - 0.1 * size) < 0.3 * size - 2 * (v - level)) & (np.abs(v - level) < 0.08 * size), pal[7])
    glitter = np.exp(-((u - 0.60) / 0.06) ** 2) * (v > level + 0.005) * (wander(9 * x, 90 * v) > 0.05)
    s.put(glitter * 0.9, pal[5] + 25)
    bank = v - 0.80 - 0.10 * u + 0.25 * (u - 0.75).clip(0) - 0.02 * wander(5 * x, 0 * x)
    shade = wander(4 * x, 9 * v + 3)
    s.put(bank > 0, ramp(np.array([pal[0], pal[1], pal[4], mix(pal[4], pal[6], 0.45), mix(pal[5], pal[4], 0.3)]), 0.5 + 0.5 * shade - 2 * (0.03 - bank).clip(0) * -3))
    # big tree on the right
    trunk = np.abs(x - 0.86 * c.w - 0.02 * np.sin(7 * v)) < 0.022 + 0.03 * (v - 0.8).clip(0) * 4
    s.put(trunk & (v > 0.1) & (v < 0.9), ramp(np.array([pal[0], mix(pal[0], pal[7], 0.5), pal[6]]), 0.5 - 12 * (x - 0.86 * c.w)))
    crown = np.hypot((u - 0.93) / 0.30, (v - 0.08) / 0.27) + 0.30 * wander(7 * x, 7 * v)
    leaf = 0.42 + 0.45 * wander(12 * x, 12 * v + 7) - 0.9 * (u - 0.85) + 0.3 * (0.1 - v)
    s.put(crown < 0.95, ramp(np.array([pal[0], pal[1], pal[4], mix(pal[4], pal[6], 0.5), pal[6]]), leaf))

def pointillist_river(height, width, seed=0, *, palette="river", dot=1.0):
    c, pal = Canvas(height, width, seed, (238, 226, 200)), colours(palette)
    s = Sketch(c, pal[3])
    river_scene(c, s, pal)
    white = np.full(3, 252.0)
    pigments = np.vstack([pal, mix(pal, white, np.full(8, 0.35)), mix(pal, white, np.full(8, 0.7))])
    for count, radius in ((9000, 0.0075), (15000, 0.0054), (9000, 0.0042)):
        at = c.scatter(int(count / dot ** 2))
        wanted = s.at(s.rgb, at)
        far = ((wanted[:, None] - pigments) ** 2).sum(axis=2) / 60 ** 2
        pick = pigments[np.argmin(far - c.rng.gumbel(0, 0.55, far.shape), axis=1)]
        tint = mix(pick, wanted, np.full(len(at), 0.35)) + c.rng.normal(0, 8, (len(at), 3))
        for p, tone, r in zip(at, tint, radius * dot * c.rng.uniform(0.7, 1.15, len(at))):
            c.disc(p, r, tone, int(c.rng.integers(110, 255)))
    return c.finish(relief=0.45, grain=5)

def target(c, pal, centre, radius, tones, halo=None):
    if halo is not None:
        for grow in (1.5, 1.36, 1.22):
            c.glaze(arc(centre, radius * grow, 0, 2 * np.pi, 60), pal[halo], 0.35, None, 0.5)
    for k, tone in enumerate(tones):
        r = radius * (1 - k / len(tones))
        c.glaze(arc(centre, r, 0, 2 * np.pi, 60), pal[tone], 0.96, None, 0.25)

def circles_and_lines(height, width, seed=0, *, palette="music"):
    c, pal = Canvas(height, width, seed, colours(palette)[5]), colours(palette)
    rng, place, ink = c.rng, np.array([c.w, c.h]), pal[0]
    for _ in range(16):
        at = rng.random(2) * place
        for grow in (1, 0.8, 0.6):
            c.glaze(arc(at, grow * rng.uniform(0.1, 0.25), 0, 2 * np.pi, 50), pal[rng.choice([3, 4, 6, 7, 2])], 0.13, rng.uniform(0, 6), 0.6)
    # big wedges
    def wedge(a, b, d, tone, opacity=0.8):
        pts = np.array([a, b, d]) * place
        c.glaze(pts, pal[tone], opacity, np.arctan2(*(pts[2] - pts[0])[::-1]), 0.4)
        c.line(np.vstack([pts, pts[:1]]), ink, 0.0025)
    wedge((0.30, 1.02), (0.60, 1.02), (0.52, 0.16), 3)
    wedge((0.52, 0.98), (0.95, 0.90), (0.42, 0.40), 6)
    wedge((0.02, 0.72), (0.16, 0.98), (0.44, 0.52), 7)
    wedge((0.66, 0.02), (0.98, 0.10), (0.62, 0.46), 2, 0.55)
    target(c, pal, np.array((0.24, 0.25)) * place, 0.145, (0, 2, 2, 7, 1), halo=7)
    target(c, pal, np.array((0.79, 0.33)) * place, 0.085, (0, 6, 3, 0, 5), halo=6)
    target(c, pal, np.array((0.70, 0.74)) * place, 0.062, (1, 4, 7, 0), halo=3)
    # chequerboards
    for corner, across, down, n in (((0.06, 0.56), (0.22, -0.045), (0.03, 0.15), 7), ((0.74, 0.50), (0.2, 0.06), (-0.05, 0.15), 6), ((0.40, 0.76), (0.10, 0.03), (-0.02, 0.18), 5)):
        corner, across, down = (np.array(p) * place for p in (corner, across, down))
        for i in range(n):
            for j in range(n):
                quad = [corner + across * (i + a) / n + down * (j + b) / n for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
                tone = pal[0] if (i + j) % 2 else pal[rng.choice([2, 3, 4, 5, 6, 7])]
                c.glaze(quad, tone, 0.92, None, 0.35)
    # arcs
    for k in range(7):
        at = np.array((0.14 + 0.055 * k, 0.90)) * place
        c.polygon(arc(at, 0.027, np.pi, 2 * np.pi), pal[(7, 1, 6, 3, 2, 4, 0)[k]])
        c.line(arc(at, 0.027, np.pi, 2 * np.pi), ink, 0.003)
    for k in range(8):
        c.line(arc(np.array((0.52, 0.30)) * place, 0.10 + 0.018 * k, -2.4 + 0.1 * k, -0.5 - 0.08 * k, 40), pal[(0, 7, 0, 1, 0, 6, 0, 2)[k]], (0.005, 0.002)[k % 2])
    # lines: the music
    for a, b, width_ in (((0.02, 0.92), (0.98, 0.06), 0.007), ((0.36, 0.04), (0.90, 0.98), 0.005), ((0.02, 0.44), (0.62, 0.62), 0.003), ((0.45, 0.97), (0.98, 0.60), 0.004)):
        c.line(np.array([a, b]) * place, ink, width_, 160)
    for base, step, turn, n in (((0.55, 0.10), (0.012, 0.02), (0.33, -0.06), 7), ((0.08, 0.10), (0.004, 0.018), (0.4, 0.30), 5), ((0.60, 0.86), (0.016, 0.008), (0.25, -0.22), 9), ((0.84, 0.62), (0.014, 0.003), (0.05, 0.3), 8)):
        for k in range(n):
            a = np.array(base) + np.array(step) * k
            c.line(np.array([a, a + turn]) * place, ink if k % 3 else pal[7], 0.0022)
    wave = np.linspace(0, 1, 80)
    for k in range(3):
        c.line(np.stack([0.08 + 0.42 * wave, 0.66 + 0.035 * k + 0.03 * np.sin(16 * wave) * (1 - wave)], 1) * place, pal[(0, 7, 1)[k]], 0.004)
    for at, r in zip(c.scatter(42), rng.uniform(0.006, 0.022, 42)):
        tones = rng.choice([0, 1, 2, 3, 4, 6, 7], 3, replace=False)
        target(c, pal, at, r, tones[: 1 + int(r > 0.009) + int(r > 0.015)], halo=tones[2] if r > 0.014 else None)
    rgb, thick = c.layers()
    (x, y), rough = c.mesh(), noise(rng, 4)
    tooth = rough(90 * x, 90 * y) + 0.7 * rough(5 * x, 5 * y)
    return c.finish(rgb * (1 + 0.055 * tooth)[..., None], thick + 0.06 * tooth, relief=0.5, grain=6)

AXES = np.array([-1.08, -0.6, 0.1, 0.6, 1.12, 1.6])

def cubist_guitar(height, width, seed=0, *, palette="cubist", stroke=1.0, planes=120):
    c, pal = Canvas(height, width, seed, colours(palette)[2]), colours(palette)
    rng, place = c.rng, np.array([c.w, c.h])
    s, cells = Sketch(c, pal[2]), noise(rng, 2)
    glow = np.exp(-(((s.u - 0.5) / 0.36) ** 2 + ((s.v - 0.5) / 0.42) ** 2))
    s.rgb = ramp(pal[1:6], 0.12 + 0.62 * glow + 0.16 * cells(6 * s.x, 6 * s.y))
    s.rgb = mix(s.rgb, pal[6], 0.55 * smoothstep(0.1, 0.6, cells(3 * s.x + 9, 3 * s.y)))
    s.angle = AXES[((cells(7 * s.x, 7 * s.y + 5) + 1) * 2.99).astype(int).clip(0, 5)]
    c.brush(s, ((2500, 0.02, 0.04 * stroke), (9000, 0.010, 0.028 * stroke)), 4, 9)
    ridges = c.image.getchannel("A")
    for k in range(planes):
        size = 0.30 * (1 - 0.75 * k / planes)
        at = (0.5 + rng.normal(0, (0.2, 0.23)) * (1.15 - 0.5 * k / planes)) * place
        turn = rng.choice(AXES) + rng.normal(0, 0.05)
        along, out = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        skew = along * rng.normal(0, 0.35)
        a, b = at - along * size * rng.uniform(0.3, 1), at + along * size * rng.uniform(0.3, 1)
        for sign, tone, power in ((1, pal[0], 0.62), (-1, pal[rng.choice([4, 5, 5, 6, 3, 7])], 0.75)):
            deep = sign * size * rng.uniform(0.35, 0.8) * (out + skew)
            c.glaze(np.array([a, b, b + deep * rng.uniform(0.5, 1), a + deep]), tone, power, turn + sign * np.pi / 2, 0.25)
        if k % 2:
            c.line(np.array([a, b + along * 0.02]), pal[0], rng.uniform(0.0015, 0.0035))
    guitar(c, pal)
    c.image.putalpha(ridges)
    return c.finish(relief=0.7, grain=6)

def guitar(c, pal):
    tilt = 0.38
    spin = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    base = np.array((0.47, 0.62)) * (c.w, c.h)
    lay = lambda points: np.asarray(points) @ spin + base
    side = np.array(((0, -0.21), (0.075, -0.185), (0.10, -0.12), (0.068, -0.045), (0.115, 0.04), (0.125, 0.13), (0.07, 0.20), (0, 0.215)))
    for flip, move, tone, fade in ((-1.2, (-0.012, 0.012), pal[4], 2.7), (1.2, (0.012, -0.02), mix(pal[3], pal[7], 0.6), 0.2), (0.85, (0.03, 0.03), pal[5], 1.2)):
        shape = lay(curve(side, 50) * (flip, abs(flip)) + move)
        c.glaze(shape, tone, 0.85, fade, 0.25)
        c.line(shape, pal[0], 0.0035)
    c.glaze(lay([(-0.026, -0.1), (0.026, -0.1), (0.02, -0.5), (-0.02, -0.5)]), pal[0], 0.95, None, 0.3)
    c.glaze(lay([(-0.034, -0.5), (0.034, -0.5), (0.028, -0.59), (-0.028, -0.59)]), mix(pal[1], pal[7], 0.5), 0.95, 1.2, 0.3)
    for r, tone in ((0.058, pal[0]), (0.048, pal[4]), (0.042, pal[0])):
        c.polygon(lay(arc((0, -0.03), r, 0.5, 5.6, 40)), tone)
    c.glaze(lay([(-0.06, 0.12), (0.06, 0.12), (0.06, 0.14), (-0.06, 0.14)]), pal[0], 0.9)
    for k in np.linspace(-1, 1, 6):
        c.line(lay([(0.034 * k, 0.13), (0.018 * k, -0.5)]), pal[5], 0.0016)
        c.disc(lay((0.045 * np.sign(k), -0.545 + 0.03 * (abs(k) * 2 - 1))), 0.008, pal[4])
    # newspaper
    corner = np.array((0.14, 0.66)) * (c.w, c.h)
    turn = np.array([[0.98, -0.18], [0.18, 0.98]])
    sheet = lambda points: np.asarray(points) @ turn + corner
    c.glaze(sheet([(0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)]), pal[5], 0.9, 0.9, 0.2)
    for row in np.arange(0.05, 0.19, 0.011):
        x = 0.012
        while x < 0.17:
            word = c.rng.uniform(0.008, 0.03)
            c.line(sheet([(x, row), (x + word, row)]), pal[0], 0.0035)
            x += word + 0.007
    c.line(sheet([(0.015, 0.025), (0.12, 0.025)]), pal[0], 0.014)

def ink_mountains(height, width, seed=0, *, palette="ink", layers=6):
    c, pal = Canvas(height, width, seed, (255, 255, 255)), colours(palette)
    rng, (x, y), (cx, cy), rough = c.rng, c.mesh(), c.mesh(256), noise(c.rng, 4)
    wash, across = np.zeros_like(x), x[0]
    for k in range(layers):
        near = k / (layers - 1)
        peaks = sum(rise * np.exp(-(np.abs(across / c.w - at) / girth) ** 1.5) for at, rise, girth in zip(PEAKS[k], rng.uniform(0.75, 1.1, 3), rng.uniform(0.06, 0.12, 3)))
        ridge = c.h * (0.44 + 0.36 * near + 0.22 * near ** 4 - (0.32 - 0.06 * near) * peaks) + 0.045 * rough(5 * across, 20.5 * k)
        ridge += 0.012 * rough(30 * across, 20.5 * k)
        below = y - ridge
        lean = np.tanh(3 * np.interp(cx, across, np.convolve(np.gradient(ridge) * c.unit / 2, np.ones(31) / 31, "same")))
        down = cy - np.interp(cx, across, ridge)
        face = c.enlarge(rough(34 * (cx - 0.5 * down * lean), 7 * cy + 9 * k))
        dry = smoothstep(-0.5, 0.6, face + 0.7 - 8 * below)
        tone = (0.15 + 0.6 * near ** 1.3) * (0.3 + 0.7 * dry) * np.exp(-below.clip(0) / (0.11 + 0.10 * near))
        tone *= 1 + 0.6 * np.exp(-below.clip(0) / 0.005)
        cover = smoothstep(0, 0.003 + 0.008 * (1 - near), below)
        wash = wash * (1 - cover * (0.35 + 0.6 * smoothstep(0.0, 0.13, below))) + cover * tone
        hatch(c, across, ridge, near, pal)
    pool = c.enlarge(rough(3.5 * cx, 3.5 * cy + 60))
    wash *= 1 + 0.25 * pool + 0.14 * rough(90 * x, 90 * y)
    wash += 0.13 * smoothstep(0.86, 0.9, y / c.h) * smoothstep(0.1, 0.6, c.enlarge(rough(3 * cx, 80 * cy)))
    sun = np.hypot(x - 0.72 * c.w, y - 0.16 * c.h) + 0.003 * pool
    pine(c, pal)
    drawn = c.layers()[0].mean(axis=2, keepdims=True)
    fibre = rough(140 * x + 30 * pool, 12 * y) 
    paper = pal[5] + (6 * pool + 5 * fibre)[..., None]
    paper = mix(paper, pal[6], (0.82 + 0.1 * fibre) * smoothstep(0.078, 0.074, sun))
    inked = ramp(pal[4::-1], wash.clip(0, 1)) / pal[4]
    return c.finish(paper * inked * (drawn / 255), None, grain=7)

PEAKS = ((0.33, 0.86, 0.6), (0.14, 0.98, 0.50), (0.25, 0.80, 1.02), (0.03, 0.47, 0.9), (0.12, 0.70, 1.0), (-0.02, 0.25, 1.05))

def hatch(c, across, ridge, near, pal):
    n = 420
    x = c.rng.uniform(0, c.w, n)
    y = np.interp(x, across, ridge) + c.rng.exponential(0.035, n) + 0.004
    fall = np.convolve(np.gradient(ridge) * c.unit / 2, np.ones(31) / 31, "same")
    turn = np.arctan(1.3 * np.interp(x, across, fall)) + c.rng.normal(0, 0.12, n)
    turn += np.where(np.abs(turn) < 0.5, 1.1 * np.sign(turn), 0)
    bend = 9 * np.sign(turn)
    paths = trace(lambda p: turn + bend * (p[:, 1] - y), np.stack([x, y], 1), c.rng.uniform(0.015, 0.06, n))
    shade = (235 - 120 * near + c.rng.normal(0, 12, n))[:, None].repeat(3, 1)
    c.strokes(paths, c.rng.uniform(0.001, 0.0042, n), shade, 2, 16)

def pine(c, pal):
    rng, place, ink = c.rng, np.array([c.w, c.h]), pal[0] * 0.8
    boughs = [(((-0.03, 1.0), (0.07, 0.86), (0.10, 0.72), (0.19, 0.62), (0.22, 0.50), (0.30, 0.43)), 0.040),
      (((0.10, 0.72), (0.20, 0.71), (0.29, 0.66), (0.40, 0.665)), 0.017), (((0.18, 0.63), (0.10, 0.55), (0.03, 0.54)), 0.014),
      (((0.22, 0.52), (0.31, 0.54), (0.42, 0.51)), 0.013), (((0.25, 0.47), (0.20, 0.40), (0.14, 0.37)), 0.011), (((0.05, 0.88), (0.16, 0.85), (0.25, 0.87)), 0.013)]
    tips = []
    for points, girth in boughs:
        path = curve(points, 40) * place + rng.normal(0, 0.0025, (40, 2))
        for lane in range(5):
            c.strokes((path + rng.normal(0, girth * 0.22, 2))[None], girth * 0.55, ink + 25, 8, 30)
        knots = rng.integers(18, 40, 9) if girth < 0.03 else rng.integers(28, 40, 7)
        tips += [path[i] + rng.normal(0, 0.012, 2) - (0, 0.012) for i in knots]
    for tip in tips:
        n = 46
        turn = rng.uniform(-np.pi - 0.35, 0.35, n)
        reach = rng.uniform(0.018, 0.040, n) * (0.6 + 0.4 * np.abs(np.cos(turn)))
        for a, r in zip(turn, reach):
            c.line([tip, tip + r * np.array([1.25 * np.cos(a), 0.75 * np.sin(a)])], ink + rng.uniform(0, 70), 0.0016)
    # boat
    boat = np.array([(0.66, 0.905), (0.70, 0.918), (0.78, 0.918), (0.83, 0.90), (0.77, 0.925), (0.70, 0.926)]) * place
    c.polygon(boat, ink)
    c.polygon(np.array([(0.715, 0.915), (0.725, 0.897), (0.755, 0.897), (0.765, 0.915)]) * place, ink + 60)
    c.line(np.array([(0.80, 0.91), (0.797, 0.88), (0.86, 0.835)]) * place, ink, 0.002)
    c.disc(np.array((0.797, 0.872)) * place, 0.007, ink); c.polygon(np.array([(0.785, 0.869), (0.797, 0.860), (0.809, 0.869)]) * place, ink)
    for _ in range(7):
        at = np.array((0.50, 0.27)) * place + rng.normal(0, (0.07, 0.035))
        wing = rng.uniform(0.009, 0.018)
        c.line([at + (-wing, -0.4 * wing), at + (-0.4 * wing, -0.5 * wing), at, at + (0.4 * wing, -0.5 * wing), at + (wing, -0.3 * wing)], ink + 40, 0.0022)
    # seal
    corner = np.array((0.055, 0.06)) * place
    box = np.array([(0, 0), (0.04, 0), (0.04, 0.06), (0, 0.06)])
    c.polygon(corner + box, pal[6])
    for a, b in (((0.008, 0.01), (0.032, 0.01)), ((0.02, 0.01), (0.02, 0.028)), ((0.008, 0.02), (0.032, 0.02)), ((0.01, 0.032), (0.01, 0.052)), ((0.01, 0.052), (0.031, 0.052)), ((0.031, 0.034), (0.031, 0.052)), ((0.01, 0.04), (0.031, 0.04))):
        c.line(corner + np.array([a, b]), (255, 250, 240), 0.0032)

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

def kilim(i, j, wide, tall):
    """Which colour each thread has: a stepped medallion, birds, borders."""
    a, b = np.abs(i), np.abs(j)
    steps = (a // 2 + b // 3)
    field = np.full(np.broadcast(i, j).shape, 3)
    lattice_ = ((a + b) % 14 == 0) & ((a - b) % 14 == 0) | (((a + b) % 14 == 0) & ((a - b) % 14 == 2))
    field[lattice_] = 7
    for k, tone in ((23, 0), (22, 5), (21, 1), (17, 5), (16, 7), (14, 2), (11, 5), (10, 0), (9, 6), (6, 5), (5, 3), (3, 7), (1, 0)):
        field[steps <= k] = tone
    return field

def tapestry(height, width, seed=0, *, palette="weave", threads=104):
    c, pal = Canvas(height, width, seed), colours(palette)
    rng, (x, y) = c.rng, c.mesh()
    wide, tall = round(threads * c.w / 2), round(threads * c.h / 2)
    i, j = np.arange(-wide, wide + 1)[None], np.arange(-tall, tall + 1)[:, None]
    grid = kilim(i, j, wide, tall)
    bird = np.array([[ch for ch in row] for row in BIRD.split()])
    for sx in (-1, 1):
        for sy in (-1, 1):
            mark = bird[:, ::sx]
            top, left = tall + sy * round(0.56 * tall) - 6, wide + sx * round(0.58 * wide) - 8
            patch = grid[top:top + 12, left:left + 16]
            patch[mark == "#"] = 1 if sx * sy > 0 else 0; patch[mark == "o"] = 7
    # borders
    rim = np.minimum(wide - np.abs(i), tall - np.abs(j)) + 0 * grid
    run = np.where(wide - np.abs(i) < tall - np.abs(j), np.abs(j), np.abs(i))
    tooth = np.abs((run % 8) - 4)
    for k, tone in ((12, 5), (11, 0), (2, 0), (1, 5), (0, 2)):
        grid[rim <= k] = tone if k in (12, 0, 1, 2) else tone
        if k == 11:
            band = (rim >= 3) & (rim <= 10)
            grid[band] = np.where(tooth[band] >= np.abs(rim[band] - 6.5) + 0.4, 7, np.where(tooth[band] > np.abs(rim[band] - 6.5) - 1.2, 5, 1))
            small = band & (tooth >= np.abs(rim - 6.5) + 2.4)
            grid[small] = 2
    return weave(c, pal, grid)

def weave(c, pal, grid):
    rng, (x, y), loose = c.rng, c.mesh(), noise(c.rng, 3)
    rows, columns = grid.shape
    gx = x / c.w * columns + 0.22 * loose(5 * x, 40 * y)
    gy = y / c.h * rows + 0.22 * loose(40 * x, 5 * y + 50) + 0.10 * np.cos(np.pi * (np.floor(gx)))
    col, row = (np.floor(g).astype(int).clip(0, n - 1) for g, n in ((gx, columns), (gy, rows)))
    fx, fy = gx - np.floor(gx) - 0.5, gy - np.floor(gy) - 0.5
    dye = rng.normal(0, 7, (rows, 1, 3)) + rng.normal(0, 7, (rows, columns, 1))
    rgb = (pal[grid] + dye)[row, col]
    over = (row + col) % 2
    bulge = np.cos(np.pi * fy) ** 0.6 * (0.55 + 0.45 * np.cos(np.pi * fx * np.where(over, 0.9, 1.5)).clip(0))
    fibre = loose(70 * x + 90 * y, 260 * y - 60 * x)
    warp = np.exp(-((np.abs(fx) - 0.5) / 0.07) ** 2) * 0.5
    rgb = rgb * (0.34 + 0.78 * bulge + 0.13 * fibre)[..., None]
    rgb = mix(rgb, pal[5] * 0.72, (warp * (1 - over)).clip(0, 1) * 0.7)
    return c.finish(rgb, 0.12 * bulge + 0.03 * fibre, relief=0.9, grain=6)

def autumn_birches(height, width, seed=0, *, palette="autumn", stroke=1.0, trees=12):
    c, pal = Canvas(height, width, seed, colours(palette)[1]), colours(palette)
    rng, s, wander = c.rng, Sketch(c, pal[3]), noise(c.rng, 3)
    x, u, v = s.x, s.u, s.v
    warm = pal[[1, 2, 6, 3, 4, 5]]
    leafy, clump = wander(9 * s.x, 9 * s.y), wander(5 * s.x + 40, 5 * s.y)
    far = np.hypot((u - 0.52) * c.w, 0.8 * (v - 0.52) * c.h)
    s.rgb = ramp(warm, 1.0 - 1.25 * far + 0.24 * leafy)
    stems = smoothstep(0.35, 0.6, wander(34 * x, 1.5 * v) ) * smoothstep(0.34, 0.06, far) * (v > 0.3)
    s.rgb = mix(s.rgb, mix(pal[7], pal[1], 0.3), 0.55 * stems)
    s.angle = 0.9 + 1.6 * clump
    deep = (v - 0.66 - 0.012 * wander(6 * x, 0)) / 0.34
    s.put(deep > 0, ramp(warm, 0.50 + 0.5 * wander(12 * x, 40 * v) - 0.25 * deep), 0.5 * leafy + 0.5 * np.sign(u - 0.52) * (1 - deep))
    path = (np.abs(u - 0.52 - 0.03 * np.sin(5 * deep)) - 0.02 - 0.26 * deep) / (0.03 + 0.26 * deep.clip(0))
    wet = ramp(warm[1:], 0.92 - 0.5 * (path + 1) + 0.45 * wander(15 * x, 2.5 * v))
    wet = mix(wet, mix(pal[7], pal[5], 0.25), 0.8 * smoothstep(0.0, 0.45, wander(12 * x + 9, 2 * v) + 0.45 * (path + 0.6)))
    s.put((deep > 0) & (path < 0), wet, np.pi / 2)
    marks = []
    where = np.r_[rng.uniform(-0.02, 0.40, trees // 2), rng.uniform(0.64, 1.02, trees - trees // 2)]
    for at in where[np.argsort(np.abs(where - 0.52))]:
        side = abs(at - 0.52)
        girth, foot = 0.005 + 0.048 * side, 0.68 + 0.50 * side**1.3
        trunk = at + 0.008 * np.sin(9 * v + 40 * at) + 0.08 * (at - 0.52) * (1 - v)
        off = (u - trunk) * c.w / girth
        bark = ramp(np.array([pal[5], pal[5], pal[5], mix(pal[5], pal[7], 0.5), pal[7], pal[0]]), 0.5 + 0.5 * off * np.sign(at - 0.52))
        s.put((np.abs(off) < 1) & (v < foot), bark, np.pi / 2, 0.6)
        s.put((np.abs(off) < 3) & (np.abs(v - foot - 0.012) < 0.014), mix(pal[1], pal[0], 0.4), 0.1)
        for mark in rng.uniform(0.04, foot, 16):
            column = at + 0.008 * np.sin(9 * mark + 40 * at) + 0.08 * (at - 0.52) * (1 - mark)
            left = rng.choice([-0.9, -0.5, 0.2])
            marks.append([((column * c.w + girth * (left + d)), mark * c.h + 0.004 * d) for d in (0, 0.25, 0.5, 0.8)])
    crown = wander(7 * x + 20, 7 * s.y + 20) + 0.55 - 2.6 * v
    s.put((crown > 0) & (leafy > -0.5), ramp(warm, 0.45 + 0.5 * leafy + 0.4 * (0.5 - far)), 2 * clump)
    c.brush(s, ((1800, 0.036, 0.055 * stroke), (5000, 0.019, 0.036 * stroke), (4500, 0.0105, 0.024 * stroke)), 6, 11)
    c.strokes(np.array(marks), 0.006, pal[0], 4, 10)
    drift = c.scatter(700)
    drift = drift[np.abs(drift[:, 0] / c.w - 0.52) > 0.22 * rng.random(700)]
    turn = rng.uniform(0, np.pi, len(drift))
    paths = trace(lambda p: turn, drift, rng.uniform(0.006, 0.013, len(drift)), 4)
    c.strokes(paths, rng.uniform(0.005, 0.009, len(drift)), ramp(pal[[2, 6, 3, 4, 4]], rng.random(len(drift))), 4, 14)
    return c.finish(relief=1.0, grain=4)

def engraved_coast(height, width, seed=0, *, palette="engraving", lines=64):
    c, pal = Canvas(height, width, seed), colours(palette)
    (x, y), (cx, cy), rough, soft = c.mesh(), c.mesh(256), noise(c.rng, 4), noise(c.rng, 2)
    u, v = x / c.w, y / c.h
    at = np.array((0.66 * c.w, 0.33 * c.h))
    sun = np.hypot(x - at[0], y - at[1])
    cloud = c.enlarge(soft(2.2 * cx + 3, 6 * cy + 9))
    level = 0.60
    phase = sun * lines + 1.6 * cloud
    tone = 0.16 + 0.42 * sun + 0.42 * smoothstep(0.1, 0.9, cloud) - 0.2 * smoothstep(0.1, 0.8, -cloud)
    cross = np.zeros_like(x)
    rays = np.arctan2(y - at[1], x - at[0]) * 48 / np.pi
    inside = sun < 0.15
    phase, tone = np.where(inside, rays, phase), np.where(inside, 0.55 - 2.2 * np.abs(sun - 0.11), tone)
    tone = np.where((sun < 0.088), 0, tone)
    def put(where, p, t, k=0.0):
        nonlocal phase, tone, cross
        phase, tone, cross = np.where(where, p, phase), np.where(where, t, tone), np.where(where, k, cross)
    deep = (v - level).clip(0)
    swell = np.sin(60 * deep ** 0.6 + 9 * c.enlarge(soft(3 * cx, 9 * cy + 20))) * c.enlarge(soft(5 * cx, 22 * cy))
    path = np.exp(-(((u - 0.66) / (0.04 + 0.4 * deep)) ** 2))
    put(v > level, lines * 1.15 * deep ** 0.8 + 1.1 * swell * deep ** 0.4, 0.60 - 0.44 * path + 0.35 * swell)
    for k, (base, rise, peak, girth) in enumerate(((0.61, 0.13, 0.22, 0.16), (0.63, 0.28, -0.02, 0.22), (0.99, 0.27, 0.0, 0.34), (1.03, 0.16, 1.02, 0.3))):
        ridge = base - rise * np.exp(-(((u[0] - peak) / girth) ** 2)) + 0.03 * rough(7 * x[0], 20 * k + 0.5)
        below = v - ridge
        fold = c.enlarge(soft(9 * cx - 5 * cy, 4 * cy + 9 * k))
        slope = np.interp(x, x[0], np.convolve(np.gradient(ridge), np.ones(61) / 61, "same")) * c.unit / 2 
        put((below > 0) & ((v < level + 0.003) | (k > 1)), lines * (0.9 * x + 0.35 * below * np.sign(0.5 - u) + 0.035 * fold) , 0.30 + 0.16 * k + 0.5 * fold * (1 - 0.2 * k) - 0.3 * np.exp(-below.clip(0) / 0.012), 0.5)
    ship(c)
    drawn = c.layers()[0]
    ink = np.maximum(hatched(c, phase, tone), hatched(c, lines * (0.75 * y - 0.8 * x) + 0.8 * cloud, (tone - 0.55) * 1.5 * (cross + (v < level))))
    ink = np.where(drawn[..., 0] < 254, drawn[..., 1] < 128, ink) if False else np.maximum(ink * (drawn[..., 2] / 255), 1 - drawn[..., 0] / 255)
    border = np.minimum(np.minimum(x, c.w - x), np.minimum(y, c.h - y))
    ink = np.where(border > 0.030, ink, (np.abs(border - 0.020) < 0.002) | (border > 0.0275))
    paper = pal[5] + (7 * c.enlarge(rough(4 * cx, 4 * cy + 90)) + 5 * soft(150 * x, 150 * y))[..., None]
    paper = mix(paper, pal[6], 0.5 * np.exp(-((sun / 0.2) ** 2)) * (border > 0.03))
    return c.finish(mix(paper, pal[0], (ink * (0.9 + 0.15 * c.enlarge(rough(60 * cx, 60 * cy)))).clip(0, 1)), None, grain=6)

def hatched(c, phase, tone):
    gap = 1 - np.abs(phase - np.floor(phase) - 0.5) * 2
    slope = 2 * np.hypot(*np.gradient(phase)).clip(0.02, 0.45)
    return smoothstep(-1, 1, (tone - gap) / slope) * smoothstep(0.03, 0.15, tone)

def ship(c):
    """blue channel 0 masks the hatching away; red 0 is ink"""
    place = np.array([c.w, c.h]); size = 0.19
    at = np.array((0.46, 0.655)) * place
    lay = lambda p: at + size * np.asarray(p)
    clear, ink = (255, 255, 0), (0, 0, 255)
    hull = curve(((-0.62, -0.10), (-0.45, 0.02), (-0.1, 0.06), (0.3, 0.05), (0.5, -0.02), (0.62, -0.16), (0.4, -0.06), (0.0, -0.03), (-0.35, -0.07), (-0.62, -0.10)), 60)
    for mast, tall in ((-0.34, 0.85), (0.0, 1.15), (0.32, 0.9)):
        c.line(lay([(mast, 0), (mast + 0.01, -tall - 0.08)]), ink, 0.005)
        for k, (low, high) in enumerate(((0.12, 0.44), (0.48, 0.74), (0.78, 0.96))):
            half = (0.17, 0.14, 0.10)[k]
            sail = curve(((mast - half, -low * tall), (mast - half * 0.72 , -(low + high) / 2 * tall), (mast - half * 0.85, -high * tall), (mast + half * 0.8, -high * tall), (mast + half * 1.25, -(low + high) / 2 * tall), (mast + half, -low * tall), (mast - half, -low * tall)), 50)
            c.polygon(lay(sail), clear); c.line(lay(sail), ink, 0.0032)
            for t in np.linspace(0.35, 0.85, 7):
                c.line(lay([(mast + half * t, -low * tall - 0.02), (mast + half * (t + 0.12), -(low + high) / 2 * tall), (mast + half * (t - 0.08), -high * tall + 0.02)]), ink, 0.0014)
        c.polygon(lay([(mast, -tall - 0.08), (mast + 0.13, -tall - 0.05), (mast, -tall - 0.02)]), ink)
    for a, b in (((-0.62, -0.12), (0.0, -1.2)), ((0.62, -0.17), (0.32, -0.95)), ((0.85, -0.3), (0.32, -0.95)), ((0.62, -0.17), (0.85, -0.3))):
        c.line(lay([a, b]), ink, 0.0018)
    c.polygon(lay([(0.85, -0.3), (0.38, -0.8), (0.5, -0.2)]), clear); c.line(lay([(0.85, -0.3), (0.38, -0.8), (0.5, -0.2), (0.85, -0.3)]), ink, 0.0025)
    c.polygon(lay(hull), ink); c.line(lay(hull) - (0, 0.002), clear, 0.0016); c.line(lay([(-0.5, -0.035), (-0.1, 0.005), (0.3, 0.0), (0.52, -0.07)]), (255, 255, 0), 0.003)
    for _ in range(9):
        p = np.array((0.30, 0.2)) * place + c.rng.normal(0, (0.1, 0.05)); w = c.rng.uniform(0.008, 0.016)
        c.line([p + (-w, -0.4 * w), p + (-0.4 * w, -0.6 * w), p, p + (0.4 * w, -0.6 * w), p + (w, -0.3 * w)], ink, 0.003)
