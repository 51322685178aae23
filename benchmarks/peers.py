"""Other people's optimization loops, and ours, around one objective; for `rivals`.

Each is a `Rival`: a loop that starts from a tensor and tells a `Clock` every
evaluation, and the loss that it minimizes, so that it can be checked that all mean the
same.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from race import Clock, Rival, Task
from workload import noise_of, paint, scipy_lbfgs

from nstlib import descent, lbfgs
from nstlib.backend import tf
from nstlib.losses import content_loss, gram_matrix, positions, style_loss
from nstlib.losses import total_variation_loss as variation
from nstlib.objective import GRAY
from nstlib.preprocessing import BGR_MEANS, preprocess
from nstlib.settings import make_settings

LOW = tf.constant(-BGR_MEANS)
TUTORIAL_SCALE = 1e5
"""The tutorial's losses are so much larger than ours, and its ε expects that."""


def ours(task: Task, precision: str) -> Rival:
    """Our L-BFGS at one size."""
    objective = task.objective(precision)

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        lbfgs.minimize(
            objective.value_and_gradient,
            x0,
            evaluations,
            task.settings.history,
            lambda _, x, __: clock(x),
            noise=noise_of(precision),
        )

    return Rival(loop, lambda x: objective.value_and_gradient(x)[0], precision)


def as_scipy(task: Task) -> Rival:
    """SciPy's L-BFGS-B."""

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        def record(x: tf.Tensor) -> tuple[Any, tf.Tensor]:
            found = task.reference.value_and_gradient(x)
            clock(x)
            return found

        scipy_lbfgs(record, x0, evaluations, task.settings.history)

    return Rival(loop, lambda x: task.reference.value_and_gradient(x)[0], "float32")


def keras_loss(task: Task) -> Callable[[tf.Tensor], tf.Tensor]:
    """The loss of the Keras example: a batch of three goes through the network."""
    settings, extractor = task.settings, task.extractor("float32")
    photo, style = (tf.constant(preprocess(p)) for p in (task.photo, task.style))

    def loss(x: tf.Tensor) -> tf.Tensor:
        maps = extractor(tf.concat([photo, style, x], axis=0))
        total = settings.tv_weight * variation(x / GRAY)
        for name, weight in settings.content_layers.items():
            part = content_loss(maps[name][2:], maps[name][:1])
            total += settings.content_weight * weight * part
        for name, weight in settings.style_layers.items():
            goal, theirs = maps[name][1:2], maps[name][2:]
            part = style_loss(theirs, gram_matrix(goal), positions(goal))
            total += settings.style_weight * weight * part
        return total

    return loss


def as_keras(task: Task) -> Rival:
    """The loop of the Keras example: SGD with a decaying rate."""
    loss = keras_loss(task)

    @tf.function
    def step(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = loss(x)
        return total, tape.gradient(total, x)

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        optimizer = descent.make_optimizer("sgd", decay=0.96)
        x = tf.Variable(x0)
        for _ in range(evaluations):
            total, gradient = step(tf.convert_to_tensor(x))
            optimizer.apply([gradient * task.reference.pixels], [x])
            float(total)
            clock(x)

    return Rival(loop, loss, "float32")


def as_tutorial(task: Task) -> Rival:
    """The loop of TensorFlow's tutorial: all in one compiled step, and Adam."""
    loss = task.reference.losses

    def make_step(optimizer: Any) -> Callable[[tf.Variable], tf.Tensor]:
        @tf.function
        def step(x: tf.Variable) -> tf.Tensor:
            with tf.GradientTape() as tape:
                total = loss(x * 255.0 + LOW)[0]
            gradient = tape.gradient(total, x)
            optimizer.apply([gradient * TUTORIAL_SCALE], [x])
            x.assign(tf.clip_by_value(x, 0.0, 1.0))
            return total

        return step

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        from keras import optimizers

        x = tf.Variable(tf.clip_by_value((x0 - LOW) / 255.0, 0.0, 1.0))
        optimizer = optimizers.Adam(0.02, beta_1=0.99, epsilon=0.1)
        optimizer.build([x])
        step = make_step(optimizer)
        before = x.numpy()
        step(x)  # compiles: off the clock, and undone
        x.assign(before)
        for variable in optimizer.variables[2:]:
            variable.assign(tf.zeros_like(variable))
        clock.resumed = time.perf_counter()
        for _ in range(evaluations):
            float(step(x))
            clock(Lazily(lambda: x * 255.0 + LOW))

    return Rival(loop, lambda x: loss(x)[0], "float32")


@dataclass
class Lazily:
    """A picture in the reference's units, made only where it is kept."""

    make: Callable[[], Any]

    def numpy(self) -> np.ndarray:
        """As a tensor would do."""
        return np.array(tf.convert_to_tensor(self.make()))


def as_stylize(task: Task) -> Rival:
    """From small to large, as `nstlib.stylize` does; its last scale is kept."""

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        size = x0.shape[1:3]
        kind = "content" if np.allclose(x0, task.start("photo")) else "noise"
        settings = make_settings(task.settings, steps=evaluations, init=kind)
        paint(
            task.extractor(task.auto),
            task.photo,
            task.style,
            settings,
            lambda _, x, __: clock(x, keep=x.shape[1:3] == size),
        )

    return Rival(loop, None, task.auto)


def as_torch(task: Task) -> Rival:
    """PyTorch's L-BFGS."""
    from peers_torch import make_rival

    return make_rival(task)


MAKERS: dict[str, Callable[[Task], Rival]] = {
    "ours": lambda task: ours(task, task.auto),
    "ours32": lambda task: ours(task, "float32"),
    "keras": as_keras,
    "tutorial": as_tutorial,
    "scipy": as_scipy,
    "torch": as_torch,
    "stylize": as_stylize,
}


def contenders(task: Task, names: list[str]) -> dict[str, Rival]:
    """The rivals of these names; says who is left out, and why."""
    missing = [
        name
        for name in ("scipy", "torch")
        if name in names and not importlib.util.find_spec(name)
    ]
    for name in missing:
        print(f"{name} is not installed, and left out")
    return {
        name: make(task)
        for name, make in MAKERS.items()
        if name in names and name not in missing
    }
