"""The canvas of all paintings in `nstlib.painter`: brushes, glazes and light.

Taught in: 10_creative_control. All lengths are in *units*, in which every picture has
the area 1: a square is 1 × 1, a 4:3 picture 1.155 × 0.866. Nothing is measured in
pixels. That is why a seed gives the same picture at every size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from nstlib.painter.pigments import noise

WORK = 512
"""Smaller pictures are painted at this longer side, in pixels, and then reduced."""


class Canvas:
    """A surface to paint on, measured in units, with paint that has a thickness.

    Taught in: 10_creative_control.

    Args:
        height, width: size of the finished picture in pixels.
        seed: seed of all random choices.
        ground: RGB color of the bare canvas, 0–255.
    """

    def __init__(
        self, height: int, width: int, seed: int, ground: Sequence[float] | np.ndarray
    ) -> None:
        """Prime the canvas."""
        self.rng = np.random.default_rng(seed)
        self.w, self.h = (width / height) ** 0.5, (height / width) ** 0.5
        self.place = np.array([self.w, self.h])
        self.reduce = max(1, -(-WORK // max(height, width)))
        self.size = (height * self.reduce, width * self.reduce)
        self.unit = self.size[0] / self.h
        # The image has twice the working size: averaging 2 × 2 pixels later smooths
        # the edges. Its fourth channel is the thickness of the paint.
        big = (2 * self.size[1], 2 * self.size[0])
        self.image = Image.new("RGBA", big, self.ink(ground, 60))
        self.draw = ImageDraw.Draw(self.image)
        self.streaks = noise(self.rng, 2)

    def mesh(self, pixels: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y, in units, of every working pixel or of a coarser grid.

        Args:
            pixels: grid points per unit; None for one at each working pixel.
        """
        rows, columns = self.size
        if pixels:
            rows, columns = round(self.h * pixels), round(self.w * pixels)
        y, x = np.mgrid[:rows, :columns].astype(np.float32) + np.float32(0.5)
        return x * np.float32(self.w / columns), y * np.float32(self.h / rows)

    def enlarge(self, field: np.ndarray) -> np.ndarray:
        """Resample a smooth field from a coarser mesh to the working size."""
        coarse = Image.fromarray(np.asarray(field, dtype=np.float32))
        return np.asarray(coarse.resize(self.size[::-1], Image.Resampling.BICUBIC))

    def scatter(self, count: int) -> np.ndarray:
        """Return ``(count, 2)`` evenly spread points, some just outside the edges."""
        # A jittered low-discrepancy sequence: uniform noise leaves holes.
        steps = np.arange(count)[:, np.newaxis] * (0.7548776662, 0.5698402910)
        points = (steps + self.rng.random(2)) % 1
        points += self.rng.normal(0, 0.3 / max(count, 1) ** 0.5, (count, 2))
        return (points * 1.08 - 0.04) * self.place

    @staticmethod
    def ink(
        color: Sequence[float] | np.ndarray, thick: int = 90
    ) -> tuple[int, int, int, int]:
        """Return Pillow's color for a paint: red, green, blue, thickness."""
        red, green, blue = (int(c) for c in np.clip(color, 0, 255))
        return red, green, blue, thick

    def flat(self, points: np.ndarray | Sequence[Sequence[float]]) -> list[float]:
        """Convert points in units to Pillow's flat list of pixel coordinates."""
        return (np.asarray(points) * (2 * self.unit)).ravel().tolist()

    def polygon(self, points: np.ndarray, color: np.ndarray, thick: int = 90) -> None:
        """Fill a polygon; ``points`` (N, 2) in units."""
        self.draw.polygon(self.flat(points), fill=self.ink(color, thick))

    def line(
        self, points: np.ndarray, color: np.ndarray, width: float, thick: int = 90
    ) -> None:
        """Draw a polyline with round joints; ``points`` and ``width`` in units."""
        pixels = max(1, round(width * 2 * self.unit))
        ink = self.ink(color, thick)
        self.draw.line(self.flat(points), fill=ink, width=pixels, joint="curve")

    def disc(
        self, center: np.ndarray, radius: float, color: np.ndarray, thick: int = 90
    ) -> None:
        """Fill a circle; center and radius in units."""
        box = self.flat([np.subtract(center, radius), np.add(center, radius)])
        self.draw.ellipse(box, fill=self.ink(color, thick))

    def dots(self, centers: np.ndarray, radii: np.ndarray, colors: np.ndarray) -> None:
        """Paint many dots, some thick, some thin.

        Args:
            centers: ``(N, 2)`` in units, painted in this order.
            radii: ``(N,)`` in units.
            colors: ``(N, 3)``, 0–255.
        """
        radii = np.asarray(radii)[:, np.newaxis]
        boxes = np.hstack([centers - radii, centers + radii]) * (2 * self.unit)
        thick = self.rng.integers(110, 255, (len(boxes), 1))
        inks = np.hstack([np.clip(colors, 0, 255), thick]).astype(int).tolist()
        for box, ink in zip(boxes.tolist(), inks, strict=True):
            self.draw.ellipse(box, fill=tuple(ink))

    def glaze(
        self,
        points: np.ndarray,
        color: np.ndarray,
        opacity: float = 0.7,
        fade: float | None = None,
        streaks: float = 0.3,
    ) -> None:
        """Lay a transparent plane of paint, streaky as from a dry brush.

        Args:
            points: corners ``(N, 2)``, in units.
            color: RGB, 0–255.
            opacity: 0–1, where the paint is thickest.
            fade: direction, in radians, in which the paint thins out; None for even
                paint.
            streaks: unevenness of the paint, 0–1.
        """
        corners = np.asarray(points) * (2 * self.unit)
        limit = np.array(self.image.size)
        low = np.clip(np.floor(corners.min(axis=0)), 0, limit).astype(int)
        high = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, limit).astype(int)
        if (high <= low).any():
            return
        mask = Image.new("L", tuple((high - low).tolist()))
        ImageDraw.Draw(mask).polygon((corners - low).ravel().tolist(), fill=255)
        # Opacity and streaks are smooth: a quarter of the resolution is enough.
        rows, columns = -(-(high - low)[::-1] // 4)
        step = np.float32(2 / self.unit)
        y, x = np.mgrid[:rows, :columns].astype(np.float32) * step
        turn = 0.6 if fade is None else fade
        along, across = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y
        across -= np.sin(turn) * x
        power = 1 + streaks * (self.streaks(110 * along, 14 * across) - 0.3)
        if fade is not None:
            power *= 1 - (along - along.min()) / max(float(np.ptp(along)), 1e-6)
        soft = Image.fromarray((opacity * power * 255).clip(0, 255).astype(np.uint8))
        mask = ImageChops.multiply(mask, soft.resize(mask.size))
        self.image.paste(self.ink(color), tuple(low.tolist()), mask)

    def strokes(
        self,
        paths: np.ndarray,
        widths: np.ndarray | float,
        colors: np.ndarray,
        bristles: int = 6,
        streak: float = 12.0,
    ) -> None:
        """Brush many strokes, each with bristles of slightly different colors.

        Args:
            paths: ``(N, P, 2)`` in units, painted in this order.
            widths: one width or ``(N,)``, in units.
            colors: ``(N, 3)`` or ``(3,)``, 0–255.
            bristles: bristles of the brush, 1 to 12.
            streak: standard deviation of the bristles' colors, in gray levels.
        """
        count, steps, _ = paths.shape
        widths = np.broadcast_to(widths, (count,))
        along = np.gradient(paths, axis=1)
        along /= np.linalg.norm(along, axis=2, keepdims=True) + 1e-9
        normal = np.stack([-along[..., 1], along[..., 0]], axis=2)[:, np.newaxis]
        lanes = (np.arange(bristles) - (bristles - 1) / 2) / max(bristles - 1, 1)
        aside = widths[:, np.newaxis] * lanes
        tracks = paths[:, np.newaxis] + aside[..., np.newaxis, np.newaxis] * normal
        shade = self.rng.normal(0, streak, (count, bristles, 1))
        shade = shade + self.rng.normal(0, streak / 3, (count, bristles, 3))
        inks = np.broadcast_to(colors, (count, 3))[:, np.newaxis] + shade
        thick = self.rng.integers(70, 255, (count, bristles, 1))
        inks = np.concatenate([np.clip(inks, 0, 255), thick], axis=2).astype(int)
        # Ragged ends: each bristle touches down a little later and lifts earlier.
        ends = self.rng.integers(0, max(2, steps // 3), (count, bristles, 2))
        pixels = np.ceil(widths * self.unit / bristles * 2.6).astype(int).tolist()
        flat = (tracks * (2 * self.unit)).reshape(count, bristles, -1).tolist()
        for n, (fills, cuts) in enumerate(
            zip(inks.tolist(), ends.tolist(), strict=True)
        ):
            for b, (fill, (start, stop)) in enumerate(zip(fills, cuts, strict=True)):
                run = flat[n][b][2 * start : 2 * (steps - stop)]
                self.draw.line(run, fill=tuple(fill), width=pixels[n])

    def layers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return colors ``(h, w, 3)``, 0–255, and the thickness ``(h, w)``, 0–1."""
        small = [np.asarray(band.reduce(2)) for band in self.image.split()]
        rgb = np.stack(small[:3], axis=2).astype(np.float32)
        return rgb, small[3].astype(np.float32) / 255

    def finish(
        self,
        rgb: np.ndarray,
        thickness: np.ndarray | None = None,
        relief: float = 0.5,
        grain: float = 4.0,
    ) -> np.ndarray:
        """Light the surface from the upper left, add grain and reduce it to size.

        Args:
            rgb: colors at the working size, ``(h, w, 3)``, 0–255.
            thickness: thickness of the paint, ``(h, w)``, 0–1; None for a flat print.
            relief: strength of the light on the ridges of the paint, 0–1.
            grain: strength of the grain of paper or canvas, in gray levels.

        Returns:
            float32 ``(H, W, 3)``, RGB, 0–255.
        """
        if thickness is not None:
            down, right = np.gradient(thickness)
            # Per unit, not per pixel: the light must not depend on the picture's size.
            light = np.tanh((down + right) * np.float32(relief * self.unit / 384))
            rgb = rgb * (1 - np.float32(0.28) * light[..., np.newaxis])
        specks = self.rng.normal(0, 0.55, (round(340 * self.h), round(340 * self.w)))
        rgb = rgb + (grain * self.enlarge(specks))[..., np.newaxis]
        k, (height, width) = self.reduce, self.size
        rgb = rgb.reshape(height // k, k, width // k, k, 3).mean(axis=(1, 3))
        return np.clip(rgb, 0, 255).astype(np.float32)
