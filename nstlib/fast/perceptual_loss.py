"""The loss of a network that paints, and one step of its training.

Taught in: 13_feed_forward (Johnson et al. 2016, section 3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.fast.stability import WEIGHT, stability_loss
from nstlib.feedforward import transform
from nstlib.losses import content_loss
from nstlib.objective import TERMS, total_variation, weighted_terms
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.statistics import feature_sums, sums_loss, sums_target
from nstlib.vgg import FeatureExtractor

TRAINING_TERMS = (*TERMS, "unstable")
"""What a step of the training returns, each times its weight."""


class PerceptualLoss:
    """The loss of a batch of pictures, given their photos and one style.

    Taught in: 13_feed_forward.

    Args:
        extractor: a network that returns at least the layers that the settings name.
        style: the painting, ``(H, W, 3)``, 0–255. Its size decides the size of the
            strokes that are learned.
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
        """Compute the weighted terms ``(4,)`` of a batch, ordered as `TERMS`.

        Args:
            made: the network's pictures, preprocessed, ``(batch, H, W, 3)``.
            photos: the photos that they were made from, of the same shape.
        """
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
        """Compute the style loss of one picture of the batch, without its weight."""
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
) -> Callable[..., tf.Tensor]:
    """Make a compiled function that trains the variables on one batch of photos.

    Args:
        loss: the loss to minimize, beside the `stability_loss`.
        variables: the parameters of the network.
        optimizer: a Keras optimizer that was built for the variables.

    Returns:
        A function that makes one step. It takes preprocessed photos
        ``(batch, side, side, 3)``, the grain that is added to them for the network, of
        the same shape, and the box and noise of `random_view`. It returns the losses
        before the step, ``(5,)``, ordered as `TRAINING_TERMS`.
    """
    precision = loss.extractor.precision
    weights = list(variables.values())

    def paint(photos: tf.Tensor) -> tf.Tensor:
        return transform(variables, photos, precision)

    @tf.function(autograph=False)
    def step(
        photos: tf.Tensor, grains: tf.Tensor, box: tf.Tensor, noise: tf.Tensor
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            seen = photos + grains
            made = paint(seen)
            terms = loss(made, photos)
            unstable = WEIGHT * stability_loss(paint, seen, made, (box, noise))
            total = terms[0] + unstable
        gradients = tape.gradient(total, weights)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return tf.concat([[total], terms[1:], [unstable]], 0)

    return step
