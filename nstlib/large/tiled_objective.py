"""The objective of a picture that does not fit into the memory, tile by tile.

Taught in: 11_high_resolution. The style loss depends on sums over positions only, and
the sums of the tiles add up to those of the whole picture. Two passes over the tiles
give the exact gradient:

1. The first pass adds up the sums of the cores. From them follow the loss and its slope
   along each sum.
2. The second pass computes, for the core of each tile, the gradient of Σ slope · sum
   with respect to all pixels of the tile. The gradients of the tiles add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.images import widened
from nstlib.large.tile_views import AllSums, TileViews, any_size, on
from nstlib.large.tiles import TILE
from nstlib.losses import TINY, content_loss, total_variation_loss
from nstlib.objective import GRAY, Loss, Objective, weighted_terms
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.statistics import SUMMED, sums_target
from nstlib.targets import (
    Encoder,
    Maps,
    StyleTarget,
    Targets,
    Weights,
    style_sums,
)
from nstlib.vgg import FeatureExtractor


class TiledObjective(Objective):
    """An `Objective` that needs less memory and more time, because it uses tiles.

    Taught in: 11_high_resolution. Only the picture, its gradient, and the feature maps
    of the content have the size of the whole picture. These maps are NumPy arrays, so
    they take no memory of a GPU.

    Args:
        extractor, content, styles, settings, margin: as for `Objective`.
        tile: longer side of a tile in pixels, including the halos.

    Raises:
        NetworkError: a picture is too small for a layer.
        SettingsError: the statistic needs the whole picture, or a tile or a mask is too
            small for a layer.
    """

    def __init__(
        self,
        extractor: FeatureExtractor,
        content: np.ndarray,
        styles: Sequence[Any],
        settings: Settings,
        margin: int = 0,
        tile: int = TILE,
    ):
        loss = TiledLoss(extractor, settings, margin, tile)
        super().__init__(extractor, content, styles, settings, margin, loss)


class TiledEncoder(Encoder):
    """An `Encoder` that looks at photos and paintings in tiles.

    Args:
        extractor, settings: as for `Encoder`.
        views: computes feature maps in tiles. It has the margin, too.
    """

    def __init__(
        self, extractor: FeatureExtractor, settings: Settings, views: TileViews
    ):
        super().__init__(extractor, settings, views.margin)
        self.views = views

    def content_target(self, picture: np.ndarray) -> Maps:
        """Compute the feature maps of the photo at the content layers, as arrays."""
        tensor, target = self._tensor(picture), {}
        tiles = self.views.tiles(tensor)
        for tile in tiles:
            maps = self.views.core(*self.views.seen(tensor, tile, [])[:2])
            for name in self.settings.content_layers:
                if name not in target:
                    height, width = (part.stop for part in tiles[-1].whole[name])
                    shape = 1, height, width, maps[name].shape[-1]
                    target[name] = np.empty(shape, np.float32)
                target[name][on(tile.whole[name])] = maps[name]
        return target

    def encode_style(self, picture: np.ndarray) -> StyleTarget:
        """Compute the target of a painting from the sums over its tiles."""
        settings = self.settings
        layers = list(settings.style_layers)
        sums = self.views.sums(self._tensor(picture), [None], layers)
        statistic = settings.style_statistic
        return {name: sums_target(statistic, one) for name, [one] in sums.items()}

    def _tensor(self, picture: np.ndarray) -> np.ndarray:
        self.extractor.check_size(picture.shape[:2])
        return preprocess(widened(picture, self.margin))


class TiledLoss(Loss):
    """A `Loss` for pictures that do not fit into the memory.

    Args:
        extractor, settings, margin: as for `Loss`.
        tile: longer side of a tile in pixels, including the halos.

    Raises:
        SettingsError: the statistic needs the whole picture.
    """

    def __init__(
        self, extractor: FeatureExtractor, settings: Settings, margin: int, tile: int
    ):
        if settings.style_statistic not in SUMMED:
            raise SettingsError(
                f"{settings.style_statistic} sorts the values of the whole picture, "
                f"which has no tiles: take tile=0, or one of {', '.join(SUMMED)}."
            )
        super().__init__(extractor, settings, margin)
        self.views = TileViews(extractor, margin, tile)
        self.encoder = TiledEncoder(extractor, settings, self.views)
        self._go_back = tf.function(self._tile_gradient, autograph=False)
        self._judge = tf.function(self._style_and_slopes, autograph=False)
        self._vary = tf.function(self._strip_variation, autograph=False)

    def prepare(self, targets: Targets) -> None:
        """Do nothing. The compiled parts are traced when they see the first tile."""

    def value_and_gradient(
        self, tensor: tf.Tensor, targets: Targets
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Compute the loss and its gradient in two passes over the tiles.

        The arguments and the result are those of `Loss.value_and_gradient`.
        """
        layers = list(self.settings.style_layers)
        sums = self.views.sums(tensor, targets.guides, layers)
        everywhere = targets._replace(content={}, guides=[])
        style, slopes = self._judge(sums, everywhere)
        factors = self._content_factors(targets)
        gradient = np.zeros(tensor.shape, np.float32)
        variation = self._variation(tensor, targets, gradient)
        content = tf.constant(0.0)
        for tile in self.views.tiles(tensor):
            seen = self.views.seen(tensor, tile, targets.guides)
            goals = {
                name: tf.constant(goal[on(tile.whole[name])])
                for name, goal in targets.content.items()
            }
            rest = factors, slopes
            self._go_back.get_concrete_function(*any_size((*seen, goals)), *rest)
            part, back = self._go_back(*seen, goals, *rest)
            content += part
            gradient[on(tile.window)] += back.numpy()
        ones = Weights(1.0, 1.0, 1.0)  # each part already contains its weight
        terms = weighted_terms(content, style, variation, ones)
        return terms, tf.convert_to_tensor(gradient)

    def _content_factors(self, targets: Targets) -> dict[str, tf.Tensor]:
        """Return, for each content layer, the factor on Σ (F − P)² in the loss."""
        settings, weight = self.settings, targets.weights.content_weight
        return {
            name: weight
            * settings.content_layers[name]
            * _content_factor(goal, settings.content_convention)
            for name, goal in targets.content.items()
        }

    def _variation(
        self, tensor: tf.Tensor, targets: Targets, gradient: np.ndarray
    ) -> tf.Tensor:
        """Compute the weighted total variation in strips of rows.

        Args:
            tensor: the preprocessed picture with its margin.
            targets: their weight of the total variation is used.
            gradient: an array to which the gradient is added, in place.
        """
        height, total, step = tensor.shape[1], tf.constant(0.0), self.views.tile
        weight = targets.weights.tv_weight
        for top in range(0, height, step):
            rows = slice(top, top + step + 1)  # with the next strip's first row
            own = min(step, height - top)
            part, slope = self._vary(tensor[:, rows], weight, own, height)
            gradient[:, rows] += slope.numpy()
            total += part
        return total

    # --- compiled

    def _style_and_slopes(
        self, sums: AllSums, targets: Targets
    ) -> tuple[tf.Tensor, AllSums]:
        with tf.GradientTape() as tape:
            tape.watch(sums)
            style = self.style_loss_from_sums(sums, targets)
            style *= targets.weights.style_weight
        return style, tape.gradient(style, sums)

    def _strip_variation(
        self, strip: tf.Tensor, weight: tf.Tensor, own: int, height: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Compute a strip's part of the total variation, and the gradient of it.

        Args:
            strip: rows of the picture, and one row of the next strip.
            weight: weight of the total variation.
            own: number of rows that belong to this strip.
            height: number of rows of the whole picture.
        """
        settings, width = self.settings, strip.shape[2]
        with tf.GradientTape() as tape:
            tape.watch(strip)
            parts, counts = [strip], [(height - 1) * (width - 1)]
            if settings.tv_exponent in (1, 2):  # down, then right in its own rows
                parts = [tf.reshape(strip, (1, -1, 1, width * 3))]
                parts += [tf.reshape(strip[:, :own], (-1, 1, width, 3))]
                counts = [(height - 1) * width, height * (width - 1)]
            sums = [
                total_variation_loss(part / GRAY, settings.tv_exponent, "sum")
                / (3.0 * count if settings.tv_reduction == "mean" else 1.0)
                for part, count in zip(parts, counts, strict=True)
            ]
            variation = weight * tf.add_n(sums)
        return variation, tape.gradient(variation, strip)

    def _tile_gradient(
        self,
        window: tf.Tensor,
        places: Any,
        guides: Any,
        goals: Any,
        factors: Any,
        slopes: AllSums,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Compute the content loss of a core, and the gradient for its whole tile.

        Args:
            window, places, guides: from `TileViews.seen`.
            goals: content targets of the core, by layer.
            factors: from `_content_factors`.
            slopes: derivative of the style loss with respect to each sum.
        """
        with tf.GradientTape() as tape:
            tape.watch(window)
            maps = self.views.core(window, places)
            content = tf.add_n(
                [
                    factor * content_loss(maps[name], goals[name], "keras")
                    for name, factor in factors.items()
                ]
            )
            sums = style_sums(maps, guides, self.settings.style_layers)
            pairs = zip(tf.nest.flatten(slopes), tf.nest.flatten(sums), strict=True)
            style = [tf.reduce_sum(a * b) for a, b in pairs if a is not None]
            total = tf.add_n([content, *style])
        return content, tape.gradient(total, window)


def _content_factor(goal: np.ndarray, convention: str) -> float:
    """Return the factor by which a convention multiplies Σ (F − P)²; P is the goal.

    `nstlib.losses` has a table of the conventions.
    """
    if convention == "relative":
        return 1 / (float(np.sum(np.square(goal), dtype=np.float64)) + TINY * goal.size)
    return {"gatys": 0.5, "johnson": 1 / goal.size, "keras": 1.0}[convention]
