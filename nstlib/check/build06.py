"""The function that a student builds in 06_total_variation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case

Array = np.ndarray


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(107)
    for shape in ((1, 4, 6, 3), (5, 3, 1), (1, 2, 7, 3)):
        picture = rng.uniform(0, 9, shape)
        for exponent in (1, 2.0, 1.25, 0.75):
            yield from [(picture, exponent, name) for name in ("mean", "sum")]
    yield (picture,)
    yield np.float32(picture), 2.0, "mean"


def _deltas(tensor: Array) -> tuple[Array, Array]:
    picture = np.float64(tensor).reshape(tensor.shape[-3:])
    return np.diff(picture, axis=0), np.diff(picture, axis=1)


def _variation(
    tensor: Array,
    exponent: float = 2.0,
    reduction: str = "mean",
    *,
    deltas: Callable[[Array], tuple[Array, Array]] = _deltas,
    add: Callable[[float, float], float] = lambda down, right: down + right,
    apart: tuple[float, ...] = (1, 2),
    power: float = 1.0,
) -> float:
    """Compute the variation; each keyword is one step that may be wrong.

    Args:
        tensor: ``(1, H, W, C)`` or ``(H, W, C)``.
        exponent: of the sizes of the differences.
        reduction: ``"mean"`` or ``"sum"``.
        deltas: the differences down and right.
        add: puts the values of the two directions together.
        apart: exponents with which each direction is reduced by itself.
        power: a further exponent for all others.
    """
    reduce = np.mean if reduction == "mean" else np.sum
    down, right = deltas(tensor)
    if exponent in apart:
        here = exponent if exponent in (1, 2) else 2 * exponent
        one, two = (reduce(np.abs(d) ** here) for d in (down, right))
        return float(add(one, two))
    squares = down[:, : right.shape[1]] ** 2 + right[: down.shape[0]] ** 2
    return float(reduce(squares ** (exponent * power)))


def _wrong(**steps: Any) -> Callable[..., float]:
    def variation(*case: Any) -> float:
        return _variation(*case, **steps)

    return variation


def _inner(tensor: Array) -> tuple[Array, Array]:
    down, right = _deltas(tensor)
    return down[:, :-1], right[:-1]


def _around(tensor: Array) -> tuple[Array, Array]:
    p = np.float64(tensor).reshape(tensor.shape[-3:])
    return np.roll(p, -1, 0) - p, np.roll(p, -1, 1) - p


def _leading(tensor: Array) -> tuple[Array, Array]:
    """Return wrong differences: the first two axes are taken for rows and columns."""
    return np.diff(np.float64(tensor), axis=0), np.diff(np.float64(tensor), axis=1)


def _apart(tensor: Array, exponent: float = 2.0, reduction: str = "mean") -> float:
    reduce = np.mean if reduction == "mean" else np.sum
    return float(sum(reduce(np.abs(d) ** exponent) for d in _deltas(tensor)))


def _one_mean(tensor: Array, exponent: float = 2.0, reduction: str = "mean") -> float:
    if exponent not in (1, 2) or reduction == "sum":
        return _variation(tensor, exponent, reduction)
    both = np.concatenate([d.ravel() for d in _deltas(tensor)])
    return float(np.mean(np.abs(both) ** exponent))


total_variation_loss = Built(
    of="nstlib.losses.total_variation_loss",
    oracle=_variation,
    cases=_pictures,
    kind="gradient",
    dtype="same",
    mistakes={
        "only one direction: the differences to the right are missing": _wrong(
            add=lambda down, right: down
        ),
        "only one direction: the differences down are missing": _wrong(
            add=lambda down, right: right
        ),
        "the second direction has the wrong sign: add both": _wrong(
            add=lambda down, right: down - right
        ),
        "the sign is wrong: a rough picture has a large loss": _wrong(
            add=lambda down, right: -down - right
        ),
        "at the border, a pixel with one neighbor counts, too: leave out no row or "
        "column for exponents 1 and 2": _wrong(deltas=_inner),
        "your differences wrap around: opposite borders are no neighbors": _wrong(
            deltas=_around
        ),
        "each direction has its own mean: add two means": _one_mean,
        "this is always the mean: look at reduction": (
            lambda tensor, exponent=2.0, reduction="mean": _variation(tensor, exponent)
        ),
        "this is always the sum: look at reduction": (
            lambda tensor, exponent=2.0, reduction="mean": _variation(
                tensor, exponent, "sum"
            )
        ),
        "the exponent is ignored: you always square": (
            lambda tensor, exponent=2.0, reduction="mean": _variation(
                tensor, 2.0, reduction
            )
        ),
        "other exponents add down² + right² of each pixel before they take the power": (
            _wrong(apart=(1, 2, 1.25, 0.75))
        ),
        "other exponents are powers of the squares, not of the sizes: raise down² + "
        "right² of each pixel": _apart,
        "rows are the third axis from the end, and columns the second: a tensor (1, H, "
        "W, 3) has one axis more in front": _wrong(deltas=_leading),
        "other exponents have no root: it is (down² + right²) to the exponent": _wrong(
            power=0.5
        ),
        "the exponent 1.25 is written in: use exponent": (
            lambda tensor, exponent=2.0, reduction="mean": _variation(
                tensor, exponent if exponent in (1, 2) else 1.25, reduction
            )
        ),
    },
    praise="three ways to charge for a difference",
)
