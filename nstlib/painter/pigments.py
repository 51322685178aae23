"""Small pure functions for the painter: colors, noise and curves.

Taught in: 10_creative_control. Colors are RGB, 0–255. Points and lengths are in the
units of `nstlib.painter.canvas`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageFilter

from nstlib.errors import SettingsError

Field = Callable[..., np.ndarray]

PALETTES = {
    "night": "#0a1230 #14295f #1f4b93 #3f7fb5 #8fbfc4 #efe9c0 #f4b731 #33553a",
    "wave": "#13284a #1f4c78 #4b7f9f #9bbcc0 #e7dabb #f7f0de #c4523a #b7a178",
    "glass": "#17121f #1b33a4 #b3142b #0d7a56 #5a2a8a #69aeea #f0a92b #fbe6b4",
    "river": "#2a2358 #31508f #4d8fc9 #93c7df #3f8f56 #fbe7b0 #f4a83c #d9577e",
    "music": "#171420 #2b3a8c #6a3d8f #5aa3c4 #6fae7f #f3e7cd #f0b429 #d63b3f",
    "cubist": "#1c1916 #40362b #6e5b42 #97805a #bfa97f #e6dabb #6f8794 #a5552d",
    "ink": "#16171a #33363b #5f6468 #989b98 #f3ebd9 #f1e8d4 #b8352a #6b6152",
    "weave": "#1c1a26 #24416f #86202c #b5342f #bd7a3c #ecdcb8 #3f6b57 #d8a23f",
    "autumn": "#241a2e #5a1f2b #a8321f #ef8a1d #f9bd35 #fdf0cb #d95418 #3d6f8e",
    "engraving": "#2a1d16 #4a372a #7a6047 #a58c6b #d3bf9a #f1e6cb #e0a64e #8c3a26",
}
"""Name → eight colors: six, roughly from dark to light, then two accents."""


def pigments(palette: str | Sequence[str]) -> np.ndarray:
    """Return the eight colors of a palette.

    Taught in: 10_creative_control.

    Args:
        palette: a name in `PALETTES`, or eight colors such as ``"#1f4b93"``, in a list
            or in one text with spaces: six from dark to light, then two accents.

    Returns:
        float32 ``(8, 3)``, RGB, 0–255.

    Raises:
        SettingsError: it is neither a known name nor eight colors.

    Example:
        >>> night = pigments("night")
        >>> night.shape, night[0].tolist()
        ((8, 3), [10.0, 18.0, 48.0])
    """
    text = PALETTES.get(palette, palette) if isinstance(palette, str) else palette
    try:
        words = text.split() if isinstance(text, str) else list(text)
        rows = [bytes.fromhex(word.removeprefix("#")) for word in words]
    except (AttributeError, TypeError, ValueError):
        rows = []
    if len(rows) != 8 or any(len(row) != 3 for row in rows):
        raise SettingsError(
            f"palette={palette!r} is neither one of {', '.join(PALETTES)} "
            "nor eight colors such as '#1f4b93'."
        )
    return np.array([list(row) for row in rows], dtype=np.float32)


def ramp(colors: np.ndarray | Sequence[np.ndarray], t: np.ndarray) -> np.ndarray:
    """Blend along a row of colors.

    Taught in: 10_creative_control.

    Args:
        colors: ``(N, 3)``, evenly spaced along the row.
        t: places on the row, from 0 (first color) to 1 (last), of any shape. Values
            outside are clipped.

    Returns:
        One color for each place, of shape ``t.shape + (3,)``.

    Example:
        >>> sunset = [(0, 0, 100), (200, 0, 0), (200, 200, 0)]
        >>> ramp(sunset, [0, 0.25, 0.5, 1]).tolist()
        [[0.0, 0.0, 100.0], [100.0, 0.0, 50.0], [200.0, 0.0, 0.0], [200.0, 200.0, 0.0]]
    """
    colors = np.asarray(colors, dtype=np.float32)
    at = np.clip(np.asarray(t, dtype=np.float32), 0, 1) * (len(colors) - 1)
    low = np.minimum(at.astype(int), len(colors) - 2)
    return mix(colors[low], colors[low + 1], at - low)


def mix(a: np.ndarray, b: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """Blend two colors or pictures: ``t`` goes from 0 (only a) to 1 (only b).

    Taught in: 10_creative_control.
    """
    part = np.asarray(t, dtype=np.float32)[..., np.newaxis]
    return a * (1 - part) + b * part


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``, or fall if low > high.

    Taught in: 10_creative_control.
    """
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(rng: np.random.Generator, octaves: int = 1) -> Field:
    """Make a smooth random function of the plane.

    Taught in: 10_creative_control. The function has random values at integer x and y
    and blends between them. Each further octave is twice as fine and half as strong.

    Args:
        rng: the source of randomness.
        octaves: 1 (smooth) to 5 (rough).

    Returns:
        A function ``field(x, y)`` with values from about −1 to 1. It has one cell per
        unit, so ``field(9 * x, 9 * y)`` has nine cells across a square picture.
    """
    tables = rng.uniform(-1, 1, (octaves, 256, 256)).astype(np.float32)

    def field(x: np.ndarray, y: np.ndarray | float) -> np.ndarray:
        x, y = np.broadcast_arrays(x, y)
        total = np.zeros(x.shape, dtype=np.float32)
        for octave, table in enumerate(tables):
            total += _read(table, x * 2**octave, y * 2**octave) / 2**octave
        return total

    return field


