"""A picture in one pass: encode photo and styles, change the maps, decode.

Taught in: 12_adain_wct.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nstlib.decoders import LEVELS, decode
from nstlib.inputs import Picture, WeightedStyle
from nstlib.masks import resize_mask
from nstlib.preprocessing import deprocess, preprocess
from nstlib.quiet import tf
from nstlib.universal import adain, style_swap, whitening_coloring
from nstlib.vgg import FeatureExtractor, stride

MARGIN = 32
"""Pixels by which the photo is mirrored beyond its sides: at its border a network sees
less, and the decoders would paint that."""


class OnePass:
    """MiniVGG and its decoders, ready to repaint.

    Args:
        parameters: of MiniVGG.
        decoders: of each of `LEVELS`, and ``"adain"``.
        dtype: what the convolutions compute in.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        decoders: Mapping[str, Mapping[str, Any]],
        precision: str = "float32",
    ):
        self.encoders = {
            level: FeatureExtractor(
                "mini", parameters, [level], precision=precision, border="replicate"
            )
            for level in LEVELS
        }
        self.decoders, self.dtype = decoders, tf.as_dtype(precision)

    def paint(
        self,
        photo: Picture,
        styles: Sequence[WeightedStyle],
        method: str = "adain",
        alpha: float = 1.0,
        levels: int = 5,
        callback: Callable[[str], Any] | None = None,
    ) -> Picture:
        """Repaint a photo.

        Args:
            photo: ``(H, W, 3)``, RGB, 0–255.
            styles: with weights, which are shares, and masks of any size.
            method: ``"adain"``, ``"wct"`` or ``"swap"``.
            alpha: from 0, the photo as the decoders give it back, to 1, all style.
            levels: of wct: how many, from the coarsest that is used to the finest.
            callback: called with the name of each level before it is worked on.

        Returns:
            float32 ``(H, W, 3)``, 0–255.
        """
        height, width, _ = photo.shape
        wide = (MARGIN, MARGIN + -height % 16), (MARGIN, MARGIN + -width % 16)
        picture = np.pad(photo, (*wide, (0, 0)), "symmetric")
        masks = [
            None
            if style.mask is None
            else np.pad(resize_mask(style.mask, height, width), wide, "symmetric")
            for style in styles
        ]
        tensor = tf.constant(preprocess(picture))
        for level, decoder in self._plan(method, levels):
            if callback:
                callback(level)
            features = self.encoders[level](tensor)[level][0]
            changed = self._changed(features, styles, masks, level, method)
            features = alpha * changed + (1 - alpha) * features
            tensor = decode(self.decoders[decoder], features[None], level, self.dtype)
        result = deprocess(tensor.numpy())
        return result[MARGIN : MARGIN + height, MARGIN : MARGIN + width]

    def _plan(self, method: str, levels: int) -> list[tuple[str, str]]:
        """Levels to work on, and the decoder of each."""
        if method == "wct":
            return [(level, level) for level in LEVELS[levels - 1 :: -1]]
        if method == "adain":
            return [("block4_conv1", "adain")]
        return [("block3_conv1", "block3_conv1")]

    def _changed(self, features, styles, masks, level, method) -> tf.Tensor:
        """The photo's maps in the styles, each where its mask is white."""
        height, width, channels = features.shape
        total, shares = tf.zeros(features.shape), tf.zeros((height, width, 1))
        for style, mask in zip(styles, masks, strict=True):
            target = self.encoders[level](preprocess(style.picture))[level][0]
            if method == "swap":
                new = style_swap(features, target)
            else:
                transform = adain if method == "adain" else whitening_coloring
                rows = tf.reshape(features, (-1, channels))
                new = transform(rows, tf.reshape(target, (-1, channels)))
                new = tf.reshape(new, features.shape)
            share = style.weight * _at_layer(mask, level, height, width)
            total, shares = total + share * new, shares + share
        covered = tf.minimum(shares / sum(style.weight for style in styles), 1.0)
        return total / tf.maximum(shares, 1e-6) * covered + features * (1 - covered)


def _at_layer(mask: np.ndarray | None, level: str, height: int, width: int):
    """A mask at the resolution of a layer, ``(h, w, 1)``."""
    if mask is None:
        return tf.ones((height, width, 1))
    step = stride(level)
    cut = mask[: height * step, : width * step].reshape(height, step, width, step)
    return tf.constant(cut.mean((1, 3))[..., None], tf.float32)
