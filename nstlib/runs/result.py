"""The result of `stylize`, and how it is saved with the facts about its run.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import PIL

from nstlib import __version__
from nstlib.backend import tf
from nstlib.files import as_path
from nstlib.images import Picture, save_image
from nstlib.metrics import measure
from nstlib.runs.facts import PREFIX, recorded, weights_of, write_facts
from nstlib.runs.facts import read_facts as read_facts  # lesson 11 finds it here
from nstlib.runs.provenance import Origin, record
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle

if TYPE_CHECKING:
    from nstlib.metrics import Report


class Step(NamedTuple):
    """What the callback of `stylize` receives after each evaluation."""

    evaluation: int
    """Number of the evaluation, counted from 1 over all scales. The levels of one-pass
    methods count, too."""
    evaluations: int
    """Number of evaluations planned for the whole run."""
    size: tuple[int, int]
    """Height and width of the picture at the current scale, in pixels."""
    losses: dict[str, float]
    """``"total"``, ``"content"``, ``"style"`` and ``"tv"``, each times its weight;
    empty for a level of a one-pass method."""
    picture: Callable[[], Picture]
    """Returns the picture of this evaluation, ``(H, W, 3)``, at the current scale."""


CUT_SHORT = ("interrupted", "stopped by callback")
"""Stop reasons of a run that a person or a callback ended early."""


@dataclass(frozen=True)
class Result:
    """A picture with its losses, its settings, and other facts about its run."""

    image: Picture
    """float32 ``(H, W, 3)``, RGB, 0–255."""
    history: list[dict[str, float]]
    """The losses of every evaluation, as in `Step`."""
    losses: dict[str, float]
    """The losses of the picture; with `Settings.average`, those of the best iterate."""
    evaluations: int
    """Number of evaluations made, and of levels for one-pass methods."""
    seconds: float
    """Time from the loaded network to the picture."""
    stop_reason: str
    """Why the run ended: a reason that `nstlib.lbfgs.minimize` lists, ``"not finite"``
    or ``"one pass"``."""
    settings: Settings
    progress: list[tuple[int, Picture]] = field(default_factory=list)
    """``(evaluation, picture)`` after every `Settings.progress_every` evaluations. A
    resumed run has only those since it was resumed."""
    resumed: list[int] = field(default_factory=list)
    """Numbers of evaluations after which the run was resumed."""

    origins: list[Origin] = field(default_factory=list)
    """Where the content and the styles came from, in this order."""
    start: str | None = None
    """Hash of the picture that the run was given to start from; None without one."""

    inputs: tuple[Picture, list[WeightedStyle]] | None = field(
        default=None, repr=False, compare=False
    )
    """The photo, and the styles with their weights and masks."""

    @property
    def cut_short(self) -> bool:
        """Whether a person or a callback ended the run early."""
        return self.stop_reason in CUT_SHORT

    def report(self) -> Report:
        """Measure how good the picture is, whatever the settings of the run were.

        Taught in: 11_high_resolution. This calls `nstlib.report`.

        Raises:
            ValueError: this result was not made by `nstlib.stylize`.
        """
        if self.inputs is None:
            raise ValueError("Without photo and style: call nstlib.report with them.")
        return measure(self.image, *self.inputs)

    def save(
        self,
        path: str | Path,
        alpha: np.ndarray | None = None,
        sources: dict[str, Any] | None = None,
    ) -> Path:
        """Save the picture with the facts about its run, in the file and beside it.

        Args:
            path: where to save. The suffix chooses the format, as in `save_image`. PNG,
                JPEG, WebP and TIFF hold the facts inside. ``NAME.json`` beside the
                picture always holds them. If that is a file of somebody else, or of
                another picture, they are in ``NAME.png.json``; see
                `nstlib.runs.facts`.
            alpha: opacity of the picture, ``(H, W)``, 0–1.
            sources: what to store about content and styles, from
                `nstlib.runs.provenance.record`; made from `origins` if None.

        Returns:
            The path of the picture.

        Raises:
            FileError: a file cannot be written. It is an `ImageError` if this is the
                picture.

        Example:
            A saved picture knows how it was made:

            >>> import tempfile
            >>> from nstlib import paint, stylize
            >>> photo = paint("tapestry", 32, 48)
            >>> result = stylize(photo, "great_wave", method="feedforward", size=48)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = result.save(f"{folder}/picture.png")
            ...     read_facts(path)["settings"]["method"]
            'feedforward'
        """
        first = self.history[0] if self.history else {}  # none yet
        if sources is None:
            sources = record(self.origins, as_path(path).absolute().parent, None)
        if weights := weights_of(self.settings):
            sources = {**sources, "vgg": weights}
        if self.start:
            sources = {**sources, "start": self.start}
        facts = {
            "settings": recorded(self.settings),
            "sources": sources,
            "seed": self.settings.seed,
            "evaluations": self.evaluations,
            "seconds": round(self.seconds, 2),
            "stop_reason": self.stop_reason,
            "losses": {"first": finite(first), "last": finite(self.losses)},
            "versions": versions(),
        }
        if self.resumed:
            facts["resumed"] = self.resumed
        texts = {f"{PREFIX}{key}": json.dumps(value) for key, value in facts.items()}
        saved = save_image(self.image, path, texts, alpha)
        write_facts(saved, facts)
        return saved


def finite(losses: dict[str, float]) -> dict[str, float | None]:
    """Replace losses that are not finite by None, because JSON has no NaN."""
    return {k: v if math.isfinite(v) else None for k, v in losses.items()}


def versions() -> dict[str, str]:
    """Return the versions of everything that can change the pixels of a result."""
    return {
        "nstlib": __version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