def _read(table: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Interpolate a table smoothly; it repeats every 256 cells."""
    left, top = np.floor(x), np.floor(y)
    u, v = (x - left).astype(np.float32), (y - top).astype(np.float32)
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    i, j = top.astype(np.int32) & 255, left.astype(np.int32) & 255
    i1, j1 = (i + 1) & 255, (j + 1) & 255
    upper = table[i, j] * (1 - u) + table[i, j1] * u
    lower = table[i1, j] * (1 - u) + table[i1, j1] * u
    return upper * (1 - v) + lower * v


def bump(x: np.ndarray, y: np.ndarray, u: float, v: float, size: float) -> np.ndarray:
    """Return a Gaussian of height 1 at ``(u, v)``, with ``size`` as its deviation.

    Taught in: 10_creative_control.
    """
    return np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * size**2))


def blur(field: np.ndarray, radius: float) -> np.ndarray:
    """Blur a field of values 0–255; ``radius`` is in pixels.

    Taught in: 10_creative_control.
    """
    gray = Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))
    soft = gray.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft, dtype=np.float32)


def points(text: str, columns: int = 2) -> np.ndarray:
    """Parse a text of numbers such as ``"0 0.5, 1 0.25"`` to ``(N, columns)``.

    Taught in: 10_creative_control.
    """
    return np.array(text.replace(",", " ").split(), dtype=float).reshape(-1, columns)


def curve(through: np.ndarray, count: int = 60) -> np.ndarray:
    """Draw a smooth (Catmull–Rom) curve through points.

    Taught in: 10_creative_control.

    Args:
        through: the points, ``(N, 2)``, in their order along the curve.
        count: number of points to return.

    Returns:
        ``(count, 2)``, from the first point to the last.
    """
    p = np.asarray(through, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    at = np.linspace(0, len(p) - 3, count)
    i = np.minimum(at.astype(int), len(p) - 4)
    t = (at - i)[:, np.newaxis]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    slope, bend = (c - a) / 2, (d - b) / 2
    cubic = (2 * (b - c) + slope + bend) * t**3
    return cubic + (3 * (c - b) - 2 * slope - bend) * t**2 + slope * t + b


def arc(
    center: np.ndarray | Sequence[float],
    radius: float,
    start: float = 0.0,
    stop: float = 2 * np.pi,
    count: int = 40,
) -> np.ndarray:
    """Return ``(count, 2)`` points on a circle; angles are in radians.

    Taught in: 10_creative_control.
    """
    turn = np.linspace(start, stop, count)
    return np.asarray(center) + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def trace(
    flow: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    lengths: np.ndarray,
    steps: int = 9,
) -> np.ndarray:
    """Follow a field of directions, from many points at once.

    Taught in: 10_creative_control.

    Args:
        flow: maps points ``(N, 2)`` to directions ``(N,)``, angles in radians.
        starts: middles of the strokes, ``(N, 2)``, in units.
        lengths: lengths of the strokes, ``(N,)``, in units.
        steps: number of points of each stroke.

    Returns:
        Paths of the strokes, ``(N, steps, 2)``, in units.
    """
    paths = np.empty((len(starts), steps, 2))
    stride = np.asarray(lengths)[:, np.newaxis] / (steps - 1)
    half = steps // 2
    paths[:, half] = starts
    for sign, order in ((1, range(half + 1, steps)), (-1, range(half - 1, -1, -1))):
        for i in order:
            angle = flow(paths[:, i - sign])
            move = np.stack([np.cos(angle), np.sin(angle)], axis=1)
            paths[:, i] = paths[:, i - sign] + sign * stride * move
    return paths
