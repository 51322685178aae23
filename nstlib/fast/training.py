"""Training a network of `nstlib.feedforward` for one style, on a set of photos.

Taught in: 13_feed_forward. It begins with the network that ships. The loss is the one
that `nstlib.objective` minimizes for one picture, averaged over a batch of photos
(Johnson et al. 2016, eq. 1), and the one of `nstlib.fast.stability`.
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
from nstlib.fast.perceptual_loss import TRAINING_TERMS, PerceptualLoss, make_step
from nstlib.fast.photo_crops import random_batch
from nstlib.fast.stability import random_view
from nstlib.fast.training_checkpoint import (
    TrainingState,
    describe_training,
    read_state,
    restore,
    write_or_warn,
)
from nstlib.feedforward import (
    GRAIN,
    MULTIPLE,
    PAINTING,
    grain,
    random_transformer,
    repaint,
)
from nstlib.images import shrink
from nstlib.interruption import warn_interrupted
from nstlib.limits import about_memory
from nstlib.settings import Settings
from nstlib.transformers import mean_transformer
from nstlib.vgg import load_network

PEAK = 1e-3
"""Learning rate of Adam at the start. It falls to zero along half a cosine."""
NOISE = 1.0
"""Standard deviation, in gray levels, of noise on the photos. The normalization makes
the gradient of a photo of one color 300 times larger in each layer, up to infinity."""

DEFAULTS: dict[str, Any] = {
    "content_layers": ("block3_conv3", "block4_conv2"),
    "style_weight": 45.0,
    "tv_weight": 3.0,
}
"""Settings whose defaults differ from those for one picture, as for the network that
ships. A network has one try, and needs a shallower content layer to hold on to; Johnson
et al. (2016) compare content at relu3_3."""


class Fit(NamedTuple):
    """What the callback of `train_transformer` receives after each step."""

    step: int
    """Number of the step, counted from 1."""
    seconds: float
    """Time of training so far, including the time before an interruption."""
    losses: dict[str, float]
    """Running means of total, content, style, tv and unstable, times their weights."""
    parameters: Callable[[], dict[str, np.ndarray]]
    """Returns the parameters as they are at this moment."""


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
    from_scratch: bool = False,
) -> tuple[dict[str, np.ndarray], TrainingState]:
    """Train a network to repaint photos in one style.

    Taught in: 13_feed_forward.

    Args:
        style: the painting, ``(H, W, 3)``, RGB, 0–255.
        photos: uint8 photos ``(H, W, 3)``, as `load_photos` returns them.
        settings: the network, layers, weights of the losses, style_scale and seed are
            used, the rest is ignored; `DEFAULTS` if None.
        seconds, steps: how long to train, whichever ends first. The learning rate falls
            to zero over this time.
        side: side of the square crops in pixels, a multiple of 4.
        batch: number of crops in a step.
        callback: called with a `Fit` after each step. A true return value ends the
            training. Ctrl-C ends it too, with an `Interruption` as a warning.
        checkpoint: a file, ``NAME.npz``, that is written every minute and at the end.
            If it cannot be written, a warning says so, and the training goes on.
        resume: whether to continue the training whose state is in the checkpoint.
        from_scratch: whether to begin with random numbers, which needs much longer, and
            not with the network that ships.

    Returns:
        The parameters for `transform`, and the state of the training at its end.

    Raises:
        SettingsError: seconds and steps are both missing, the side is not a multiple of
            4, or the losses are not finite.
        NetworkError: the weights cannot be used.
        CheckpointError: there is nothing to resume, or it is another training.
        OutOfMemoryError: the training needs more memory than there is.
    """
    if math.inf == seconds == steps:
        raise SettingsError("say how long to train: seconds, or steps.")
    settings = settings or Settings(**DEFAULTS)
    about = describe_training(style, photos, settings, side, batch, from_scratch)
    if resume:
        state = read_state(checkpoint, about)
    else:
        begin = (
            random_transformer(settings.seed) if from_scratch else mean_transformer()
        )
        state = TrainingState(begin, run=about)
    with about_memory(f"{batch} crops of {side} pixels", "try a smaller side"):
        run = _Training(style, photos, settings, side, batch, state)
        began, saved = time.perf_counter() - state.seconds, time.perf_counter()
        try:
            while (done := max(state.seconds / seconds, state.steps / steps)) < 1:
                run.step(0.5 * (1 + math.cos(math.pi * done)))
                state.seconds = time.perf_counter() - began
                if callback and callback(run.fit()):
                    break
                if checkpoint and time.perf_counter() - saved > 60:
                    checkpoint = write_or_warn(checkpoint, run.state())
                    saved = time.perf_counter()
        except KeyboardInterrupt:
            if not state.steps:
                raise
            warn_interrupted(f"{state.steps} steps; the result is the network so far.")
        if checkpoint:
            write_or_warn(checkpoint, run.state())
    return run.state().parameters, state


class _Training:
    """A training: its variables, its optimizer, and its compiled step."""

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
        extractor = load_network(
            settings.network, settings.layers, settings.pooling, settings.precision,
            settings.weights, settings.border,
        )  # fmt: skip
        style = shrink(style, round(PAINTING * side * settings.style_scale))
        self.photos, self.side, self.batch = photos, side, batch
        self.kept, self.seed = state, settings.seed
        self.variables = {
            key: tf.Variable(value, name=key.replace("/", "_"))
            for key, value in state.parameters.items()
        }
        self.optimizer = keras.optimizers.Adam(PEAK, global_clipnorm=5.0)
        self.optimizer.build(list(self.variables.values()))
        restore(self.optimizer, state)
        loss = PerceptualLoss(extractor, style, settings)
        self.compiled = make_step(loss, self.variables, self.optimizer)

    def step(self, rate: float) -> None:
        """Make one step, with the learning rate as a share of its peak."""
        state = self.kept
        # A new generator for each step, so that a resumed run sees the same crops.
        rng = np.random.default_rng([self.seed, state.steps])
        self.optimizer.learning_rate = PEAK * rate
        photos = random_batch(self.photos, self.side, self.batch, rng)
        photos += NOISE * rng.standard_normal(photos.shape, np.float32)
        grains = [
            np.float32(GRAIN * rng.random()) * grain(self.side, self.side, rng)
            for _ in range(self.batch)
        ]
        view = random_view(self.side, rng)
        found = self.compiled(photos, np.stack(grains), *view)
        terms = found.numpy().astype(float)
        if not np.isfinite(terms).all():
            raise SettingsError("the losses are not finite: lower the weights.")
        share = max(0.02, 1 / (state.steps + 1))
        state.losses = (1 - share) * np.asarray(state.losses) + share * terms
        state.steps += 1

    def fit(self) -> Fit:
        """Return what the callback receives."""
        losses = dict(zip(TRAINING_TERMS, map(float, self.kept.losses), strict=True))
        state = self.kept
        return Fit(state.steps, state.seconds, losses, lambda: self.state().parameters)

    def state(self) -> TrainingState:
        """Return the state of the training, as a checkpoint stores it."""
        self.kept.parameters = {k: v.numpy() for k, v in self.variables.items()}
        self.kept.optimizer = [np.asarray(v) for v in self.optimizer.variables]
        return self.kept


def preview(
    parameters: dict[str, Any], photos: Sequence[np.ndarray], side: int
) -> np.ndarray:
    """Draw photos in one row, and what a network makes of them in the row below.

    Args:
        parameters: parameters for `nstlib.feedforward.transform`.
        photos: photos ``(H, W, 3)``, 0–255, of which the top left square is taken.
        side: side of the squares in pixels; that of the smallest photo if it is less.

    Returns:
        One picture ``(2 · side, side · number of photos, 3)``, 0–255.
    """
    side = min([side, *(min(photo.shape[:2]) for photo in photos)])
    side -= side % MULTIPLE
    crops = [photo[:side, :side].astype(np.float32) for photo in photos]
    made = [repaint(parameters, crop, level=Settings.grain) for crop in crops]
    return np.concatenate([np.concatenate(row, axis=1) for row in (crops, made)])
