"""Train a network per style: `nstlib.feedforward` on photos, for some minutes.

Taught in: 13_feed_forward. The loss is the one that `nstlib.objective` minimises for
one picture, in the mean over a batch of photos (Johnson et al. 2016, eq. 1).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.backend import keras, tf
from nstlib.errors import SettingsError
from nstlib.fast.photo_crops import random_batch
from nstlib.fast.training_checkpoint import TrainingState, read_state, write_state
from nstlib.feedforward import MULTIPLE, random_transformer, transform
from nstlib.images import shrink
from nstlib.losses import content_loss
from nstlib.objective import TERMS, total_variation, weighted_terms
from nstlib.preprocessing import deprocess, preprocess
from nstlib.settings import Settings
from nstlib.statistics import feature_sums, sums_loss, sums_target
from nstlib.vgg import FeatureExtractor, load_network

PEAK = 1e-3
"""Learning rate of Adam at the beginning; it falls along a half cosine to nothing."""


DEFAULTS: dict[str, Any] = {
    "content_layers": ("block3_conv3",),
    "style_weight": 6.0,
    "tv_weight": 3.0,
}
"""Settings that differ from those for one picture. A network has one try: at the deep
layer, or with more style, all that it learned was to paint texture. Johnson et al.
(2016) compare content at relu3_3, too."""


class Fit(NamedTuple):
    """What a callback of `train_transformer` is told after each step."""

    step: int
    seconds: float
    """Of training, those before an interruption included."""
    losses: dict[str, float]
    """Running means of total, content, style and tv, each times its weight."""
    parameters: Callable[[], dict[str, np.ndarray]]
    """Gives those of this moment."""


class PerceptualLoss:
    """How far pictures are from their photos and from a style.

    Taught in: 13_feed_forward.

    Args:
        extractor: returns the layers that the settings name.
        style: ``(H, W, 3)``, 0–255, at the size at which its strokes are to be seen.
        settings: layers and weights, as for `nstlib.objective.Objective`.
    """

    def __init__(
        self, extractor: FeatureExtractor, style: np.ndarray, settings: Settings
    ):
        self.extractor, self.settings = extractor, settings
        maps = extractor(preprocess(style))
        self.targets = {
            name: sums_target(settings.style_statistic, feature_sums(maps[name]))
            for name in settings.style_layers
        }

    def __call__(self, made: tf.Tensor, photos: tf.Tensor) -> tf.Tensor:
        """Preprocessed ``(batch, H, W, 3)`` twice → total, content, style, tv."""
        settings = self.settings
        maps, goals = self.extractor(made), self.extractor(photos)
        content = tf.add_n(
            [
                w * content_loss(maps[name], goals[name], settings.content_convention)
                for name, w in settings.content_layers.items()
            ]
        )
        style = tf.reduce_mean([self.style(maps, i) for i in range(made.shape[0])])
        variation = total_variation(made, settings)
        return weighted_terms(content, style, variation, settings)

    def style(self, maps: dict[str, tf.Tensor], index: int) -> tf.Tensor:
        """Style loss of one picture of the batch."""
        settings = self.settings
        return tf.add_n(
            [
                w
                * sums_loss(
                    settings.style_statistic,
                    feature_sums(maps[name][index]),
                    self.targets[name],
                    settings.style_convention,
                )
                for name, w in settings.style_layers.items()
            ]
        )


def make_step(
    loss: PerceptualLoss, variables: dict[str, tf.Variable], optimizer: Any
) -> Callable[[tf.Tensor], tf.Tensor]:
    """One compiled step: photos → their losses, before the step."""
    precision = loss.extractor.precision
    weights = list(variables.values())

    @tf.function(autograph=False)
    def step(photos: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            terms = loss(transform(variables, photos, precision), photos)
        gradients = tape.gradient(terms, weights, tf.one_hot(0, 4))
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return terms

    return step


def train_transformer(
    style: np.ndarray,
    photos: Sequence[np.ndarray],
    settings: Settings | None = None,
    *,
    seconds: float = math.inf,
    steps: float = math.inf,
    side: int = 256,
    batch: int = 4,
    callback: Callable[[Fit], Any] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> tuple[dict[str, np.ndarray], TrainingState]:
    """Train a network to repaint photos in one style.

    Taught in: 13_feed_forward.

    Args:
        style: RGB picture ``(H, W, 3)``, 0–255.
        photos: uint8 pictures, as from `load_photos`.
        settings: network, layers, weights, style_scale and seed; the others have no
            say. Without any, `DEFAULTS`.
        seconds, steps: how long to train; the learning rate falls over that time.
        side: of the square crops, in pixels.
        batch: how many crops in a step.
        callback: called with a `Fit` after each step; a true answer ends the training.
        checkpoint: ``NAME.npz``, written every minute and at the end.
        resume: go on from the checkpoint.

    Returns:
        Parameters for `nstlib.feedforward.transform`, and how far the training came.

    Raises:
        SettingsError: neither seconds nor steps; losses that are not finite.
        CheckpointError: there is nothing to resume.
    """
    if math.inf == seconds == steps:
        raise SettingsError("say how long to train: seconds, or steps.")
    settings = settings or Settings(**DEFAULTS)
    state = (
        read_state(checkpoint)
        if resume
        else TrainingState(random_transformer(settings.seed))
    )
    run = _Training(style, photos, settings, side, batch, state)
    began, saved = time.perf_counter() - state.seconds, time.perf_counter()
    try:
        while (done := max(state.seconds / seconds, state.steps / steps)) < 1:
            run.step(0.5 * (1 + math.cos(math.pi * done)))
            state.seconds = time.perf_counter() - began
            if callback and callback(run.fit()):
                break
            if checkpoint and time.perf_counter() - saved > 60:
                write_state(checkpoint, run.state())
                saved = time.perf_counter()
    except KeyboardInterrupt:
        if not state.steps:
            raise
    if checkpoint:
        write_state(checkpoint, run.state())
    return run.state().parameters, state


class _Training:
    """Variables, optimiser and loss of a training."""

    def __init__(
        self,
        style: np.ndarray,
        photos: Sequence[np.ndarray],
        settings: Settings,
        side: int,
        batch: int,
        state: TrainingState,
    ):
        if side % MULTIPLE:
            raise SettingsError(f"side is a multiple of {MULTIPLE}, not {side}.")
        layers = settings.layers
        extractor = load_network(
            settings.network, layers, settings.pooling, settings.precision,
            settings.weights, settings.border,
        )  # fmt: skip
        style = shrink(style, round(2 * side * settings.style_scale))
        self.photos, self.side, self.batch = photos, side, batch
        self.kept, self.seed = state, settings.seed
        self.variables = {
            key: tf.Variable(value, name=key.replace("/", "_"))
            for key, value in state.parameters.items()
        }
        self.optimizer = keras.optimizers.Adam(PEAK, global_clipnorm=5.0)
        self.optimizer.build(list(self.variables.values()))
        for own, value in zip(self.optimizer.variables, state.optimizer, strict=False):
            own.assign(value)
        loss = PerceptualLoss(extractor, style, settings)
        self.compiled = make_step(loss, self.variables, self.optimizer)

    def step(self, rate: float) -> None:
        """A step at this share of the peak learning rate."""
        state = self.kept
        # A generator per step: a resumed run sees what an unbroken one sees.
        rng = np.random.default_rng([self.seed, state.steps])
        self.optimizer.learning_rate = PEAK * rate
        terms = self.compiled(random_batch(self.photos, self.side, self.batch, rng))
        terms = terms.numpy().astype(float)
        if not np.isfinite(terms).all():
            raise SettingsError("the losses are not finite: lower the weights.")
        share = max(0.02, 1 / (state.steps + 1))
        state.losses = (1 - share) * np.asarray(state.losses) + share * terms
        state.steps += 1

    def fit(self) -> Fit:
        """For the callback."""
        losses = dict(zip(TERMS, map(float, self.kept.losses), strict=True))
        state = self.kept
        return Fit(state.steps, state.seconds, losses, lambda: self.state().parameters)

    def state(self) -> TrainingState:
        """What a checkpoint holds."""
        self.kept.parameters = {k: v.numpy() for k, v in self.variables.items()}
        self.kept.optimizer = [np.asarray(v) for v in self.optimizer.variables]
        return self.kept


def preview(
    parameters: dict[str, Any], photos: Sequence[np.ndarray], side: int
) -> np.ndarray:
    """Photos above what a network makes of them, cut to squares: one picture.

    Args:
        parameters: for `nstlib.feedforward.transform`.
        photos: ``(H, W, 3)``, 0–255, of any sizes from `MULTIPLE` pixels.
        side: of the squares, in pixels; that of the smallest photo if this is less.
    """
    side = min([side, *(min(photo.shape[:2]) for photo in photos)])
    side -= side % MULTIPLE
    crops = [photo[:side, :side].astype(np.float32) for photo in photos]
    made = [
        deprocess(transform(parameters, tf.constant(preprocess(crop))).numpy())
        for crop in crops
    ]
    rows = [np.concatenate(row, axis=1) for row in (crops, made)]
    return np.concatenate(rows)
