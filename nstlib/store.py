"""A cache of what pictures have in common: networks, decoders, compiled functions.

To read and check a network takes a tenth of a second, to trace the loss a second.
Neither depends on the picture, so a `Store` does it once. It keeps what was used last,
and does not grow with the number of pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from os import PathLike, environ
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache

from nstlib.backend import check_process, tf
from nstlib.decoders import load_decoder
from nstlib.interruption import Interruptions
from nstlib.large.tiled_objective import TiledLoss
from nstlib.objective import Loss
from nstlib.settings import Settings
from nstlib.transformers import (
    Transformer,
    find_transformer,
    load_transformer,
    network_file,
)
from nstlib.vgg import FeatureExtractor, computed_in, load_parameters

NETWORKS = 4
"""How many networks are kept. VGG19 takes 80 MB."""
LOSSES = 8
"""How many compiled losses are kept. Each takes about ten megabytes."""
MAPS_BYTES = 128_000_000
"""Size, in bytes, of the cache in which one-pass methods keep maps of paintings."""


class Store:
    """Keeps networks and compiled functions, so that several pictures can share them.

    One store can be used from several threads. While one thread makes something, the
    others wait.

    Attributes:
        interruptions: the interrupts of the runs that share the store.
    """

    def __init__(self) -> None:
        self.interruptions = Interruptions()
        self._lock = threading.RLock()
        self._networks: LRUCache[Any, Any] = LRUCache(NETWORKS)
        self._trained: LRUCache[Any, Any] = LRUCache(NETWORKS)
        self._decoders: LRUCache[Any, Any] = LRUCache(NETWORKS + 2)  # all of them
        self._losses: LRUCache[Any, Any] = LRUCache(LOSSES)
        self._maps: LRUCache[Any, tf.Tensor] = LRUCache(MAPS_BYTES, _bytes)

    def clear(self) -> None:
        """Empty the store. Whatever is needed again will be made again."""
        with self._lock:
            for kept in (
                self._networks, self._trained, self._decoders, self._losses, self._maps,
            ):  # fmt: skip
                kept.clear()

    def network(
        self, settings: Settings, layers: Iterable[str] | None = None
    ) -> FeatureExtractor:
        """Return the network that the settings name.

        Args:
            settings: name the network, its weights, pooling, precision and border.
            layers: full names of the layers to return; those of the settings if None.

        Raises:
            NetworkError: the weights cannot be used.
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
        """Return the parameters of a decoder.

        Args:
            name: a name that `load_decoder` takes.

        Raises:
            NetworkError: its file is damaged.
        """
        return self._made(self._decoders, name, lambda: _tensors(load_decoder(name)))

    def transformer(self, name: str | PathLike[str]) -> Transformer:
        """Return a trained network.

        Args:
            name: a name or a file that `load_transformer` takes.

        Raises:
            NetworkError: there is no such network, or its file is damaged.
        """
        path = find_transformer(name)

        def read() -> Transformer:
            found = load_transformer(path)
            return found._replace(parameters=_tensors(found.parameters))

        key = path.name, _version(network_file(path))
        return self._made(self._trained, key, read)

    def loss(self, settings: Settings, tile: int) -> Loss:
        """Return a compiled loss, which serves pictures of all sizes.

        Args:
            settings: the settings of the run. Settings that differ only in what does
                not shape the computation, such as weights and steps, share one loss.
            tile: longer side, in pixels, of the tiles in which the network sees a
                picture; 0 if it sees the whole picture.
        """

        def make() -> Loss:
            extractor, margin = self.network(settings), settings.margin
            if tile:
                return TiledLoss(extractor, settings, margin, tile)
            return Loss(extractor, settings, margin)

        return self._made(self._losses, (*_shape(settings), tile), make)

    def maps(self, key: Any, make: Callable[[], tf.Tensor]) -> tf.Tensor:
        """Return the feature maps kept under a key; if there are none, make them."""
        return self._made(self._maps, key, make)

    def _made(self, kept: LRUCache[Any, Any], key: Any, make: Callable[[], Any]) -> Any:
        """Return what is kept under a key; if it is not there, make and keep it."""
        check_process()  # a fork may have copied a lock that nobody will release
        with self._lock:
            if key not in kept:
                value = make()
                if kept.getsizeof(value) > kept.maxsize:
                    return value
                kept[key] = value
            return kept[key]


def _shape(settings: Settings) -> tuple[Any, ...]:
    """Return the values that shape a compiled loss; each combination needs its own."""
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
    """Return a key for a file as it is now, which changes when the file changes."""
    if path is None:
        return None
    try:
        facts = Path(path).expanduser().stat()
    except (OSError, RuntimeError, ValueError):
        return str(path)
    return str(path), facts.st_mtime_ns, facts.st_size


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(array) for name, array in arrays.items()}


def _bytes(tensor: tf.Tensor) -> int:
    return int(tf.size(tensor)) * tensor.dtype.size
