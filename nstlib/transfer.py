"""Style transfer by optimisation: the loop around objective and optimiser.

Taught in: 09_style_transfer (the loop), 11_high_resolution (coarse to fine).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from nstlib import color, descent, lbfgs
from nstlib.images import fit_within, resize
from nstlib.inputs import Picture, Style, as_picture, as_styles
from nstlib.objective import TERMS, Objective, widened
from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess
from nstlib.quiet import tf
from nstlib.result import Result, Step
from nstlib.scales import check_reach, plan_scales
from nstlib.settings import Settings, SettingsError, make_settings
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
    **overrides: Any,
) -> Result:
    """Repaint a photo in the style of one or several pictures.

    Taught in: 09_style_transfer (Gatys, Ecker & Bethge 2016).

    Args:
        content: an RGB picture ``(H, W, 3)``, 0–255, or anything `load_image` reads.
        style: the same, or a list of such, or of (picture, weight) pairs.
        settings: see `Settings`.
        start: a picture to begin with, of any size, in place of `settings.init`.
        callback: called with a `Step` after each evaluation; a true answer ends the
            run. Ctrl-C ends it too, and the best picture so far is kept.
        overrides: single settings, such as ``steps=100``.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: settings that make no sense, all named at once.
        NetworkError: weights that cannot be used.
    """
    settings = make_settings(settings, **overrides)
    photo, styles = as_picture(content), as_styles(style)
    plan = plan_scales(photo.shape[0], photo.shape[1], settings)
    check_reach(plan, settings)
    layers = [*settings.content_layers, *settings.style_layers]
    extractor = load_network(
        settings.network,
        list(dict.fromkeys(layers)),
        settings.pooling,
        settings.precision,
        settings.weights,
        settings.border,
    )
    run = _Run(extractor, photo, styles, settings, plan, callback)
    return run.from_picture(start)


class _Run:
    """One run of `stylize`, over all scales."""

    def __init__(
        self,
        extractor: FeatureExtractor,
        photo: Picture,
        styles: Sequence[tuple[Picture, float]],
        settings: Settings,
        plan: list[tuple[int, int, int]],
        callback: Callable[[Step], Any] | None,
    ):
        self.extractor, self.photo, self.settings = extractor, photo, settings
        self.styles = [(self._recoloured(p), weight) for p, weight in styles]
        self.plan, self.callback = plan, callback
        self.history: list[dict[str, float]] = []
        self.losses: dict[str, float] = {}
        self.progress: list[tuple[int, Picture]] = []

    def from_picture(self, start: Picture | None) -> Result:
        """Go through the scales, coarse to fine."""
        began = time.perf_counter()
        picture = None if start is None else as_picture(start)
        reason, margin = "evaluations used up", self.settings.margin
        for height, width, steps in self.plan:
            content = resize(self.photo, height, width)
            if picture is None:
                tensor = self._first(widened(content, margin))
            else:
                tensor = preprocess(widened(resize(picture, height, width), margin))
            styles = self._sized_styles(height, width)
            try:
                objective = make_objective(
                    self.extractor, content, styles, self.settings, margin
                )
            except KeyboardInterrupt:
                reason, picture = "interrupted", self._cut(tensor)
                break
            before = len(self.history)
            tensor = tf.constant(tensor)
            del content, styles  # hundreds of megabytes, where it is about memory
            tensor, reason = self._optimise(objective, tensor, steps)
            picture = self._cut(tensor)
            here = self.history[before:]
            self.losses = min(here, key=itemgetter("total"), default=self.losses)
            if reason in ("interrupted", "stopped by callback", "not finite"):
                break
        assert picture is not None
        height, width, _ = self.plan[-1]
        if picture.shape[:2] != (height, width):  # it ended early
            picture = resize(picture, height, width)
        image = self._finished(picture)
        seconds = time.perf_counter() - began
        return Result(
            image,
            self.history,
            self.losses,
            len(self.history),
            seconds,
            reason,
            self.settings,
            self.progress,
        )

    def _optimise(
        self, objective: Objective, tensor: tf.Tensor, steps: int
    ) -> tuple[np.ndarray, str]:
        def watch(_: int, x: tf.Tensor, value: float) -> Any:
            return self._watch(objective, x)

        if self.settings.optimizer == "lbfgs":
            return self._by_lbfgs(objective, tensor, steps, watch)
        settings, low = self.settings, tf.constant(-BGR_MEANS)
        result = descent.minimize(
            objective.value_and_gradient,
            tensor,
            steps,
            settings.make_optimizer(),
            watch,
            bounds=(low, low + 255.0) if settings.clamp else None,
            average=settings.average,
            # Mean losses have gradients of 1/pixels: learning rates would not carry
            # over from one size to the next.
            gradient_scale=settings.gradient_scale or objective.pixels,
        )
        return result.x.numpy(), result.stop_reason

    def _by_lbfgs(
        self, objective: Objective, tensor: tf.Tensor, steps: int, watch: Any
    ) -> tuple[np.ndarray, str]:
        _, height, width, _ = tensor.shape
        history = pairs_kept(height, width, self.settings)
        reason = "evaluations used up"
        noise = 1e-3 if self.extractor.precision == "bfloat16" else 1e-5
        while steps > 0 and reason == "evaluations used up":
            part = min(steps, self.settings.restart_every or steps)
            function = objective.value_and_gradient
            try:
                result = lbfgs.minimize(
                    function, tensor, part, history, watch, noise=noise
                )
            except ValueError as error:  # not finite at the start
                raise SettingsError(f"{error} Lower the weights.") from error
            steps, tensor, reason = steps - part, result.x, result.stop_reason
        return tensor.numpy(), reason

    def _watch(self, objective: Objective, x: tf.Tensor) -> Any:
        """Write down the losses, keep progress pictures, tell the callback."""
        losses = dict(zip(TERMS, objective.terms.numpy().tolist(), strict=True))
        self.history.append(losses)
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

    def _first(self, content: Picture) -> np.ndarray:
        """The starting tensor, before any scale has been done."""
        settings, (height, width) = self.settings, content.shape[:2]
        if settings.init == "content":
            return preprocess(content)
        if settings.init == "style":
            return preprocess(resize(self.styles[0][0], height, width))
        rng = np.random.default_rng(settings.seed)
        noise = rng.normal(size=(1, height, width, 3)).astype(np.float32)
        noise *= settings.noise_sigma
        if settings.init == "noise":
            return noise
        share = settings.init_noise
        return share * noise + (1 - share) * preprocess(content)

    def _cut(self, tensor: Any) -> Picture:
        """The picture without its margin."""
        margin = self.settings.margin
        picture = deprocess(np.asarray(tensor))
        return picture[
            margin : len(picture) - margin, margin : picture.shape[1] - margin
        ]

    def _sized_styles(self, height: int, width: int) -> list[tuple[Picture, float]]:
        """Style pictures in proportion to the scale, but never enlarged."""
        side = round(max(height, width) * self.settings.style_scale)
        sized = []
        for picture, weight in self.styles:
            shape = fit_within(picture.shape[0], picture.shape[1], max(side, 16))
            sized.append((resize(picture, *shape), weight))
        return sized

    def _recoloured(self, style: Picture) -> Picture:
        """A style picture in the photo's colours, where the settings ask for it."""
        if self.settings.colors == "match":
            return color.match_covariance(style, self.photo)
        if self.settings.colors == "histogram":
            return color.match_histogram(style, self.photo)
        return style

    def _finished(self, picture: Picture) -> Picture:
        """The picture as it is shown and saved."""
        if self.settings.colors != "content":
            return picture
        return color.transfer_luminance(picture, resize(self.photo, *picture.shape[:2]))
