"""The checkpoint of a training: parameters, the optimiser's memory, how far it is."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.errors import CheckpointError
from nstlib.files import as_path, shown, write_arrays
from nstlib.kinds import misplaced


@dataclass
class TrainingState:
    """Where a training stands."""

    parameters: dict[str, np.ndarray]
    optimizer: list[np.ndarray] = field(default_factory=list)
    """Its variables, in its own order."""
    steps: int = 0
    seconds: float = 0.0
    losses: Any = (0.0, 0.0, 0.0, 0.0)
    """Running means."""


def write_state(path: str | Path, state: TrainingState) -> None:
    """Write a checkpoint, ``NAME.npz``, never half of it.

    Raises:
        FileError: the path cannot be written.
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
        CheckpointError: there is none, or it is damaged.
    """
    if path is None:
        raise CheckpointError("to resume a training, name its checkpoint.")
    file = as_path(path)
    if not file.is_file():
        raise CheckpointError(f"there is nothing to resume, no {shown(file)}.")
    if other := misplaced(file, "training"):
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train, for it {other}"
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
            int(steps), seconds, losses,
        )  # fmt: skip
    except CheckpointError:
        raise
    except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{shown(file)} is no checkpoint of nst train."
        ) from error
