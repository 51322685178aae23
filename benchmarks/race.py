"""What a race is about: the task, the clock, and what a rival is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import PHOTO, STYLE

from nstlib.backend import tf
from nstlib.images import load_image, resize
from nstlib.objective import Objective
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.vgg import FeatureExtractor, computed_in, load_network
from nstlib.vgg_weights import random_parameters

"""The tutorial's losses are so much larger than ours, and its ε expects that."""


class Task:
    """What everybody is to minimize.

    Args:
        network: ``"mini"`` or ``"vgg19"``.
        weights: a file of real VGG19 weights; random ones if None.
        size: longer side of the picture, in pixels.
    """

    def __init__(self, network: str, weights: Path | None, size: int):
        self.settings = Settings(size=size, network=network, border="zero", margin=0)
        self.layers = self.settings.layers
        if network == "vgg19" and weights is None:
            self.parameters = random_parameters(network, self.layers)
        else:
            loaded = load_network(network, self.layers, weights=weights)
            self.parameters = {k: v.numpy() for k, v in loaded.parameters.items()}
        self.photo = load_image(PHOTO, size)
        self.style = resize(load_image(STYLE), *self.photo.shape[:2])
        self.auto = computed_in(self.settings.precision)
        self.reference = self.objective("float32")

    def extractor(self, precision: str) -> FeatureExtractor:
        """The network, computing in this precision."""
        name = self.settings.network
        return FeatureExtractor(name, self.parameters, self.layers, precision=precision)

    def objective(self, precision: str) -> Objective:
        """The loss, computed in this precision."""
        styles = [(self.style, 1.0)]
        return Objective(self.extractor(precision), self.photo, styles, self.settings)

    def start(self, kind: str) -> tf.Tensor:
        """Noise, or the photo."""
        if kind == "photo":
            return tf.constant(preprocess(self.photo))
        shape = (1, *self.photo.shape)
        noise = np.random.default_rng(0).normal(0, self.settings.noise_sigma, shape)
        return tf.constant(noise, tf.float32)


@dataclass
class Clock:
    """Is told every evaluation; stands still while it keeps a picture."""

    every: int = 10**9
    """Of so many pictures, one is kept."""
    count: int = 0
    seconds: float = 0.0
    shots: list[tuple[int, float, np.ndarray]] = field(default_factory=list)
    """Evaluation, seconds and picture of each that was kept."""
    resumed: float = field(default_factory=time.perf_counter)

    def __call__(self, x: Any, keep: bool = True) -> None:
        """An evaluation at this tensor is done."""
        self.seconds += time.perf_counter() - self.resumed
        self.count += 1
        if keep and self.count % self.every == 0:
            kept = np.array(x.numpy() if hasattr(x, "numpy") else x, np.float32)
            self.shots.append((self.count, self.seconds, kept))
        self.resumed = time.perf_counter()

    def per_evaluation(self) -> float:
        """Seconds."""
        return self.seconds / max(self.count, 1)


class Rival(NamedTuple):
    """One of the contenders."""

    loop: Callable[[tf.Tensor, int, Clock], None]
    """Takes where to start, how many evaluations to do, and whom to tell."""
    loss: Callable[[tf.Tensor], Any] | None
    """None: it is not to be had alone."""
    precision: str
