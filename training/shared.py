"""What several training scripts share: the crops, and the command line.

Nothing here starts TensorFlow; see `loop` for what is trained with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from command import InputError, Parser, command, count, file, folder, number

__all__ = [
    "HELD_OUT_EVERY", "InputError", "Parser", "add_data", "add_run", "command",
    "count", "file", "folder", "load_crops", "number", "save_arrays",
]  # fmt: skip

HELD_OUT_EVERY = 20
"""Every twentieth crop is kept for measuring and never trained on."""


def add_data(parser: Parser, what: str) -> None:
    """The option ``--data``, a folder that holds `what`."""
    parser.add_argument(
        "--data",
        type=folder,
        required=True,
        metavar="FOLDER",
        help=f"folder of {what}",
    )


def add_run(parser: Parser, steps: int, peak: float, save_every: int) -> None:
    """The options of a training, with these defaults."""
    add = parser.add_argument
    add("--run", type=Path, required=True, help="folder for checkpoints")
    add("--steps", type=count, default=steps, help=f"by default {steps}")
    add("--peak", type=float, default=peak, help=f"learning rate, by default {peak:g}")
    add("--seed", type=number, default=0)
    add("--save-every", type=count, default=save_every, metavar="STEPS")


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write an ``.npz``, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    contents: dict[str, Any] = {key: np.asarray(value) for key, value in arrays.items()}
    np.savez(path, **contents)


def load_crops(
    data: Path, kinds: Collection[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Read the training crops.

    Args:
        data: holds ``train.json`` and ``train/*.jpg``, squares of one size.
        kinds: which of ``"photo"``, ``"painting"``, ``"texture"`` to read; all of them
            if empty.

    Returns:
        Two uint8 ``(n, side, side, 3)`` RGB arrays: to train on, and held out.

    Raises:
        InputError: they are not there, too few, or of several sizes.
    """
    record = data / "train.json"
    if not record.is_file():
        raise InputError(f"there is no {record}: give the folder of the crops.")
    entries = json.loads(record.read_text(encoding="utf-8"))
    names = [e["file"] for e in entries if not kinds or e["kind"] in kinds]
    if len(names) < 2:
        raise InputError(f"{record} names {len(names)} crops, at least 2 are needed.")
    crops = []
    for name in names:
        with Image.open(data / "train" / name) as image:
            crops.append(np.asarray(image.convert("RGB")))
    if len({crop.shape for crop in crops}) > 1:
        raise InputError(f"the crops of {data / 'train'} are not all of one size.")
    every = np.stack(crops)
    held_out = np.arange(len(every)) % HELD_OUT_EVERY == 0
    return every[~held_out], every[held_out]
