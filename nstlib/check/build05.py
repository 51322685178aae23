"""The functions that a student builds in 05_style_loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

CONVENTIONS = ("relative", "gatys", "johnson", "keras")
Array = np.ndarray
Rule = Callable[..., float]

RULES: dict[str, Rule] = {
    "relative": lambda s, goal, c, n, pixels: s / np.sum(goal**2),
    "gatys": lambda s, goal, c, n, pixels: s / (4 * c**2),
    "johnson": lambda s, goal, c, n, pixels: s / float(c) ** 4,
    "keras": lambda s, goal, c, n, pixels: s * n**2 / (36 * pixels**2),
}


def _distance(
    here: Array,
    goal: Array,
    convention: str = "relative",
    count: Any = None,
    image_pixels: Any = None,
    *,
    rules: dict[str, Rule] = RULES,
) -> float:
    """Compute equation (4)."""
    here, goal = np.float64(here), np.float64(goal)
    total = sum((a - b) ** 2 for a, b in zip(here.flat, goal.flat, strict=True))
    return float(rules[convention](total, goal, len(goal), count, image_pixels))


def _with(**other: Rule) -> Callable[..., float]:
    def wrong(*case: Any) -> float:
        return _distance(*case, rules={**RULES, **other})

    return wrong


DISTANCES: dict[str, Callable[..., float]] = {
    "the 4 of gatys is missing: S / (4 C²)": _with(
        gatys=lambda s, goal, c, n, pixels: s / c**2
    ),
    "johnson has C⁴ below the line, not C²": _with(
        johnson=lambda s, goal, c, n, pixels: s / c**2
    ),
    "gatys has C² below the line, not C": _with(
        gatys=lambda s, goal, c, n, pixels: s / (4 * c)
    ),
    "relative divides by the squares of the painting's Gram, not of the picture's": (
        lambda here, goal, *rest: (
            _distance(goal, here, *rest)
            if not rest or rest[0] == "relative"
            else _distance(here, goal, *rest)
        )
    ),
    "relative divides by the sum of the squares, not by the square of the sum": _with(
        relative=lambda s, goal, c, n, pixels: s / np.sum(goal) ** 2
    ),
    "relative has a sum above the line: below it belongs a sum as well": _with(
        relative=lambda s, goal, c, n, pixels: s / np.mean(goal**2)
    ),
    "the 36 of keras is missing": _with(
        keras=lambda s, goal, c, n, pixels: s * n**2 / pixels**2
    ),
    "keras divides by 36, as if every layer had three channels: not by 4 C²": _with(
        keras=lambda s, goal, c, n, pixels: s * n**2 / (4 * c**2 * pixels**2)
    ),
    "keras squares N / (H·W)": _with(
        keras=lambda s, goal, c, n, pixels: s * n / (36 * pixels)
    ),
    "N and H·W are exchanged in keras: it is (N / (H·W))²": _with(
        keras=lambda s, goal, c, n, pixels: s * pixels**2 / (36 * n**2)
    ),
    "keras divides by the pixels of the picture: N stands above the line": _with(
        keras=lambda s, goal, c, n, pixels: s / (36 * pixels**2)
    ),
}


def _grams() -> Iterator[Case]:
    rng = np.random.default_rng(105)
    for channels, count, pixels in ((4, 15, 60), (1, 12, 12), (3, 10, 160)):
        here, goal = rng.uniform(0, 3, (2, channels, channels))
        for name in CONVENTIONS:
            yield here, goal, name, float(count), pixels
    yield here, goal
    yield np.float32(here), np.float32(goal), "gatys"


gram_distance = Built(
    of="nstlib.losses.gram_distance",
    oracle=_distance,
    cases=_grams,
    kind="gradient",
    dtype="same",
    mistakes=DISTANCES
    | {
        "these are sizes of differences: square them": lambda here, goal, *rest: (
            _distance(
                np.sqrt(np.abs(np.float64(here) - goal)), 0 * np.float64(goal), *rest
            )
            if rest and rest[0] != "relative"
            else float(np.sum(np.abs(np.float64(here) - goal)) / np.sum(goal**2))
        ),
        "these are means: S adds the squares up, so take tf.reduce_sum": (
            lambda here, goal, *rest: (
                _distance(here, goal, *rest)
                / (1 if not rest or rest[0] == "relative" else len(goal) ** 2)
            )
        ),
        "the convention is ignored: you always compute relative": (
            lambda here, goal, *rest: _distance(here, goal)
        ),
        "the convention is ignored: you always compute gatys": (
            lambda here, goal, *rest: _distance(here, goal, "gatys")
        ),
    },
    praise="one difference, measured in four units",
)


def _moments(features: Array, divide: bool = True) -> Array:
    vectors = np.float64(features).reshape(-1, features.shape[-1])
    gram = np.einsum("ki,kj->ij", vectors, vectors)
    return gram / len(vectors) if divide else gram


def _style(
    features: Array,
    target_gram: Array,
    target_positions: Any = None,
    convention: str = "relative",
    image_pixels: Any = None,
    *,
    divide: bool = True,
    own: bool = True,
) -> float:
    """Compute equation (2) by means; each keyword leaves out one step."""
    count = features[..., 0].size
    below = count if target_positions is None or not own else target_positions
    goal = np.float64(target_gram) / below
    here = _moments(features, divide)
    return _distance(here, goal, convention, count, image_pixels)


def _paintings() -> Iterator[Case]:
    rng = np.random.default_rng(106)
    sizes = (((1, 5, 3, 4), (2, 6)), ((4, 6, 1), (3, 3)), ((2, 7, 3), (5, 4)))
    for shape, painting in sizes:
        features = rng.uniform(0, 2, shape)
        gram = _moments(rng.uniform(0, 3, (*painting, shape[-1])), divide=False)
        count, pixels = painting[0] * painting[1], 4 * features[..., 0].size
        for name in CONVENTIONS:
            yield features, gram, float(count), name, pixels
    yield features, gram, float(count)
    yield features, gram
    yield np.float32(features), np.float32(gram), np.float32(count)


def _through(form: Callable[[Array], Array]) -> Callable[..., float]:
    """Make a wrong loss, of changed feature maps."""

    def wrong(features: Array, *rest: Any) -> float:
        return _style(form(features), *rest)

    return wrong


style_loss = Built(
    of="nstlib.losses.style_loss",
    oracle=_style,
    cases=_paintings,
    kind="gradient",
    dtype="same",
    mistakes={
        "the picture's Gram is not divided by N": (
            lambda *case: _style(*case, divide=False)
        ),
        "the painting's Gram is divided by the picture's N: it has its own number, "
        "target_positions": lambda *case: _style(*case, own=False),
        "neither Gram is divided by its number of positions": (
            lambda features, gram, *rest: _style(
                features, np.float64(gram), 1.0, *rest[1:], divide=False
            )
        ),
        "only the first three conventions are known: hand on count and image_pixels": (
            lambda features, gram, count=None, name="relative", pixels=None: _style(
                features, gram, count, "relative" if name == "keras" else name
            )
        ),
        "count is the number of the picture's positions, and you handed on that of the "
        "painting's": lambda features, gram, count=None, name="relative", pixels=None: (
            _style(features, gram, count, name, pixels)
            * (1 if name != "keras" else (count / features[..., 0].size) ** 2)
        ),
        "the convention is ignored: hand it on to gram_distance": (
            lambda features, gram, count=None, *rest: _style(features, gram, count)
        ),
        "the last row and column of positions are left out": _through(
            lambda features: features[..., :-1, :-1, :]
        ),
        "you subtracted the means of the channels: a Gram takes them as they are": (
            _through(lambda f: f - f.mean(tuple(range(f.ndim - 1)), keepdims=True))
        ),
        "reshape to (C, N) mixes channels and positions: use gram_matrix": _through(
            lambda f: f.reshape(f.shape[-1], -1).T[None]
        ),
    },
    praise="each Gram divided by its own number of positions",
)
