"""First-order optimisers, behind the same door as L-BFGS.

Taught in: 07_optimizing_pixels. The update rules are those of Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nstlib.backend import keras, tf

LEARNING_RATES = {"adam": 5.0, "adagrad": 20.0, "rmsprop": 2.0, "sgd": 0.1}
"""What a learning rate of None means. A pixel goes from 0 to 255."""


class DescentResult(NamedTuple):
    """What `minimize` returns."""

    x: tf.Tensor
    """The best point evaluated; with `average`, the averaged iterate."""
    evaluations: int
    stop_reason: str
    """As in `nstlib.lbfgs.minimize`, and ``"not finite"``."""


def make_optimizer(
    name: str,
    learning_rate: float | None = None,
    decay: float = 1.0,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> Any:
    """A Keras optimiser by name.

    Args:
        name: ``"adam"``, ``"adagrad"``, ``"rmsprop"`` or ``"sgd"``.
        learning_rate: in the units of x; None: `LEARNING_RATES`.
        decay: factor on the learning rate per 100 steps, applied a little at each.
        beta_1: Adam's memory of the gradient.
        beta_2: Adam's memory of its square; the same, ``rho``, of RMSprop.
        epsilon: keeps Adam, Adagrad and RMSprop from dividing by zero.
    """
    # A whole number would make Keras decay it in whole numbers.
    rate: Any = float(LEARNING_RATES[name] if learning_rate is None else learning_rate)
    if decay != 1:
        rate = keras.optimizers.schedules.ExponentialDecay(rate, 100, decay)
    if name == "adam":
        return keras.optimizers.Adam(rate, beta_1, beta_2, epsilon)
    if name == "adagrad":
        return keras.optimizers.Adagrad(rate, epsilon=epsilon)
    if name == "rmsprop":
        return keras.optimizers.RMSprop(rate, rho=beta_2, epsilon=epsilon)
    return keras.optimizers.SGD(rate)


def minimize(
    value_and_gradient: Callable[[tf.Tensor], tuple[Any, tf.Tensor]],
    x0: tf.Tensor,
    steps: int,
    optimizer: Any,
    callback: Callable[[int, tf.Tensor, float], Any] | None = None,
    *,
    bounds: tuple[tf.Tensor, tf.Tensor] | None = None,
    average: float = 0.0,
    gradient_scale: float = 1.0,
    restore: Callable[[tf.Variable], None] | None = None,
) -> DescentResult:
    """Follow the gradient with a Keras optimiser.

    Taught in: 07_optimizing_pixels.

    Args:
        value_and_gradient: maps x to (scalar, tensor like x).
        x0: where to start, any shape.
        steps: evaluations of `value_and_gradient`.
        optimizer: any fresh `keras.optimizers.Optimizer`.
        callback: called as ``callback(evaluation, x, value)``, counted from 1; a true
            answer stops the run.
        bounds: lowest and highest x, enforced between steps, never inside the loss.
        average: share of the past in a bias-corrected moving average of the iterates
            (Kingma & Ba 2015, §7.2), which is then the result.
        gradient_scale: factor on the gradient before the optimiser sees it.
        restore: called with the variable before the first step, for an optimiser that
            goes on with what it remembers of an earlier run.

    Returns:
        The best point, or the average of all points. A loss that is no longer finite
        ends the run at the best point.
    """
    x, best, best_value = tf.Variable(x0), tf.convert_to_tensor(x0), math.inf
    mean, weight, evaluation = tf.zeros_like(best), 0.0, 0
    if restore:
        restore(x)
    reason = "evaluations used up"
    try:
        while evaluation < steps:
            value, gradient = value_and_gradient(tf.convert_to_tensor(x))
            evaluation, value = evaluation + 1, float(value)
            if not math.isfinite(value):
                reason = "not finite"
                break
            if value < best_value:
                best, best_value = tf.identity(x), value
            if callback and callback(evaluation, tf.convert_to_tensor(x), value):
                reason = "stopped by callback"
                break
            optimizer.apply([gradient * gradient_scale], [x])
            if bounds:
                x.assign(tf.clip_by_value(x, *bounds))
            if average:
                mean = average * mean + (1 - average) * x
                weight = average * weight + (1 - average)
    except KeyboardInterrupt:
        reason = "interrupted"
    use_mean = average and weight and reason != "not finite"
    return DescentResult(mean / weight if use_mean else best, evaluation, reason)
