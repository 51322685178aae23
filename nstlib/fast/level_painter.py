"""A photo that is repainted at one level of the network after the other.

Taught in: 12_adain_wct. At each level, the photo is encoded, its maps are changed
toward those of the styles, and the changed maps are decoded again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.decoders import LEVELS, decode, decoder_reach
from nstlib.errors import NetworkError
from nstlib.fast.edges import with_edges_of
from nstlib.fast.strips import in_strips
from nstlib.images import Picture, fingerprint, resize_mask, widened
from nstlib.neighbors import (
    COLUMN_LAYERS,
    described,
    nearest_positions,
    voted_features,
)
from nstlib.preprocessing import deprocess, preprocess
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import WeightedStyle
from nstlib.universal import WCT_MAPS, adain, style_swap
from nstlib.vgg_plan import receptive_field, stride

MARGIN = 32
"""Pixels by which the photo is mirrored beyond each side. A network sees less at the
border of its input, and the decoders would paint the difference."""
COLORS_LEVEL = "block1_conv1"
"""The level at which AdaIN and neighbors end, with the map of WCT. Its maps hold little
but colors. A decoder of a deep level may paint hues that the painting does not have."""
SHORTEST = 4
"""Smallest number of pixels of a side. The margin makes up for what a photo lacks."""
UNIT = 16
"""The stride of the deepest level in pixels. A multiple of it is a whole number of rows
at every level."""


def plan_levels(method: str, levels: int) -> list[tuple[str, str]]:
    """List the levels to work on, from coarse to fine, with the decoder of each.

    Args:
        method: ``"adain"``, ``"wct"``, ``"swap"`` or ``"neighbors"``.
        levels: number of levels for WCT.

    Returns:
        ``[(layer, decoder), …]``; the decoders are names for `load_decoder`.
    """
    if method == "adain":
        return [("block4_conv1", "adain"), (COLORS_LEVEL, COLORS_LEVEL)]
    if method == "swap":
        return [("block3_conv1", "block3_conv1")]
    if method == "neighbors":
        return [(level, level) for level in (*COLUMN_LAYERS[::-1], COLORS_LEVEL)]
    return [(level, level) for level in LEVELS[levels - 1 :: -1]]


class LevelPainter:
    """A photo that is repainted at one level after the other.

    Args:
        settings: their method, alpha, levels and precision are used.
        store: the store from which the network and the decoders are taken.
        photo: the photo at the size of the result.
        styles: the styles at the sizes at which the networks see them.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        photo: Picture,
        styles: Sequence[WeightedStyle],
    ):
        self.settings, self.store = settings, store
        self.styles, self.shape = styles, photo.shape[:2]
        self.plan = plan_levels(settings.method, settings.levels)
        self.network = store.network(settings, [level for level, _ in self.plan])
        if min(self.shape) < SHORTEST:
            raise NetworkError(
                f"a picture of {self.shape[1]} × {self.shape[0]} pixels is too small "
                f"to be repainted, because each side needs at least {SHORTEST} pixels: "
                "raise size, or crop the photo."
            )
        self.photo = self.tensor = preprocess(widened(photo, MARGIN, UNIT))
        self.masks = [
            None
            if style.mask is None
            else widened(resize_mask(style.mask, *self.shape), MARGIN, UNIT)
            for style in styles
        ]

    def picture(self) -> Picture:
        """Return the picture without its margin, ``(H, W, 3)``, 0–255."""
        height, width = self.shape
        whole = deprocess(np.asarray(self.tensor))
        return whole[MARGIN : MARGIN + height, MARGIN : MARGIN + width]

    def repaint(self, level: str, decoder: str) -> None:
        """Change the feature maps of a level toward the styles, and decode them."""
        parameters = self.store.decoder(decoder)
        changed = self.changed(self.encode(self.tensor, level), level)
        precision = self.network.precision
        self.tensor = in_strips(
            lambda strip: decode(parameters, strip, level, precision),
            tf.expand_dims(changed, 0),
            UNIT // stride(level),
            UNIT,
            -(-decoder_reach(level) // UNIT),
        )
        if self.settings.method == "wct" and level == self.plan[0][0]:
            edges = stride(level), self.settings.keep_edges
            self.tensor = with_edges_of(self.photo, self.tensor, *edges)

    def encode(self, tensor: Any, level: str) -> tf.Tensor:
        """Compute the feature maps ``(h, w, C)`` of a picture at one level."""
        network = self.network.of_layers([level])
        maps = in_strips(
            lambda strip: network(strip)[level],
            tensor,
            UNIT,
            UNIT // stride(level),
            -(-receptive_field(level) // 2 // UNIT),
        )
        return tf.squeeze(maps, 0)  # maps[0] would copy them

    def encoded(self, painting: Picture, level: str) -> tf.Tensor:
        """Return the maps ``(h, w, C)`` of a painting, computed once for each size."""
        key = fingerprint(painting), level, self.network.precision

        def make() -> tf.Tensor:
            return self.encode(preprocess(widened(painting, 0, UNIT)), level)

        return self.store.maps(key, make)

    def changed(self, features: tf.Tensor, level: str) -> tf.Tensor:
        """Return maps ``(h, w, C)`` that have each style where its mask is white."""
        *places, rest = self.places(level, features.shape[0], features.shape[1])
        transfer, total = self.transfer(level), None
        # A large picture has room for few copies of its maps: none is made for a share
        # of 0 or 1.
        for style, place in zip(self.styles, places, strict=True):
            if place is not None:
                part = _times(place, transfer(features, style.picture))
                total = part if total is None else total + part
                del part
        if rest is not None:
            part = _times(rest, features)
            total = part if total is None else total + part
        return total

    def places(self, level: str, height: int, width: int) -> list[Any]:
        """Return the share of each style, and of the photo, in the maps of a level.

        Each is ``(h, w, 1)``, or a number that holds everywhere, or None for nothing.
        """
        alpha = self.settings.alpha
        weights = [style.weight for style in self.styles]
        if all(mask is None for mask in self.masks):
            parts = [*(alpha * w / sum(weights) for w in weights), 1 - alpha]
            return [part or None for part in parts]
        masks = [_at_level(mask, level, height, width) for mask in self.masks]
        given = tf.add_n([w * mask for w, mask in zip(weights, masks, strict=True)])
        seen = [mask for w, mask in zip(weights, masks, strict=True) if w]
        whole = alpha * tf.minimum(tf.add_n(seen), 1.0) / tf.maximum(given, 1e-6)
        pairs = zip(weights, masks, strict=True)
        shares = [w * mask * whole if w else None for w, mask in pairs]
        return [*shares, 1 - given * whole]

    def transfer(self, level: str) -> Callable[[tf.Tensor, Picture], tf.Tensor]:
        """Return the method: maps ``(h, w, C)`` of the photo, and a painting → maps."""
        method = self.settings.method
        if method == "neighbors" and level in COLUMN_LAYERS:
            here = described(lambda layer: self.encode(self.tensor, layer))
            spread = self.settings.spread

            def from_neighbors(_: tf.Tensor, painting: Picture) -> tf.Tensor:
                there = described(lambda layer: self.encoded(painting, layer))
                found = nearest_positions(here, there, level, spread=spread)
                return voted_features(self.encoded(painting, level), found)

            return from_neighbors
        if method == "swap":
            return lambda maps, painting: style_swap(
                maps, self.encoded(painting, level)
            )
        coarse = method == "adain" and level != COLORS_LEVEL
        match = adain if coarse else WCT_MAPS[self.settings.wct_map]

        def matched(features: tf.Tensor, painting: Picture) -> tf.Tensor:
            both = features, self.encoded(painting, level)
            rows = [tf.reshape(maps, (-1, maps.shape[-1])) for maps in both]
            return tf.reshape(match(*rows), features.shape)

        return matched


def _times(share: Any, maps: tf.Tensor) -> tf.Tensor:
    """Multiply maps ``(h, w, C)`` by a share, which is 1 for most pictures."""
    return maps if isinstance(share, float) and share == 1.0 else share * maps


def _at_level(
    mask: np.ndarray | None, level: str, height: int, width: int
) -> tf.Tensor:
    """Return a mask at the resolution of a level, ``(h, w, 1)``, 0–1; ones if None."""
    if mask is None:
        return tf.ones((height, width, 1))
    step = stride(level)
    cut = mask[: height * step, : width * step].reshape(height, step, width, step)
    return tf.constant(cut.mean((1, 3))[..., None], tf.float32)
