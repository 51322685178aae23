"""One differentiable objective: content + styles + total variation.

Taught in: 07_optimizing_pixels. In a step only the picture runs through the network, no
deeper than needed, and gradients flow to the picture alone (Gatys et al. 2015, eq. 7).

`Loss` is the computation, `Targets` is what a picture is compared with, and `Objective`
is both together: a function of one picture. The targets are arguments of the compiled
function, so one `Loss` serves all photos, paintings, weights and sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.images import widened
from nstlib.losses import content_loss, total_variation_loss
from nstlib.settings import Settings
from nstlib.statistics import SUMMED, Sums, sums_loss, values_loss
from nstlib.targets import (
    Encoder,
    Goal,
    Maps,
    Targets,
    Weights,
    directions,
    inner,
    of_any_size,
    style_sums,
)
from nstlib.vgg import FeatureExtractor

__all__ = ["GREY", "TERMS", "Loss", "Objective", "weighted_terms", "widened"]

TERMS = ("total", "content", "style", "tv")
GREY = 127.5  # total variation is measured on pixels / 127.5


def total_variation(tensor: tf.Tensor, settings: Settings) -> tf.Tensor:
    """Total variation of a preprocessed tensor, without its weight, as the settings
    measure it."""
    reduction = settings.tv_reduction
    return total_variation_loss(tensor / GREY, settings.tv_exponent, reduction)


def weighted_terms(
    content: tf.Tensor,
    style: tf.Tensor,
    variation: tf.Tensor,
    weights: Weights | Settings,
) -> tf.Tensor:
    """The three parts of the loss times their weights, and their sum before them.

    Args:
        content, style, variation: scalars.
        weights: how much each of them counts.

    Returns:
        ``(4,)``, ordered as `TERMS`.
    """
    content *= weights.content_weight
    style *= weights.style_weight
    variation *= weights.tv_weight
    return tf.stack([content + style + variation, content, style, variation])


class Loss:
    """The loss of pictures, for one network and one way of computing it.

    Of the settings, those count that shape the computation: layers and their weights,
    conventions, the style statistic, how total variation is measured. The weights of
    the three parts come with the `Targets`. Safe to use in several threads.

    Args:
        extractor: returns at least the layers that the settings name.
        settings: see above.
        margin: pixels by which the tensors to judge are `widened` on each side. The
            network sees them, the losses do not: at the border of what it sees, a
            network sees less, and its losses would ask for a frame there.

    Attributes:
        encoder: makes the targets.
    """

    def __init__(self, extractor: FeatureExtractor, settings: Settings, margin: int):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self.encoder = Encoder(extractor, settings, margin)
        # AutoGraph would have nothing to convert, and would take a second for it.
        self._compiled = tf.function(self._evaluate, autograph=False)

    def prepare(self, targets: Targets) -> None:
        """Trace the computation, once for pictures of all sizes.

        Another number of paintings, or masks where there were none, is another
        computation, which is traced when its first targets come.
        """
        any_tensor = tf.TensorSpec((1, None, None, 3), tf.float32)
        any_targets = of_any_size(targets, self.settings.style_statistic)
        self._compiled.get_concrete_function(any_tensor, any_targets)

    def value_and_gradient(
        self, tensor: tf.Tensor, targets: Targets
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The weighted terms ``(4,)``, and the gradient of the first, their sum.

        Args:
            tensor: preprocessed, float32 ``(1, H, W, 3)``, margin included.
            targets: of a picture of this size.
        """
        return self._compiled(tensor, targets)

    def _evaluate(
        self, tensor: tf.Tensor, targets: Targets
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            terms = self.terms(tensor, targets)
        return terms, tape.gradient(terms, tensor, tf.one_hot(0, len(TERMS)))

    def terms(self, tensor: tf.Tensor, targets: Targets) -> tf.Tensor:
        """The weighted terms of a preprocessed tensor, ordered as `TERMS`."""
        maps = inner(self.extractor(tensor), self.margin)
        content = self.content_loss(maps, targets)
        style = self.style_loss(maps, targets)
        variation = total_variation(tensor, self.settings)
        return weighted_terms(content, style, variation, targets.weights)

    def content_loss(self, maps: Maps, targets: Targets) -> tf.Tensor:
        """Sum over the content layers, without `content_weight`."""
        convention = self.settings.content_convention
        return tf.add_n(
            [
                weight * content_loss(maps[name], targets.content[name], convention)
                for name, weight in self.settings.content_layers.items()
            ]
        )

    def style_loss(self, maps: Maps, targets: Targets) -> tf.Tensor:
        """Sum over paintings and layers, without `style_weight`."""
        settings = self.settings
        if settings.style_statistic in SUMMED:
            sums = style_sums(maps, targets.guides, settings.style_layers)
            return self.style_loss_from_sums(sums, targets)

        def loss(name: str, goal: Goal) -> tf.Tensor:
            guide = targets.guides[goal.region]
            return values_loss(
                maps[name],
                goal.target[name],
                directions(maps[name], settings),
                None if guide is None else guide[name],
                settings.style_convention,
            )

        return self._over_styles(loss, targets)

    def style_loss_from_sums(
        self, sums: dict[str, list[Sums]], targets: Targets
    ) -> tf.Tensor:
        """`style_loss` from `style_sums`, where the statistic is one of `SUMMED`."""
        settings = self.settings

        def loss(name: str, goal: Goal) -> tf.Tensor:
            return sums_loss(
                settings.style_statistic,
                sums[name][goal.region],
                goal.target[name],
                settings.style_convention,
                targets.pixels,
            )

        return self._over_styles(loss, targets)

    def _over_styles(
        self, loss: Callable[[str, Goal], tf.Tensor], targets: Targets
    ) -> tf.Tensor:
        return tf.add_n(
            [
                weight * goal.share * loss(name, goal)
                for goal in targets.styles
                for name, weight in self.settings.style_layers.items()
            ]
        )


class Objective:
    """The loss of a picture of one size, and its gradient.

    Args:
        extractor: returns at least the layers that the settings name.
        content: RGB picture ``(H, W, 3)``, 0–255, of the size of the result.
        styles: pairs of an RGB picture of any size and its weight, or with a third, a
            mask ``(H, W)`` of any size, 0–255, or None: the style is asked for where it
            is white. The weights are shares of the style loss, see `style_shares`.
            Where no mask is white, only content and total variation are asked for.
        settings: layers, weights and conventions.
        margin: see `Loss`.
        loss: one that was made before for this extractor, margin and such settings.

    Raises:
        NetworkError: a picture is too small for a layer.
        SettingsError: a mask is too small for a layer.

    Attributes:
        targets: what the picture is compared with.
        terms: the four numbers of the last evaluation: `TERMS`, each term times its
            weight, as a float32 tensor (4,).
    """

    def __init__(
        self,
        extractor: FeatureExtractor,
        content: np.ndarray,
        styles: Sequence[tuple[np.ndarray, float] | tuple[np.ndarray, float, Any]],
        settings: Settings,
        margin: int = 0,
        loss: Loss | None = None,
    ):
        self.extractor, self.settings = extractor, settings
        self.loss = loss or Loss(extractor, settings, margin)
        self.targets = self.loss.encoder.targets(content, styles, settings)
        self.loss.prepare(self.targets)
        self.terms = tf.zeros(len(TERMS))

    def value_and_gradient(self, tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Total loss, a scalar, and its gradient, shaped like the tensor (1, H, W, 3).

        `terms` then holds the parts of this evaluation.
        """
        tensor = tf.convert_to_tensor(tensor, tf.float32)
        self.terms, gradient = self.loss.value_and_gradient(tensor, self.targets)
        return self.terms[0], gradient

    def losses(self, tensor: tf.Tensor) -> tf.Tensor:
        """The weighted terms of a preprocessed tensor, ordered as `TERMS`."""
        return self.loss.terms(tensor, self.targets)

    def style_loss(self, maps: Maps) -> tf.Tensor:
        """The style loss of feature maps without the margin, without `style_weight`."""
        return self.loss.style_loss(maps, self.targets)

    @property
    def pixels(self) -> float:
        """H·W of the picture."""
        return float(self.targets.pixels)
