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
from nstlib.archives import Archive, ArrayError, in_float32, write_arrays
from nstlib.backend import tf
from nstlib.errors import CheckpointError
from nstlib.files import shown
from nstlib.kinds import misplaced
from nstlib.lbfgs import CurvaturePair
from nstlib.runs.forms import between, fits, texts_of

FORMAT = 1
ARRAYS = ("tensor", "best", "gradient")
NUMBERS = (
    "scale", "done", "lowest", "value", "first", "half", "seconds", "resumed",
)  # fmt: skip
IGNORED = ("progress_every",)  # settings that do not change the result
_VARIABLES = 16  # arrays; Adam has four for one picture
_COUNT = between(0, 10**9)
_RUN = {
    "settings": dict,
    "scales": [[_COUNT]],
    "pictures": texts_of,
    "names": dict,
    "style weights": [float],
}
FACTS = {
    "format": int,
    "run": _RUN,
    "terms": [str],
    "state": {
        "scale": _COUNT,
        "done": _COUNT,
        "lowest": (float, lambda value: value == math.inf),
        "value": float,
        "first": _COUNT,
        "half": bool,
        "seconds": float,
        "resumed": [_COUNT],
    },
}
"""The form of the facts in a checkpoint; see `nstlib.runs.forms`."""
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
    """Variables of a Keras optimizer."""
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
        with Archive(path) as file:
            facts = _facts(file)
            known = facts["format"] == FORMAT
            other = differences(facts["run"], run) if known else []
            state = _unpacked(facts, file, run) if known and not other else RunState()
    except ArrayError as error:
        raise CheckpointError(
            f"{name} is not a checkpoint, or it is damaged ({error}): {_ANEW}."
        ) from error
    if not known:
        raise CheckpointError(
            f"{name} was written by nstlib {shown(str(facts.get('nstlib')))} in a "
            f"format that {__version__} does not read: continue with that version, or "
            f"{_ANEW}."
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
        with Archive(path) as file:
            run: dict[str, Any] = _facts(file)["run"]
            return run
    except ArrayError:
        return None


def _facts(file: Archive) -> dict[str, Any]:
    facts = json_in(file, "facts")
    # Another format may have other values.
    form = FACTS if facts.get("format") == FORMAT else {"format": int, "run": _RUN}
    if not fits(facts, form):
        raise ArrayError("its facts make no sense")
    return facts


def json_in(file: Archive, name: str) -> dict[str, Any]:
    """Read a JSON object that is stored as an array of bytes.

    Raises:
        ArrayError: it is missing, or something else.
    """
    try:
        facts = json.loads(file.data(name))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ArrayError):
            raise
        facts = None
    if not isinstance(facts, dict):
        raise ArrayError(f"its {name} make no sense")
    return facts


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Describe in words what differs between two runs."""
    before, after = then["pictures"], now["pictures"]
    found = []
    for what in {**before, **after}:
        was, is_ = before.get(what), after.get(what)
        label = shown(what)
        thing = label if what.startswith("mask") else f"{label} picture"
        name = shown(str(then["names"].get(what) or ""))
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
            found.append(f"{shown(name)} was {shown(str(was))}, is {is_}")
    rest = [key for key in now if key not in ("pictures", "settings", "names")]
    return found or [f"other {key}" for key in rest if then.get(key) != now[key]]


def _unpacked(facts: dict[str, Any], file: Archive, run: dict[str, Any]) -> RunState:
    """Return the state, whose shapes and limits follow from the run that goes on."""
    state = RunState(**{name: facts["state"][name] for name in NUMBERS})
    scales, settings = run["scales"], run["settings"]
    if not 0 <= state.scale < len(scales):
        raise ArrayError(f"scale {state.scale} of {len(scales)}")
    height, width, steps = scales[state.scale]
    margin = 2 * settings["margin"]
    shape = (1, height + margin, width + margin, 3)
    if not 0 <= state.done <= steps:
        raise ArrayError(f"{state.done} of {steps} evaluations")
    for name in ARRAYS:
        if name in file.headers:
            setattr(state, name, in_float32(name, file.array(name, shape)))
    pairs = _numbered("rho", file)
    if not 0 <= state.first < max(1, settings["history"]) >= len(pairs):
        raise ArrayError("more curvature pairs than there can be")
    for i in pairs:
        s, y = (_vector(f"{n}{i}", shape, file) for n in "sy")
        rho = float(file.array(f"rho{i}", ()))
        if state.half:  # of the rounded vectors
            product = float(np.vdot(s, y))
            rho = 1 / product if product else math.inf
        if 0 < rho < math.inf:  # true before rounding
            state.pairs.append(CurvaturePair(tf.constant(s), tf.constant(y), rho))
    state.variables = _variables(shape, file)
    state.history = _history(facts["terms"], file, sum(scale[2] for scale in scales))
    if len(state.history) < state.done:
        raise ArrayError("fewer losses than evaluations")
    return state


def _history(terms: list[str], file: Archive, most: int) -> list[dict[str, float]]:
    header = file.headers.get("history")
    if header and (len(header.shape) != 2 or header.shape[0] > most):
        raise ArrayError(f"its history is {header}")
    rows = file.array("history")
    if rows.shape[1] != len(terms) or "total" not in terms:
        raise ArrayError("its history has other terms")
    return [dict(zip(terms, row, strict=True)) for row in rows.tolist()]


def _variables(shape: tuple[int, ...], file: Archive) -> list[np.ndarray]:
    """Read the variables of an optimizer, of which each is at most of this shape."""
    numbers = _numbered("variable", file)
    sizes = [math.prod(file.headers[f"variable{i}"].shape) for i in numbers]
    if len(sizes) > _VARIABLES or max(sizes, default=0) > math.prod(shape):
        raise ArrayError("its optimizer has larger variables than there can be")
    return [
        file.array(name, file.headers[name].shape, "biuf")
        for name in (f"variable{i}" for i in numbers)
    ]


def _vector(name: str, shape: tuple[int, ...], file: Archive) -> np.ndarray:
    largest = file.array(f"{name}_largest", ()).astype(np.float64)
    return in_float32(name, file.array(name, shape) * largest)


def _numbered(name: str, file: Archive) -> list[int]:
    """Return 0, 1, 2 … for the arrays of this name."""
    count = sum(key.removeprefix(name).isdigit() for key in file.headers)
    if not all(f"{name}{i}" in file.headers for i in range(count)):
        raise ArrayError(f"one {name} is missing")
    return list(range(count))
