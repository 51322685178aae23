"""What can be asked of the worker. Everything here is plain, so that it can be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.images import Picture

SLOW, QUICK = "slow", "quick"
"""The two lanes. Each does one task at a time, so no look waits for a run."""

Answer = dict[str, Any]
"""What a finished task says: values that JSON can hold, and bytes."""


@dataclass(frozen=True)
class Part:
    """One of the paintings of a run."""

    source: Path | Picture | str
    """A picture, or the name of a trained network."""
    weight: float = 1.0
    mask: Path | np.ndarray | None = None
    name: str = ""
    """What the result calls the painting."""


@dataclass(frozen=True)
class Task:
    """What every task has: a lane."""

    lane = QUICK


@dataclass(frozen=True)
class Paint(Task):
    """Paint a picture with progress, a checkpoint and a result in files.

    If the folder holds the checkpoint of the same run, the run goes on from there. The
    folder gets ``now.jpg``, which is replaced as the picture grows, ``stageN.jpg``,
    ``result.png`` and ``result.jpg`` with the settings inside, and ``small.jpg``.
    """

    lane = SLOW
    photo: Path | Picture
    parts: tuple[Part, ...]
    settings: dict[str, Any]
    folder: Path
    name: str = "photo"
    """What the result calls the photo."""
    seconds: float = float("inf")
    """The longest time for the run, which then ends with the picture that it has."""
    stages: int = 24
    """About how many stages are kept, more of them early on."""


@dataclass(frozen=True)
class Look(Task):
    """Paint a small picture at once, and return it as JPEG in ``"jpeg"``."""

    photo: Path | Picture | bytes
    """A file, a picture, or the bytes of a picture that nobody has checked yet."""
    parts: tuple[Part, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    pixels: int = 2_000_000
    """The most pixels that unchecked bytes may have."""


@dataclass(frozen=True)
class Read(Task):
    """Decode a picture that nobody has checked yet, and write its pixels anew.

    Only pixels come through. Metadata and a second picture in the file do not.
    ``folder/NAME.jpg`` gets the picture, or ``folder/NAME.png`` a mask, and
    ``folder/NAME.small.jpg`` a thumbnail.
    """

    file: Path
    folder: Path
    name: str
    mask: bool = False
    side: int = 2048
    """The longest side that is kept, in pixels."""
    pixels: int = 50_000_000
    """Larger pictures are refused as soon as their header is read."""


@dataclass(frozen=True)
class Call(Task):
    """Call a function that the process can import, as ``function(argument, stopped)``.

    ``stopped()`` says why the call should end, and is empty while it should go on. If
    the call ends because the process ends, it returns ``{}``, which is not reported.
    """

    lane = SLOW
    function: Callable[..., Any]
    argument: Any
