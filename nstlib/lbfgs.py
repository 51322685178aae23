"""L-BFGS, the optimizer of Gatys, Ecker and Bethge, written from its formulas.

Taught in: 08_lbfgs. `two_loop_recursion` gives the direction of a step, and
`nstlib.line_search` its length.
Numbers in brackets are those of Nocedal & Wright, *Numerical Optimization*, 2nd ed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from nstlib.backend import tf
from nstlib.interruption import warn_minimize
from nstlib.line_search import Tensor, Trial, strong_wolfe

PAIRS_BYTES = 2**30
"""Bytes that all curvature pairs may take together; two are kept in any case."""


class CurvaturePair(NamedTuple):
    """What one iteration learned about the curvature: ``change ≈ Hessian · step``.

    Taught in: 08_lbfgs.
    """

    step: Tensor  # s = x₊ − x
    change: Tensor  # y = ∇f(x₊) − ∇f(x)
    rho: float  # ρ = 1 / (y·s)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Compute the inner product of two tensors or of two NumPy arrays.

    Taught in: 08_lbfgs. TensorFlow sums tensors pairwise, which keeps them accurate.
    """
    return np.vdot(a, b) if isinstance(a, np.ndarray) else tf.reduce_sum(a * b)


def two_loop_recursion(
    gradient: Tensor, history: Sequence[CurvaturePair], dot: Callable[..., Any] = dot
) -> Tensor:
    """Multiply the gradient by an approximate inverse Hessian H (algorithm 7.4).

    Taught in: 08_lbfgs. H is the BFGS matrix (6.17) that starts from γI. It is never
    formed.

    Args:
        gradient: a tensor or a NumPy array of any shape.
        history: curvature pairs of that shape, oldest first. If empty, H = I.
        dot: the inner product; `PairMemory` has its own.

    Returns:
        H·g, shaped like the gradient; −H·g is the direction to search.

    Example:
        For f(x) = 3x₁² + x₂²/2, one pair for each axis is all there is to know. H·g now
        leads exactly to the minimum, and x − H·g = 0:

        >>> pairs = [
        ...     CurvaturePair(np.array([1.0, 0.0]), np.array([6.0, 0.0]), 1 / 6),
        ...     CurvaturePair(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 1.0),
        ... ]
        >>> gradient = np.array([6 * 3.0, 5.0])  # at x = (3, 5)
        >>> two_loop_recursion(gradient, pairs).round(6).tolist()
        [3.0, 5.0]
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


def pairs_kept(height: int, width: int, history: int) -> int:
    """Return how many curvature pairs fit into `PAIRS_BYTES`, at most ``history``.

    Taught in: 11_high_resolution. A pair is two float32 tensors of the picture's size.

    Args:
        height, width: those of the picture with its margin, in pixels.
        history: how many pairs are wanted.

    Example:
        >>> pairs_kept(384, 512, history=40), pairs_kept(3072, 4096, history=40)
        (40, 3)
    """
    return min(history, max(2, PAIRS_BYTES // (2 * 4 * 3 * height * width)))


class PairMemory:
    """The newest pairs as rows of one matrix, with a table of their inner products.

    The two loops pass over the picture ten times for each pair, this class four times:
    q and r are linear combinations of the s, the y and g. So the *same* loops run on
    their coefficients, with ``a @ table @ b`` as inner product (Chen et al., 2014).
    """

    def __init__(self, history: int, x: Tensor) -> None:
        """Make room for `history` pairs of the shape and dtype of `x`."""
        self.history, self.shape = history, x.shape
        self.rows = tf.zeros([2 * history, tf.size(x)], x.dtype)
        self.table = np.zeros([2 * history + 1] * 2)  # order: all s, all y, g
        self.slots: list[tuple[int, float]] = []  # (row of s, rho), oldest first
        self.fresh: tuple[Any, ...] = ()  # row and value of a y not yet in the table
        self.now: Trial | None = None  # where the current iteration began
        self.first = self.evaluations = 0  # slot of the oldest; those before `now`

    def add(self, s: Tensor, y: Tensor, rho: float) -> None:
        """Append a pair; it replaces the oldest one if the memory is full."""
        if self.fresh:  # the table still lacks the pair before
            self.times(self.fresh[1])
        if len(self.slots) == self.history:
            self.first = (self.slots.pop(0)[0] + 1) % self.history
        slot = (self.first + len(self.slots)) % self.history
        rows, pair = [slot, self.history + slot], tf.reshape(tf.stack([s, y]), [2, -1])
        # In place. A tf.Variable would be copied by each read after an assignment.
        self.rows = tf.raw_ops.InplaceUpdate(x=self.rows, i=rows, v=pair)
        self.slots.append((slot, rho))
        self.fresh = rows[1], pair[1]

    def times(self, gradient: Tensor) -> Tensor:
        """Return H·g, as `two_loop_recursion` does for the pairs in memory."""
        g = tf.reshape(gradient, [-1])
        row, y = self.fresh or (-1, g)  # -1 is the place of g
        # One pass serves y and g. Only the s that are not newer than y are needed.
        both = tf.matmul(tf.stack([y, g]), self.rows, transpose_b=True).numpy()
        self.table[:-1, row] = self.table[row, :-1] = both[0]
        self.table[:-1, -1], self.fresh = both[1], ()
        # matmul is up to 0.1 % off in float32, which is too much for the scale γ.
        self.table[row, row] = float(dot(y, y))
        e, m = np.eye(len(self.table)), self.history
        pairs = [CurvaturePair(e[i], e[m + i], rho) for i, rho in self.slots]
        c = two_loop_recursion(e[-1], pairs, dot=lambda a, b: a @ self.table @ b)
        combined = tf.linalg.matvec(self.rows, tf.cast(c[:-1], g.dtype), True)
        return tf.reshape(combined + c[-1] * g, self.shape)

    def pairs(self) -> tuple[CurvaturePair, ...]:
        """Return the pairs, oldest first, in the shape of x."""
        rows = tf.reshape(self.rows, [2, self.history, *self.shape])
        return tuple(CurvaturePair(rows[0][i], rows[1][i], r) for i, r in self.slots)


class MinimizeResult(NamedTuple):
    """The result of `minimize`, whose docstring lists the stop reasons."""

    x: Tensor  # the best point evaluated
    value: float  # its value
    evaluations: int  # calls of value_and_gradient
    iterations: int  # line searches; nearly as many as evaluations if all is well
    stop_reason: str
    memory: PairMemory

    @property
    def pairs(self) -> tuple[CurvaturePair, ...]:
        """The pairs, oldest first, for ``minimize(pairs=…)``; copied at each access."""
        return self.memory.pairs()


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
    """Minimize a smooth function with L-BFGS (algorithm 7.5), deterministically.

    Taught in: 08_lbfgs. The steps do not change if f is multiplied by a constant.

    Args:
        value_and_gradient: maps an x like `x0` to (scalar, tensor like x). It must not
            clip x, or L-BFGS would learn the curvature of another function.
        x0: where to start, float32 or float64. The first step changes it by at most 1.
        steps: largest number of calls of `value_and_gradient`, which take the time.
        history: how many curvature pairs to keep; each takes the memory of two x.
        callback: gets ``(evaluation, x, value)``, counted from 1. True ends the run.
        pairs: curvature pairs to start with: the ``result.pairs`` of an earlier run.
        memory: where to keep the pairs. The run goes on from its `now`.
        noise: relative error of the values, rather too large; 1e-3 in bfloat16.
        gradient_tolerance: end when max |∇f| is at most this.
        value_tolerance: end when the relative change of f in an iteration is smaller.

    Returns:
        The best point evaluated. `stop_reason` is "evaluations used up", "gradient
        small", "value settled", "no progress" (no lower value found, not even along
        −∇f), "stopped by callback" or "interrupted" (Ctrl-C, with a warning).

    Raises:
        ValueError: an argument is unusable.
        NotFiniteError: f or its gradient is not finite at `x0`.

    Example:
        >>> goal = tf.constant([3.0, -4.0], tf.float64)
        >>> def f(x):
        ...     return tf.reduce_sum((x - goal) ** 2), 2 * (x - goal)
        >>> result = minimize(f, tf.zeros(2, tf.float64), 50, value_tolerance=1e-9)
        >>> result.x.numpy().round(3).tolist(), result.evaluations < 10
        ([3.0, -4.0], True)
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
        reason, done = "interrupted", f"{f.evaluations} of {steps} evaluations"
        warn_minimize(f"{done}; the result is the best point so far.")
    return MinimizeResult(f.x, f.value, f.evaluations, f.iterations, reason, memory)


