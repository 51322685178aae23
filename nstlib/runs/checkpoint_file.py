"""The file of a checkpoint: arrays and some JSON in one ``.npz``.

Taught in: 11_high_resolution. The file is written completely or not at all. Reading it
runs no code from it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib import __version__
from nstlib.backend import tf
from nstlib.errors import CheckpointError
from nstlib.files import shown, write_arrays
from nstlib.kinds import misplaced
from nstlib.lbfgs import CurvaturePair

FORMAT = 1
ARRAYS = ("tensor", "best", "gradient")
NUMBERS = (
    "scale", "done", "lowest", "value", "first", "half", "seconds", "resumed",
)  # fmt: skip
IGNORED = ("progress_every",)  # settings that do not change the result
_ANEW = "leave resume out to start again"


@dataclass
class RunState:
    """The state of a run: all that is needed to continue it."""

    scale: int = 0
    """Index of the current scale in `nstlib.large.scales.plan_scales`."""
    done: int = 0
    """Number of evaluations already made at this scale."""
    tensor: Any = None
    """The point from which to continue, float32 ``(1, H, W, 3)`` with the margin; None
    at the start of a scale."""
    best: Any = None
    """The best point of this scale, shaped like the tensor; None if there is none."""
    lowest: float = math.inf
    """Total loss of the best point."""
    gradient: Any = None
    """Gradient at the tensor; for L-BFGS only."""
    value: float = 0.0
    """Total loss at the tensor; for L-BFGS only."""
    pairs: list[CurvaturePair] = field(default_factory=list)
    """Curvature pairs of L-BFGS, oldest first."""
    first: int = 0
    """Slot of the oldest pair in `nstlib.lbfgs.PairMemory`."""
    half: bool = False
    """Whether to store the pairs in half precision."""
    variables: list[Any] = field(default_factory=list)
    """Variables of a Keras optimiser."""
    history: list[dict[str, float]] = field(default_factory=list)
    """Losses of all scales so far, as in `nstlib.runs.result.Result`."""
    seconds: float = 0.0
    """Time that the run has taken so far."""
    resumed: list[int] = field(default_factory=list)
    """Numbers of evaluations after which the run was resumed."""


def write_checkpoint(path: Path, state: RunState, run: dict[str, Any]) -> None:
    """Write a checkpoint.

    Args:
        path: the file; an existing one is replaced.
        state: the state of the run.
        run: values that JSON can hold, by which this run differs from others.

    Raises:
        FileError: the file cannot be written.
    """
    terms = list(state.history[0])
    facts = {"format": FORMAT, "nstlib": __version__, "run": run, "terms": terms}
    facts["state"] = {name: getattr(state, name) for name in NUMBERS}
    losses = [[entry[term] for term in terms] for entry in state.history]
    arrays = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "history": np.array(losses),
    }
    for name in ARRAYS:
        if (value := getattr(state, name)) is not None:
            arrays[name] = np.asarray(value)
    for i, (s, y, rho) in enumerate(state.pairs):
        arrays[f"rho{i}"] = np.array(rho)
        for name, vector in ((f"s{i}", np.asarray(s)), (f"y{i}", np.asarray(y))):
            # Scaled, because differences of gradients can be too small for float16.
            largest = np.abs(vector).max() if state.half else np.float32(1)
            arrays[f"{name}_largest"] = np.asarray(largest)
            arrays[name] = (
                (vector / largest).astype(np.float16) if state.half else vector
            )
    for i, variable in enumerate(state.variables):
        arrays[f"variable{i}"] = np.asarray(variable)
    write_arrays(path, arrays)


def read_checkpoint(path: Path, run: dict[str, Any]) -> RunState:
    """Read a checkpoint, and check that it belongs to the same run.

    Args:
        path: the file.
        run: the same values that were given to `write_checkpoint`.

    Raises:
        CheckpointError: the file is missing or broken, or it belongs to another version
            of nstlib, to other pictures or to other settings.
    """
    name = shown(path)
    if not path.is_file():
        raise CheckpointError(f"there is nothing to resume, no {name}: {_ANEW}.")
    if elsewhere := misplaced(path, "checkpoint"):
        raise CheckpointError(f"{name} {elsewhere}")
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes())
            known = facts["format"] == FORMAT
            other = differences(facts["run"], run) if known else []
            state = _unpacked(facts, file) if known and not other else RunState()
    except Exception as error:  # zipfile raises any type for a damaged file
        raise CheckpointError(
            f"{name} is not a checkpoint, or it is damaged: {_ANEW}."
        ) from error
    if not known:
        raise CheckpointError(
            f"{name} was written by nstlib {facts.get('nstlib')} in a format that "
            f"{__version__} does not read: continue with that version, or {_ANEW}."
        )
    if other:
        raise CheckpointError(
            f"{name} belongs to another run ({'; '.join(other)}): give what that was "
            f"made from, or {_ANEW}."
        )
    return state


def run_of(path: Path) -> dict[str, Any] | None:
    """Read the inputs of a run from its checkpoint; None if it is another file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            run = json.loads(file["facts"].tobytes())["run"]
            return run if {"settings", "pictures", "names"} <= run.keys() else None
    except Exception:  # zipfile raises any type for a damaged file
        return None


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Describe in words what differs between two runs."""
    before, after = then["pictures"], now["pictures"]
    found = []
    for what in {**before, **after}:
        was, is_ = before.get(what), after.get(what)
        thing = what if what.startswith("mask") else f"{what} picture"
        name = then["names"].get(what)
        if was is None:
            found.append(f"it had no {thing}")
        elif is_ is None:
            found.append(f"no {thing}" + (f", which was {name}" if name else ""))
        elif was != is_:
            found.append(f"another {thing}" + (f" than {name}" if name else ""))
    before, after = then["settings"], now["settings"]
    for name in {**before, **after}:
        was, is_ = before.get(name), after.get(name)
        if was != is_ and name not in IGNORED:
            found.append(f"{name} was {was}, is {is_}")
    rest = [key for key in now if key not in ("pictures", "settings", "names")]
    return found or [f"other {key}" for key in rest if then.get(key) != now[key]]


def _unpacked(facts: dict[str, Any], file: Any) -> RunState:
    state = RunState(**{name: facts["state"][name] for name in NUMBERS})
    height, width, steps = facts["run"]["scales"][state.scale]
    margin = 2 * facts["run"]["settings"]["margin"]
    shape = (1, height + margin, width + margin, 3)
    if not 0 <= state.done <= steps:
        raise ValueError(f"{state.done} of {steps} evaluations")
    for name in ARRAYS:
        if name in file:
            setattr(state, name, _shaped(file[name], shape))
    for i in range(_count("rho", file)):
        s, y = (_shaped(file[f"{n}{i}"] * file[f"{n}{i}_largest"], shape) for n in "sy")
        rho = 1 / float(np.vdot(s, y)) if state.half else float(file[f"rho{i}"])
        if 0 < rho < math.inf:  # true before rounding
            state.pairs.append(CurvaturePair(tf.constant(s), tf.constant(y), rho))
    for i in range(_count("variable", file)):
        state.variables.append(file[f"variable{i}"])
    for row in file["history"].tolist():
        state.history.append(dict(zip(facts["terms"], row, strict=True)))
    return state


def _shaped(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape != shape or array.dtype != np.float32:
        raise ValueError(f"{array.dtype} {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("not finite")
    return array


def _count(name: str, file: Any) -> int:
    return sum(key.removeprefix(name).isdigit() for key in file.files)
