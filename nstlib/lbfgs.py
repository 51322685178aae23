"""L-BFGS, the optimiser of Gatys, Ecker and Bethge, from its formulas.

Taught in: 08_lbfgs. `two_loop_recursion` tells which way, `strong_wolfe` how far.
Numbers in brackets are those of Nocedal & Wright, *Numerical Optimization*, 2nd ed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from nstlib.quiet import tf

Tensor = Any  # a tf.Tensor; or a NumPy array, where the docstring says so


class CurvaturePair(NamedTuple):
    """What one iteration learnt about the curvature: ``change ≈ Hessian · step``.

    Taught in: 08_lbfgs.
    """

    step: Tensor  # s = x₊ − x
    change: Tensor  # y = ∇f(x₊) − ∇f(x)
    rho: float  # ρ = 1 / (y·s)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of two tensors (added up in a tree: exact) or two NumPy arrays.

    Taught in: 08_lbfgs.
    """
    return np.vdot(a, b) if isinstance(a, np.ndarray) else tf.reduce_sum(a * b)


def two_loop_recursion(
    gradient: Tensor, history: Sequence[CurvaturePair], dot: Callable[..., Any] = dot
) -> Tensor:
    """Multiply the gradient by the inverse Hessian H that the history implies (7.4).

    Taught in: 08_lbfgs. H is the BFGS matrix (6.17) started from γI, never formed.

    Args:
        gradient: any shape; a tensor or a NumPy array.
        history: curvature pairs of that shape, oldest first. Empty: H = I.
        dot: the inner product; `PairMemory` brings its own.

    Returns:
        H·g, like the gradient; minus this is the direction to search.
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

    In two loops over pictures, each pair costs ten passes. But q and r are always sums
    of the s, the y and g. So the *same* loops run here on the weights in such sums,
    a·b being ``a @ table @ b``: six passes per pair, faster ones (Chen et al., 2014).
    """

    def __init__(self, history: int, x: Tensor) -> None:
        """Room for `history` pairs of the shape and dtype of `x`."""
        self.history, self.shape = history, x.shape
        self.rows = tf.zeros([2 * history, tf.size(x)], x.dtype)
        self.table = np.zeros([2 * history + 1] * 2)  # order: all s, all y, g
        self.slots: list[tuple[int, float]] = []  # (row of s, rho), oldest first
        self.now: Trial | None = None  # where the iteration under way began
        self.first = self.evaluations = 0  # slot of the oldest; those before `now`

    def add(self, s: Tensor, y: Tensor, rho: float) -> None:
        """Append a pair; the oldest one makes room when it must."""
        if len(self.slots) == self.history:
            self.first = (self.slots.pop(0)[0] + 1) % self.history
        slot = (self.first + len(self.slots)) % self.history
        rows, pair = [slot, self.history + slot], tf.reshape(tf.stack([s, y]), [2, -1])
        # In place, unlike a tf.Variable: once a row is assigned, each read copies it.
        self.rows = tf.raw_ops.InplaceUpdate(x=self.rows, i=rows, v=pair)
        # The loops ask for y·y, and for s·y of a y no older than the s: all known now.
        products = tf.linalg.matvec(self.rows, tf.reshape(y, [-1])).numpy()
        self.table[:-1, rows[1]] = self.table[rows[1], :-1] = products
        # matvec adds up in a row: float32 may be 0.1 % off, too much for the scale γ.
        self.table[rows[1], rows[1]] = float(dot(y, y))
        self.slots.append((slot, rho))

    def times(self, gradient: Tensor) -> Tensor:
        """H·g, what `two_loop_recursion` returns for the pairs in memory."""
        g = tf.reshape(gradient, [-1])
        self.table[:-1, -1] = tf.linalg.matvec(self.rows, g).numpy()
        e, m = np.eye(len(self.table)), self.history
        pairs = [CurvaturePair(e[i], e[m + i], rho) for i, rho in self.slots]
        c = two_loop_recursion(e[-1], pairs, dot=lambda a, b: a @ self.table @ b)
        combined = tf.linalg.matvec(self.rows, tf.cast(c[:-1], g.dtype), True)
        return tf.reshape(combined + c[-1] * g, self.shape)

    def pairs(self) -> tuple[CurvaturePair, ...]:
        """The pairs, oldest first, in the shape of x."""
        rows = tf.reshape(self.rows, [2, self.history, *self.shape])
        return tuple(CurvaturePair(rows[0][i], rows[1][i], r) for i, r in self.slots)


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
) -> Trial:
    """Walk downhill along one line until the strong Wolfe conditions (3.7) hold.

    Taught in: 08_lbfgs. Bracketing (3.5), while `far` is None, and zoom (3.6), once a
    minimum lies between `near`, the best point so far, and `far`, in one loop.

    Args:
        phi: the curve. A value or slope that is not finite means "too far".
        start: ``phi(0.0)``; its slope must be negative.
        step: the first t to try.
        c1: how much of the promised descent is enough.
        c2: how much of the slope may be left.
        noise: relative error of the values; the slopes decide in it (Hager & Zhang).

    Returns:
        A trial with φ(t) ≤ φ(0) + c1·t·φ'(0) and |φ'(t)| ≤ c2·|φ'(0)|; if 20 trials
        do not get there, the best that meets the former, or else `start` itself.
    """
    if not start.slope < 0:
        raise ValueError(f"The line must start downhill, not with slope {start.slope}.")
    slack = 2 * noise * abs(start.value)  # both values may be wrong
    near, far = start, None
    for _ in range(20):
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
        step = _next_step(near, far)
        if near is not start and abs((step - near.step) * near.slope) <= slack:
            break  # what is left to gain would drown in the noise
    return near


