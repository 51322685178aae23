"""The checkpoint of a training: parameters, optimiser, and progress in one file."""

from __future__ import annotations

import hashlib
import json
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.errors import CheckpointError, FileError
from nstlib.files import as_path, shown, write_arrays
from nstlib.images import fingerprint
from nstlib.kinds import misplaced
from nstlib.runs.facts import UNSEEN, recorded, weights_of
from nstlib.settings import Settings


@dataclass
class TrainingState:
    """The state of a training: all that is needed to continue it."""

    parameters: dict[str, np.ndarray]
    optimizer: list[np.ndarray] = field(default_factory=list)
    """The variables of the Keras optimiser, in its own order."""
    steps: int = 0
    seconds: float = 0.0
    losses: Any = (0.0, 0.0, 0.0, 0.0)
    """Running means of the weighted terms, ordered as `nstlib.objective.TERMS`."""
    run: dict[str, Any] = field(default_factory=dict)
    """The inputs of the training, from `describe_training`."""


def describe_training(
    style: np.ndarray,
    photos: Sequence[np.ndarray],
    settings: Settings,
    side: int,
    batch: int,
) -> dict[str, Any]:
    """Describe the inputs of a training, so that a checkpoint can be matched to it.

    Args:
        style: the painting.
        photos: all photos, in their order.
        settings: the settings of the training.
        side: side of the square crops in pixels.
        batch: number of crops in a step.

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
    before, after = then["settings"], now["settings"]
    for name in {**before, **after}:
        was, is_ = before.get(name), after.get(name)
        if was != is_ and name not in UNSEEN:
            found.append(f"{name} was {was}, is {is_}")
    return found


def training_of(path: Path) -> dict[str, Any] | None:
    """Read the inputs of a training from its checkpoint; None if it is another file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            file["numbers"]
            run = json.loads(file["run"].tobytes()) if "run" in file else {}
            return run if isinstance(run, dict) else None
    except Exception:  # zipfile raises any type for a damaged file
        return None


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
    then = training_of(file)
    other = differences(then, run) if then is not None else []
    if other:
        raise CheckpointError(
            f"{shown(file)} belongs to another training ({'; '.join(other)}): give "
            "what that was made from, or leave resume out to start again."
        )
    try:
        with np.load(file) as arrays:
            found = {key: arrays[key] for key in arrays.files}
        bad = [key for key, value in found.items() if not np.isfinite(value).all()]
        if bad:
            raise CheckpointError(
                f"{shown(file)} holds numbers that are not finite (NaN or Inf), in "
                f"{bad[0]}: train again without --resume, with lower weights."
            )
        steps, seconds, *losses = found["numbers"].tolist()
        return TrainingState(
            {k[2:]: v for k, v in found.items() if k.startswith("p:")},
            [found[k] for k in sorted(found) if k.startswith("o:")],
            int(steps), seconds, losses, run,
        )  # fmt: skip
    except CheckpointError:
        raise
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train."
        ) from error
