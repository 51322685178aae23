"""The functions that a student builds in 13_feed_forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(140)
    for shape in ((3, 5, 7, 4), (1, 4, 2, 1), (2, 3, 6, 3)):
        maps = rng.normal(2, 3, shape) * rng.uniform(0.5, 4, shape[-1])
        yield (maps, *rng.normal(0, 2, (2, shape[-1])))
    yield np.float32(maps), *np.float32(rng.normal(0, 2, (2, shape[-1])))


def _normed(
    maps: Array,
    scale: Any,
    offset: Any,
    *,
    axes: tuple[int, ...] = (1, 2),
    power: float = 0.5,
    mean: bool = True,
) -> Array:
    """Normalize in double precision; each keyword is one step."""
    x = np.float64(maps)
    middle = x.mean(axes, keepdims=True) if mean else 0
    spread = (x.var(axes, keepdims=True) + 1e-5) ** power
    return (x - middle) / spread * np.float64(scale) + np.float64(offset)


def _with(**steps: Any) -> Callable[..., Array]:
    return lambda maps, scale, offset: _normed(maps, scale, offset, **steps)


instance_norm = Built(
    of="nstlib.feedforward.instance_norm",
    oracle=lambda maps, scale, offset: _normed(maps, scale, offset),
    cases=_maps,
    kind="gradient",
    dtype="same",
    tolerance=1e-4,
    mistakes={
        "all pictures have one mean together: normalize each by itself, axes 1 and 2": (
            _with(axes=(0, 1, 2))
        ),
        "all channels have one mean together: each has its own": _with(axes=(1, 2, 3)),
        "each position is normalized over its channels: take axes 1 and 2": _with(
            axes=(3,)
        ),
        "you divided by the variance: take its root": _with(power=1.0),
        "only the mean is gone: divide by the deviation": _with(power=0.0),
        "the mean is still there: subtract it first": _with(mean=False),
        "scale is missing": lambda maps, scale, offset: _normed(maps, 1.0, offset),
        "offset is missing": lambda maps, scale, offset: _normed(maps, scale, 0.0),
        "scale and offset are exchanged": (
            lambda maps, scale, offset: _normed(maps, offset, scale)
        ),
        "the offset is multiplied as well: add it at the end": (
            lambda maps, scale, offset: _normed(maps, 1.0, offset) * scale
        ),
    },
    praise="whatever the contrast was, the learned one comes out",
)


def _kernels() -> Iterator[Case]:
    rng = np.random.default_rng(141)
    for shape in ((3, 3, 2, 4), (6, 1), (2, 5, 3)):
        yield (rng.normal(size=shape) * rng.uniform(0.1, 3, shape[-1]),)


def _quantized(
    weights: Array,
    steps: float = 127,
    largest: Callable[[Array], Any] = lambda rows: np.abs(rows).max(0),
    whole: Callable[[Array], Array] = np.rint,
) -> tuple[Array, Array]:
    factor = largest(weights.reshape(-1, weights.shape[-1])) / steps
    return np.int64(whole(weights / factor)), np.float64(factor)


def _bytes(function: Callable[..., Any], weights: Array) -> Any:
    found = function(weights)
    if found is not ... and found is not None and found[0].dtype != np.int8:
        raise TypeError(f"the whole numbers should be np.int8, not {found[0].dtype}")
    return found


quantize = Built(
    of="13_feed_forward.quantize",
    oracle=lambda weights: _quantized(weights),
    cases=_kernels,
    use=_bytes,
    mistakes={
        "all channels share one factor: each has its own": (
            lambda weights: (
                np.rint(weights / np.abs(weights).max() * 127),
                np.abs(weights).max() / 127 + np.zeros(weights.shape[-1]),
            )
        ),
        "a large negative weight was overlooked: take np.abs before the maximum": (
            lambda weights: _quantized(weights, 127, lambda rows: rows.max(0))
        ),
        "this is cut off, not rounded: use np.rint": (
            lambda weights: _quantized(weights, whole=np.trunc)
        ),
        "the factor is that of 255 steps: there are 127 each way": (
            lambda weights: _quantized(weights, 255)
        ),
        "the order is wrong: whole numbers first, then factors": (
            lambda weights: _quantized(weights)[::-1]
        ),
        "return both: the whole numbers and the factors": (
            lambda weights: _quantized(weights)[0]
        ),
    },
    praise="a byte for each weight, and one factor for each channel",
)
