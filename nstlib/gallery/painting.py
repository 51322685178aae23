"""What a worker does: it paints one picture, from bytes to bytes.

The functions here depend only on their argument, so any process on any machine can
call them, and call them again if another process died.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nstlib import __version__
from nstlib.course.pictures import LOADED_SIDE
from nstlib.errors import CheckpointError, NstError
from nstlib.images import Picture, load_image, load_with_alpha, opacity, shrink
from nstlib.methods import stylize
from nstlib.metrics import measure
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.facts import hash_of
from nstlib.runs.provenance import record
from nstlib.runs.result import Result
from nstlib.runs.versions import check_version
from nstlib.settings import Settings, optimized_half
from nstlib.styles import WeightedStyle
from nstlib.transformers import find_transformer, network_file
from nstlib.worker.unchecked import jpeg

SMALL = 480
"""The longer side, in pixels, of the small copy that walls and sheets show."""
QUALITY = 85
"""Of that copy, as in Pillow."""
MEASURED = 256
"""The longer side, in pixels, at which the distances of all pictures are measured."""
KEPT_EVERY = 30.0
"""Seconds between two checkpoints of a picture."""

Answer = dict[str, Any]


def _never() -> str:
    return ""


@dataclass(frozen=True)
class Commission:
    """Everything that a worker needs to paint a picture."""

    photo: bytes
    """The file of the photo."""
    style: bytes | str
    """The file of the painting; or the name of a trained network, or its file."""
    settings: str
    """From `Settings.to_json`."""
    names: tuple[str, str]
    """What the result calls the photo and the style."""
    places: tuple[str | None, str | None] = (None, None)
    """Their paths relative to the result; None if these are not stored."""
    suffix: str = ".png"
    """The format of the picture, as in `nstlib.save_image`."""
    measured: bool = True
    """Whether the distances are measured."""
    checkpoint: Path | None = None
    """Where the state of a long run is kept, on the computer of the worker."""
    version: str = __version__
    """The version of nstlib that planned it."""


class _Named(io.BytesIO):
    """Bytes with a name for messages."""

    def __init__(self, data: bytes, name: str):
        super().__init__(data)
        self.name = name


def paint(task: Commission, stopped: Callable[[], str] = _never) -> Answer:
    """Paint a picture.

    Args:
        task: what to paint.
        stopped: asked after each evaluation; a true answer ends the run, and its
            checkpoint stays.

    Returns:
        ``"picture"``, the bytes of its file with the settings inside; ``"small"``, a
        JPEG of it; ``"height"`` and ``"width"``, ``"seconds"``, ``"stop_reason"``;
        ``"photo_distance"`` and ``"style_distance"``, None if they were not measured.
        The answer is empty if the run was stopped.

    Raises:
        NstError: the picture cannot be painted. The message says why.
    """
    check_version(task.version)
    settings = Settings.from_json(task.settings)
    side = max(settings.size, LOADED_SIDE)
    photo, alpha = load_with_alpha(_Named(task.photo, task.names[0]), side)
    style: Any = task.style
    if isinstance(style, bytes):
        style = load_image(_Named(style, task.names[1]), side)
    result = _run(task, photo, style, settings, stopped)
    if stopped():
        return {}
    near, far = _distances(result) if task.measured else (None, None)
    return {
        "picture": _in_a_file(result, task, opacity(alpha, result.image), side),
        "small": jpeg(shrink(result.image, SMALL), QUALITY),
        "height": result.image.shape[0],
        "width": result.image.shape[1],
        "seconds": round(result.seconds, 2),
        "stop_reason": result.stop_reason,
        "photo_distance": near,
        "style_distance": far,
    }


def _run(
    task: Commission,
    photo: Picture,
    style: Any,
    settings: Settings,
    stopped: Callable[[], str],
) -> Result:
    """Run the method, from the checkpoint if there is one of this run."""
    kept = task.checkpoint if optimized_half(settings) else None

    def run(resume: bool) -> Result:
        checkpoint = None if kept is None else Checkpoint(kept, KEPT_EVERY)
        return stylize(
            photo,
            style,
            settings,
            callback=lambda _: bool(stopped()),
            checkpoint=checkpoint,
            resume=resume,
        )

    if kept is not None and kept.is_file():
        with suppress(CheckpointError):  # of another version, or damaged
            return run(True)
    return run(False)


def _distances(result: Result) -> tuple[float | None, float | None]:
    """Return the distances to the photo and to the style; None if it is too small."""
    assert result.inputs is not None
    photo, styles = result.inputs
    small = shrink(result.image, MEASURED)
    try:
        found = measure(small, photo, [WeightedStyle(s.picture) for s in styles])
    except NstError:
        return None, None
    return round(found.content, 4), round(found.style_left, 4)


def _in_a_file(
    result: Result, task: Commission, alpha: np.ndarray | None, side: int
) -> bytes:
    """Return the bytes of a file with the picture, and with its settings inside."""
    origins = [
        origin._replace(name=name)
        for origin, name in zip(result.origins, task.names, strict=True)
    ]
    sources = record(origins, Path(), side)
    for file, place in zip(sources["files"], task.places, strict=True):
        file["path"] = place
    if isinstance(task.style, str):
        sources["network"] = hash_of(network_file(find_transformer(task.style)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"picture{task.suffix}"
        return result.save(path, alpha, sources).read_bytes()
