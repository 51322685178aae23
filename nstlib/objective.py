"""The objective: the weighted sum of content loss, style loss and total variation.

Taught in: 07_optimizing_pixels. In each step, only the picture runs through the
network, no deeper than necessary. The gradient is that of the picture (Gatys et al.
2015, eq. 7).

`Loss` computes, `Targets` holds what a picture is compared with, and `Objective` joins
the two to a function of one picture. The targets are arguments of the compiled
function. So one `Loss` serves all photos, paintings, weights and sizes.
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

__all__ = ["GRAY", "TERMS", "Loss", "Objective", "weighted_terms", "widened"]

TERMS = ("total", "content", "style", "tv")
GRAY = 127.5  # total variation is measured on pixels / 127.5


def total_variation(tensor: tf.Tensor, settings: Settings) -> tf.Tensor:
    """Compute the total variation of a preprocessed tensor, without its weight.

    The settings choose the exponent and the reduction.
    """
    reduction = settings.tv_reduction
    return total_variation_loss(tensor / GRAY, settings.tv_exponent, reduction)


def weighted_terms(
    content: tf.Tensor,
    style: tf.Tensor,
    variation: tf.Tensor,
    weights: Weights | Settings,
) -> tf.Tensor:
    """Multiply the three parts of the loss by their weights, and add them up.

    Args:
        content, style, variation: the losses without their weights, scalars.
        weights: anything with the three fields of `Weights`.

    Returns:
        The sum, then its three weighted parts: ``(4,)``, ordered as `TERMS`.
    """
    content *= weights.content_weight
    style *= weights.style_weight
    variation *= weights.tv_weight
    return tf.stack([content + style + variation, content, style, variation])


class Loss:
    """The loss of any picture, compiled for one network and one kind of loss.

    One instance can be used from several threads at the same time.

    Args:
        extractor: a network that returns at least the layers that the settings name.
        settings: only what shapes the computation is used: layers with their weights,
            conventions, the style statistic, and how total variation is measured. The
            weights of the three parts come with the `Targets`.
        margin: pixels by which pictures are `widened` on each side. The network sees
            the margin, but the content and style losses leave it out. At the border
            of its input a network sees less, and the losses would paint a frame there.

    Attributes:
        encoder: the `Encoder` that makes the targets.
    """

    def __init__(self, extractor: FeatureExtractor, settings: Settings, margin: int):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self.encoder = Encoder(extractor, settings, margin)
        # AutoGraph would have nothing to convert, and would take a second for it.
        self._compiled = tf.function(self._evaluate, autograph=False)

    def prepare(self, targets: Targets) -> None:
        """Trace the computation, once for pictures of all sizes.

        A different number of paintings or of masks is a different computation, which
        is traced when it is needed for the first time.

        Args:
            targets: targets of the kind that the next pictures will have.
        """
        any_tensor = tf.TensorSpec((1, None, None, 3), tf.float32)
        any_targets = of_any_size(targets, self.settings.style_statistic)
        self._compiled.get_concrete_function(any_tensor, any_targets)

    def value_and_gradient(
        self, tensor: tf.Tensor, targets: Targets
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Compute the loss and its gradient with respect to the picture.

        Args:
            tensor: a preprocessed picture with its margin, float32 ``(1, H, W, 3)``.
            targets: targets for a picture of this size.

        Returns:
            The weighted terms ``(4,)``, ordered as `TERMS`, and the gradient of the
            total, shaped like the tensor.
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
        """Compute the weighted terms ``(4,)`` of a preprocessed tensor, as `TERMS`."""
        maps = inner(self.extractor(tensor), self.margin)
        content = self.content_loss(maps, targets)
        style = self.style_loss(maps, targets)
        variation = total_variation(tensor, self.settings)
        return weighted_terms(content, style, variation, targets.weights)

    def content_loss(self, maps: Maps, targets: Targets) -> tf.Tensor:
        """Sum the content losses of all layers, without `content_weight`."""
        convention = self.settings.content_convention
        return tf.add_n(
            [
                weight * content_loss(maps[name], targets.content[name], convention)
                for name, weight in self.settings.content_layers.items()
            ]
        )

    def style_loss(self, maps: Maps, targets: Targets) -> tf.Tensor:
        """Sum the style losses of all paintings and layers, without `style_weight`."""
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
        """Compute the style loss from the `Sums` of each layer, without `style_weight`.

        Args:
            sums: from `style_sums`, for a picture or for all of its tiles together.
            targets: targets whose statistic is one of `SUMMED`.
        """
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
    """The loss of a picture of one size, with its gradient.

    Args:
        extractor: a network that returns at least the layers that the settings name.
        content: the photo, ``(H, W, 3)``, RGB, 0–255, at the size of the result.
        styles: ``(picture, weight)`` or ``(picture, weight, mask)`` for each style.
            The picture is RGB of any size. The mask is None or ``(H, W)`` of any size,
            0–255, and is white where the style should go. The weights become shares of
            the style loss, see `style_shares`. Where no mask is white, only content
            and total variation count.
        settings: layers, weights and conventions.
        margin: pixels by which pictures are `widened` on each side, see `Loss`.
        loss: a `Loss` to use again. It must have been made for the same extractor,
            margin and kind of settings.

    Raises:
        NetworkError: a picture is too small for a layer.
        SettingsError: a mask is too small for a layer.

    Attributes:
        targets: what the picture is compared with.
        terms: the weighted terms of the last evaluation, float32 ``(4,)``, as `TERMS`.

    Example:
        The photo itself has no content loss, so only the other two terms are left:

        >>> from nstlib import load_network, paint, preprocess
        >>> photo, style = paint("tapestry", 32, 32), paint("ink_mountains", 32, 32)
        >>> settings = Settings(style_layers=["conv1_1"], content_layers=["conv2_1"])
        >>> network = load_network("mini", settings.layers)
        >>> objective = Objective(network, photo, [(style, 1.0)], settings)
        >>> value, gradient = objective.value_and_gradient(preprocess(photo))
        >>> gradient.shape.as_list()
        [1, 32, 32, 3]
        >>> [float(term) > 0 for term in objective.terms]  # total, content, style, tv
        [True, False, True, True]
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
        """Compute the total loss and its gradient, and keep the parts in `terms`.

        Args:
            tensor: a preprocessed picture with its margin, ``(1, H, W, 3)``.

        Returns:
            The total loss, a float32 scalar, and its gradient, shaped like the tensor.
        """
        tensor = tf.convert_to_tensor(tensor, tf.float32)
        self.terms, gradient = self.loss.value_and_gradient(tensor, self.targets)
        return self.terms[0], gradient

    def losses(self, tensor: tf.Tensor) -> tf.Tensor:
        """Compute the weighted terms ``(4,)`` of a preprocessed tensor, as `TERMS`."""
        return self.loss.terms(tensor, self.targets)

    def style_loss(self, maps: Maps) -> tf.Tensor:
        """Compute the style loss of feature maps from which the margin was cut off.

        The result is not multiplied by `style_weight`.
        """
        return self.loss.style_loss(maps, self.targets)

    @property
    def pixels(self) -> float:
        """Number of pixels of the picture, H·W, without the margin."""
        return float(self.targets.pixels)
