"""What a picture is compared with: the photo's features and the paintings' statistics.

Taught in: 07_optimizing_pixels (content and style), 10_creative_control (masks). The
targets of a picture are computed once for each scale, before its first step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from cachetools import LRUCache

from nstlib.backend import tf
from nstlib.faster import fast_maps, rounded_sums
from nstlib.images import fingerprint, resize_mask, widened
from nstlib.masks import guidance, style_shares
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.statistics import (
    SUMMED,
    Sums,
    feature_sums,
    sliced_directions,
    sorted_values,
    sums_target,
)
from nstlib.vgg import FeatureExtractor
from nstlib.vgg_plan import stride

ENCODED_BYTES = 64_000_000
"""Size, in bytes, of the cache in which an `Encoder` keeps the targets of paintings."""

Maps = dict[str, Any]  # layer → feature maps (1, h, w, C)
Guide = dict[str, Any]  # layer → how much each position counts, (h, w)
StyleTarget = dict[str, Any]  # layer → what `sums_target` or `sorted_values` returns


class Weights(NamedTuple):
    """The weights of the three parts of the loss, named as in `Settings`."""

    content_weight: Any
    style_weight: Any
    tv_weight: Any


class Goal(NamedTuple):
    """The target that one painting sets for one region of the picture."""

    target: StyleTarget
    share: Any
    """Share of this painting in the style loss, a scalar."""
    region: int
    """Index of the region in `Targets.guides`."""


class Targets(NamedTuple):
    """Everything that a picture is compared with."""

    content: Maps
    """Feature maps of the photo at the content layers."""
    styles: list[Goal]
    guides: list[Guide | None]
    """One entry for each region: its `guidance` at each style layer, or None for the
    whole picture."""
    pixels: Any
    """Number of pixels of the picture, H·W, a scalar."""
    weights: Weights


class Encoder:
    """Turns photos and paintings into targets, and keeps the targets of paintings.

    One instance can be used from several threads at the same time.

    Args:
        extractor: a network that returns at least the layers that the settings name.
        settings: its layers and its style statistic are used.
        margin: pixels by which pictures are `widened` on each side before the network
            sees them. The margin is cut off the feature maps again.
    """

    def __init__(self, extractor: FeatureExtractor, settings: Settings, margin: int):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self._encoded: LRUCache[str, StyleTarget] = LRUCache(ENCODED_BYTES, _bytes)
        self._lock = threading.Lock()

    def targets(
        self, content: np.ndarray, styles: Sequence[Any], settings: Settings
    ) -> Targets:
        """Make the targets for one picture.

        Args:
            content: the photo, ``(H, W, 3)``, RGB, 0–255, at the size of the result.
            styles: tuples as for `nstlib.objective.Objective`.
            settings: its weights of the three parts of the loss are used.

        Raises:
            NetworkError: a picture is too small for a layer.
            SettingsError: a mask is too small for a layer.
        """
        height, width, _ = content.shape
        guides: list[Guide | None] = []
        weights = [getattr(settings, name) for name in Weights._fields]
        return Targets(
            self.content_target(content),
            self._goals(styles, guides, height, width),
            guides,
            tf.constant(float(height * width)),
            Weights(*(tf.constant(float(weight)) for weight in weights)),
        )

    def content_target(self, picture: np.ndarray) -> Maps:
        """Compute the feature maps of the photo at the content layers."""
        maps = self.features(picture)
        return {name: maps[name] for name in self.settings.content_layers}

    def style_target(self, picture: np.ndarray) -> StyleTarget:
        """Return the target of a painting, which is computed once for each size."""
        key = fingerprint(picture)
        with self._lock:
            if key in self._encoded:
                return self._encoded[key]
        target = self.encode_style(picture)
        with self._lock:
            if _bytes(target) <= ENCODED_BYTES:
                self._encoded[key] = target
        return target

    def encode_style(self, picture: np.ndarray) -> StyleTarget:
        """Compute the target of a painting from its feature maps."""
        maps, statistic = self.features(picture), self.settings.style_statistic
        layers = self.settings.style_layers
        if statistic in SUMMED:
            sums = style_sums(maps, [None], layers, statistic)
            return {
                name: sums_target(statistic, here[0]) for name, here in sums.items()
            }
        return {
            name: sorted_values(maps[name], directions(maps[name], self.settings))
            for name in layers
        }

    def features(self, picture: np.ndarray) -> Maps:
        """Compute the feature maps of a picture; the margin is cut off again."""
        self.extractor.check_size(picture.shape[:2])
        return self._compiled(tf.constant(preprocess(widened(picture, self.margin))))

    @cached_property
    def _compiled(self) -> Any:
        # Traced here and not in a call: to TensorFlow all encoders are one function,
        # and it warns if many of its calls trace.
        extractor, margin = self.extractor, self.margin
        compiled = tf.function(
            lambda tensor: exact(inner(fast_maps(extractor, tensor), margin)),
            input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)],
            autograph=False,
        )
        return compiled.get_concrete_function()

    def _goals(
        self, styles: Sequence[Any], guides: list[Guide | None], height: int, width: int
    ) -> list[Goal]:
        """Make the goal of each painting, and append new regions to ``guides``."""
        whole = np.ones((height, width), np.float32)
        entries = [(*style, None) if len(style) == 2 else style for style in styles]
        masks = [
            whole if mask is None else resize_mask(mask, height, width)
            for _, _, mask in entries
        ]
        shares = style_shares(
            [weight for _, weight, _ in entries],
            [float(mask.mean()) for mask in masks],
            float(np.max(masks, axis=0).mean()),
        )
        return [
            Goal(
                self.style_target(picture),
                tf.constant(share, tf.float32),
                self._region(mask, guides),
            )
            for (picture, *_), share, mask in zip(entries, shares, masks, strict=True)
        ]

    def _region(self, mask: np.ndarray, guides: list[Guide | None]) -> int:
        """Return the index of a mask's guide; entirely white masks share one."""
        if mask.min() < 1:
            layers, network = self.settings.style_layers, self.extractor.name
            guides.append({n: guidance(mask, n, network, self.margin) for n in layers})
            return len(guides) - 1
        if None not in guides:
            guides.append(None)
        return guides.index(None)


