"""The line search that a student builds in 08_lbfgs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nstlib.check.building import Built
from nstlib.check.exercise import Case
from nstlib.check.feedback import VALUES, Mistake

Array = np.ndarray


class Trial(NamedTuple):
    """A trial as the lesson has it."""

    step: float
    value: float
    slope: float
    x: Any = None
    gradient: Any = None


Curve = Callable[[float], Trial]
MOST = 100
"""The most trials of one search: five times what the lesson allows."""
OTHER = (
    "your trials meet (7) and (8), so this is a right line search. It ends at other "
    "steps than the lesson's, which counts its trials and compares them: try `step` "
    "first, then what _bracket and _next_step say"
)
TOGETHER = (
    "a divisor is 0. In _next_step this means that near and far are one trial: do you "
    "compare the sizes of the slopes, with abs?"
)
POWERS = ("", "λ", "λ²", "λ³", "λ⁴")


def _line(fall: float, slope: float) -> Curve:
    def phi(t: float) -> Trial:
        return Trial(t, -fall * t, slope if t else -1.0)

    phi.label = f"λ → −{fall}λ; its slope: −1 at 0, else {slope}"  # type: ignore[attr-defined]
    return phi


def _polynomial(*numbers: float) -> Curve:
    p = np.polynomial.Polynomial(numbers)

    def phi(t: float) -> Trial:
        return Trial(t, float(p(t)), float(p.deriv()(t)))

    terms = [
        f"{number:+g}{power}" for number, power in zip(numbers, POWERS, strict=False)
    ]
    phi.label = f"λ → {' '.join(terms)}"  # type: ignore[attr-defined]
    return phi


def _curves() -> Iterator[Case]:
    yield _polynomial(0, -1, 5, -3), 1.0  # flat at 1, and higher than at 0
    yield from [(_polynomial(1, -2, 1), 1.0), (_polynomial(0, -1, 8), 1.0)]
    yield from [(_polynomial(0, -3, 0.1), 1.0), (_polynomial(2, -4, 1, 0, 1), 4.0)]
    yield from [(_line(1.1e-4, 0.0), 1.0), (_line(0.9, -0.89), 1.0)]
    yield from [(_polynomial(0, -1, 3, -4.2, 2), 1.0), (_polynomial(0, -1, 0.04), 0.5)]


def _cubic(near: Trial, far: Trial) -> float:
    """Return the minimum of the cubic through two trials, kept away from both."""
    width = far.step - near.step
    powers = np.array([[0, 0, 0, 1], [1, 1, 1, 1], [0, 0, 1, 0], [3, 2, 1, 0]], float)
    ends = [near.value, far.value, width * near.slope, width * far.slope]
    a, b, c, _ = np.linalg.solve(powers, ends)
    if abs(a) < 1e-12 * max(abs(b), 1e-300):
        part = -c / (2 * b)
    else:
        part = (-b + np.sqrt(max(0.0, b * b - 3 * a * c))) / (3 * a)
    return float(near.step + width * min(0.9, max(0.1, part)))


def _search(
    phi: Curve, step: float, c1: float = 1e-4, c2: float = 0.9, trials: int = 20
) -> Array:
    """Search by algorithms 3.5 and 3.6 of Nocedal and Wright."""
    start = near = phi(0.0)
    far: Trial | None = None
    for _ in range(trials):
        trial = phi(step)
        high = trial.value > start.value + c1 * step * start.slope
        if not high and abs(trial.slope) <= c2 * abs(start.slope):
            return np.array(trial[:3])
        if high or trial.value >= near.value:
            far = trial
        else:
            onward = far.step - near.step if far else 1.0
            near, far = trial, near if trial.slope * onward >= 0 else far
        step = 4 * near.step if far is None else _cubic(near, far)
    return np.array(near[:3])


def _used(function: Callable[..., Any], phi: Curve, step: float) -> Any:
    tried: list[float] = []

    def counted(t: float) -> Trial:
        tried.append(t)
        if len(tried) > MOST:
            raise Mistake(f"your search asks for φ more than {MOST} times: stop at 20")
        return phi(t)

    try:
        found = function(counted, phi(0.0), step)
    except ZeroDivisionError:
        raise Mistake(TOGETHER) from None
    if isinstance(found, float):
        raise Mistake("this is a number: return the Trial that phi gave for it")
    return found if found is ... or found is None else tuple(found[:3])


def _meets_both(found: Any, phi: Curve) -> bool:
    """Return whether a search ended at a trial of φ that meets (7) and (8)."""
    try:
        start, trial = phi(0.0), phi(float(found[0]))
        if not np.allclose(found, trial[:3], 1e-6):
            return False
    except Exception:  # it is no trial at all
        return False
    low = trial.value <= start.value + 1e-4 * trial.step * start.slope
    return low and abs(trial.slope) <= 0.9 * abs(start.slope)


@dataclass(frozen=True)
class _Search(Built):
    """The checker of a line search. It tells another search from a wrong one."""

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        said = super()._complaint(answer, given, right)
        curves = [phi for phi, _ in self.cases()]
        if said and said.startswith(VALUES) and all(map(_meets_both, given, curves)):
            return OTHER
        return said


strong_wolfe = _Search(
    of="nstlib.line_search.strong_wolfe",
    oracle=lambda phi, step: _search(phi, step),
    cases=_curves,
    use=_used,
    tolerance=1e-6,
    mistakes={
        "you take the first trial, whatever it is: test (7) and (8)": (
            lambda phi, step: np.array(phi(step)[:3])
        ),
        "you never leave the start: return the trial that meets (7) and (8)": (
            lambda phi, step: np.array(phi(0.0)[:3])
        ),
        "you test the value alone: the slope must be flat enough, too": (
            lambda phi, step: _search(phi, step, c2=np.inf)
        ),
        "you test the slope alone: the value must be low enough, too": (
            lambda phi, step: _search(phi, step, c1=-np.inf)
        ),
        "the constants are exchanged: c1 belongs to the value, c2 to the slope": (
            lambda phi, step: _search(phi, step, c1=0.9, c2=1e-4)
        ),
        "you stop after one trial: go on, up to 20 of them": (
            lambda phi, step: _search(phi, step, trials=1)
        ),
    },
    praise="low enough and flat enough, on every curve",
)
