"""The objective of a picture that does not fit into memory at once, tile by tile.

Taught in: 11_high_resolution. The style loss is a function of sums over positions, and
sums add up over tiles. Two passes give its gradient, that of the whole picture:

1. the network sees each tile, and the sums of the cores add up. With the loss comes its
   slope along each sum;
2. it sees each tile again, and the gradient of Σ slope · sum, added up over the core
   alone, runs back to all pixels of the tile. There it adds to that of other tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.large.tiles import TILE, Part, Tile, make_tiles, tile_side
from nstlib.losses import content_loss, total_variation_loss
from nstlib.objective import GREY, Guide, Objective, widened
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.statistics import SUMMED, Sums, sums_target
from nstlib.vgg import FeatureExtractor

AllSums = dict[str, list[Sums]]  # from `Objective.style_sums`


def make_objective(
    extractor: FeatureExtractor,
    content: np.ndarray,
    styles: Sequence[Any],
    settings: Settings,
    margin: int = 0,
) -> Objective:
    """An `Objective`, or a `TiledObjective` where `tile_side` asks for one."""
    height, width, _ = content.shape
    tile = tile_side(height, width, settings)
    if not tile:
        return Objective(extractor, content, styles, settings, margin)
    return TiledObjective(extractor, content, styles, settings, margin, tile)


class TiledObjective(Objective):
    """The `Objective` in memory that the tile bounds, for more time.

    Taught in: 11_high_resolution. Whole are the picture, its gradient, and the feature
    maps of the content; the maps in arrays of NumPy, outside of a GPU.

    Args:
        extractor, content, styles, settings, margin: as for `Objective`.
        tile: longer side in pixels, halos included, of what the network sees at once.

    Raises:
        NetworkError: as `Objective`.
        SettingsError: the statistic needs the whole picture, or the tile is too small.
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
        if settings.style_statistic not in SUMMED:
            raise SettingsError(
                f"{settings.style_statistic} sorts the values of the whole picture, "
                f"which has no tiles: take tile=0, or one of {', '.join(SUMMED)}."
            )
        self.tile = tile
        self._add_up = tf.function(self._tile_sums)
        self._go_back = tf.function(self._tile_gradient)
        self._judge = tf.function(self._style_and_slopes)
        self._vary = tf.function(self._strip_variation)
        super().__init__(extractor, content, styles, settings, margin)
        # Each convention is a constant times Σ (F − P)².
        convention = settings.content_convention
        self.factors = {
            name: settings.content_weight
            * settings.content_layers[name]
            * content_loss(goal + 1, goal, convention)
            / content_loss(goal + 1, goal, "keras")
            for name, goal in self.content.items()
        }

    def value_and_gradient(self, tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Total loss, a scalar, and its gradient, shaped like the tensor (1, H, W, 3).

        `terms` then holds the parts of this evaluation.
        """
        tensor = tf.convert_to_tensor(tensor)
        style, slopes = self._judge(self._sums(tensor, self.guides))
        gradient = np.zeros(tensor.shape, np.float32)
        variation, content = self._variation(tensor, gradient), tf.constant(0.0)
        for tile in self._tiles(tensor):
            seen = self._seen(tensor, tile, self.guides)
            goals = {
                name: tf.constant(goal[_on(tile.whole[name])])
                for name, goal in self.content.items()
            }
            self._go_back.get_concrete_function(*_any_size((*seen, goals)), slopes)
            part, back = self._go_back(*seen, goals, slopes)
            content += part
            gradient[_on(tile.window)] += back.numpy()
        self.terms = tf.stack([content + style + variation, content, style, variation])
        return self.terms[0], tf.convert_to_tensor(gradient)

    def _sums(self, tensor: tf.Tensor, guides: Sequence[Guide | None]) -> AllSums:
        """`style_sums` of the whole picture: the first pass."""
        parts = []
        for tile in self._tiles(tensor):
            seen = self._seen(tensor, tile, guides)
            self._add_up.get_concrete_function(*_any_size(seen))
            parts.append(self._add_up(*seen))
        return tf.nest.map_structure(lambda *each: tf.add_n(each), *parts)

    def _variation(self, tensor: tf.Tensor, gradient: np.ndarray) -> tf.Tensor:
        """Weighted total variation, in strips; its gradient is added to the given."""
        height, total = tensor.shape[1], tf.constant(0.0)
        for top in range(0, height, self.tile):
            rows = slice(top, top + self.tile + 1)  # the last is the next strip's first
            own = min(self.tile, height - top)
            part, slope = self._vary(tensor[:, rows], own, height)
            gradient[:, rows] += slope.numpy()
            total += part
        return total

    # --- compiled

    def _tile_sums(self, window: tf.Tensor, places: Any, guides: Any) -> AllSums:
        return self.style_sums(self._core(window, places), guides)

    def _style_and_slopes(self, sums: AllSums) -> tuple[tf.Tensor, AllSums]:
        with tf.GradientTape() as tape:
            tape.watch(sums)
            style = self.settings.style_weight * self.style_loss_from_sums(sums)
        return style, tape.gradient(style, sums)

    def _strip_variation(
        self, strip: tf.Tensor, own: int, height: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The part of a strip in the total variation, and the gradient of that."""
        settings, width = self.settings, strip.shape[2]
        with tf.GradientTape() as tape:
            tape.watch(strip)
            parts, counts = [strip], [(height - 1) * (width - 1)]
            if settings.tv_exponent in (1, 2):  # down; to the right, in its own rows
                parts = [tf.reshape(strip, (1, -1, 1, width * 3))]
                parts += [tf.reshape(strip[:, :own], (-1, 1, width, 3))]
                counts = [(height - 1) * width, height * (width - 1)]
            sums = [
                total_variation_loss(part / GREY, settings.tv_exponent, "sum")
                / (3.0 * count if settings.tv_reduction == "mean" else 1.0)
                for part, count in zip(parts, counts, strict=True)
            ]
            variation = settings.tv_weight * tf.add_n(sums)
        return variation, tape.gradient(variation, strip)

    def _tile_gradient(
        self, window: tf.Tensor, places: Any, guides: Any, goals: Any, slopes: AllSums
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Content loss of the core, and what the core asks of all pixels in sight."""
        with tf.GradientTape() as tape:
            tape.watch(window)
            maps = self._core(window, places)
            content = tf.add_n(
                [
                    factor * content_loss(maps[name], goals[name], "keras")
                    for name, factor in self.factors.items()
                ]
            )
            sums = tf.nest.flatten(self.style_sums(maps, guides))
            pairs = zip(tf.nest.flatten(slopes), sums, strict=True)
            style = [tf.reduce_sum(a * b) for a, b in pairs if a is not None]
            total = tf.add_n([content, *style])
        return content, tape.gradient(total, window)

    def _core(self, window: tf.Tensor, places: Any) -> dict[str, tf.Tensor]:
        return {
            name: maps[:, at[0] : at[1], at[2] : at[3]]
            for name, maps in self.extractor(window).items()
            for at in [places[name]]
        }

    # --- tiles

    def _tiles(self, tensor: Any) -> list[Tile]:
        _, height, width, _ = tensor.shape
        network = self.extractor
        return make_tiles(
            height, width, self.tile, network.layers, network.name, self.margin
        )

    def _seen(self, tensor: Any, tile: Tile, guides: Sequence[Guide | None]) -> Any:
        """What the network sees, where in its maps the core is, and its guides."""
        places = {name: _corners(*at) for name, at in tile.inner.items()}
        own = [
            guide
            and {name: tf.constant(g[tile.whole[name]]) for name, g in guide.items()}
            for guide in guides
        ]
        return tf.convert_to_tensor(tensor[_on(tile.window)]), places, own

    # --- targets

    def _content_targets(self, picture: np.ndarray) -> dict[str, Any]:
        self.extractor.check_size(picture.shape[:2])
        tensor, targets = preprocess(widened(picture, self.margin)), {}
        tiles = self._tiles(tensor)
        for tile in tiles:
            maps = self._core(*self._seen(tensor, tile, [])[:2])
            for name in self.settings.content_layers:
                if name not in targets:
                    height, width = (part.stop for part in tiles[-1].whole[name])
                    shape = 1, height, width, maps[name].shape[-1]
                    targets[name] = np.empty(shape, np.float32)
                targets[name][_on(tile.whole[name])] = maps[name]
        return targets

    def _style_targets(self, picture: np.ndarray) -> dict[str, Any]:
        self.extractor.check_size(picture.shape[:2])
        sums = self._sums(preprocess(widened(picture, self.margin)), [None])
        statistic = self.settings.style_statistic
        return {name: sums_target(statistic, *here) for name, here in sums.items()}


def _any_size(arguments: Any) -> Any:
    """Specifications with which one tracing serves tiles of all shapes."""
    free = {1: slice(0), 2: slice(None), 4: slice(1, 3)}  # places, guides, maps

    def specification(tensor: tf.Tensor | None) -> tf.TensorSpec | None:
        if tensor is None:  # no guide
            return None
        shape = np.array(tensor.shape, object)
        shape[free[tensor.ndim]] = None
        return tf.TensorSpec(shape.tolist(), tensor.dtype)

    return tf.nest.map_structure(specification, arguments)


def _corners(rows: slice, columns: slice) -> tf.Tensor:
    return tf.constant([rows.start, rows.stop, columns.start, columns.stop])


def _on(part: Part) -> tuple[slice, slice, slice]:
    """Rows and columns of something that has a batch dimension before them."""
    return (slice(None), *part)