def _next_step(near: Trial, far: Trial | None) -> float:
    """The minimum of the cubic through both trials (3.59), kept off the ends.

    Taught in: 08_lbfgs.
    """
    if far is None:
        return 4 * near.step  # still going down: look further out
    width, rise = far.step - near.step, far.value - near.value
    d1 = near.slope + far.slope - 3 * rise / width
    d2 = math.copysign(math.sqrt(max(0.0, d1 * d1 - near.slope * far.slope)), width)
    bend = far.slope - near.slope + 2 * d2
    part = 1 - (far.slope + d2 - d1) / bend if bend else 0.5
    return near.step + min(0.9, max(0.1, part)) * width  # 0.1 if far is not finite


class MinimizeResult(NamedTuple):
    """What `minimize` found; its docstring lists the stop reasons."""

    x: Tensor  # the best point evaluated
    value: float  # its value
    evaluations: int  # calls of value_and_gradient
    iterations: int  # line searches; nearly as many as evaluations if all is well
    stop_reason: str
    pairs: tuple[CurvaturePair, ...]  # oldest first, for minimize(pairs=…)


def minimize(
    value_and_gradient: Callable[[Tensor], tuple[Any, Tensor]],
    x0: Tensor,
    steps: int,
    history: int = 10,
    callback: Callable[[int, Tensor, float], Any] | None = None,
    *,
    pairs: Sequence[CurvaturePair] = (),
    memory: PairMemory | None = None,
    noise: float = 1e-5,
    gradient_tolerance: float = 0.0,
    value_tolerance: float = 0.0,
) -> MinimizeResult:
    """Minimise a smooth function by L-BFGS (7.5), deterministically.

    Taught in: 08_lbfgs. Multiplying f by a constant changes no step.

    Args:
        value_and_gradient: maps an x like `x0` to (scalar, tensor like x). Do not clip
            x inside: L-BFGS would be told the curvature of another function.
        x0: where to start, float32 or float64; the first step changes it by 1 at most.
        steps: calls of `value_and_gradient` at most; they are what costs.
        history: how many curvature pairs to keep; each takes the memory of two x.
        callback: told ``(evaluation, x, value)``, from 1 on; a true answer ends it all.
        pairs: curvature pairs to start with, the ``result.pairs`` of an earlier run.
        memory: one that a callback can look into; the run goes on from its `now`.
        noise: relative error of the values: 1e-3 in bfloat16; rather large than small.
        gradient_tolerance: end when max |∇f| is no larger.
        value_tolerance: end when an iteration changes f relatively by less.

    Returns:
        The best point evaluated. `stop_reason` is "evaluations used up", "gradient
        small", "value settled", "no progress" (nothing lower found, not even along
        −∇f), "stopped by callback" or "interrupted" (Ctrl-C).

    Raises:
        ValueError: an argument is unusable, or f is not finite at `x0`.
    """
    x = tf.convert_to_tensor(x0)
    if x.dtype not in (tf.float32, tf.float64) or min(steps, history) < 1:
        raise ValueError("x0 must be float32 or float64, steps and history 1 or more.")
    memory = memory or PairMemory(min(history, steps + len(pairs)), x)
    for s, y, rho in pairs[-history:]:
        memory.add(tf.ensure_shape(s, x.shape), y, rho)
    f = _Run(value_and_gradient, steps, callback, x)
    try:
        reason = _loop(f, memory, noise, gradient_tolerance, value_tolerance)
    except _Stop as stop:
        reason = str(stop)
    except KeyboardInterrupt:
        reason = "interrupted"
    cost = f.evaluations, f.iterations
    return MinimizeResult(f.x, f.value, *cost, reason, memory.pairs())


