"""Style transfer by optimisation: the loop around objective and optimiser.

Taught in: 09_style_transfer (the loop), 11_high_resolution (coarse to fine).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from nstlib import color, descent, lbfgs
from nstlib.checkpoint import Checkpoint, describe
from nstlib.feedforward import as_transformer
from nstlib.images import resize
from nstlib.inputs import (
    Picture,
    Style,
    WeightedStyle,
    as_picture,
    as_styles,
    recoloured,
    sized,
)
from nstlib.objective import TERMS, Objective, widened
from nstlib.onepass import stylize_feed_forward, stylize_in_one_pass
from nstlib.origins import fingerprint, origins
from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess
from nstlib.quiet import tf
from nstlib.result import Result, Step
from nstlib.scales import check_reach, plan_scales
from nstlib.settings import Settings, SettingsError, make_settings
from nstlib.starts import starting_tensor
from nstlib.tiled import make_objective
from nstlib.tiles import pairs_kept
from nstlib.vgg import FeatureExtractor, load_network


def stylize(
    content: Picture | str | Path,
    style: Style,
    settings: Settings | None = None,
    *,
    start: Picture | None = None,
    callback: Callable[[Step], Any] | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    resume: bool = False,
    **overrides: Any,
) -> Result:
    """Repaint a photo in the style of one or several pictures.

    Taught in: 09_style_transfer (Gatys, Ecker & Bethge 2016).

    Args:
        content: an RGB picture ``(H, W, 3)``, 0–255, or anything `load_image` reads.
        style: the same, or a list of such, of (picture, weight) pairs, or of (picture,
            weight, mask): the style goes where the mask is white, see
            `nstlib.masks.as_mask`. Where none is white the photo stays what it is, but
            for the total variation.
            With method "feedforward": the name or file of a trained network.
        settings: see `Settings`. Their `method` decides whether the picture is
            optimised or made in one pass, see `nstlib.onepass`.
        start: a picture to begin with, of any size, in place of `settings.init`.
        callback: called with a `Step` after each evaluation, or level; a true answer
            ends the run. Ctrl-C ends it too, and the best picture so far is kept.
        checkpoint: a file, ``NAME.npz``, that holds the state of the run, written every
            30 seconds; see `nstlib.checkpoint.Checkpoint`.
        resume: go on from the checkpoint of a run that was cut off.
        overrides: single settings, such as ``steps=100``.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: settings that make no sense, all named at once.
        NetworkError: weights that cannot be used.
        CheckpointError: nothing to resume, or not this run.
    """
    settings = make_settings(settings, **overrides)
    if settings.method != "optimize":
        kept = checkpoint.path if isinstance(checkpoint, Checkpoint) else checkpoint
        if kept or resume or start is not None:
            raise SettingsError(
                f"{settings.method} takes seconds and begins with the photo: it has no "
                "checkpoint, resume or start."
            )
        return _in_one_pass(content, style, settings, callback)
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    photo, styles = as_picture(content), as_styles(style)
    start = None if start is None else as_picture(start)
    plan = plan_scales(photo.shape[0], photo.shape[1], settings)
    check_reach(plan, settings)
    found = origins(content, style, photo, styles)
    begun = None if start is None else fingerprint(start)
    checkpoint.open(describe(settings, plan, found, begun), resume)
    layers = [*settings.content_layers, *settings.style_layers]
    extractor = load_network(
        settings.network,
        list(dict.fromkeys(layers)),
        settings.pooling,
        settings.precision,
        settings.weights,
        settings.border,
    )
    run = _Run(extractor, photo, styles, settings, plan, callback, checkpoint)
    made_of: dict[str, Any] = {
        "origins": found,
        "start": begun,
        "inputs": (photo, styles),
    }
    return dataclasses.replace(run.from_picture(start), **made_of)


def _in_one_pass(
    content: Any, style: Style, settings: Settings, callback: Any
) -> Result:
    photo = as_picture(content)
    if settings.method == "feedforward":
        network = as_transformer(style)
        result = stylize_feed_forward(photo, network, settings, callback)
        style, styles = network.path, [WeightedStyle(network.style)]
    else:
        styles = as_styles(style)
        result = stylize_in_one_pass(photo, styles, settings, callback)
    found = origins(content, style, photo, styles)
    return dataclasses.replace(result, origins=found, inputs=(photo, styles))


class _Run:
    """One run of `stylize`, over all scales."""

    def __init__(
        self,
        extractor: FeatureExtractor,
        photo: Picture,
        styles: Sequence[WeightedStyle],
        settings: Settings,
        plan: list[tuple[int, int, int]],
        callback: Callable[[Step], Any] | None,
        checkpoint: Checkpoint,
    ):
        self.extractor, self.photo, self.settings = extractor, photo, settings
        self.styles = recoloured(styles, photo, settings.colors)
        self.model = color.prepare_photo(photo, settings.colors)
        self.plan, self.callback, self.checkpoint = plan, callback, checkpoint
        self.history: list[dict[str, float]] = list(checkpoint.state.history)
        self.losses: dict[str, float] = {}
        self.progress: list[tuple[int, Picture]] = []

    def from_picture(self, start: Picture | None) -> Result:
        """Go through the scales, coarse to fine."""
        state = self.checkpoint.state
        began, picture = time.perf_counter() - state.seconds, start
        reason, margin = "evaluations used up", self.settings.margin
        for scale, (height, width, steps) in enumerate(self.plan):
            if scale < state.scale:
                continue  # done before the run was resumed
            content = resize(self.model, height, width)
            if scale == state.scale and state.tensor is not None:
                tensor = state.tensor
            elif picture is None:
                tensor = starting_tensor(content, self.styles, self.settings)
            else:
                tensor = preprocess(widened(resize(picture, height, width), margin))
            side = max(height, width) * self.settings.style_scale
            styles = sized(self.styles, round(side))
            done = self.checkpoint.begin(scale, tensor, self.history)
            try:
                objective = make_objective(
                    self.extractor, content, styles, self.settings, margin
                )
            except KeyboardInterrupt:
                reason, picture = "interrupted", self._cut(tensor)
                break
            before = len(self.history) - done
            tensor = tf.constant(tensor)
            del content, styles  # hundreds of megabytes, where it is about memory
            tensor, reason = self._optimise(objective, tensor, steps, done)
            picture = self._cut(tensor)
            here = self.history[before:]
            self.losses = min(here, key=itemgetter("total"), default=self.losses)
            if reason in ("interrupted", "stopped by callback", "not finite"):
                break
        if reason in ("interrupted", "stopped by callback"):
            self.checkpoint.write()
        assert picture is not None
        return self._result(picture, time.perf_counter() - began, reason)

    def _result(self, picture: Picture, seconds: float, reason: str) -> Result:
        height, width, _ = self.plan[-1]
        if picture.shape[:2] != (height, width):  # it ended early
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
        )

    def _optimise(
        self, objective: Objective, tensor: tf.Tensor, steps: int, done: int
    ) -> tuple[np.ndarray, str]:
        """Work at one scale, of whose steps some are done already."""

        def watch(_: int, x: tf.Tensor, value: float) -> Any:
            return self._watch(objective, x)

        if self.settings.optimizer == "lbfgs":
            return self._by_lbfgs(objective, tensor, steps, done, watch)
        settings, low = self.settings, tf.constant(-BGR_MEANS)
        result = descent.minimize(
            objective.value_and_gradient,
            tensor,
            steps - done,
            self.checkpoint.follow(settings.make_optimizer()),
            watch,
            bounds=(low, low + 255.0) if settings.clamp else None,
            average=settings.average,
            # Mean losses have gradients of 1/pixels: learning rates would not carry
            # over from one size to the next.
            gradient_scale=settings.gradient_scale or objective.pixels,
        )
        best = result.x if settings.average else self.checkpoint.lowest(result.x)
        return np.asarray(best), result.stop_reason

    def _by_lbfgs(
        self, objective: Objective, tensor: tf.Tensor, steps: int, done: int, watch: Any
    ) -> tuple[np.ndarray, str]:
        _, height, width, _ = tensor.shape
        history = pairs_kept(height, width, self.settings)
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
            except ValueError as error:  # not finite at the start
                raise SettingsError(f"{error} Lower the weights.") from error
            done, tensor, reason = done + part, result.x, result.stop_reason
        return np.asarray(self.checkpoint.lowest(tensor)), reason

    def _watch(self, objective: Objective, x: tf.Tensor) -> Any:
        """Write down the losses, keep progress pictures, tell the callback."""
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
        """The picture without its margin."""
        margin = self.settings.margin
        picture = deprocess(np.asarray(tensor))
        return picture[
            margin : len(picture) - margin, margin : picture.shape[1] - margin
        ]

    def _finished(self, picture: Picture) -> Picture:
        """The picture as it is shown and saved."""
        return color.finish(picture, self.photo, self.settings.colors)
