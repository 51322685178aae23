"""What is kept from picture to picture: networks, decoders, compiled functions.

Reading and checking a network takes a tenth of a second, tracing the loss a second, and
neither depends on the picture. A `Store` has each of them made once. It keeps what was
used last, so it does not grow with the number of pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from os import PathLike, environ
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache

from nstlib.backend import tf
from nstlib.decoders import load_decoder
from nstlib.feedforward import Transformer, find_transformer, load_transformer
from nstlib.large.tiled_objective import TiledLoss
from nstlib.objective import Loss
from nstlib.settings import Settings
from nstlib.vgg import FeatureExtractor, computed_in, load_parameters

NETWORKS = 4
"""How many networks are kept; VGG19 takes 80 MB."""
LOSSES = 8
"""How many compiled losses are kept; each takes some ten megabytes."""
MAPS_BYTES = 128_000_000
"""How much is kept of the feature maps of paintings for the one-pass methods."""


class Store:
    """Networks and compiled functions that several pictures share.

    Safe to use in several threads. What one of them is making the others wait for.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._networks: LRUCache[Any, Any] = LRUCache(NETWORKS)
        self._trained: LRUCache[Any, Any] = LRUCache(NETWORKS)
        self._decoders: LRUCache[Any, Any] = LRUCache(NETWORKS + 2)  # one set of all
        self._losses: LRUCache[Any, Any] = LRUCache(LOSSES)
        self._maps: LRUCache[Any, tf.Tensor] = LRUCache(MAPS_BYTES, _bytes)

    def clear(self) -> None:
        """Forget everything; what is needed again is made again."""
        with self._lock:
            for kept in (
                self._networks, self._trained, self._decoders, self._losses, self._maps,
            ):  # fmt: skip
                kept.clear()

    def network(
        self, settings: Settings, layers: Iterable[str] | None = None
    ) -> FeatureExtractor:
        """The network that settings name, for their layers or for others.

        Raises:
            NetworkError: weights that cannot be used.
        """
        name, weights = settings.network, settings.weights
        found = weights or environ.get("NSTLIB_WEIGHTS") if name != "mini" else weights
        key = name, _version(found)
        parameters = self._made(
            self._networks, key, lambda: _tensors(load_parameters(name, weights))
        )
        return FeatureExtractor(
            name,
            parameters,
            settings.layers if layers is None else layers,
            settings.pooling,
            computed_in(settings.precision),
            settings.border,
        )

    def decoder(self, name: str) -> dict[str, tf.Tensor]:
        """A decoder, see `load_decoder`."""
        return self._made(self._decoders, name, lambda: _tensors(load_decoder(name)))

    def transformer(self, name: str | PathLike[str]) -> Transformer:
        """A trained network, see `load_transformer`."""
        path = find_transformer(name)

        def read() -> Transformer:
            found = load_transformer(path)
            return found._replace(parameters=_tensors(found.parameters))

        return self._made(self._trained, _version(path), read)

    def loss(self, settings: Settings, tile: int) -> Loss:
        """The compiled loss for such settings.

        Args:
            settings: what is to be run.
            tile: longer side of the tiles in which pictures are seen; 0: as a whole.
        """

        def make() -> Loss:
            extractor, margin = self.network(settings), settings.margin
            if tile:
                return TiledLoss(extractor, settings, margin, tile)
            return Loss(extractor, settings, margin)

        return self._made(self._losses, (*_shape(settings), tile), make)

    def maps(self, key: Any, make: Callable[[], tf.Tensor]) -> tf.Tensor:
        """Feature maps of a painting, made if they are not kept."""
        return self._made(self._maps, key, make)

    def _made(self, kept: LRUCache[Any, Any], key: Any, make: Callable[[], Any]) -> Any:
        """What is kept under a key, made if it is not there."""
        with self._lock:
            if key not in kept:
                value = make()
                if kept.getsizeof(value) > kept.maxsize:
                    return value
                kept[key] = value
            return kept[key]


def _shape(settings: Settings) -> tuple[Any, ...]:
    """Those settings that another compiled loss is needed for."""
    return (
        settings.network,
        _version(settings.weights or environ.get("NSTLIB_WEIGHTS")),
        settings.pooling,
        computed_in(settings.precision),
        settings.border,
        settings.margin,
        tuple(settings.content_layers.items()),
        tuple(settings.style_layers.items()),
        settings.content_convention,
        settings.style_convention,
        settings.style_statistic,
        settings.seed if settings.style_statistic == "sliced" else None,
        settings.tv_exponent,
        settings.tv_reduction,
    )


def _version(path: str | PathLike[str] | None) -> Any:
    """A file as it is now: another one of the same name is another key."""
    if path is None:
        return None
    try:
        facts = Path(path).expanduser().stat()
    except (OSError, RuntimeError):
        return str(path)
    return str(path), facts.st_mtime_ns, facts.st_size


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(array) for name, array in arrays.items()}


def _bytes(tensor: tf.Tensor) -> int:
    return int(tf.size(tensor)) * tensor.dtype.size