class _Stop(Exception): ...  # ends a run from inside a line search; says why


@dataclass
class _Run:
    """The function, its best point so far and its cost so far."""

    function: Callable[[Tensor], tuple[Any, Tensor]]
    steps: int
    callback: Callable[[int, Tensor, float], Any] | None
    x: Tensor
    value: float = math.inf
    evaluations: int = 0
    iterations: int = 0

    def along(self, x: Tensor, d: Tensor, t: float) -> Trial:
        """Evaluate at x + t·d."""
        if self.evaluations == self.steps:
            raise _Stop("evaluations used up")
        x = x + t * d
        v, g = self.function(x)
        value, g = float(v), tf.ensure_shape(tf.cast(g, x.dtype), x.shape)
        self.evaluations += 1
        if -math.inf < value < self.value:
            self.x, self.value = x, value
        if self.callback and self.callback(self.evaluations, x, value):
            raise _Stop("stopped by callback")
        return Trial(t, value, float(dot(g, d)), x, g)


def _loop(f: _Run, memory: PairMemory, noise: float, gtol: float, vtol: float) -> str:
    """Algorithm 7.5, until there is a reason to stop."""
    now = memory.now or f.along(f.x, tf.zeros_like(f.x), 0.0)
    if not math.isfinite(now.value + now.slope):  # 0·∞ and 0·NaN are NaN
        raise ValueError(f"f or its gradient is not finite at x0: f = {now.value}.")
    while True:
        memory.now, memory.evaluations = now, f.evaluations
        g, largest = now.gradient, float(tf.reduce_max(tf.abs(now.gradient)))
        if largest <= gtol:
            return "gradient small"
        d = -(memory.times(g) if memory.slots else g / largest)
        found = start = now._replace(step=0.0, slope=float(dot(g, d)))
        if start.slope < 0:  # neither uphill nor NaN
            found = strong_wolfe(partial(f.along, now.x, d), start, noise=noise)
        if found is start:
            if not memory.slots:
                return "no progress"
            memory.slots, memory.first = [], 0  # forget all, try steepest descent
            continue
        f.iterations += 1
        s, y = found.x - now.x, found.gradient - g
        curvature = float(dot(s, y))
        # With y·s ≤ 0, H would not be positive definite, and −H·g might lead uphill.
        # The Wolfe conditions promise 0.1·|s·g|, but a search may end without them.
        if 0.01 * abs(found.step * start.slope) < curvature < math.inf:
            memory.add(s, y, 1 / curvature)
        gain, now = abs(now.value - found.value), found
        if gain < vtol * abs(now.value):
            return "value settled"
