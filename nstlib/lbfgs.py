"""L-BFGS, the optimiser of Gatys, Ecker and Bethge, from its formulas.

Taught in: 08_lbfgs. Numbers in brackets are equations and algorithms of Nocedal &
Wright, *Numerical Optimization*, 2nd edition (2006). Three parts, each usable alone:
`two_loop_recursion` (which way), `strong_wolfe` (how far), `minimize` (again and again).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

Tensor = Any  # a tf.Tensor; or a NumPy array, where the docstring says so


class CurvaturePair(NamedTuple):
    """What one iteration learnt about the curvature: ``change ≈ Hessian · step``."""

    step: Tensor  # s = x₊ − x
    change: Tensor  # y = ∇f(x₊) − ∇f(x)
    rho: float  # ρ = 1 / (y·s)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of two tensors, or two arrays, of one shape.

    TensorFlow adds up in a tree: float32 is exact to about 1e-6·|a||b| even for the
    25 million numbers of a 3840×2160 picture.
    """
    return np.vdot(a, b) if isinstance(a, np.ndarray) else tf.reduce_sum(a * b)


def two_loop_recursion(
    gradient: Tensor,
    history: Sequence[CurvaturePair],
    dot: Callable[[Tensor, Tensor], Any] = dot,
) -> Tensor:
    """Multiply the gradient by the inverse Hessian that the history implies (7.4).

    Taught in: 08_lbfgs. Minus the result is the search direction. It equals the
    matrix of the BFGS update (6.17), started from γI, which is never formed.

    Args:
        gradient: any shape; a tensor or a NumPy array.
        history: curvature pairs of that shape, oldest first. Empty: H = I.
        dot: the inner product; `PairMemory` brings its own.

    Returns:
        H·g, of the gradient's shape and kind.
    """
    if not history:
        return gradient
    q, alphas = gradient, []
    for s, y, rho in reversed(history):
        alpha = rho * dot(s, q)
        q = q - alpha * y
        alphas.append(alpha)
    _, y, rho = history[-1]
    r = q / (rho * dot(y, y))  # γ = s·y / y·y (7.20): the newest pair sets the scale
    for (s, y, rho), alpha in zip(history, reversed(alphas), strict=True):
        beta = rho * dot(y, r)
        r = r + (alpha - beta) * s
    return r


class PairMemory:
    """The newest pairs as rows of one matrix, with a table of their dot products.

    Run on pictures, the two loops read or write ten pictures per pair. But q and r are
    always sums of the s, the y and g. So the *same* loops run here on the coefficients
    of such sums, where a·b is ``a @ table @ b``, and the pictures are met in three
    matrix-vector products only (Chen et al., NIPS 2014): measured 3 to 5 times as fast.
    """

    def __init__(self, history: int, x: Tensor) -> None:
        """Room for `history` pairs of the size and dtype of `x`, ``(n,)``."""
        self.history = history
        self.rows = tf.Variable(tf.zeros([2 * history, x.shape[0]], x.dtype))
        self.table = np.zeros([2 * history + 1] * 2)  # order: all s, all y, g
        self.slots: list[tuple[int, float]] = []  # (row of s, rho), oldest first

    def add(self, s: Tensor, y: Tensor, rho: float) -> None:
        """Append a pair of ``(n,)``; the oldest one makes room when it must."""
        full = len(self.slots) == self.history
        slot = self.slots.pop(0)[0] if full else len(self.slots)
        rows = tf.IndexedSlices(tf.stack([s, y]), [slot, self.history + slot])
        self.rows.scatter_update(rows)  # in place; rows[slot].assign copies them all
        # The loops ask for y·y, and for s·y of a y no older than the s: all known now.
        products = tf.linalg.matvec(self.rows, y).numpy()
        self.table[:-1, self.history + slot] = products
        self.table[self.history + slot, :-1] = products
        self.slots.append((slot, rho))

    def times(self, gradient: Tensor) -> Tensor:
        """H·g, for a gradient of ``(n,)``."""
        self.table[:-1, -1] = tf.linalg.matvec(self.rows, gradient).numpy()
        e, m = np.eye(len(self.table)), self.history
        pairs = [CurvaturePair(e[i], e[m + i], rho) for i, rho in self.slots]
        c = two_loop_recursion(e[-1], pairs, dot=lambda a, b: a @ self.table @ b)
        weights = tf.constant(c[:-1], gradient.dtype)
        return tf.linalg.matvec(self.rows, weights, transpose_a=True) + c[-1] * gradient


class Trial(NamedTuple):
    """One point of a line search along d, where φ(t) = f(x + t·d)."""

    step: float  # t
    value: float  # φ(t)
    slope: float  # φ'(t) = ∇f(x + t·d)·d
    x: Tensor = None  # x + t·d, when there is more to it than a curve
    gradient: Tensor = None  # ∇f(x + t·d)


