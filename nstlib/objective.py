"""One differentiable objective: content + styles + total variation.

Taught in: 07_optimizing_pixels. The targets are computed once; in a step only the
picture runs through the network, no deeper than needed, and gradients flow to the
picture alone (Gatys et al. 2015, eq. 7).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nstlib.losses import (
    content_loss,
    gaussian_statistics,
    gram_matrix,
    matrix_root,
    positions,
    style_loss,
    total_variation_loss,
    wasserstein_style_loss,
)
from nstlib.preprocessing import preprocess
from nstlib.quiet import tf
from nstlib.settings import Settings
from nstlib.vgg import FeatureExtractor, stride

TERMS = ("total", "content", "style", "tv")
GREY = 127.5  # total variation is measured on pixels / 127.5


def widened(picture: np.ndarray, margin: int) -> np.ndarray:
    """Mirror a picture ``(H, W, 3)`` beyond its sides, by ``margin`` pixels each."""
    sides = ((margin, margin), (margin, margin), (0, 0))
    return np.pad(picture, sides, "symmetric")


class Objective:
    """The loss of a picture of one size, and its gradient.

    Args:
        extractor: returns at least the layers that the settings name.
        content: RGB picture ``(H, W, 3)``, 0–255, of the size of the result.
        styles: pairs of an RGB picture of any size and its weight; the weights are
            shares of the style loss.
        settings: layers, weights and conventions.
        margin: pixels by which the tensors to judge are `widened` on each side. The
            network sees them, the losses do not: at the border of what it sees, a
            network sees less, and its losses would ask for a frame there.

    Raises:
        NetworkError: a picture is too small for a layer.

    Attributes:
        terms: the four numbers of the last evaluation: `TERMS`, each term times its
            weight, as a float32 tensor (4,).
    """

    def __init__(
        self,
        extractor: FeatureExtractor,
        content: np.ndarray,
        styles: Sequence[tuple[np.ndarray, float]],
        settings: Settings,
        margin: int = 0,
    ):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self.pixels = float(content.shape[0] * content.shape[1])
        maps = self._features(content)
        self.content = {name: maps[name] for name in settings.content_layers}
        share = sum(weight for _, weight in styles)
        self.styles = [
            (self._style_targets(picture), weight / share) for picture, weight in styles
        ]
        self.terms = tf.zeros(len(TERMS))
        self._compiled = tf.function(self._evaluate, reduce_retracing=True)

    def value_and_gradient(self, tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Total loss, a scalar, and its gradient, shaped like the tensor (1, H, W, 3).

        `terms` then holds the parts of this evaluation.
        """
        self.terms, gradient = self._compiled(tensor)
        return self.terms[0], gradient

    def _evaluate(self, tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            terms = self.losses(tensor)
        return terms, tape.gradient(terms, tensor, tf.one_hot(0, len(TERMS)))

    def losses(self, tensor: tf.Tensor) -> tf.Tensor:
        """The weighted terms of a preprocessed tensor, ordered as `TERMS`."""
        settings, maps = self.settings, self._inner(self.extractor(tensor))
        content = tf.add_n(
            [
                weight
                * content_loss(
                    maps[name], self.content[name], settings.content_convention
                )
                for name, weight in settings.content_layers.items()
            ]
        )
        style = tf.add_n(
            [
                weight * share * self._style_loss(maps[name], targets[name])
                for targets, share in self.styles
                for name, weight in settings.style_layers.items()
            ]
        )
        variation = total_variation_loss(
            tensor / GREY, settings.tv_exponent, settings.tv_reduction
        )
        content *= settings.content_weight
        style *= settings.style_weight
        variation *= settings.tv_weight
        return tf.stack([content + style + variation, content, style, variation])

    def _inner(self, maps: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Feature maps without the margin."""
        inner = {}
        for name, features in maps.items():
            cut = self.margin // stride(name)
            height, width = features.shape[1:3]
            # Not features[:, cut : …], whose gradient runs on one core.
            size = [-1, height - 2 * cut, width - 2 * cut, -1]
            inner[name] = tf.slice(features, [0, cut, cut, 0], size)
        return inner

    def _features(self, picture: np.ndarray) -> dict[str, tf.Tensor]:
        self.extractor.check_size(picture.shape[:2])
        return self._inner(self.extractor(preprocess(widened(picture, self.margin))))

    def _style_targets(self, picture: np.ndarray) -> dict[str, tuple]:
        maps = self._features(picture)
        if self.settings.style_statistic == "gram":
            return {
                name: (gram_matrix(maps[name]), positions(maps[name]))
                for name in self.settings.style_layers
            }
        statistics = {
            name: gaussian_statistics(maps[name]) for name in self.settings.style_layers
        }
        return {k: (mean, matrix_root(cov)) for k, (mean, cov) in statistics.items()}

    def _style_loss(self, features: tf.Tensor, target: tuple) -> tf.Tensor:
        if self.settings.style_statistic == "wasserstein":
            return wasserstein_style_loss(features, *target)
        gram, count = target
        convention = self.settings.style_convention
        return style_loss(features, gram, count, convention, self.pixels)
