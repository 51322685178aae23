"""The file that a checkpoint is: plain arrays and a little JSON, in one ``.npz``.

Taught in: 11_high_resolution. It is written whole or not at all, and read without
running any code from it.
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
from nstlib.files import atomic_write, shown
from nstlib.lbfgs import CurvaturePair

FORMAT = 1
ARRAYS = ("tensor", "best", "gradient")
NUMBERS = (
    "scale", "done", "lowest", "value", "first", "half", "seconds", "resumed",
)  # fmt: skip
IGNORED = ("progress_every",)  # settings that have no say in the result
_ANEW = "leave resume out to begin anew"


@dataclass
class State:
    """Where a run stands; all that is needed to go on from there."""

    scale: int = 0
    """Which entry of `nstlib.large.scales.plan_scales` is being worked at."""
    done: int = 0
    """Evaluations behind us at that scale."""
    tensor: Any = None
    """float32 ``(1, H, W, 3)``, margin included: where to go on. None: at the start."""
    best: Any = None
    """The lowest point of the scale, shaped like the tensor; None: none yet."""
    lowest: float = math.inf
    """Its total loss."""
    gradient: Any = None
    """Of L-BFGS: that at the tensor, and below its value."""
    value: float = 0.0
    pairs: list[CurvaturePair] = field(default_factory=list)
    """What L-BFGS knows about the curvature, oldest first."""
    first: int = 0
    """See `nstlib.lbfgs.PairMemory`."""
    half: bool = False
    """Whether the pairs are to be rounded to half precision."""
    variables: list[Any] = field(default_factory=list)
    """What a Keras optimiser remembers."""
    history: list[dict[str, float]] = field(default_factory=list)
    """As in `nstlib.runs.result.Result`, over all scales."""
    seconds: float = 0.0
    resumed: list[int] = field(default_factory=list)
    """After how many evaluations the run was resumed, each time."""


def write(path: Path, state: State, run: dict[str, Any]) -> None:
    """Write a checkpoint.

    Args:
        path: the file; an older one is replaced.
        state: what to write.
        run: plain values that tell this run from others.

    Raises:
        ImageError: the file cannot be written.
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
            # Differences of gradients may be too small for half precision.
            largest = np.abs(vector).max() if state.half else np.float32(1)
            arrays[f"{name}_largest"] = np.asarray(largest)
            arrays[name] = (
                (vector / largest).astype(np.float16) if state.half else vector
            )
    for i, variable in enumerate(state.variables):
        arrays[f"variable{i}"] = np.asarray(variable)
    atomic_write(path, lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]


def read(path: Path, run: dict[str, Any]) -> State:
    """Read a checkpoint of this very run.

    Args:
        path: the file.
        run: what was given to `write`.

    Raises:
        CheckpointError: no file, a broken one, one of another version of nstlib, of
            other pictures or of other settings.
    """
    name = shown(path)
    if not path.is_file():
        raise CheckpointError(f"there is nothing to resume, no {name}: {_ANEW}.")
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = json.loads(file["facts"].tobytes())
            known = facts["format"] == FORMAT
            other = _differences(facts["run"], run) if known else []
            state = _unpacked(facts, file) if known and not other else State()
    except Exception as error:  # a damaged file brings any kind out of zipfile
        raise CheckpointError(
            f"{name} is no checkpoint, or a broken one: {_ANEW}."
        ) from error
    if not known:
        raise CheckpointError(
            f"{name} was written by nstlib {facts.get('nstlib')} in another form than "
            f"that of {__version__}: go on with that version, or {_ANEW}."
        )
    if other:
        raise CheckpointError(
            f"{name} is of another run ({'; '.join(other)}): give what that was made "
            f"from, or {_ANEW}."
        )
    return state


def _differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two runs, in words."""
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
    return found or [f"other {key}" for key in rest if then[key] != now[key]]


def _unpacked(facts: dict[str, Any], file: Any) -> State:
    state = State(**{name: facts["state"][name] for name in NUMBERS})
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
        if 0 < rho < math.inf:  # it was, before rounding
            state.pairs.append(CurvaturePair(tf.constant(s), tf.constant(y), rho))
    for i in range(_count("variable", file)):
        state.variables.append(file[f"variable{i}"])
    for row in file["history"].tolist():
        state.history.append(dict(zip(facts["terms"], row, strict=True)))
    return state


def _shaped(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape != shape or array.dtype != np.float32:
        raise ValueError(f"{array.dtype} {array.shape}")
    return array


def _count(name: str, file: Any) -> int:
    return sum(key.removeprefix(name).isdigit() for key in file.files)
