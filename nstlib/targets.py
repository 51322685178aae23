"""What a picture is compared with: the photo's features and the paintings' statistics.

Taught in: 07_optimizing_pixels (content and style), 10_creative_control (masks). The
targets are computed once, before the first step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from cachetools import LRUCache

from nstlib.backend import tf
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
"""How much an `Encoder` remembers of the paintings that it has seen."""

Maps = dict[str, Any]  # feature maps (1, h, w, C), by layer
Guide = dict[str, Any]  # how much each position of a style layer counts, (h, w)
StyleTarget = dict[str, Any]  # from `sums_target` or `sorted_values`, by layer


class Weights(NamedTuple):
    """How much each part of the loss counts; `Settings` has the same three fields."""

    content_weight: Any
    style_weight: Any
    tv_weight: Any


class Goal(NamedTuple):
    """What one painting asks for."""

    target: StyleTarget
    share: Any
    """Of the style loss, a scalar."""
    region: int
    """Where in the picture: an index into `Targets.guides`."""


class Targets(NamedTuple):
    """What a picture is compared with."""

    content: Maps
    """Of the photo, at the content layers."""
    styles: list[Goal]
    guides: list[Guide | None]
    """The regions of the picture, as `guidance` for each style layer; None is the
    whole picture."""
    pixels: Any
    """H·W, a scalar."""
    weights: Weights


class Encoder:
    """Turns photos and paintings into targets. Safe to use in several threads.

    Args:
        extractor: returns at least the layers that the settings name.
        settings: layers, and the statistic that describes a style.
        margin: pixels by which pictures are `widened` on each side before the network
            sees them, and whose positions are cut off again.
    """

    def __init__(self, extractor: FeatureExtractor, settings: Settings, margin: int):
        self.extractor, self.settings, self.margin = extractor, settings, margin
        self._features = tf.function(
            lambda tensor: inner(extractor(tensor), margin),
            input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)],
            autograph=False,
        )
        self._encoded: LRUCache[str, StyleTarget] = LRUCache(ENCODED_BYTES, _bytes)
        self._lock = threading.Lock()

    def targets(
        self, content: np.ndarray, styles: Sequence[Any], settings: Settings
    ) -> Targets:
        """Everything that a picture is compared with.

        Args:
            content: RGB picture ``(H, W, 3)``, 0–255, of the size of the result.
            styles: as for `nstlib.objective.Objective`.
            settings: for the weights of the three parts.

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
        """Feature maps of the photo at the content layers."""
        maps = self.features(picture)
        return {name: maps[name] for name in self.settings.content_layers}

    def style_target(self, picture: np.ndarray) -> StyleTarget:
        """What a painting asks for; computed once for each painting and size."""
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
        """What a painting asks for, from its pixels."""
        maps, statistic = self.features(picture), self.settings.style_statistic
        layers = self.settings.style_layers
        if statistic in SUMMED:
            sums = style_sums(maps, [None], layers)
            return {
                name: sums_target(statistic, here[0]) for name, here in sums.items()
            }
        return {
            name: sorted_values(maps[name], directions(maps[name], self.settings))
            for name in layers
        }

    def features(self, picture: np.ndarray) -> Maps:
        """Feature maps of a picture, without the margin."""
        self.extractor.check_size(picture.shape[:2])
        return self._features(tf.constant(preprocess(widened(picture, self.margin))))

    def _goals(
        self, styles: Sequence[Any], guides: list[Guide | None], height: int, width: int
    ) -> list[Goal]:
        """What each painting asks for; its region is appended to the guides."""
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
        """Index of a mask's guide; masks that are all white share one."""
        if mask.min() < 1:
            layers, network = self.settings.style_layers, self.extractor.name
            guides.append({n: guidance(mask, n, network, self.margin) for n in layers})
            return len(guides) - 1
        if None not in guides:
            guides.append(None)
        return guides.index(None)


def inner(maps: Maps, margin: int) -> Maps:
    """Feature maps without the positions of the margin."""
    found = {}
    for name, features in maps.items():
        cut = margin // stride(name)
        # Not features[:, cut : …], whose gradient runs on one core.
        size = tf.shape(features) - [0, 2 * cut, 2 * cut, 0]
        part = tf.slice(features, [0, cut, cut, 0], size) if cut else features
        found[name] = tf.ensure_shape(part, (None, None, None, features.shape[-1]))
    return found


def style_sums(
    maps: Maps, guides: Sequence[Guide | None], layers: Iterable[str]
) -> dict[str, list[Sums]]:
    """Of each style layer, the sums of each region.

    Those of the parts of a picture add up to those of the whole.

    Args:
        maps: of the picture or of a part of it, without the margin.
        guides: the regions, or those parts of them that belong to the maps.
        layers: the style layers.
    """
    return {
        name: [
            feature_sums(maps[name], None if guide is None else guide[name])
            for guide in guides
        ]
        for name in layers
    }


def directions(features: tf.Tensor, settings: Settings) -> np.ndarray | None:
    """Along which directions the values of a layer are sorted; None: its channels."""
    if settings.style_statistic != "sliced":
        return None
    return sliced_directions(features.shape[-1], settings.seed)


def of_any_size(targets: Targets, statistic: str) -> Targets:
    """Specifications of targets for pictures and paintings of any size.

    Args:
        targets: those of one picture.
        statistic: of the style; the sorted values of a painting grow with its size.
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
    """Specifications of tensors whose sizes along these axes may change."""

    def specification(tensor: Any) -> Any:
        if tensor is None:  # no guide
            return None
        shape = [None if i in axes else n for i, n in enumerate(tensor.shape)]
        return tf.TensorSpec(shape, tensor.dtype)

    return tf.nest.map_structure(specification, tensors)


def _bytes(tensors: Any) -> int:
    return sum(np.asarray(each).nbytes for each in tf.nest.flatten(tensors))