def inner(maps: Maps, margin: int) -> Maps:
    """Cut the margin, given in pixels, off feature maps ``(1, h, w, C)``."""
    found = {}
    for name, features in maps.items():
        cut = margin // stride(name)
        # The gradient of features[:, cut : …] would run on one core only.
        size = tf.shape(features) - [0, 2 * cut, 2 * cut, 0]
        part = tf.slice(features, [0, cut, cut, 0], size) if cut else features
        found[name] = tf.ensure_shape(part, (None, None, None, features.shape[-1]))
    return found


def style_sums(
    maps: Maps,
    guides: Sequence[Guide | None],
    layers: Iterable[str],
    statistic: str,
) -> dict[str, list[Sums]]:
    """Compute the `Sums` of each style layer over each region.

    The sums of the tiles of a picture add up to those of the whole picture.

    Args:
        maps: feature maps of a picture or of one tile, without the margin.
        guides: the regions, each cut to the same part of the picture.
        layers: names of the style layers.
        statistic: what is computed from the sums, one of `SUMMED`.

    Returns:
        Layer → one `Sums` for each guide.
    """
    if statistic != "gram":  # others subtract sums from each other
        maps = exact(maps)
    return {
        name: [
            rounded_sums(maps[name])
            if guide is None
            else feature_sums(tf.cast(maps[name], tf.float32), guide[name])
            for guide in guides
        ]
        for name in layers
    }


def exact(maps: Maps) -> Maps:
    """Return feature maps as float32; those of a bfloat16 network are bfloat16."""
    return {name: tf.cast(features, tf.float32) for name, features in maps.items()}


def directions(features: tf.Tensor, settings: Settings) -> np.ndarray | None:
    """Return the directions ``(C, C)`` on which the values of a layer are projected.

    Only the statistic "sliced" has any; for others the result is None.
    """
    if settings.style_statistic != "sliced":
        return None
    return sliced_directions(features.shape[-1], settings.seed)


def of_any_size(targets: Targets, statistic: str) -> Targets:
    """Describe targets as `tf.TensorSpec`, for pictures and paintings of any size.

    Args:
        targets: the targets of one picture.
        statistic: the style statistic. If it sorts values, a larger painting has a
            larger target.

    Returns:
        The same structure, with a specification in place of each tensor.
    """
    grows = () if statistic in SUMMED else (1,)
    return targets._replace(
        content=free(targets.content, 1, 2),
        styles=[
            goal._replace(target=free(goal.target, *grows)) for goal in targets.styles
        ],
        guides=free(targets.guides, 0, 1),
    )


def free(tensors: Any, *axes: int) -> Any:
    """Describe tensors as `tf.TensorSpec` whose sizes along these axes are left open.

    Args:
        tensors: a tensor or None, or any nested structure of them.
        axes: the axes whose sizes may change.
    """

    def specification(tensor: Any) -> Any:
        if tensor is None:  # no guide
            return None
        shape = [None if i in axes else n for i, n in enumerate(tensor.shape)]
        return tf.TensorSpec(shape, tensor.dtype)

    return tf.nest.map_structure(specification, tensors)


def _bytes(tensors: Any) -> int:
    return sum(np.asarray(each).nbytes for each in tf.nest.flatten(tensors))