def strong_wolfe(
    phi: Callable[[float], Trial],
    start: Trial,
    step: float = 1.0,
    c1: float = 1e-4,
    c2: float = 0.9,
    noise: float = 0.0,
    max_evaluations: int = 20,
) -> Trial:
    """Walk downhill along one line until the strong Wolfe conditions (3.7) hold.

    Taught in: 08_lbfgs. Bracketing (3.5), while `far` is None, and zoom (3.6), once a
    minimum lies between `near`, the best point so far, and `far`, in one loop.

    Args:
        phi: the curve. A value or slope that is not finite means "too far".
        start: ``phi(0.0)``; its slope must be negative.
        step: the first t to try.
        c1: share of the promised descent that is enough.
        c2: share of the slope that may be left.
        noise: relative error of the values. A rise within it counts as none, so that
            slopes decide (Hager & Zhang 2005 call this the approximate Wolfe condition).
        max_evaluations: calls of `phi` at most.

    Returns:
        A trial with φ(t) ≤ φ(0) + c1·t·φ'(0) and |φ'(t)| ≤ c2·|φ'(0)|; failing that
        the best one that meets the first; failing that `start` itself.
    """
    slack = 2 * noise * abs(start.value)  # both values may be wrong
    near, far = start, None
    for _ in range(max_evaluations):
        trial = phi(step)
        low = trial.value <= start.value + c1 * step * start.slope + slack
        low = low and math.isfinite(trial.value) and math.isfinite(trial.slope)
        if low and abs(trial.slope) <= c2 * abs(start.slope):
            return trial
        if not low or trial.value >= near.value:
            far = trial
        else:
            if trial.slope * (far.step - near.step if far else 1) >= 0:
                far = near
            near = trial
        step = _next_step(near, far, slack)
        if near is not start and abs((step - near.step) * near.slope) <= slack:
            break  # what is left to gain would drown in the noise
    return near


def _next_step(near: Trial, far: Trial | None, slack: float) -> float:
    """The minimum of the cubic through both trials (3.59), kept off the ends."""
    if far is None:
        return 4 * near.step  # still going down: look further out
    width, rise = far.step - near.step, far.value - near.value
    if not math.isfinite(rise + far.slope):
        return near.step + 0.1 * width
    if abs(rise) <= slack:  # noise: take the rise that the slopes imply, a parabola
        rise = width * (near.slope + far.slope) / 2
    d1 = near.slope + far.slope - 3 * rise / width
    root, part = d1 * d1 - near.slope * far.slope, 0.5
    if root >= 0:
        d2 = math.copysign(math.sqrt(root), width)
        bend = far.slope - near.slope + 2 * d2
        part = 1 - (far.slope + d2 - d1) / bend if bend else 0.5
    return near.step + max(0.1, min(0.9, part)) * width


@dataclass(frozen=True, eq=False)
class MinimizeResult:
    """What `minimize` found; its docstring explains the stop reasons."""

    x: Tensor  # the best point evaluated, in the shape of x0
    value: float  # its value
    evaluations: int  # calls of value_and_gradient
    iterations: int  # line searches; nearly as many as evaluations if all is well
    stop_reason: str
    memory: PairMemory = field(repr=False)

    @property
    def pairs(self) -> tuple[CurvaturePair, ...]:
        """Copies of the curvature pairs, oldest first, for `minimize(pairs=…)`."""
        rows, m = self.memory.rows, self.memory.history
        shaped = partial(tf.reshape, shape=self.x.shape)
        return tuple(
            CurvaturePair(shaped(rows[i]), shaped(rows[m + i]), rho)
            for i, rho in self.memory.slots
        )


