"""The functions that a student builds in 12_adain_wct."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.decoders import decoder_plan, random_decoder

Array = np.ndarray


def _decoders() -> Iterator[Case]:
    rng = np.random.default_rng(130)
    for level, channels, shape in (
        ("block1_conv1", 32, (3, 4)),
        ("block2_conv1", 80, (2, 3)),
        ("block2_conv1", 80, (4, 2)),
    ):
        facts = random_decoder(level, channels, seed=3) | {
            "mean": np.float32(0.5),
            "spread": np.float32(2.0),
            "block1_conv2/bias": np.array([-1, 0, 2], np.float32),
        }
        maps = rng.normal(0, 1, (1, *shape, channels)).astype(np.float32)
        yield facts, maps, level


def _repeated(x: Array) -> Array:
    return x.repeat(2, axis=0).repeat(2, axis=1)


def _decoded(
    parameters: dict[str, Array],
    features: Array,
    level: str,
    *,
    border: str = "reflect",
    relu: Callable[[str], bool] = lambda name: name != "block1_conv2",
    grow: Callable[[Array], Array] = _repeated,
    mean: bool = True,
    spread: bool = True,
    bias: bool = True,
) -> Array:
    """Run the plan in double precision; each keyword is one step."""
    x = np.float64(features[0]) - (parameters["mean"] if mean else 0)
    x = x / (parameters["spread"] if spread else 1)
    for name, _, doubled in decoder_plan(level):
        height, width, _ = x.shape
        wide = np.pad(x, ((1, 1), (1, 1), (0, 0)), border)  # type: ignore[call-overload]
        kernel = np.float64(parameters[f"{name}/kernel"])
        x = np.zeros((height, width, kernel.shape[-1]))
        for row in range(3):
            for column in range(3):
                part = wide[row : row + height, column : column + width]
                x += part @ kernel[row, column]
        x += parameters[f"{name}/bias"] if bias else 0
        x = np.maximum(x, 0) if relu(name) else x
        x = grow(x) if doubled else x
    return x[np.newaxis]


def _decoded_with(**steps: Any) -> Callable[..., Array]:
    return lambda parameters, features, level: _decoded(
        parameters, features, level, **steps
    )


decode = Built(
    of="nstlib.decoders.decode",
    oracle=lambda parameters, features, level: _decoded(parameters, features, level),
    cases=_decoders,
    kind="tensor",
    dtype="float32",
    mistakes={
        "the border is padded with zeros: pad by reflection": _decoded_with(
            border="constant"
        ),
        "the border is repeated: pad by reflection": _decoded_with(border="edge"),
        "no ReLU: each convolution but the last has one": _decoded_with(
            relu=lambda name: False
        ),
        "the last convolution has no ReLU: its values may be negative": _decoded_with(
            relu=lambda name: True
        ),
        "the sides are not doubled: repeat rows and columns where the plan says so": (
            _decoded_with(grow=lambda x: x)
        ),
        "the values were tiled: each is repeated beside itself": _decoded_with(
            grow=lambda x: np.tile(x, (2, 2, 1))
        ),
        "the mean is not subtracted": _decoded_with(mean=False),
        "the spread is not divided out": _decoded_with(spread=False),
        "the biases are missing": _decoded_with(bias=False),
    },
    praise="from feature maps back to a picture",
)


def _rows(rng: np.random.Generator, count: int, channels: int) -> Array:
    mixed = rng.normal(size=(count, channels)) @ rng.normal(size=(channels, channels))
    return mixed * rng.uniform(1, 4, channels) + rng.uniform(1, 3, channels)


def _two_sets() -> Iterator[Case]:
    rng = np.random.default_rng(131)
    for count, other, channels in ((9, 12, 3), (7, 5, 1), (14, 30, 5)):
        yield _rows(rng, count, channels), _rows(rng, other, channels)
    yield np.float32(_rows(rng, 9, 3)), np.float32(_rows(rng, 12, 3))


def _with_a_flat_channel() -> Iterator[Case]:
    yield np.array([[1.0, 5], [3, 5]]), np.array([[10.0, 7], [30, 9]])
    yield from _two_sets()


def _scaled(content: Array, style: Array, scale: Array, mean: Array) -> Array:
    return (np.float64(content) - content.mean(0)) * scale + mean


def _uncentered(content: Array, matrix: Array, mean: Array) -> Array:
    return np.float64(content) @ matrix + mean


def _ratio(content: Array, style: Array, power: float = 1.0) -> Array:
    flat = content.std(0) < 1e-6
    here = np.where(flat, 1, np.float64(content).std(0))
    return np.where(flat, 0, (np.float64(style).std(0) / here) ** power)


def _adain(content: Array, style: Array) -> Array:
    scale = _ratio(content, style)
    return _scaled(content, style, scale, np.float64(style).mean(0))


adain = Built(
    of="nstlib.universal.adain",
    oracle=_adain,
    cases=_with_a_flat_channel,
    kind="tensor",
    dtype="same",
    mistakes={
        "a constant channel has deviation 0: do not divide by it": (
            lambda content, style: _scaled(
                content,
                style,
                np.where(content.std(0) < 1e-6, np.nan, _ratio(content, style)),
                np.float64(style).mean(0),
            )
        ),
        "these are variances: take their roots": lambda content, style: _scaled(
            content, style, _ratio(content, style, 2.0), style.mean(0)
        ),
        "photo and painting are exchanged": lambda content, style: _adain(
            style, content
        ),
        "the mean of the photo came back: add that of the painting": (
            lambda content, style: _scaled(
                content, style, _ratio(content, style), content.mean(0)
            )
        ),
        "no mean is added: add that of the painting": lambda content, style: _scaled(
            content, style, _ratio(content, style), 0 * style.mean(0)
        ),
        "the deviations are the photo's: scale them to the painting's": (
            lambda content, style: _scaled(
                content, style, np.float64(content.std(0) >= 1e-6), style.mean(0)
            )
        ),
        "the deviation of the painting is missing": lambda content, style: _scaled(
            content, style, _ratio(content, style) / style.std(0), style.mean(0)
        ),
        "the deviation of the photo is not divided out": (
            lambda content, style: _scaled(content, style, style.std(0), style.mean(0))
        ),
        "the photo is not centered: subtract its mean before you scale": (
            lambda content, style: _uncentered(
                content, np.diag(_ratio(content, style)), style.mean(0)
            )
        ),
        "all channels share one mean and deviation: each has its own": (
            lambda content, style: (
                (content - content.mean()) / content.std() * style.std() + style.mean()
            )
        ),
    },
    praise="mean and deviation of the painting, and nobody changed places",
)


def _covariance(rows: Array) -> Array:
    channels = rows.shape[1]
    return np.cov(np.float64(rows).T, bias=True).reshape(channels, channels)


def _power(rows: Array, exponent: float) -> Array:
    u, s, _ = np.linalg.svd(_covariance(rows))
    return (u * s**exponent) @ u.T


def _colored(content: Array, matrix: Array, mean: Array) -> Array:
    return (np.float64(content) - content.mean(0)) @ matrix + mean


def _cholesky(rows: Array) -> Array:
    return np.linalg.cholesky(_covariance(rows))


whitening_coloring = Built(
    of="nstlib.universal.whitening_coloring",
    oracle=lambda content, style: _colored(
        content, _power(content, -0.5) @ _power(style, 0.5), np.float64(style).mean(0)
    ),
    cases=_two_sets,
    kind="tensor",
    dtype="same",
    tolerance=1e-7,
    mistakes={
        "the mean of the photo came back: add that of the painting": (
            lambda content, style: _colored(
                content, _power(content, -0.5) @ _power(style, 0.5), content.mean(0)
            )
        ),
        "colored before it is whitened: the inverse root comes first": (
            lambda content, style: _colored(
                content, _power(style, 0.5) @ _power(content, -0.5), style.mean(0)
            )
        ),
        "only whitened: multiply by the root of the painting": (
            lambda content, style: _colored(
                content, _power(content, -0.5), style.mean(0)
            )
        ),
        "only colored: multiply by the inverse root of the photo first": (
            lambda content, style: _colored(content, _power(style, 0.5), style.mean(0))
        ),
        "the photo's root is not inverted: take the power −0.5": (
            lambda content, style: _colored(
                content, _power(content, 0.5) @ _power(style, 0.5), style.mean(0)
            )
        ),
        "these are the covariances: take the powers −0.5 and 0.5": (
            lambda content, style: _colored(
                content, _power(content, -1.0) @ _power(style, 1.0), style.mean(0)
            )
        ),
        "no mean is added: add that of the painting": (
            lambda content, style: _colored(
                content, _power(content, -0.5) @ _power(style, 0.5), 0 * style.mean(0)
            )
        ),
        "the photo is not centered: subtract its mean first": (
            lambda content, style: _uncentered(
                content, _power(content, -0.5) @ _power(style, 0.5), style.mean(0)
            )
        ),
        "these are Cholesky's roots: they have the right covariance, too, but turn the "
        "photo further than need be. Take _power": (
            lambda content, style: _colored(
                content,
                (_cholesky(style) @ np.linalg.inv(_cholesky(content))).T,
                style.mean(0),
            )
        ),
    },
    praise="mean and covariance of the painting",
)
