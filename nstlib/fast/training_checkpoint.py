"""The checkpoint of a training: parameters, optimizer, and progress in one file."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.archives import Archive, ArrayError, in_float32, write_arrays
from nstlib.errors import CheckpointError, FileError
from nstlib.fast.perceptual_loss import TRAINING_TERMS
from nstlib.feedforward import transformer_shapes
from nstlib.files import as_path, shown
from nstlib.images import fingerprint
from nstlib.kinds import misplaced
from nstlib.runs.checkpoint_file import json_in
from nstlib.runs.facts import UNSEEN, recorded, weights_of
from nstlib.runs.forms import between, fits
from nstlib.settings import Settings

_COUNT = between(0, 10**9)
_RUN = {
    "painting": str,
    "photos": str,
    "count": _COUNT,
    "side": _COUNT,
    "batch": _COUNT,
    "from_scratch": bool,
    "settings": dict,
    "weights": (str, None),
}


@dataclass
class TrainingState:
    """The state of a training: all that is needed to continue it."""

    parameters: dict[str, np.ndarray]
    optimizer: list[np.ndarray] = field(default_factory=list)
    """The variables of the Keras optimizer, in its own order."""
    steps: int = 0
    seconds: float = 0.0
    losses: Any = (0.0,) * len(TRAINING_TERMS)
    """Running means of the weighted terms, ordered as `TRAINING_TERMS`."""
    run: dict[str, Any] = field(default_factory=dict)
    """The inputs of the training, from `describe_training`."""


def describe_training(
    style: np.ndarray,
    photos: Sequence[np.ndarray],
    settings: Settings,
    side: int,
    batch: int,
    from_scratch: bool = False,
) -> dict[str, Any]:
    """Describe the inputs of a training, so that a checkpoint can be matched to it.

    Args:
        style: the painting.
        photos: all photos, in their order.
        settings: the settings of the training.
        side: side of the square crops in pixels.
        batch: number of crops in a step.
        from_scratch: whether it began with random numbers.

    Returns:
        Values that JSON can hold.
    """
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(f"{photo.shape}".encode())
        digest.update(np.ascontiguousarray(photo).tobytes())
    return {
        "painting": fingerprint(style),
        "photos": digest.hexdigest(),
        "count": len(photos),
        "side": side,
        "batch": batch,
        "from_scratch": from_scratch,
        "settings": recorded(settings),
        "weights": (weights_of(settings) or {}).get("sha256"),
    }


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Describe in words what differs between two trainings."""
    if not then:
        return ["it does not say which, being of an earlier version"]
    found = []
    if then["painting"] != now["painting"]:
        found.append("another painting")
    if then["photos"] != now["photos"]:
        found.append(f"other photos, {then['count']} then and {now['count']} now")
    if then["weights"] != now["weights"]:
        found.append("other weights of the network")
    for name in ("side", "batch"):
        if then[name] != now[name]:
            found.append(f"{name} was {then[name]}, is {now[name]}")
    if then["from_scratch"] != now["from_scratch"]:
        found.append("another network to begin with")
    before, after = then["settings"], now["settings"]
    for name in {**before, **after}:
        was, is_ = before.get(name), after.get(name)
        if was != is_ and name not in UNSEEN:
            found.append(f"{shown(name)} was {shown(str(was))}, is {is_}")
    return found


def training_of(path: Path) -> dict[str, Any] | None:
    """Read the inputs of a training from its checkpoint; None if it is another file."""
    try:
        with Archive(path) as file:
            file.expect("numbers")
            return _run(file)
    except ArrayError:
        return None


def _run(file: Archive) -> dict[str, Any]:
    """Return the inputs; empty if an earlier version did not write them."""
    run = json_in(file, "run") if "run" in file.headers else {}
    if run and not fits(run, _RUN):
        raise ArrayError("its inputs make no sense")
    return run


def write_state(path: str | Path, state: TrainingState) -> None:
    """Write a checkpoint, completely or not at all.

    Args:
        path: the file, ``NAME.npz``; an existing one is replaced.
        state: the state of the training.

    Raises:
        FileError: the file cannot be written.
    """
    arrays: dict[str, Any] = {
        f"p:{key}": value for key, value in state.parameters.items()
    }
    arrays |= {f"o:{i:03}": value for i, value in enumerate(state.optimizer)}
    arrays["run"] = np.frombuffer(json.dumps(state.run).encode(), np.uint8)
    arrays["numbers"] = np.array([state.steps, state.seconds, *state.losses])
    write_arrays(path, arrays)


def write_or_warn(path: str | Path, state: TrainingState) -> str | Path | None:
    """Write a checkpoint and return its path; warn and return None if that fails."""
    try:
        write_state(path, state)
        return path
    except FileError as error:
        warnings.warn(f"no more checkpoints: {error}", stacklevel=3)
        return None


def read_state(path: str | Path | None, run: dict[str, Any]) -> TrainingState:
    """Read a checkpoint, and check that it belongs to the same training.

    Args:
        path: path of the file.
        run: the inputs of this training, from `describe_training`.

    Raises:
        CheckpointError: no path is given, the file is missing, it is not a checkpoint
            of a training, or it is one of another training.
    """
    if path is None:
        raise CheckpointError("to resume a training, name its checkpoint.")
    file = as_path(path)
    if not file.is_file():
        raise CheckpointError(f"there is nothing to resume, no {shown(file)}.")
    if elsewhere := misplaced(file, "training"):
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train, for it {elsewhere}"
        )
    try:
        with Archive(file) as arrays:
            then = _run(arrays)
            if other := differences(then, run):
                raise CheckpointError(
                    f"{shown(file)} belongs to another training ({'; '.join(other)}): "
                    "give what that was made from, or leave resume out to start again."
                )
            return _unpacked(arrays, run)
    except ArrayError as error:
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train, or it is damaged: {error}; "
            "train again without --resume."
        ) from error


def _unpacked(file: Archive, run: dict[str, Any]) -> TrainingState:
    steps, seconds, *losses = file.array("numbers", (2 + len(TRAINING_TERMS),)).tolist()
    if not (0 <= steps < 2**53 and steps == int(steps) and seconds >= 0):
        raise ArrayError("its numbers make no sense")
    shapes = transformer_shapes()
    known = [name for name in file.headers if name.startswith("o:")]
    sizes = [math.prod(file.headers[name].shape) for name in known]
    largest = max(map(math.prod, shapes.values()))
    # Adam has two arrays for each one of the network, its step and its rate.
    if len(known) > 2 * len(shapes) + 4 or max(sizes, default=0) > largest:
        raise ArrayError("its optimizer has larger variables than there can be")
    return TrainingState(
        {
            key: in_float32(key, file.array(f"p:{key}", shape))
            for key, shape in shapes.items()
        },
        [file.array(name, file.headers[name].shape, "biuf") for name in sorted(known)],
        int(steps), seconds, losses, run,
    )  # fmt: skip


def restore(optimizer: Any, state: TrainingState) -> None:
    """Fill an optimizer that was built with the variables of a state, if it has any.

    Raises:
        CheckpointError: they are those of another optimizer.
    """
    own, values = optimizer.variables, state.optimizer
    if not values:
        return
    if [v.shape for v in own] != [v.shape for v in values]:
        raise CheckpointError(
            "the checkpoint holds another optimizer than that of nst train: train "
            "again without --resume."
        )
    for variable, value in zip(own, values, strict=True):
        variable.assign(value)
