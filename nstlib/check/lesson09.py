"""Exercises of 09_style_transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _terms() -> Iterator[Case]:
    rng = np.random.default_rng(9)
    for layers in (5, 1, 3, 2):
        content, tv, alpha, gamma = rng.uniform(0.1, 2, 4)
        styles = rng.uniform(0.1, 3, layers).tolist()
        yield content, styles, tv, alpha, 100 * rng.uniform(1, 3), gamma


transfer_total = Exercise(
    oracle=lambda c, s, tv, a, b, g: a * c + b * sum(s) / len(s) + g * tv,
    cases=_terms,
    mistakes={
        "the style layers are added up: their weights add up to one, take the mean": (
            lambda c, s, tv, a, b, g: a * c + b * sum(s) + g * tv
        ),
        "you divided by 5: there may be another number of layers": (
            lambda c, s, tv, a, b, g: a * c + b * sum(s) / 5 + g * tv
        ),
        "alpha and beta are swapped: alpha belongs to the content": (
            lambda c, s, tv, a, b, g: b * c + a * np.mean(s) + g * tv
        ),
        "total variation is missing: add gamma * tv": (
            lambda c, s, tv, a, b, g: a * c + b * np.mean(s)
        ),
        "total variation is subtracted: roughness is a loss as well, add it": (
            lambda c, s, tv, a, b, g: a * c + b * np.mean(s) - g * tv
        ),
        "gamma is missing: it multiplies tv": (
            lambda c, s, tv, a, b, g: a * c + b * np.mean(s) + tv
        ),
        "the three weights are missing": lambda c, s, tv, a, b, g: c + np.mean(s) + tv,
        "only the last style layer counts: take the mean of the list": (
            lambda c, s, tv, a, b, g: a * c + b * s[-1] + g * tv
        ),
    },
    praise="content, the mean over the style layers, and total variation",
)


def _sizes() -> Iterator[Case]:
    yield from [(512, 128, 2.0), (512, 128, 2**0.5), (300, 64, 2.0), (100, 128, 2.0)]
    yield from [(128, 128, 2.0), (700, 90, 1.6)]


def _sides(
    size: int,
    smallest: int,
    factor: float,
    onward: Callable[[float], float] = lambda side: side,
    last: Callable[[float], bool] = lambda side: False,
) -> list[int]:
    sides, side = [size], float(size)
    while True:
        side = onward(side / factor)
        if round(side) < smallest or last(side):
            return sides[::-1]
        sides.append(round(side))


def _down_to_below(size: int, smallest: int, factor: float) -> list[int]:
    sides = _sides(size, smallest, factor)
    return [round(size / factor ** len(sides)), *sides]


transfer_scales = Exercise(
    oracle=_sides,
    cases=_sizes,
    mistakes={
        "the order is fine to coarse: the smallest side comes first": (
            lambda n, low, f: _sides(n, low, f)[::-1]
        ),
        "the full size is missing: it always belongs to the list": (
            lambda n, low, f: _sides(n, low, f)[:-1]
        ),
        "a side below smallest is in the list: check before you add it": (
            _down_to_below
        ),
        "a side equal to smallest is allowed: go on while it is not below": (
            lambda n, low, f: _sides(n, low, f, last=lambda side: round(side) <= low)
        ),
        "you go on with the rounded side: divide the exact one": (
            lambda n, low, f: _sides(n, low, f, onward=round)
        ),
        "you cut off the decimals: use round": (
            lambda n, low, f: [int(n / f**k) for k in range(_count(n, low, f))][::-1]
        ),
        "you compared the exact side with smallest: compare the rounded one": (
            lambda n, low, f: _sides(n, low, f, last=lambda side: side < low)
        ),
        "a full size below smallest still gives a picture: return [size] then": (
            lambda n, low, f: [s for s in _sides(n, low, f) if s >= low]
        ),
    },
    praise="coarse to fine, and 512 by the root of two ends at 128",
    tolerance=1e-9,
)


def _count(size: int, smallest: int, factor: float) -> int:
    return len(_sides(size, smallest, factor))


def _maps() -> Iterator[Case]:
    rng = np.random.default_rng(90)
    for (h, w), (h2, w2), channels, cut in (
        ((7, 9), (8, 6), 3, 1),
        ((6, 5), (4, 9), 1, 0),
        ((9, 8), (7, 12), 4, 2),
    ):
        here, goal = rng.uniform(0, 2, (2, h, w, channels))
        style = rng.uniform(0, 3, (h2, w2, channels))
        yield here, goal, style, cut, 1.5, 20.0 + cut


def _loss(
    F: Any,
    P: Any,
    S: Any,
    cut: int,
    alpha: float,
    beta: float,
    *,
    own_size: bool = True,
    relative: bool = True,
) -> float:
    """Compute the loss position by position; each keyword leaves out one step."""
    content = squares = 0.0
    grams = []
    for maps in (F, S):
        h, w, channels = maps.shape
        gram, count = np.zeros((channels, channels)), 0
        for row in range(cut, h - cut):
            for column in range(cut, w - cut):
                vector = maps[row, column]
                gram, count = gram + np.outer(vector, vector), count + 1
                if maps is F:
                    other = P[row, column]
                    content += float(np.sum((vector - other) ** 2))
                    squares += float(np.sum(other**2))
        if maps is F:
            positions = count
        grams.append(gram / (count if own_size else positions))
    G, A = grams
    style = float(np.sum((G - A) ** 2))
    if relative:
        content, style = content / squares, style / float(np.sum(A**2))
    else:
        content /= positions * F.shape[-1]
    return alpha * content + beta * style


def _full(F: Any, P: Any, S: Any, cut: int, alpha: float, beta: float) -> float:
    return _loss(F, P, S, 0, alpha, beta)


def _margin_in_content_only(
    F: Any, P: Any, S: Any, cut: int, alpha: float, beta: float
) -> float:
    return _loss(F, P, S, cut, alpha, 0) + _loss(F, P, S, 0, 0, beta)


def _margin_in_style_only(
    F: Any, P: Any, S: Any, cut: int, alpha: float, beta: float
) -> float:
    return _loss(F, P, S, 0, alpha, 0) + _loss(F, P, S, cut, 0, beta)


def _negative_slice(
    F: Any, P: Any, S: Any, cut: int, alpha: float, beta: float
) -> float:
    return float("nan") if cut == 0 else _loss(F, P, S, cut, alpha, beta)


transfer_loss = Exercise(
    oracle=_loss,
    cases=_maps,
    mistakes={
        "the margin is still in it: leave cut positions out on all four sides": _full,
        "F[cut:-cut] is empty where cut is 0: end at F.shape[0] - cut": _negative_slice,
        "the Grams still see the margin: leave it out of F and S before them": (
            _margin_in_content_only
        ),
        "the content loss still sees the margin: leave it out of F and P": (
            _margin_in_style_only
        ),
        "the Grams are not comparable: divide each by its own number of positions": (
            lambda *args: _loss(*args, own_size=False)
        ),
        "the losses have a unit: divide them by mean P² and by the sum of (A/M)²": (
            lambda *args: _loss(*args, relative=False)
        ),
        "alpha and beta are swapped: alpha belongs to the content": (
            lambda F, P, S, cut, alpha, beta: _loss(F, P, S, cut, beta, alpha)
        ),
        "the style is compared with P: its Gram comes from S": (
            lambda F, P, S, cut, alpha, beta: _loss(F, P, P, cut, alpha, beta)
        ),
        "photo and picture are swapped: divide the content loss by mean P², not F²": (
            lambda F, P, S, cut, alpha, beta: (
                _loss(P, F, S, cut, alpha, 0) + _loss(F, P, S, cut, 0, beta)
            )
        ),
    },
    praise="content by position, style by Grams, and no margin in either",
)
