"""Exercises of 06_total_variation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nstlib.check.exercise import Case, Exercise


def _pictures() -> Iterator[Case]:
    rng = np.random.default_rng(7)
    for shape in ((4, 6, 3), (5, 3, 1), (2, 7, 3), (6, 5, 2)):
        yield (rng.uniform(0, 9, shape),)


def _down(p: np.ndarray) -> np.ndarray:
    return np.diff(p, axis=0)


def _right(p: np.ndarray) -> np.ndarray:
    return np.diff(p, axis=1)


def _padded(p: np.ndarray) -> np.ndarray:
    return np.concatenate([-_down(p), np.zeros_like(p[:1])])


vertical_delta = Exercise(
    oracle=lambda p: -_down(p),
    cases=_pictures,
    mistakes={
        "the sign is wrong: the upper pixel minus the lower one is asked for": _down,
        "you went along a row: vertical neighbours differ in the first axis": (
            lambda p: -_right(p)
        ),
        "you went along a row, and with the other sign: the first axis is vertical": (
            _right
        ),
        "you subtracted channels from each other: the first axis is vertical": (
            lambda p: -np.diff(p, axis=2)
        ),
        "the sign got lost: leave out the absolute value": lambda p: np.abs(_down(p)),
        "the last row has no neighbour below: the result has one row less": _padded,
        "the picture went round: the last row is no neighbour of the first": (
            lambda p: p - np.roll(p, -1, axis=0)
        ),
    },
    praise="positive where it gets darker, and one row less",
)


def _sum(p: np.ndarray, power: float = 1) -> float:
    return np.sum(np.abs(_down(p)) ** power) + np.sum(np.abs(_right(p)) ** power)


def _mean(p: np.ndarray) -> float:
    return np.mean(np.abs(_down(p))) + np.mean(np.abs(_right(p)))


edge_keeping_variation = Exercise(
    oracle=_sum,
    cases=_pictures,
    mistakes={
        "these are squares, exponent 2: take absolute values": lambda p: _sum(p, 2),
        "this is the mean over each direction: the sum is asked for": _mean,
        "only one direction: the differences to the right are missing": (
            lambda p: np.sum(np.abs(_down(p)))
        ),
        "only one direction: the differences down are missing": (
            lambda p: np.sum(np.abs(_right(p)))
        ),
        "signs cancel: take the absolute value before you add up": (
            lambda p: np.sum(_down(p)) + np.sum(_right(p))
        ),
        "you took the absolute value after the sum: by then the signs have cancelled": (
            lambda p: abs(np.sum(_down(p))) + abs(np.sum(_right(p)))
        ),
        "the second direction has the wrong sign: add both": (
            lambda p: np.sum(np.abs(_down(p))) - np.sum(np.abs(_right(p)))
        ),
        "differences of channels are among them: only neighbours down and right "
        "count": lambda p: _sum(p) + np.sum(np.abs(np.diff(p, axis=2))),
        "the picture went round: opposite borders are no neighbours": (
            lambda p: sum(np.sum(np.abs(p - np.roll(p, 1, axis))) for axis in (0, 1))
        ),
        "a root too much: add the absolute values of each direction": (
            lambda p: np.sum(np.hypot(_down(p)[:, :-1], _right(p)[:-1]))
        ),
    },
    praise="an edge costs no more than a ramp of the same height",
)


def _gradient(p: np.ndarray, down: float = 1, right: float = 1) -> np.ndarray:
    """Pixel by pixel: what it differs by from each neighbour there is."""
    slope = np.zeros_like(p)
    height, width, _ = p.shape
    for y in range(height):
        for x in range(width):
            for dy, dx, factor in (
                (-1, 0, down), (1, 0, down), (0, -1, right), (0, 1, right)
            ):  # fmt: skip
                if 0 <= y + dy < height and 0 <= x + dx < width:
                    slope[y, x] += 2 * factor * (p[y, x] - p[y + dy, x + dx])
    return slope


def _half(p: np.ndarray) -> np.ndarray:
    """Each delta pushes its lower or right pixel alone."""
    slope = np.zeros_like(p)
    slope[1:] += 2 * _down(p)
    slope[:, 1:] += 2 * _right(p)
    return slope


def _round(p: np.ndarray) -> np.ndarray:
    turned = [np.roll(p, by, axis) for by in (-1, 1) for axis in (0, 1)]
    return 2 * np.sum([p - other for other in turned], axis=0)


variation_gradient = Exercise(
    oracle=_gradient,
    cases=_pictures,
    mistakes={
        "the factor 2 is missing: the slope of d² is 2·d": lambda p: _gradient(p) / 2,
        "the sign is wrong: where a pixel is brighter than its neighbours, making it "
        "brighter raises the loss": lambda p: -_gradient(p),
        "only the vertical neighbours: add those to the left and right": (
            lambda p: _gradient(p, right=0)
        ),
        "only the horizontal neighbours: add those above and below": (
            lambda p: _gradient(p, down=0)
        ),
        "each delta pushes two pixels: take it away from the upper or left one, too": (
            _half
        ),
        "the picture went round: a pixel at the border has fewer neighbours": _round,
        "this is the slope of the mean: the sum is asked for": (
            lambda p: _gradient(p, 1 / _down(p).size, 1 / _right(p).size)
        ),
    },
    praise="downhill moves every pixel towards the average of its neighbours",
)
