"""A training that can be cut off and goes on from its last checkpoint."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from shared import InputError
from tqdm import tqdm

from nstlib.backend import tf

Step = Callable[[np.random.Generator], tf.Tensor]
"""Takes one step with a batch of this generator; a vector of errors."""


def variables_from(arrays: Mapping[str, np.ndarray]) -> dict[str, tf.Variable]:
    """A variable for each array; slashes are not allowed in their names."""
    return {
        key: tf.Variable(value, name=key.replace("/", "_"))
        for key, value in arrays.items()
    }


class Training:
    """Optimizer, checkpoint and progress of one run.

    Args:
        variables: what is trained, by name.
        args: those of `shared.add_run`. The run's last checkpoint, if there is one, is
            read into the variables.
    """

    def __init__(
        self, variables: Mapping[str, tf.Variable], args: argparse.Namespace
    ) -> None:
        import keras

        args.run.mkdir(parents=True, exist_ok=True)
        self.args, self.variables = args, list(variables.values())
        self.optimizer = keras.optimizers.AdamW(
            one_cycle(args.peak, args.steps), weight_decay=1e-4, global_clipnorm=5.0
        )
        self.optimizer.build(self.variables)
        self.done = tf.Variable(0, dtype=tf.int64)
        checkpoint = tf.train.Checkpoint(
            **{key.replace("/", "_"): value for key, value in variables.items()},
            optimizer=self.optimizer,
            done=self.done,
        )
        folder = str(args.run / "checkpoint")
        self.manager = tf.train.CheckpointManager(checkpoint, folder, 1)
        checkpoint.restore(self.manager.latest_checkpoint)

    def descend(self, tape: tf.GradientTape, loss: tf.Tensor) -> None:
        """Let the optimizer take one step down this loss."""
        gradients = tape.gradient(loss, self.variables)
        self.optimizer.apply_gradients(zip(gradients, self.variables, strict=True))

    def go_on(self, step: Step, keep: Callable[[int, np.ndarray], str]) -> None:
        """Take the steps that are left.

        Args:
            step: see `Step`.
            keep: is told, where a checkpoint is written, how many steps are done and
                the running mean of the errors; writes files, and returns a line to
                print.

        Raises:
            InputError: there is nothing left to do.
        """
        args, begun, running = self.args, int(self.done), None
        if begun >= args.steps:
            raise InputError(f"{args.run} has {begun} steps: give more --steps.")
        with tqdm(total=args.steps, initial=begun, unit="step", mininterval=10) as bar:
            for number in range(begun, args.steps):
                # A generator per step: a resumed run sees what an unbroken one sees.
                errors = step(np.random.default_rng([args.seed, number]))
                running = errors if running is None else 0.99 * running + 0.01 * errors
                self.done.assign_add(1)
                bar.update()
                if (number + 1) % args.save_every == 0 or number + 1 == args.steps:
                    self.manager.save()
                    tqdm.write(keep(number + 1, running.numpy()))


def one_cycle(peak: float, steps: int) -> Any:
    """Warm up over a twentieth of the steps, then fall to nothing along a cosine."""
    from keras.optimizers import schedules

    warm = max(steps // 20, 1)
    return schedules.CosineDecay(
        peak / 25,
        max(steps - warm, 1),
        alpha=1e-3,
        warmup_target=peak,
        warmup_steps=warm,
    )
