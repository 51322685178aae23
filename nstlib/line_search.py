"""The line search of `nstlib.lbfgs`: how far to go in one direction.

Taught in: 08_lbfgs. Numbers in brackets are those of Nocedal & Wright, *Numerical
Optimization*, 2nd ed. `near` is the best trial so far. `far` is None as long as the
function falls (algorithm 3.5); after that, a minimum lies between the two (algorithm
3.6, "zoom").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

Tensor = Any  # a tf.Tensor or a NumPy array


class Trial(NamedTuple):
    """One trial of a line search along d, where φ(λ) = f(x + λ·d).

    Taught in: 08_lbfgs.
    """

    step: float  # λ
    value: float  # φ(λ)
    slope: float  # φ'(λ) = ∇f(x + λ·d)·d
    x: Tensor = None  # x + λ·d; None if φ is only a curve
    gradient: Tensor = None  # ∇f(x + λ·d)


def strong_wolfe(
    phi: Callable[[float], Trial],
    start: Trial,
    step: float = 1.0,
    c1: float = 1e-4,
    c2: float = 0.9,
    noise: float = 0.0,
) -> Trial:
    """Search along one line for a step that meets the strong Wolfe conditions (3.7).

    Taught in: 08_lbfgs. Algorithms 3.5 and 3.6 in one loop.

    Args:
        phi: the function φ along the line. A value or slope that is not finite means
            "too far".
        start: ``phi(0.0)``; its slope must be negative.
        step: the first λ to try.
        c1: share of the descent promised by the slope that is enough.
        c2: share of the slope that may be left.
        noise: relative error of the values. Where two values differ by less, the slopes
            decide (Hager & Zhang).

    Returns:
        A trial with φ(λ) ≤ φ(0) + c1·λ·φ'(0) and |φ'(λ)| ≤ c2·|φ'(0)|. If 20 trials do
        not find one, the best trial that meets the first condition, or `start` if there
        is none.

    Raises:
        ValueError: the slope at the start is not negative.

    Example:
        The minimum is at λ = 5; the first step of 1 does not go far enough:

        >>> tried = []
        >>> def phi(t):
        ...     tried.append(t)
        ...     return Trial(t, (t - 5) ** 2, 2 * (t - 5))
        >>> strong_wolfe(phi, phi(0.0), c2=0.5).step, tried
        (4.0, [0.0, 1.0, 4.0])
    """
    if not start.slope < 0:
        raise ValueError(f"The slope must be downhill, not {start.slope}.")
    # Two values are compared, and both may be wrong: twice the noise.
    near, far, slack = start, None, 2 * noise * abs(start.value)
    for _ in range(20):
        trial = phi(step)
        low = _low_enough(trial, start, c1, slack)
        if low and abs(trial.slope) <= c2 * abs(start.slope):
            return trial
        near, far = _bracket(near, far, trial, low)
        step = _next_step(near, far)
        if near is not start and abs((step - near.step) * near.slope) <= slack:
            break  # what is left to gain is smaller than the noise
    return near


def _low_enough(trial: Trial, start: Trial, c1: float, slack: float) -> bool:
    """Return whether the value has fallen enough (3.7a) and nothing has overflowed.

    Taught in: 08_lbfgs.
    """
    finite = math.isfinite(trial.value) and math.isfinite(trial.slope)
    limit = start.value + c1 * trial.step * start.slope + slack
    return finite and trial.value <= limit


def _bracket(
    near: Trial, far: Trial | None, trial: Trial, low: bool
) -> tuple[Trial, Trial | None]:
    """Return the new ``(near, far)`` after a trial that was not accepted.

    Taught in: 08_lbfgs.
    """
    if not low or trial.value >= near.value:
        return near, trial  # too far: a minimum lies before the trial
    if trial.slope * (far.step - near.step if far else 1) >= 0:
        return trial, near  # better, but φ rises from here: go back
    return trial, far


def _next_step(near: Trial, far: Trial | None) -> float:
    """Return the minimum of the cubic through both trials (3.59), not at an end.

    Taught in: 08_lbfgs.
    """
    if far is None:
        return 4 * near.step  # φ still falls: go further
    width, rise = far.step - near.step, far.value - near.value
    d1 = near.slope + far.slope - 3 * rise / width
    root = math.sqrt(max(0.0, d1 * d1 - near.slope * far.slope))
    d2 = math.copysign(root, width)
    bend = far.slope - near.slope + 2 * d2
    part = 1 - (far.slope + d2 - d1) / bend if bend else 0.5
    return near.step + min(0.9, max(0.1, part)) * width  # 0.1 if far is not finite
