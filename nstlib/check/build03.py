"""The function that a student builds in 03_content_loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

CONVENTIONS = ("relative", "gatys", "johnson", "keras")
Array = np.ndarray


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(103)
    for shape in ((1, 5, 3, 4), (2, 7, 1), (1, 4, 6, 9)):
        features, target = rng.normal(size=shape), 3 * rng.normal(size=shape)
        yield from [(features, target, name) for name in CONVENTIONS]
    yield features, target
    yield np.float32(features), np.float32(target), "relative"


def _square(values: Array) -> Array:
    return np.float64(values) ** 2


def _loss(
    features: Array,
    target: Array,
    convention: str = "relative",
    *,
    size: Callable[[Array], Array] = _square,
    half: float = 0.5,
    count: Callable[[Array], float] = np.size,
    below: Callable[[Array, Array], float] = lambda f, p: float(_square(p).mean()),
) -> float:
    """Compute the loss as in the table of the lesson; each keyword is one step."""
    squares = size(np.float64(features) - np.float64(target))
    if convention == "johnson":
        return float(squares.sum() / count(squares))
    if convention == "relative":
        return float(squares.mean() / below(features, target))
    return float(squares.sum()) * (half if convention == "gatys" else 1.0)


def _always(name: str) -> Callable[..., float]:
    return lambda features, target, convention="relative": _loss(features, target, name)


content_loss = Built(
    of="nstlib.losses.content_loss",
    oracle=_loss,
    cases=_maps,
    kind="gradient",
    dtype="same",
    mistakes={
        "the ½ of gatys is missing": lambda f, p, c="relative": _loss(f, p, c, half=1),
        "keras has no ½: only gatys has": lambda f, p, c="relative": _loss(
            f, p, "gatys" if c == "keras" else c
        ),
        "relative divides by the photo's maps, the target, not by the features": (
            lambda f, p, c="relative": _loss(
                f, p, c, below=lambda f, p: float(_square(f).mean())
            )
        ),
        "relative divides by the mean of the squares, not by the square of the mean": (
            lambda f, p, c="relative": _loss(
                f, p, c, below=lambda f, p: float(np.float64(p).mean() ** 2)
            )
        ),
        "relative has a mean above the line: below it belongs a mean as well": (
            lambda f, p, c="relative": _loss(
                f, p, c, below=lambda f, p: float(_square(p).sum())
            )
        ),
        "these are sizes, not squares: square the differences": (
            lambda f, p, c="relative": _loss(f, p, c, size=np.abs)
        ),
        "johnson is the mean over all values: you left the sum as it is": (
            lambda f, p, c="relative": _loss(f, p, c, count=lambda s: 1.0)
        ),
        "johnson is the mean over all values, the channels too: divide by n = N·C": (
            lambda f, p, c="relative": _loss(f, p, c, count=lambda s: s[..., 0].size)
        ),
        "the default convention is relative": lambda f, p, c="gatys": _loss(f, p, c),
        "you always compute relative: look at the convention": _always("relative"),
        "you always compute gatys: look at the convention": _always("gatys"),
        "you always compute the mean, johnson: look at the convention": (
            _always("johnson")
        ),
        "you always compute the sum, keras: look at the convention": _always("keras"),
        "there is one root too many: the loss stays a square": (
            lambda f, p, c="relative": _loss(f, p, c) ** 0.5
        ),
    },
    praise="one sum, four yardsticks",
)
