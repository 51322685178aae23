"""Painting a film by optimization: each frame starts from the warped previous one.

Taught in: 15_video. Ruder, Dosovitskiy & Brox (2016).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from nstlib import lbfgs
from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.film.choices import Choices
from nstlib.film.flow import optical_flow, visible, warp
from nstlib.film.start import Seen, familiar, started
from nstlib.film.temporal import temporal_loss
from nstlib.images import Picture, widened
from nstlib.initialization import starting_tensor
from nstlib.large.tiles import tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.objective import GRAY, Objective
from nstlib.preprocessing import deprocess, preprocess
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import WeightedStyle, sized
from nstlib.vgg_plan import stride

ALIKE = 30.0
"""The largest difference, in gray levels, between two views of the same surface."""
SAME_SCENE = 0.35
"""The share of a frame that the previous frame must show; less is a cut."""


class Recent:
    """The last frames of a shot, and their painted versions.

    Args:
        reach: as in `nstlib.film.choices.Choices`.
    """

    def __init__(self, reach: Sequence[int]):
        self.reach = reach
        self.pairs: deque[tuple[Picture, Picture]] = deque(maxlen=max(reach, default=1))

    def add(self, frame: Picture, painted: Picture) -> None:
        """Add a frame and its painted version."""
        self.pairs.append((frame, painted))

    def cut(self, frame: Picture) -> bool:
        """Return whether a frame begins a shot; if so, forget the earlier ones."""
        if not self.pairs or not is_cut(self.pairs[-1][0], frame):
            return False
        self.pairs.clear()
        return True

    def seen(self, frame: Picture) -> Seen:
        """Warp the earlier painted frames to a frame.

        Ruder et al. (2016), eq. 8 to 10: each pixel comes from the nearest frame that
        shows it; if none surely does, from the nearest that probably does.
        """
        mask, share = np.zeros((2, *frame.shape[:2], 1), np.float32)
        sure, likely = np.zeros((2, *frame.shape), np.float32)
        for back in self.reach:
            if back <= len(self.pairs) and mask.min() < 1:
                before, painted = self.pairs[-back]
                backward, forward = (
                    optical_flow(frame, before),
                    optical_flow(before, frame),
                )
                moved = warp(painted, backward)
                new = (1 - mask) * visible(forward, backward)
                sure, mask = sure + new * moved, mask + new
                new = (1 - share) * familiar(frame, before, forward, backward)
                likely, share = likely + new * moved, share + new
        return Seen(sure + (1 - mask) * likely, mask, np.maximum(mask, share))


def is_cut(before: Picture, now: Picture) -> bool:
    """Return whether a new shot begins, of which the previous frame shows too little.

    Args:
        before, now: two frames, ``(H, W, 3)``, 0–255.
    """
    backward, forward = optical_flow(now, before), optical_flow(before, now)
    apart = np.abs(now - warp(before, backward)).mean(-1, keepdims=True)
    return float((visible(forward, backward) * (apart < ALIKE)).mean()) < SAME_SCENE


class FrameOptimizer:
    """Paints a frame so that it matches the earlier frames.

    Args:
        styles: the paintings, in their final colors.
        settings: the settings. Their size is that of the frames.
        choices: weight and number of evaluations.
        store: where the network and the compiled loss are kept.

    Raises:
        SettingsError: the optimizer is not L-BFGS.
    """

    def __init__(
        self,
        styles: list[WeightedStyle],
        settings: Settings,
        choices: Choices,
        store: Store,
    ):
        if settings.optimizer != "lbfgs":
            raise SettingsError(
                "a film can only be optimized with optimizer=lbfgs: leave out the "
                "setting optimizer."
            )
        self.settings, self.choices, self.store = settings, choices, store
        deepest = max(map(stride, settings.layers))
        self.styles = sized(
            styles, round(settings.size * settings.style_scale), deepest
        )
        self.extractor = store.network(settings)
        self._pull = tf.function(self._temporal, autograph=False, reduce_retracing=True)

    def objective(self, frame: Picture) -> Objective:
        """Return the loss of a frame on its own."""
        settings, (height, width) = self.settings, frame.shape[:2]
        loss = self.store.loss(settings, tile_side(height, width, settings))
        return Objective(
            self.extractor, frame, self.styles, settings, settings.margin, loss
        )

    def __call__(
        self, frame: Picture, seen: Seen, start: Picture | None = None, steps: int = 0
    ) -> Picture:
        """Paint a frame.

        Args:
            frame: ``(H, W, 3)``, RGB, 0–255.
            seen: what earlier frames show of it.
            start: the picture to start from. By default, it shows what earlier frames
                show, and follows `Settings.init` where they show nothing, as
                `nstlib.film.start.started` does.
            steps: number of evaluations; `Choices.frame_steps` if 0.

        Raises:
            KeyboardInterrupt: the run was interrupted.
        """
        margin, objective = self.settings.margin, self.objective(frame)
        around = (0, 0), (margin, margin), (margin, margin), (0, 0)
        mask = tf.constant(np.pad(seen.mask[None], around))
        warped = tf.constant(preprocess(widened(seen.warped, margin)))
        if start is None:
            fresh = starting_tensor(frame, self.styles, self.settings)
            start = started(seen, self._inner(fresh, frame))
        x = tf.constant(preprocess(widened(start, margin)))
        weight = tf.constant(self.choices.temporal_weight, tf.float32)

        def function(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            loss, gradient = objective.value_and_gradient(x)
            pull, towards = self._pull(x, warped, mask, weight)
            return loss + pull, gradient + towards

        noise = 1e-3 if self.extractor.precision == "bfloat16" else 1e-5
        steps = steps or self.choices.frame_steps
        _, tall, wide, _ = x.shape
        pairs = pairs_kept(tall, wide, self.settings.history)
        result = lbfgs.minimize(function, x, steps, pairs, noise=noise)
        if result.stop_reason == "interrupted":
            raise KeyboardInterrupt
        return self._inner(result.x, frame)

    def _inner(self, x: np.ndarray | tf.Tensor, frame: Picture) -> Picture:
        """Return the picture in a tensor, without the margin around the frame."""
        margin, (height, width, _) = self.settings.margin, frame.shape
        picture = deprocess(np.asarray(x))
        return picture[margin : margin + height, margin : margin + width]

    @staticmethod
    def _temporal(
        x: tf.Tensor, warped: tf.Tensor, mask: tf.Tensor, weight: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = weight * temporal_loss(x / GRAY, warped / GRAY, mask)
        return loss, tape.gradient(loss, x)
