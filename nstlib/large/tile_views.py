"""Looking at a large picture through a network, one tile after the other.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nstlib.backend import tf
from nstlib.faster import fast_maps
from nstlib.large.tiles import Part, Tile, make_tiles
from nstlib.statistics import Sums
from nstlib.targets import Guide, Maps, free, style_sums
from nstlib.vgg import FeatureExtractor

AllSums = dict[str, list[Sums]]  # from `style_sums`


class TileViews:
    """Computes feature maps and their sums, one tile of a picture after the other.

    Args:
        extractor: the network.
        margin: width of the picture's margin in pixels. The network sees it, but its
            positions are in no core.
        tile: longer side of a tile in pixels, including the halos.
        statistic: what is computed from the sums, one of `SUMMED`.
    """

    def __init__(
        self, extractor: FeatureExtractor, margin: int, tile: int, statistic: str
    ):
        self.extractor, self.margin, self.tile = extractor, margin, tile
        self.statistic = statistic
        self._add_up = tf.function(self._tile_sums, autograph=False)

    def tiles(self, tensor: Any) -> list[Tile]:
        """Divide a preprocessed picture with its margin, ``(1, H, W, 3)``, in tiles."""
        _, height, width, _ = tensor.shape
        network = self.extractor
        return make_tiles(
            height, width, self.tile, network.layers, network.name, self.margin
        )

    def seen(self, tensor: Any, tile: Tile, guides: Sequence[Guide | None]) -> Any:
        """Cut out what belongs to one tile.

        Args:
            tensor: the preprocessed picture with its margin, ``(1, H, W, 3)``.
            tile: one of its tiles.
            guides: the regions of the whole picture, as in `nstlib.targets.Targets`.

        Returns:
            The window, ``(1, h, w, 3)``; layer → top, bottom, left and right of the
            core in the feature maps of the window; and the guides for the core.
        """
        places = {name: _corners(*at) for name, at in tile.inner.items()}
        own = [
            None
            if guide is None
            else {name: tf.constant(g[tile.whole[name]]) for name, g in guide.items()}
            for guide in guides
        ]
        return tf.convert_to_tensor(tensor[on(tile.window)]), places, own

    def core(self, window: tf.Tensor, places: Any) -> Maps:
        """Compute the feature maps of the core of a tile, given what `seen` returns."""
        maps, found = fast_maps(self.extractor, window), {}
        for name, at in places.items():
            top, bottom, left, right = tf.unstack(at)
            # The gradient of [:, top:bottom, left:right] would run on one core only.
            size = [1, bottom - top, right - left, maps[name].shape[-1]]
            part = tf.slice(maps[name], [0, top, left, 0], size)
            found[name] = tf.ensure_shape(part, (1, None, None, size[-1]))
        return found

    def sums(
        self, tensor: tf.Tensor, guides: Sequence[Guide | None], layers: Sequence[str]
    ) -> AllSums:
        """Compute the `style_sums` of the whole picture, by adding up its tiles."""
        parts = []
        for tile in self.tiles(tensor):
            seen = (*self.seen(tensor, tile, guides), tuple(layers))
            self._add_up.get_concrete_function(*any_size(seen[:3]), seen[3])
            parts.append(self._add_up(*seen))
        return tf.nest.map_structure(lambda *each: tf.add_n(each), *parts)

    def _tile_sums(
        self, window: tf.Tensor, places: Any, guides: Any, layers: tuple[str, ...]
    ) -> AllSums:
        maps = self.core(window, places)
        return style_sums(maps, guides, layers, self.statistic)


def any_size(arguments: Any) -> Any:
    """Describe the arguments of a compiled function, for tiles of any size.

    Args:
        arguments: the window, the places and the guides from `TileViews.seen`, and
            perhaps the content goals.

    Returns:
        The same arguments as `tf.TensorSpec`, so that one trace serves all tiles.
    """
    window, places, guides, *goals = arguments
    maps = [free(one, 1, 2) for one in (window, *goals)]
    return [maps[0], free(places), free(guides, 0, 1), *maps[1:]]


def _corners(rows: slice, columns: slice) -> tf.Tensor:
    return tf.constant([rows.start, rows.stop, columns.start, columns.stop])


def on(part: Part) -> tuple[slice, slice, slice]:
    """Return the index of a part of an array that has a batch axis in front."""
    return (slice(None), *part)
