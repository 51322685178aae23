"""Checkpoints: the state of a long run on the disk, so that a power cut costs little.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

import dataclasses
import math
import os
import time
import warnings
from collections.abc import Sequence
from typing import Any

from nstlib.backend import tf
from nstlib.errors import CheckpointError, FileError
from nstlib.files import as_path, shown
from nstlib.lbfgs import PairMemory
from nstlib.line_search import Trial
from nstlib.runs.checkpoint_file import RunState, read_checkpoint, write_checkpoint
from nstlib.runs.facts import recorded, weights_of
from nstlib.runs.provenance import Origin
from nstlib.settings import Settings

ROOM = 64_000_000
"""Size, in bytes, that curvature pairs may take in a checkpoint. All pairs of a small
picture fit. Of a large one, only the newest are stored, in half precision."""
SHARE = 0.02
"""Largest share of a run's time that may be spent on writing checkpoints."""


class Checkpoint:
    """Keeps the state of a run in a file, for the argument of `nstlib.stylize`.

    Taught in: 11_high_resolution. A resumed run gives the same picture as a run without
    a break, bit for bit. There are two exceptions. If the curvature pairs of L-BFGS
    need more than `ROOM`, only the newest are stored, rounded. And `Settings.average`
    starts again. If the file cannot be written, a warning says so, and the run goes on
    without checkpoints. The file is not deleted at the end of the run.

    Args:
        path: a file name that ends in ``.npz``; None keeps nothing.
        seconds: time between two checkpoints. It is extended if writing one takes more
            than `SHARE` of it. With 0, one is written only if the run is interrupted.

    Raises:
        CheckpointError: the name does not end in ``.npz``, or the seconds are negative.
        FileError: the path is not a file name.
    """

    def __init__(self, path: str | os.PathLike[str] | None, seconds: float = 30.0):
        self.path = None if path is None else as_path(path)
        if self.path is not None and self.path.suffix != ".npz":
            raise CheckpointError(f"{shown(self.path)}: a checkpoint ends in .npz.")
        if not 0 <= seconds < math.inf:
            raise CheckpointError("the seconds between checkpoints are 0 or more.")
        self.seconds, self.state = seconds or math.inf, RunState()
        self.written = False
        self.memory: PairMemory | None = None
        self.optimizer: Any = None

    def open(self, run: dict[str, Any], resume: bool) -> RunState:
        """Prepare for a run, and read the state from which it continues.

        Args:
            run: the description of the run, from `describe`.
            resume: whether to continue from the file.

        Returns:
            The state from the file, or that of a new run.

        Raises:
            CheckpointError: the file is missing or broken, or it belongs to another
                run.
        """
        self.run, self.state = run, RunState()
        if resume:
            if self.path is None:
                raise CheckpointError("to resume a run, name its checkpoint.")
            self.state = read_checkpoint(self.path, run)
            self.state.resumed.append(len(self.state.history))
        now = time.perf_counter()
        self.began, self.due = now - self.state.seconds, now + self.seconds
        return self.state

    def begin(self, scale: int, tensor: Any, history: list[dict[str, float]]) -> int:
        """Note that a scale starts or continues.

        Args:
            scale: index of the scale.
            tensor: the point from which it starts.
            history: the losses so far. The run goes on appending to this list.

        Returns:
            How many evaluations of this scale were made before the run was resumed.
        """
        self.memory = self.optimizer = None
        if self.state.tensor is None or self.state.scale != scale:
            self.state = RunState(scale, tensor=tensor, resumed=self.state.resumed)
        self.history, self.first = history, len(history) - self.state.done
        return self.state.done

    def remember(self, history: int, tensor: Any) -> PairMemory:
        """Make the memory of L-BFGS, filled with the curvature pairs of the file.

        Args:
            history: number of pairs that it can hold.
            tensor: the point from which L-BFGS starts.
        """
        state, self.memory = self.state, PairMemory(history, tensor)
        if state.gradient is not None:
            x, gradient = tf.constant(tensor), tf.constant(state.gradient)
            self.memory.now = Trial(0.0, state.value, 0.0, x, gradient)
        self.memory.first = state.first
        for pair in state.pairs:
            self.memory.add(*pair)
        state.pairs, state.gradient, state.first = [], None, 0
        self.before = len(self.history)
        state.tensor, state.done = tensor, self.before - self.first
        return self.memory

    def follow(self, optimizer: Any) -> None:
        """Store the variables of this Keras optimizer in all later checkpoints."""
        self.optimizer = optimizer

    def restore(self, variable: tf.Variable) -> None:
        """Fill the optimizer of this variable with its values from the file, if any.

        Raises:
            CheckpointError: the values are those of another optimizer.
        """
        if self.state.done:
            self.optimizer.build([variable])
            own, values = self.optimizer.variables, self.state.variables
            if [v.shape for v in own] != [v.shape for v in values]:
                raise CheckpointError(
                    f"{shown(str(self.path))} holds another optimizer than this run's: "
                    "leave resume out to start again."
                )
            for variable, value in zip(own, values, strict=True):
                variable.assign(value)

    def lowest(self, x: Any) -> Any:
        """Return the best point of the whole scale.

        Args:
            x: the best point since the run was resumed.
        """
        return x if self.state.best is None else self.state.best

    def saw(self, x: Any, total: float) -> None:
        """Note an evaluation at x, and write the file if it is time to.

        The losses of the evaluation are the last in the history.
        """
        if self.path is None:
            return
        state = self.state
        if total < state.lowest:
            state.best, state.lowest = tf.identity(x), total
        if self.optimizer is not None:
            # The optimizer has not used this gradient yet, so a resumed run starts by
            # evaluating the same x.
            state.tensor, state.done = (
                tf.identity(x),
                len(self.history) - self.first - 1,
            )
            if self.optimizer.built:
                own = self.optimizer.variables
                state.variables = [tf.identity(v.value) for v in own]
        if time.perf_counter() >= self.due:
            self.write()

    def write(self) -> None:
        """Write the file now, if there is a path and at least one evaluation."""
        start, state = time.perf_counter(), self.state
        if self.memory and self.memory.now:
            state = self._of_lbfgs(self.memory, self.memory.now)
        count = self.first + state.done
        if self.path is None or not count:
            return
        state = dataclasses.replace(
            state, history=self.history[:count], seconds=start - self.began
        )
        try:
            write_checkpoint(self.path, state, self.run)
            self.written = True
        except FileError as error:
            self.seconds = math.inf
            warnings.warn(f"no more checkpoints: {error}", stacklevel=2)
        end = time.perf_counter()
        self.due = end + max(self.seconds, (end - start) / SHARE)

    def _of_lbfgs(self, memory: PairMemory, now: Trial) -> RunState:
        """Return the state at the start of an iteration of L-BFGS.

        All curvature pairs are in it if they fit into `ROOM`. Otherwise the newest are,
        to be stored in half precision.
        """
        pairs, half = memory.pairs(), False
        values = 2 * int(tf.size(now.x))
        if 4 * values * len(pairs) > ROOM:
            half, count = True, min(len(pairs), ROOM // (2 * values))
            pairs = pairs[len(pairs) - count :]
        return dataclasses.replace(
            self.state,
            done=self.before + memory.evaluations - self.first,
            tensor=now.x,
            gradient=now.gradient,
            value=now.value,
            pairs=list(pairs),
            first=0 if half else memory.first,
            half=half,
        )


def describe(
    settings: Settings,
    scales: Sequence[Sequence[int]],
    pictures: Sequence[Origin],
    start: str | None,
) -> dict[str, Any]:
    """Describe the inputs of a run, so that a checkpoint can be matched to its run.

    Args:
        settings: the settings of the run.
        scales: the scales, from `nstlib.large.scales.plan_scales`.
        pictures: origins of the content and of the styles, in this order.
        start: hash of the picture to start from; None if there is none.

    Returns:
        Values that JSON can hold: settings, scales, hashes and names of the pictures,
        and the weights of the styles.
    """
    content, *styles = pictures
    named = {"content": content} | {
        f"style {number}": style for number, style in enumerate(styles, start=1)
    }
    named |= {
        f"mask of style {number}": style.mask
        for number, style in enumerate(styles, start=1)
        if style.mask
    }
    weights = weights_of(settings)
    told = {"weights": f"{weights['name']} {weights['sha256'][:12]}"} if weights else {}
    hashes = {what: picture.sha256 for what, picture in named.items()}
    return {
        "settings": recorded(settings) | told,
        "scales": [list(scale) for scale in scales],
        "pictures": hashes | ({"start": start} if start else {}),
        "names": {what: picture.name for what, picture in named.items()},
        "style weights": [style.weight for style in styles],
    }
