"""A long run that survives a power cut: from time to time its state goes to the disk.

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
"""Bytes for curvature pairs: those of small pictures fit as they are, of large ones the
newest in half precision."""
SHARE = 0.02
"""Most that checkpoints may add to the time of a run."""


class Checkpoint:
    """Keeps the state of a run in a file; `nstlib.stylize` takes one.

    Taught in: 11_high_resolution. A resumed run goes on as if nothing had been, to the
    last bit, with two exceptions: where the curvature pairs of L-BFGS need more than
    `ROOM`, only the newest are kept, rounded; and `Settings.average` begins anew. A
    file that cannot be written ends the checkpoints, not the run. The file stays:
    delete it when the picture is saved.

    Args:
        path: ends in ``.npz``; None: nothing is kept.
        seconds: between two checkpoints; more where writing one takes more than
            `SHARE` of that. 0: only when the run is interrupted.

    Raises:
        CheckpointError: the name does not end in ``.npz``, or seconds are negative.
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
        """Before the run: say what goes into it. Where it stands, if it is resumed.

        Args:
            run: see `describe`.
            resume: whether to go on from the file.

        Raises:
            CheckpointError: no file, a broken one, or one of another run.
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
        """A scale begins, or goes on; how many evaluations of it are done already."""
        self.memory = self.optimizer = None
        if self.state.tensor is None or self.state.scale != scale:
            self.state = RunState(scale, tensor=tensor, resumed=self.state.resumed)
        self.history, self.first = history, len(history) - self.state.done
        return self.state.done

    def remember(self, history: int, tensor: Any) -> PairMemory:
        """What L-BFGS knows, with that of the file to begin with."""
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
        """From here on the memory of this Keras optimiser is written, too."""
        self.optimizer = optimizer

    def restore(self, variable: tf.Variable) -> None:
        """Give the optimiser that moves this variable its memory from the file."""
        if self.state.done:
            self.optimizer.build([variable])
            pairs = zip(self.optimizer.variables, self.state.variables, strict=True)
            for own, value in pairs:
                own.assign(value)

    def lowest(self, x: Any) -> Any:
        """The lowest point of the scale, if x is that since the run was resumed."""
        return x if self.state.best is None else self.state.best

    def saw(self, x: Any, total: float) -> None:
        """An evaluation at x is done, and its losses are the last in the history."""
        if self.path is None:
            return
        state = self.state
        if total < state.lowest:
            state.best, state.lowest = tf.identity(x), total
        if self.optimizer is not None:
            # It has not been told this gradient: the same x must come again.
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
        """Write the file now, if there is anything to write."""
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
        """The state at the beginning of an iteration, as exact as there is room."""
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
    """What goes into a run, such that two runs can be compared.

    Args:
        settings: those of the run.
        scales: its plan, see `nstlib.large.scales.plan_scales`.
        pictures: the content, then the styles.
        start: hash of the picture to begin with, if any.
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
