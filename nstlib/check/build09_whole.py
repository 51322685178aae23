"""The whole that a student builds in 09_style_transfer of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.check.building import ROUNDED, Built
from nstlib.check.exercise import Case
from nstlib.check.lesson01 import MEANS

Array = np.ndarray
SETTINGS = SimpleNamespace(
    content_weight=2.0,
    style_weight=3.0,
    tv_weight=5.0,
    content_layers={"first": 1.0, "second": 0.5},
    style_layers={"second": 0.25, "third": 2.0},
)


def _extractor(x: Any) -> dict[str, Any]:
    """Stand in for VGG: three maps, made of the pixels."""
    return {"first": x / 50, "second": (x / 70) ** 2, "third": x[:, ::2] / 30}


def _tensors() -> Iterator[Case]:
    rng = np.random.default_rng(112)
    for shape in ((4, 6), (5, 3), (2, 7)):
        x, photo = rng.uniform(-120, 150, (2, 1, *shape, 3))
        yield (
            x,
            _extractor(photo),
            {k: float(rng.uniform(0, 4)) for k in ("second", "third")},
        )


def _total(
    x: Array,
    P: dict[str, Array],
    goals: dict[str, float],
    *,
    weights: tuple[float, float, float] = (2.0, 3.0, 5.0),
    content: dict[str, float] = SETTINGS.content_layers,
    style: dict[str, float] = SETTINGS.style_layers,
    unit: float = 127.5,
) -> float:
    """Compute equation (1), of the simple losses in `NAMES`."""
    F = _extractor(x)
    terms = (
        sum(w * np.mean(np.abs(F[k] - P[k])) for k, w in content.items()),
        sum(w * (np.mean(F[k]) - goals[k]) ** 2 for k, w in style.items()),
        np.mean((np.asarray(x) / unit) ** 4),
    )
    return float(np.dot(weights, terms))


def _with(**steps: Any) -> Callable[..., float]:
    return lambda x, P, goals: _total(x, P, goals, **steps)


NAMES = {
    "extractor": _extractor,
    "settings": SETTINGS,
    "content_loss": lambda F, P: tf.reduce_mean(tf.abs(F - P)),
    "style_loss": lambda F, goal: (tf.reduce_mean(F) - goal) ** 2,
    "total_variation_loss": lambda x: tf.reduce_mean(x**4),
}
"""Simple losses, in place of the student's, so that this checks the sum alone."""

total_loss = Built(
    of="09_style_transfer.total_loss",
    oracle=lambda x, P, goals: _total(x, P, goals),
    cases=_tensors,
    kind="gradient",
    names=NAMES,
    mistakes={
        "the weights of the three terms are missing: settings holds them": _with(
            weights=(1, 1, 1)
        ),
        "the weights are exchanged: content_weight belongs to the content": _with(
            weights=(3, 2, 5)
        ),
        "total variation is missing: add it, times tv_weight": _with(weights=(2, 3, 0)),
        "total variation has no weight: multiply by tv_weight": _with(
            weights=(2, 3, 1)
        ),
        "total variation is subtracted: add it": _with(weights=(2, 3, -5)),
        "total variation is that of the tensor: divide it by 127.5 first": _with(
            unit=1
        ),
        "the weights of the content layers are missing: take w from items()": _with(
            content={"first": 1.0, "second": 1.0}
        ),
        "the weights of the style layers are missing: take w from items()": _with(
            style={"second": 1.0, "third": 1.0}
        ),
        "the layers are averaged without their weights: take w from items()": _with(
            style={"second": 0.5, "third": 0.5}
        ),
        "only the first content layer counts: add up all of them": _with(
            content={"first": 1.0}
        ),
        "only the last style layer counts: add up all of them": _with(
            style={"third": 2.0}
        ),
        "the style is missing: add it, times style_weight": _with(weights=(2, 0, 5)),
    },
    praise="three terms, each times its weight",
)


def _scenes() -> Iterator[Case]:
    rng = np.random.default_rng(113)
    for shape, other in (((4, 6), (3, 5)), ((5, 3), (2, 2)), ((2, 7), (6, 4))):
        content = np.float32(rng.uniform(80, 160, (*shape, 3)))
        yield content, np.float32(rng.uniform(80, 160, (*other, 3)) * [1, 0.8, 1.1])


def _run(function: Callable[..., Any], content: Array, style: Array) -> Any:
    """Call transfer twice, and look at its start and at its number of evaluations."""
    starts: list[Array] = []
    picture = function(content, style, 40, lambda k, x, value: starts.append(x))
    if picture is ... or picture is None:
        return picture
    count: list[int] = []
    function(content, style, 3, lambda k, x, value: count.append(k))
    start = np.asarray(starts[0])[0] if starts else np.full(content.shape, np.nan)
    return picture, (start + MEANS)[..., ::-1], len(count)


def _found(
    content: Array, style: Array, start: Array | None = None, count: int = 3
) -> tuple[Array, Array, int]:
    """Return where the loss of `TRANSFER_NAMES` is least, the start and the count."""
    end = content + style.mean((0, 1)) - MEANS[::-1]
    return np.clip(end, 0, 255), content if start is None else start, count


TRANSFER_NAMES = {
    "extractor": lambda x: {"map": x},
    "settings": SimpleNamespace(style_layers={"map": 1.0}),
    "gram": lambda F: tf.reduce_mean(F, axis=(0, 1, 2)),
    "total_loss": lambda x, P, goals: tf.reduce_mean(
        (x - P["map"] - goals["map"]) ** 2
    ),
}
"""A loss whose lowest point is known: the photo, plus the painting's mean color."""

transfer = Built(
    of="09_style_transfer.transfer",
    oracle=lambda content, style: _found(content, style),
    cases=_scenes,
    names=TRANSFER_NAMES,
    use=_run,
    tolerance=ROUNDED,
    mistakes={
        "this is the tensor: bring it back with deprocess": lambda content, style: (
            (_found(content, style)[0][..., ::-1] - MEANS)[None],
            *_found(content, style)[1:],
        ),
        "nobody is told about the evaluations: hand watch on to minimize": (
            lambda content, style: (
                _found(content, style)[0],
                np.full(content.shape, np.nan),
                0,
            )
        ),
        "the number of evaluations is not steps: hand it on to minimize": (
            lambda content, style: _found(content, style, None, 40)
        ),
        "the start is a gray picture: begin with the photo": (
            lambda content, style: _found(
                content, style, np.broadcast_to(MEANS[::-1], content.shape)
            )
        ),
        "the goals are those of the photo: make the Grams of the painting": (
            lambda content, style: _found(content, content)
        ),
        "this is the start: nothing has been optimized": (
            lambda content, style: (content, *_found(content, style)[1:])
        ),
    },
    praise="from the photo downhill, and back to a picture",
)