def minimize(
    value_and_gradient: Callable[[Tensor], tuple[Any, Tensor]],
    x0: Tensor,
    steps: int,
    history: int = 10,
    callback: Callable[[int, Tensor, float], Any] | None = None,
    *,
    pairs: Sequence[CurvaturePair] = (),
    first_change: float = 1.0,
    noise: float = 1e-5,
    gradient_tolerance: float = 0.0,
    value_tolerance: float = 0.0,
) -> MinimizeResult:
    """Minimise a smooth function by L-BFGS (7.5), deterministically.

    Taught in: 08_lbfgs. Multiplying f by 1000 changes no step.

    Args:
        value_and_gradient: maps an x like `x0` to (scalar, tensor like x). Do not clip
            x inside: L-BFGS would be told the curvature of another function.
        x0: where to start; float32 or float64, any shape.
        steps: calls of `value_and_gradient` at most; they are what costs.
        history: how many curvature pairs to keep; each takes the memory of two x.
        callback: called as ``callback(evaluation, x, value)`` after each evaluation,
            counted from 1; a true answer ends the run.
        pairs: curvature pairs to start with, the ``result.pairs`` of an earlier run.
        first_change: without any pair, the first trial moves the number with the
            largest gradient by this much: 1 suits pictures on the scale 0–255.
        noise: relative error of the values, see `strong_wolfe`. Too large does little
            harm, too small ends the run early: 1e-3 if computed in bfloat16.
        gradient_tolerance: end when max |∇f| is no larger.
        value_tolerance: end when an iteration changes f relatively by less.

    Returns:
        The best point evaluated. `stop_reason` is "evaluations used up"; "gradient
        small"; "value settled" (`value_tolerance`); "no progress" (nothing lower found,
        not even along −∇f); "stopped by callback"; or "interrupted" (Ctrl-C).

    Raises:
        ValueError: an argument is unusable, or f is not finite at `x0`.
    """
    x = tf.convert_to_tensor(x0)
    if x.dtype not in (tf.float32, tf.float64):
        raise ValueError(f"x0 must be float32 or float64, not {x.dtype.name}.")
    if steps < 1 or history < 1:
        raise ValueError(f"steps ({steps}) and history ({history}) must be at least 1.")
    f = _Objective(value_and_gradient, x.shape, steps, callback, tf.reshape(x, [-1]))
    memory = PairMemory(min(history, steps + len(pairs)), f.best_x)
    for s, y, rho in pairs[-history:]:
        memory.add(tf.reshape(s, [-1]), tf.reshape(y, [-1]), float(rho))
    try:
        reason = _descend(
            f, memory, first_change, noise, gradient_tolerance, value_tolerance
        )
    except _Stop as stop:
        reason = str(stop)
    except KeyboardInterrupt:
        reason = "interrupted"
    best = tf.reshape(f.best_x, x.shape)
    return MinimizeResult(
        best, f.best_value, f.evaluations, f.iterations, reason, memory
    )


class _Stop(Exception):
    """Ends a run from inside a line search; says why."""


@dataclass
class _Objective:
    """The function on flat x: counts, remembers the best, asks the callback."""

    function: Callable[[Tensor], tuple[Any, Tensor]]
    shape: Any
    steps: int
    callback: Callable[[int, Tensor, float], Any] | None
    best_x: Tensor
    best_value: float = math.inf
    evaluations: int = 0
    iterations: int = 0

    def along(self, x: Tensor, d: Tensor, t: float) -> Trial:
        """The trial at x + t·d."""
        if self.evaluations == self.steps:
            raise _Stop("evaluations used up")
        x = x + t * d
        shaped = tf.reshape(x, self.shape)
        value, gradient = self.function(shaped)
        value, gradient = float(value), tf.convert_to_tensor(gradient, x.dtype)
        if gradient.shape != self.shape:
            raise ValueError(f"The gradient is {gradient.shape}, but x {self.shape}.")
        gradient = tf.reshape(gradient, [-1])
        self.evaluations += 1
        if value < self.best_value:
            self.best_x, self.best_value = x, value
        if self.callback and self.callback(self.evaluations, shaped, value):
            raise _Stop("stopped by callback")
        return Trial(t, value, float(dot(gradient, d)), x, gradient)


def _descend(
    f: _Objective,
    memory: PairMemory,
    first_change: float,
    noise: float,
    gradient_tolerance: float,
    value_tolerance: float,
) -> str:
    """Algorithm 7.5, until one of the stop reasons."""
    now = f.along(f.best_x, tf.zeros_like(f.best_x), 0.0)
    if not math.isfinite(now.value + now.slope):  # 0·∞ and 0·NaN are NaN
        raise ValueError(f"f or its gradient is not finite at x0: f = {now.value}.")
    while True:
        largest = float(tf.reduce_max(tf.abs(now.gradient)))
        if largest <= gradient_tolerance:
            return "gradient small"
        first = first_change / largest
        d = -(memory.times(now.gradient) if memory.slots else first * now.gradient)
        start = now._replace(step=0.0, slope=float(dot(now.gradient, d)))
        found = start
        if start.slope < 0:  # neither uphill nor NaN
            phi = partial(f.along, now.x, d)
            found = strong_wolfe(phi, start, noise=noise)
        if found is start:
            if not memory.slots:
                return "no progress"
            memory.slots.clear()  # forget the curvature and try steepest descent
            continue
        f.iterations += 1
        s, y = found.x - now.x, found.gradient - now.gradient
        curvature = float(dot(s, y))
        # If f does not curve upwards along s, H would stop being positive definite.
        # The Wolfe conditions promise 10 % of |s·g|, but a search may end without.
        if curvature > 0.01 * abs(found.step * start.slope):
            memory.add(s, y, 1 / curvature)
        gain, now = now.value - found.value, found
        if abs(gain) < value_tolerance * abs(now.value):
            return "value settled"
