"""Style transfer by optimization: the loop over scales and evaluations.

Taught in: 09_style_transfer (the loop), 11_high_resolution (coarse to fine).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from nstlib import color_choice, descent, lbfgs
from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.images import Picture, resize, widened
from nstlib.initialization import enlarged, starting_tensor
from nstlib.large.tiles import tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.objective import TERMS, Objective
from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.result import CUT_SHORT, Result, Step
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import WeightedStyle, recolored, sized
from nstlib.vgg_plan import stride


class Task(NamedTuple):
    """The inputs of a run, loaded and checked."""

    photo: Picture
    styles: Sequence[WeightedStyle]
    settings: Settings
    plan: list[tuple[int, int, int]]
    """The scales, from `nstlib.large.scales.plan_scales`."""
    start: Picture | None = None
    """The picture to start from, of any size; None starts as `settings.init` says."""


class Painting:
    """The optimization of one picture over all of its scales.

    Args:
        task: the inputs of the run.
        store: the store from which the network and the compiled losses are taken.
        checkpoint: a checkpoint that was opened for this run.
        callback: called with a `Step` after each evaluation; a true answer ends the
            run.
    """

    def __init__(
        self,
        task: Task,
        store: Store,
        checkpoint: Checkpoint,
        callback: Callable[[Step], Any] | None = None,
    ):
        self.task, self.settings, self.plan = task, task.settings, task.plan
        self.store, self.checkpoint, self.callback = store, checkpoint, callback
        self.extractor = store.network(task.settings)
        self.styles = recolored(task.styles, task.photo, task.settings.colors)
        self.model = color_choice.prepare_photo(task.photo, task.settings.colors)
        self.history: list[dict[str, float]] = list(checkpoint.state.history)
        self.losses: dict[str, float] = {}
        self.progress: list[tuple[int, Picture]] = []

    def paint(self, **made_of: Any) -> Result:
        """Paint the picture at every scale, from coarse to fine.

        Args:
            made_of: the fields of the `Result` that describe its inputs: ``origins``,
                ``inputs`` and ``start``.

        Returns:
            The `Result`, also if the run was ended early.

        Raises:
            NetworkError: a picture is too small for a layer.
            SettingsError: a mask is too small for a layer, or the first loss is not
                finite.
        """
        state, picture = self.checkpoint.state, self.task.start
        began = time.perf_counter() - state.seconds
        reason = "evaluations used up"
        for scale, (height, width, steps) in enumerate(self.plan):
            if scale < state.scale:
                continue  # it was finished before the run was resumed
            content = resize(self.model, height, width)
            if scale == state.scale and state.tensor is not None:
                tensor = state.tensor
            else:
                tensor = self._first_tensor(content, picture, scale)
            done = self.checkpoint.begin(scale, tensor, self.history)
            try:
                objective = self._objective(content)
            except KeyboardInterrupt:
                reason, picture = "interrupted", self._cut(tensor)
                break
            before = len(self.history) - done
            del content  # a large picture would hold hundreds of megabytes
            tensor, reason = self._optimize(objective, tensor, steps, done)
            picture = self._cut(tensor)
            here = self.history[before:]
            self.losses = min(here, key=itemgetter("total"), default=self.losses)
            if reason in (*CUT_SHORT, "not finite"):
                break
        if reason in CUT_SHORT:
            self.checkpoint.write()
        assert picture is not None
        seconds = time.perf_counter() - began
        return self._result(picture, seconds, reason, made_of)

    def _first_tensor(
        self, content: Picture, picture: Picture | None, scale: int
    ) -> np.ndarray:
        """Make the tensor from which a scale starts.

        Args:
            content: the photo at this scale.
            picture: the picture of the scale before, or a start picture. None means
                that `settings.init` decides.
            scale: index of the scale in the plan.
        """
        if picture is None:
            return starting_tensor(content, self.styles, self.settings)
        if scale:
            picture = enlarged(picture, content, self.settings)
        else:
            picture = resize(picture, *content.shape[:2])
        return preprocess(widened(picture, self.settings.margin))

    def _objective(self, content: Picture) -> Objective:
        """Make the objective for the scale of this content."""
        height, width, _ = content.shape
        settings, side = self.settings, max(height, width)
        deepest = max(map(stride, settings.layers))
        styles = sized(self.styles, round(side * settings.style_scale), deepest)
        loss = self.store.loss(settings, tile_side(height, width, settings))
        return Objective(
            self.extractor, content, styles, settings, settings.margin, loss
        )

    def _result(
        self, picture: Picture, seconds: float, reason: str, made_of: dict[str, Any]
    ) -> Result:
        height, width, _ = self.plan[-1]
        if picture.shape[:2] != (height, width):  # the run ended early
            picture = resize(picture, height, width)
        return Result(
            self._finished(picture),
            self.history,
            self.losses,
            len(self.history),
            seconds,
            reason,
            self.settings,
            self.progress,
            self.checkpoint.state.resumed,
            **made_of,
        )

    def _optimize(
        self, objective: Objective, tensor: Any, steps: int, done: int
    ) -> tuple[np.ndarray, str]:
        """Optimize the picture at one scale.

        Args:
            objective: the loss at this scale.
            tensor: the point to start from.
            steps: number of evaluations planned for this scale.
            done: how many of them were made before the run was resumed.

        Returns:
            The best tensor, and the reason why the optimizer stopped.
        """
        tensor = tf.constant(tensor)

        def watch(_: int, x: tf.Tensor, value: float) -> Any:
            return self._watch(objective, x)

        if self.settings.optimizer == "lbfgs":
            return self._by_lbfgs(objective, tensor, steps, done, watch)
        settings, low = self.settings, tf.constant(-BGR_MEANS)
        optimizer = settings.make_optimizer()
        self.checkpoint.follow(optimizer)
        result = descent.minimize(
            objective.value_and_gradient,
            tensor,
            steps - done,
            optimizer,
            watch,
            bounds=(low, low + 255.0) if settings.clamp else None,
            average=settings.average,
            # The gradient of a mean loss shrinks with the number of pixels. Scaled
            # back, one learning rate suits every size.
            gradient_scale=settings.gradient_scale or objective.pixels,
            restore=self.checkpoint.restore,
        )
        best = result.x if settings.average else self.checkpoint.lowest(result.x)
        return np.asarray(best), result.stop_reason

    def _by_lbfgs(
        self, objective: Objective, tensor: tf.Tensor, steps: int, done: int, watch: Any
    ) -> tuple[np.ndarray, str]:
        _, height, width, _ = tensor.shape
        history = pairs_kept(height, width, self.settings.history)
        reason = "evaluations used up"
        noise = 1e-3 if self.extractor.precision == "bfloat16" else 1e-5
        every = min(steps, self.settings.restart_every or steps)
        while done < steps and reason == "evaluations used up":
            part = min(steps, done + every - done % every) - done
            function = objective.value_and_gradient
            memory = self.checkpoint.remember(min(history, every), tensor)
            try:
                result = lbfgs.minimize(
                    function, tensor, part, history, watch, memory=memory, noise=noise
                )
            except lbfgs.NotFiniteError as error:
                raise SettingsError(f"{error} Lower the weights.") from error
            done, tensor, reason = done + part, result.x, result.stop_reason
        return np.asarray(self.checkpoint.lowest(tensor)), reason

    def _watch(self, objective: Objective, x: tf.Tensor) -> Any:
        """Record the losses, keep a progress picture, and call the callback."""
        losses = dict(zip(TERMS, objective.terms.numpy().tolist(), strict=True))
        self.history.append(losses)
        self.checkpoint.saw(x, losses["total"])
        settings, evaluation = self.settings, len(self.history)
        every = settings.progress_every
        if every and evaluation % every == 0:
            self.progress.append((evaluation, self._finished(self._cut(x))))
        if self.callback is None:
            return None
        return self.callback(
            Step(
                evaluation,
                sum(steps for *_, steps in self.plan),
                (x.shape[1] - 2 * settings.margin, x.shape[2] - 2 * settings.margin),
                losses,
                lambda: self._finished(self._cut(x)),
            )
        )

    def _cut(self, tensor: Any) -> Picture:
        """Return the picture in a tensor, without its margin."""
        margin = self.settings.margin
        picture = deprocess(np.asarray(tensor))
        return picture[
            margin : len(picture) - margin, margin : picture.shape[1] - margin
        ]

    def _finished(self, picture: Picture) -> Picture:
        """Return the picture with its final colors, as it is shown and saved."""
        return color_choice.finish(picture, self.task.photo, self.settings.colors)
