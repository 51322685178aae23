"""L-BFGS, the optimiser of Gatys, Ecker and Bethge, from its formulas.

Taught in: 08_lbfgs. `two_loop_recursion` tells which way, `line_search` how far.
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
from nstlib.line_search import Tensor, Trial, strong_wolfe

PAIRS_BYTES = 2**30
"""What the curvature pairs may take together; three are kept in any case."""


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


def pairs_kept(height: int, width: int, history: int) -> int:
    """How many curvature pairs are kept: `history`, or as many as `PAIRS_BYTES` hold.

    Taught in: 11_high_resolution. A pair is two float32 tensors like the picture.

    Args:
        height: of the picture with its margin, in pixels.
        width: the same.
        history: how many are wanted.
    """
    pair = 2 * 4 * 3 * height * width
    return min(history, max(3, PAIRS_BYTES // pair))


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


class MinimizeResult(NamedTuple):
    """What `minimize` found; its docstring lists the stop reasons."""

    x: Tensor  # the best point evaluated
    value: float  # its value
    evaluations: int  # calls of value_and_gradient
    iterations: int  # line searches; nearly as many as evaluations if all is well
    stop_reason: str
    memory: PairMemory

    @property
    def pairs(self) -> tuple[CurvaturePair, ...]:
        """Oldest first, for minimize(pairs=…); copied only when somebody asks."""
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
    return MinimizeResult(f.x, f.value, *cost, reason, memory)


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
