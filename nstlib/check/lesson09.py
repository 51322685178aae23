"""Exercises of 09_style_transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise


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


SIDES = ("top", "right", "bottom", "left")
FRAMES: tuple[tuple[int, dict[str, float]], ...] = (
    (1, {"left": 25.0}),
    (1, {"top": -25.0}),
    (3, dict.fromkeys(SIDES, 30.0)),
    (2, dict.fromkeys(SIDES, -30.0)),
    (3, {"bottom": -20.0}),
    (2, {"left": 20.0, "right": -20.0}),
    (2, {"right": -25.0}),
    (1, {"right": 25.0, "bottom": 25.0}),
)
"""Frames: width in pixels, and what is added to the levels on each side."""


def _scene(number: int, height: int, width: int) -> np.ndarray:
    """Make a picture with a gradient in some direction, and with grain."""
    rng = np.random.default_rng(900 + number)
    up, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    turn = 2.4 * number
    slope = 70 * (np.cos(turn) * up + np.sin(turn) * across)
    hill = 40 * np.cos(3 * up + number) * np.cos(2 * across)
    picture = (128 + slope + hill)[..., np.newaxis] + [10, 0, -10]
    return np.clip(picture + rng.normal(0, 8, picture.shape), 40, 215)


def _framed(picture: np.ndarray, width: int, levels: dict[str, float]) -> np.ndarray:
    framed = picture.copy()
    for side, level in levels.items():
        turn = SIDES.index(side)
        np.rot90(framed, turn)[:width] = np.rot90(picture, turn)[:width] + level
    return framed


def _pairs_of_pictures() -> Iterator[Case]:
    """Yield each picture without its frame, and then with it."""
    for number, frame in enumerate(FRAMES):
        picture = _scene(number, 48 + 7 * (number % 3), 64 - 5 * (number % 4))
        yield (picture.astype(np.float32),)
        yield (_framed(picture, *frame).astype(np.float32),)


def _edges(picture: np.ndarray) -> float:
    """Add up, over the four sides, how far the outermost line is from the inside."""
    turned = [np.rot90(picture, turn) for turn in range(4)]
    return float(sum(abs(p[0].mean() - p[3:6].mean()) for p in turned))


def _no_number(number: Any, _: np.ndarray) -> str | None:
    if np.ndim(number) or np.asarray(number).dtype.kind not in "biuf":
        return "return one number for the whole picture"
    if not np.isfinite(float(number)):
        return "the number is nan or infinite: is a slice empty?"
    return None


@dataclass(frozen=True)
class Comparison(OpenExercise):
    """The judge of a measure: in each pair of cases, the second should get more."""

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        """Name the first pair that is told apart the wrong way; None if none is."""
        if unfit := super()._complaint(answer, given, right):
            return unfit
        numbers = [float(number) for number in given]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        lost = [n for n, (without, framed) in enumerate(pairs) if framed <= without]
        if not lost:
            return None
        width, levels = FRAMES[lost[0]]
        without, framed = pairs[lost[0]]
        where = ", ".join(
            f"{side} {abs(level):.0f} levels {'paler' if level > 0 else 'darker'}"
            for side, level in levels.items()
        )
        return (
            f"{len(pairs) - len(lost)} of {len(pairs)} pairs are right. For a frame of "
            f"width {width} ({where}) your number is {framed:.4g}, without the frame "
            f"{without:.4g}"
        )


frame = Comparison(
    oracle=_edges,
    cases=_pairs_of_pictures,
    flaw=_no_number,
    mistakes={
        "return one number for the whole picture": lambda picture: picture,
        "the number is nan or infinite: is a slice empty?": lambda _: np.nan,
        "0 of 8 pairs are right. For a frame of width 1 (left 25 levels paler) your "
        "number is 0, without the frame 0": lambda _: 0,
        "0 of 8 pairs are right. For a frame of width 1 (left 25 levels paler) your "
        "number is 1, without the frame 1": lambda _: 1,
    },
    praise="pale or dark, thin or wide, on any side: the frame gets the larger number",
)
