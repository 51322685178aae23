"""One differentiable objective: content + styles + total variation.

Taught in: 07_optimizing_pixels. The targets are computed once; in a step only the
picture runs through the network, no deeper than needed, and gradients flow to the
picture alone (Gatys et al. 2015, eq. 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from nstlib.backend import tf
from nstlib.images import resize_mask
from nstlib.losses import content_loss, total_variation_loss
from nstlib.masks import guidance, style_shares
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.statistics import (
    SUMMED,
    Sums,
    feature_sums,
    sliced_directions,
    sorted_values,
    sums_loss,
    sums_target,
    values_loss,
)
from nstlib.vgg import FeatureExtractor
from nstlib.vgg_plan import stride

TERMS = ("total", "content", "style", "tv")
GREY = 127.5  # total variation is measured on pixels / 127.5
Guide = dict[str, Any]  # how much each position of a style layer counts, (h, w)


class _Goal(NamedTuple):
    """What one style asks for."""

    targets: dict[str, Any]
    """From `sums_target` or `sorted_values`, by layer."""
    share: float
    """Of the style loss."""
    region: int
    """In which region of the picture, an index into `Objective.guides`."""


def widened(picture: np.ndarray, margin: int) -> np.ndarray:
    """Mirror a picture ``(H, W, 3)`` beyond its sides, by ``margin`` pixels each."""
    sides = ((margin, margin), (margin, margin), (0, 0))
    return np.pad(picture, sides, "symmetric")


def weighted_terms(
    content: tf.Tensor, style: tf.Tensor, tensor: tf.Tensor, settings: Settings
) -> tf.Tensor:
    """Both losses and the total variation of a preprocessed tensor, times their
    weights and with their sum before them, ordered as `TERMS`."""
    variation = total_variation_loss(
        tensor / GREY, settings.tv_exponent, settings.tv_reduction
    )
    content *= settings.content_weight
    style *= settings.style_weight
    variation *= settings.tv_weight
    return tf.stack([content + style + variation, content, style, variation])


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
        margin: pixels by which the tensors to judge are `widened` on each side. The
            network sees them, the losses do not: at the border of what it sees, a
            network sees less, and its losses would ask for a frame there.

    Raises:
        NetworkError: a picture is too small for a layer.
        SettingsError: a mask is too small for a layer.

    Attributes:
        guides: the regions of the picture, as `guidance` for each style layer; None is
            the whole picture.
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
    ):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self.pixels = float(content.shape[0] * content.shape[1])
        self.content = self._content_targets(content)
        self.guides: list[Guide | None] = []
        self.styles = self._goals(styles, *content.shape[:2])
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
        maps = self._inner(self.extractor(tensor))
        content = self.content_loss(maps)
        style = self.style_loss(maps)
        return weighted_terms(content, style, tensor, self.settings)

    def content_loss(self, maps: dict[str, tf.Tensor]) -> tf.Tensor:
        """Sum over the content layers, without `content_weight`."""
        convention = self.settings.content_convention
        return tf.add_n(
            [
                weight * content_loss(maps[name], self.content[name], convention)
                for name, weight in self.settings.content_layers.items()
            ]
        )

    def style_loss(self, maps: dict[str, tf.Tensor]) -> tf.Tensor:
        """Sum over styles and layers, without `style_weight`."""
        if self.settings.style_statistic in SUMMED:
            return self.style_loss_from_sums(self.style_sums(maps))
        return self._over_styles(lambda name, goal: self._values_loss(maps, name, goal))

    def style_sums(
        self, maps: dict[str, tf.Tensor], guides: Sequence[Guide | None] | None = None
    ) -> dict[str, list[Sums]]:
        """Of each style layer, one for each region of the picture.

        Those of the parts of a picture add up to those of the whole.

        Args:
            maps: of the picture, without the margin.
            guides: those parts of `Objective.guides` that belong to the maps, if they
                are only a part of the picture.
        """
        return {
            name: [
                feature_sums(maps[name], guide and guide[name])
                for guide in guides or self.guides
            ]
            for name in self.settings.style_layers
        }

    def style_loss_from_sums(self, sums: dict[str, list[Sums]]) -> tf.Tensor:
        """`style_loss` from `style_sums`, where the statistic is one of `SUMMED`."""
        settings = self.settings
        return self._over_styles(
            lambda name, goal: sums_loss(
                settings.style_statistic,
                sums[name][goal.region],
                goal.targets[name],
                settings.style_convention,
                self.pixels,
            )
        )

    def _values_loss(
        self, maps: dict[str, tf.Tensor], name: str, goal: _Goal
    ) -> tf.Tensor:
        guide = self.guides[goal.region]
        return values_loss(
            maps[name],
            goal.targets[name],
            self._directions(maps[name]),
            guide and guide[name],
            self.settings.style_convention,
        )

    def _over_styles(self, loss: Callable[[str, _Goal], tf.Tensor]) -> tf.Tensor:
        return tf.add_n(
            [
                weight * goal.share * loss(name, goal)
                for goal in self.styles
                for name, weight in self.settings.style_layers.items()
            ]
        )

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

    def _goals(self, styles: Any, height: int, width: int) -> list[_Goal]:
        """What each style asks for, and where."""
        entries = [(*style, None)[:3] for style in styles]
        whole = np.ones((height, width), np.float32)
        masks = [
            whole if mask is None else resize_mask(mask, height, width)
            for *_, mask in entries
        ]
        shares = style_shares(
            [weight for _, weight, _ in entries],
            [float(mask.mean()) for mask in masks],
            float(np.max(masks, axis=0).mean()),
        )
        return [
            _Goal(self._style_targets(picture), share, self._region(mask))
            for (picture, *_), share, mask in zip(entries, shares, masks, strict=True)
        ]

    def _region(self, mask: np.ndarray) -> int:
        """Index of a mask's guide; masks that are all white share one."""
        if mask.min() < 1:
            layers, network = self.settings.style_layers, self.extractor.name
            self.guides.append(
                {name: guidance(mask, name, network, self.margin) for name in layers}
            )
            return len(self.guides) - 1
        if None not in self.guides:
            self.guides.append(None)
        return self.guides.index(None)

    def _content_targets(self, picture: np.ndarray) -> dict[str, Any]:
        maps = self._features(picture)
        return {name: maps[name] for name in self.settings.content_layers}

    def _style_targets(self, picture: np.ndarray) -> dict[str, Any]:
        maps = self._features(picture)
        statistic = self.settings.style_statistic
        if statistic in SUMMED:
            sums = self.style_sums(maps, [None])
            return {name: sums_target(statistic, *here) for name, here in sums.items()}
        return {
            name: sorted_values(maps[name], self._directions(maps[name]))
            for name in self.settings.style_layers
        }

    def _directions(self, features: tf.Tensor) -> np.ndarray | None:
        if self.settings.style_statistic != "sliced":
            return None
        return sliced_directions(features.shape[-1], self.settings.seed)
