"""Predicting what a picture made in one pass will cost, by painting two small ones."""

from __future__ import annotations

import dataclasses
import time
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nstlib.backend import start_seconds, tf
from nstlib.fast.feed_forward import paint_mixed
from nstlib.fast.one_pass import paint_levels
from nstlib.images import scaled_sides
from nstlib.large.cost import Estimate, ScaleEstimate, estimate, one_pass_memory
from nstlib.settings import Settings, one_pass_half, optimized_half
from nstlib.store import Store
from nstlib.styles import WeightedStyle
from nstlib.transformers import load_transformer, shipped_styles

SIDES = (128, 384)
"""Sides of the two square pictures in pixels."""
ROUNDS = 2
"""How often each is painted. The fastest counts, because other programs can only slow
it down."""


class Speed(NamedTuple):
    """The times of a run on this machine, in seconds."""

    start: float
    """Time to start TensorFlow, read the networks, and paint a first picture."""
    pixel: float
    """Time per pixel."""


def estimate_one_pass(height: int, width: int, settings: Settings) -> Estimate:
    """Predict the time and the memory of a method without an optimizer.

    The first call with a method takes some seconds, because it is tried out.

    Args:
        height: height of the photo in pixels; the settings say how it is scaled.
        width: width of the photo in pixels.
        settings: settings whose method is not "optimize". All trained networks cost
            the same, so none has to be named.
    """
    half = dataclasses.replace(one_pass_half(settings), size=SIDES[0])
    speed = measure(half.to_json())
    tall, wide = scaled_sides(height, width, settings.size)
    peak = one_pass_memory(height, width, settings)
    seconds = speed.pixel * tall * wide
    scale = ScaleEstimate(tall, wide, 1, 0, peak, seconds)
    first = Estimate(speed.start + seconds, peak, (scale,))
    refining = optimized_half(settings)
    return _both(first, estimate(height, width, refining)) if refining else first


def _both(first: Estimate, then: Estimate) -> Estimate:
    """Join the costs of a pass and of what refines it; TensorFlow starts only once."""
    seconds = first.seconds + then.seconds - start_seconds()
    peak = max(first.peak_bytes, then.peak_bytes)
    return Estimate(seconds, peak, first.scales + then.scales)


@lru_cache
def measure(text: str) -> Speed:
    """Measure the speed of a method on small pictures; the result is cached.

    Args:
        text: the settings, from `Settings.to_json`.
    """
    tf.constant(0.0)
    settings, store = Settings.from_json(text), Store()
    small, large = (_Trial(settings, store, side) for side in SIDES)
    first = small.seconds()
    best = [min(trial.seconds() for _ in range(ROUNDS)) for trial in (small, large)]
    pixels = [side**2 for side in SIDES]
    # Limits, because other programs disturb the times; see `nstlib.large.speed`.
    slope = (best[1] - best[0]) / (pixels[1] - pixels[0])
    most = best[1] / pixels[1]
    return Speed(start_seconds() + first, min(max(slope, 0.7 * most), most))


class _Trial:
    """A small picture of noise that is painted as often as one likes."""

    def __init__(self, settings: Settings, store: Store, side: int):
        self.settings = dataclasses.replace(settings, size=side)
        rng = np.random.default_rng(0)
        self.photo = rng.uniform(0, 255, (side, side, 3)).astype(np.float32)
        self.store = store

    def seconds(self) -> float:
        """Paint it, and return the seconds that it took."""
        began = time.perf_counter()
        if self.settings.method == "feedforward":
            network = load_transformer(shipped_styles()[0])
            styles = [WeightedStyle(network.style)]
            paint_mixed(self.photo, [network], styles, self.settings)
        else:
            # Another painting each time, or its maps would be there already.
            style = np.roll(self.photo, int(1e6 * began) % self.photo.size)
            styles = [WeightedStyle(style)]
            paint_levels(self.photo, styles, self.settings, self.store)
        return time.perf_counter() - began