class NotFiniteError(ValueError):
    """The function, or its gradient, is not finite where the run begins."""


class _Stop(Exception): ...  # ends a run from inside a line search; its text: why


@dataclass
class _Run:
    """A function, with the best point and the number of evaluations so far."""

    function: Callable[[Tensor], tuple[Any, Tensor]]
    steps: int
    callback: Callable[[int, Tensor, float], Any] | None
    x: Tensor
    value: float = math.inf
    evaluations: int = 0
    iterations: int = 0

    def along(self, x: Tensor, d: Tensor, t: float) -> Trial:
        """Evaluate the function at x + t·d, where t is the λ of a line search."""
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
    """Run algorithm 7.5 until there is a reason to stop, and return it."""
    now = memory.now or f.along(f.x, tf.zeros_like(f.x), 0.0)
    if not math.isfinite(now.value + now.slope):  # 0·∞ and 0·NaN are NaN
        raise NotFiniteError(f"f or its gradient is not finite at x0: f = {now.value}.")
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
            memory.slots, memory.first = [], 0  # start again with steepest descent
            continue
        f.iterations += 1
        s, y = found.x - now.x, found.gradient - g
        curvature = float(dot(s, y))
        # With y·s ≤ 0, H would not be positive definite, and −H·g could lead uphill.
        # The Wolfe conditions ensure 0.1·|s·g|, but a search can end without them.
        if 0.01 * abs(found.step * start.slope) < curvature < math.inf:
            memory.add(s, y, 1 / curvature)
        gain, now = abs(now.value - found.value), found
        if gain < vtol * abs(now.value):
            return "value settled"
