"""Measuring the speed of this machine, by painting two small pictures for a moment."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nstlib import descent, lbfgs
from nstlib.backend import start_seconds, tf
from nstlib.objective import Loss, Objective
from nstlib.settings import Settings
from nstlib.vgg import (
    FeatureExtractor,
    computed_in,
    load_network,
)
from nstlib.vgg_weights import random_parameters

SIDES = (128, 384)
"""Sides of the two square pictures in pixels, without the margin."""
ROUNDS = 6
"""Evaluations of each picture after the first. The fastest counts, because other
programs can only slow it down."""


class Speed(NamedTuple):
    """The times of a run on this machine, in seconds. The margin counts as pixels."""

    start: float
    """Time to start TensorFlow, read the network, and trace the loss."""
    first: float
    """Extra time of the first evaluation at a scale."""
    targets: float
    """Time to make the targets of a scale, per pixel."""
    fixed: float
    """Time of an evaluation that does not depend on the size."""
    pixel: float
    """Time of an evaluation per pixel."""

    def seconds(self, pixels: int, evaluations: int, passes: float = 1.0) -> float:
        """Predict how many seconds one scale takes.

        Args:
            pixels: the pixels that the network sees in an evaluation.
            evaluations: the evaluations at this scale.
            passes: a factor on the time per pixel, see `nstlib.large.cost.passes`.
        """
        each = self.fixed + self.pixel * pixels * passes
        return self.first + self.targets * pixels + evaluations * each


@lru_cache
def measure(text: str) -> Speed:
    """Measure the speed of a run on small pictures, which takes some seconds.

    The result is cached, so settings are measured once in a process.

    Args:
        text: the settings, from `Settings.to_json`.
    """
    settings = Settings.from_json(text)
    layers, network = settings.layers, settings.network
    extractor = FeatureExtractor(
        network,
        random_parameters(network, layers),
        layers,
        settings.pooling,
        computed_in(settings.precision),
        settings.border,
    )
    loss = Loss(extractor, settings, settings.margin)
    began = time.perf_counter()
    _Sample(loss, SIDES[0])
    traced = time.perf_counter() - began
    small, large = (_Sample(loss, side) for side in SIDES)
    slope = (large.best - small.best) / (large.pixels - small.pixels)
    # Other programs disturb the times. Without limits, the slope could become so small
    # that large pictures seem to cost nothing.
    pixel = min(max(slope, 0.7 * large.best / large.pixels), large.best / large.pixels)
    fixed = large.best - pixel * large.pixels
    targets = large.targets / large.pixels
    return Speed(_start(network) + traced, large.first, targets, fixed, pixel)


def _start(network: str) -> float:
    began = time.perf_counter()
    if network == "mini":  # the others may have to be downloaded first
        load_network(network)
    return start_seconds() + time.perf_counter() - began


class _Sample:
    """A small picture of one size, optimized for a few evaluations.

    Attributes:
        pixels: those that the network sees.
        targets: the seconds that its targets took.
        best: the seconds of an evaluation and of what the optimizer does with it.
        first: the seconds that the first evaluation took longer.
    """

    def __init__(self, loss: Loss, side: int):
        settings = loss.settings
        rng = np.random.default_rng(0)
        photo, style = rng.uniform(0, 255, (2, side, side, 3)).astype(np.float32)
        whole = side + 2 * settings.margin
        x = tf.constant(rng.normal(0, 50, (1, whole, whole, 3)), tf.float32)
        self.pixels = whole**2
        began = time.perf_counter()
        objective = Objective(
            loss.extractor, photo, [(style, 1.0)], settings, settings.margin, loss
        )
        self.targets = time.perf_counter() - began
        seconds = _seconds_of_each(objective, x, settings)
        self.best = min(seconds[1:])
        self.first = max(0.0, seconds[0] - self.best)


def _seconds_of_each(
    objective: Objective, x: tf.Tensor, settings: Settings
) -> list[float]:
    """Optimize a picture from x on, and return the seconds of each evaluation."""
    times = [time.perf_counter()]

    def watch(*_: Any) -> None:
        times.append(time.perf_counter())

    function = objective.value_and_gradient
    if settings.optimizer == "lbfgs":
        # Its products pass over all of the memory, also while that is still empty.
        memory = lbfgs.PairMemory(settings.history, x)
        lbfgs.minimize(function, x, 1 + ROUNDS, callback=watch, memory=memory)
    else:
        optimizer = settings.make_optimizer()
        descent.minimize(function, x, 1 + ROUNDS, optimizer, watch)
    return np.diff(times).tolist()
