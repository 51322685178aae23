"""The functions that a student builds in 07_optimizing_pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.check.build07_steps import adam, gradient_descent
from nstlib.check.building import Built
from nstlib.check.exercise import Case

__all__ = [
    "adam",
    "gradient_descent",
    "value_and_gradient",
    "weighted_terms",
]

Array = np.ndarray
WEIGHTS = {"ALPHA": 2.0, "BETA": 3.0, "GAMMA": 5.0}
LAYERS = ["first", "second", "third"]


def _network(tensor: Any) -> dict[str, Any]:
    """Stand in for VGG: maps of several sizes, with two channels or three."""
    return {
        "content": tensor[:, ::2, ::2] / 50,
        "first": tensor / 40,
        "second": (tensor / 60)[:, :, ::2] ** 2,
        "third": tensor[:, 1:, :, :2] / 30,
    }


def _vectors(maps: Any) -> Array:
    return np.asarray(maps).reshape(-1, maps.shape[-1])


def _scenes() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for shape, other in (((4, 6), (6, 4)), ((5, 3), (2, 7)), ((2, 7), (5, 3))):
        tensor, photo = rng.uniform(-120, 150, (2, 1, *shape, 3))
        seen = _network(rng.uniform(-120, 150, (1, *other, 3)))
        grams = []
        for name in LAYERS:
            vectors = _vectors(seen[name])
            grams.append((vectors.T @ vectors, float(len(vectors))))
        yield tensor, _network, (_network(photo)["content"], grams)


def _terms(
    tensor: Array,
    network: Callable[[Any], dict[str, Any]],
    targets: Any,
    *,
    weights: tuple[float, ...] = tuple(WEIGHTS.values()),
    layers: list[str] = LAYERS,
    shares: float = len(LAYERS),
    own: bool = True,
    content: str = "content",
    unit: float = 127.5,
) -> Array:
    """Compute the three parts of equation (1); each keyword is one step of it."""
    maps, (goal, grams) = network(tensor), targets
    style = 0.0
    for name, (gram, count) in zip(LAYERS, grams, strict=True):
        if name in layers:
            vectors = _vectors(maps[name])
            here = vectors.T @ vectors / len(vectors)
            goal_here = gram / (count if own else len(vectors))
            style += np.sum((here - goal_here) ** 2) / np.sum(goal_here**2)
    x = np.asarray(tensor)[0] / unit
    variation = sum(np.mean(np.diff(x, axis=axis) ** 2) for axis in (0, 1))
    distance = np.sum((maps[content] - goal) ** 2) / np.sum(goal**2)
    return np.multiply(weights, [distance, style / shares, variation])


def _terms_with(**steps: Any) -> Callable[..., Array]:
    return lambda tensor, network, targets: _terms(tensor, network, targets, **steps)


weighted_terms = Built(
    of="07_optimizing_pixels.weighted_terms",
    oracle=_terms,
    cases=_scenes,
    kind="gradient",
    names={**WEIGHTS, "CONTENT_LAYER": "content", "STYLE_LAYERS": LAYERS},
    mistakes={
        "the weights are missing: each part is multiplied by its own": _terms_with(
            weights=(1.0, 1.0, 1.0)
        ),
        "α and β are exchanged: α belongs to the content": _terms_with(
            weights=(3.0, 2.0, 5.0)
        ),
        "γ is missing: it multiplies the variation": _terms_with(
            weights=(2.0, 3.0, 1.0)
        ),
        "α is missing: it multiplies the content loss": _terms_with(
            weights=(1.0, 3.0, 5.0)
        ),
        "β is missing: it multiplies the style loss": _terms_with(
            weights=(2.0, 1.0, 5.0)
        ),
        "the variation has a minus: a rough picture should have a larger loss": (
            _terms_with(weights=(2.0, 3.0, -5.0))
        ),
        "the style losses are added up: take the mean over the layers": _terms_with(
            shares=1.0
        ),
        "you divided the style by 5, and there may be another number of layers": (
            _terms_with(shares=5.0)
        ),
        "only the first style layer counts: take all of STYLE_LAYERS": _terms_with(
            layers=LAYERS[:1], shares=1.0
        ),
        "the painting's Gram is divided by the picture's positions: hand its own "
        "number on to style_loss": _terms_with(own=False),
        "the variation is that of the tensor: divide it by 127.5 first": _terms_with(
            unit=1.0
        ),
        "the variation is on the scale 0 to 1: divide by 127.5, not by 255": (
            _terms_with(unit=255.0)
        ),
        "this is the total: keep the three parts apart, with tf.stack": (
            lambda tensor, network, targets: _terms(tensor, network, targets).sum()
        ),
    },
    praise="three parts, each times its weight",
)


def _slopes() -> Iterator[Case]:
    rng = np.random.default_rng(70)
    for shape in ((1, 3, 5, 3), (1, 4, 2, 1), (1, 2, 2, 3)):
        tensor, targets = rng.normal(size=(2, *shape))
        yield tensor, targets


def _simple_terms(tensor: Any, network: Any, targets: Any) -> Any:
    """Stand in for weighted_terms: three parts whose gradients are known."""
    parts = [tensor * targets, tensor**2 / 2, 3 * tensor]
    return tf.stack([tf.reduce_sum(part) for part in parts])


def _loss(x: Array, t: Array) -> float:
    return float(np.sum(x * t) + np.sum(x**2) / 2 + 3 * np.sum(x))


def _with_tensor(function: Callable[..., Any], tensor: Array, targets: Array) -> Any:
    return function(tf.constant(tensor), tf.constant(targets))


value_and_gradient = Built(
    of="07_optimizing_pixels.value_and_gradient",
    oracle=lambda tensor, targets: (_loss(tensor, targets), targets + tensor + 3),
    cases=_slopes,
    names={"weighted_terms": _simple_terms, "extractor": _network},
    use=_with_tensor,
    mistakes={
        "return both: the loss, then the gradient": lambda x, t: t + x + 3,
        "this is the loss alone: return the gradient, too": _loss,
        "the order is wrong: the loss comes first": (
            lambda x, t: (t + x + 3, _loss(x, t))
        ),
        "the gradient has the wrong sign: return it as the tape gives it": (
            lambda x, t: (_loss(x, t), -(t + x + 3))
        ),
        "this is the gradient of the content alone: add up the three parts first": (
            lambda x, t: (float(np.sum(x * t)), t)
        ),
        "the loss is a number: add the three parts up": (
            lambda x, t: (
                np.array([np.sum(x * t), np.sum(x**2) / 2, 3 * np.sum(x)]),
                t + x + 3,
            )
        ),
        "this is the mean of the parts: equation (1) adds them up": (
            lambda x, t: (_loss(x, t) / 3, (t + x + 3) / 3)
        ),
    },
    praise="the loss, and which way it rises",
)
