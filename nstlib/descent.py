"""First-order optimizers, with the same interface as `nstlib.lbfgs`.

Taught in: 07_optimizing_pixels. The update rules are those of Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nstlib.backend import keras, tf
from nstlib.errors import SettingsError, shorten
from nstlib.interruption import warn_minimize

LEARNING_RATES = {"adam": 5.0, "adagrad": 20.0, "rmsprop": 2.0, "sgd": 0.1}
"""Default learning rates, for pixels from 0 to 255."""


class DescentResult(NamedTuple):
    """The result of `minimize`."""

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
    """Make a Keras optimizer, given its name.

    Args:
        name: ``"adam"``, ``"adagrad"``, ``"rmsprop"`` or ``"sgd"``.
        learning_rate: in the units of x; one of `LEARNING_RATES` if None.
        decay: factor on the learning rate for every 100 steps, spread over the steps.
        beta_1: Adam's decay rate of the mean gradient.
        beta_2: decay rate of the mean squared gradient, in Adam and RMSprop (``rho``).
        epsilon: prevents division by zero in Adam, Adagrad and RMSprop.
    """
    # As a float, because Keras decays an integer learning rate in integers.
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


def restored_optimizer(saved: dict[str, Any]) -> Any:
    """Make a Keras optimizer again from what `keras.optimizers.serialize` returned.

    Args:
        saved: values from JSON, of which nothing is known yet.

    Raises:
        SettingsError: it is no optimizer of Keras, nor one that was registered with
            Keras in this process; or its values make no sense.
    """
    try:
        if not _is_known(saved):  # Keras itself may import any module that is named
            raise ValueError("no optimizer")
        return keras.optimizers.deserialize(saved)
    except Exception as error:  # Keras raises any type for values that make no sense
        name = shorten(str(saved.get("class_name")))
        raise SettingsError(
            f"optimizer {name} cannot be made again: give the name of another one."
        ) from error


def _is_known(value: Any) -> bool:
    """Return whether all classes that a value names are known, and safe to make."""
    if isinstance(value, list):
        return all(map(_is_known, value))
    if not isinstance(value, dict):
        return True
    if not all(map(_is_known, value.values())):
        return False
    if "class_name" not in value:
        return True
    own, name = value.get("registered_name"), str(value["class_name"])
    if own:
        return keras.saving.get_registered_object(str(own)) is not None
    bases = {
        "keras.optimizers": (keras.optimizers, keras.optimizers.Optimizer),
        "keras.optimizers.schedules": (
            keras.optimizers.schedules,
            keras.optimizers.schedules.LearningRateSchedule,
        ),
    }
    module, base = bases.get(str(value.get("module")), (None, object))
    found = getattr(module, name, None)
    return isinstance(found, type) and issubclass(found, base)


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
    """Minimize a function with a Keras optimizer.

    Taught in: 07_optimizing_pixels.

    Args:
        value_and_gradient: maps x to (scalar, tensor like x).
        x0: where to start, any shape.
        steps: number of calls of `value_and_gradient`.
        optimizer: any new `keras.optimizers.Optimizer`.
        callback: called with ``(evaluation, x, value)`` after each evaluation, counted
            from 1. A true return value ends the run.
        bounds: lowest and highest x. They are enforced between the steps, never inside
            the function.
        average: decay rate of a bias-corrected moving average of the iterates (Kingma &
            Ba 2015, §7.2), which is then the result; 0 for none.
        gradient_scale: factor by which the gradient is multiplied for the optimizer.
        restore: called with the variable before the first step, for an optimizer that
            goes on with what it remembers of an earlier run.

    Returns:
        The best point evaluated, or the average of all points. If the value is no
        longer finite, the run ends and the result is the best point. Ctrl-C ends it,
        too, with an `nstlib.interruption.Interruption` as a warning.

    Example:
        >>> goal = tf.constant([3.0, -4.0])
        >>> def f(x):
        ...     return tf.reduce_sum((x - goal) ** 2), 2 * (x - goal)
        >>> result = minimize(f, tf.zeros(2), 50, make_optimizer("sgd", 0.25))
        >>> result.x.numpy().round(3).tolist(), result.stop_reason
        ([3.0, -4.0], 'evaluations used up')
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
        reason, kind = "interrupted", "average" if average else "best point"
        done = f"{evaluation} of {steps} evaluations"
        warn_minimize(f"{done}; the result is the {kind} so far.")
    use_mean = average and weight and reason != "not finite"
    return DescentResult(mean / weight if use_mean else best, evaluation, reason)
