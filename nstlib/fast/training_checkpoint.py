"""The checkpoint of a training: parameters, optimiser, and progress in one file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.errors import CheckpointError
from nstlib.files import as_path, shown, write_arrays


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
    arrays["numbers"] = np.array([state.steps, state.seconds, *state.losses])
    write_arrays(path, arrays)


def read_state(path: str | Path | None) -> TrainingState:
    """Read a checkpoint.

    Raises:
        CheckpointError: no path is given, the file is missing, or it is not a
            checkpoint of a training.
    """
    if path is None:
        raise CheckpointError("to resume a training, name its checkpoint.")
    file = as_path(path)
    if not file.is_file():
        raise CheckpointError(f"there is nothing to resume, no {shown(file)}.")
    try:
        with np.load(file) as arrays:
            found = {key: arrays[key] for key in arrays.files}
        steps, seconds, *losses = found["numbers"].tolist()
        return TrainingState(
            {k[2:]: v for k, v in found.items() if k.startswith("p:")},
            [found[k] for k in sorted(found) if k.startswith("o:")],
            int(steps), seconds, losses,
        )  # fmt: skip
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train."
        ) from error
