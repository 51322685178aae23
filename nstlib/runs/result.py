"""What `stylize` gives back, and how it gets onto the disk.

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
from nstlib.errors import UsageError
from nstlib.files import as_path, atomic_write, shown
from nstlib.images import Picture, read_metadata, save_image
from nstlib.metrics import measure
from nstlib.runs.provenance import Origin, record
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle

if TYPE_CHECKING:
    from nstlib.metrics import Report


class Step(NamedTuple):
    """What a callback of `stylize` is told after each evaluation."""

    evaluation: int
    """Counted from 1, over all scales."""
    evaluations: int
    """How many there will be at most."""
    size: tuple[int, int]
    """Height and width of the current scale."""
    losses: dict[str, float]
    """total, content, style and tv, each times its weight."""
    picture: Callable[[], Picture]
    """Makes the picture of this evaluation, (H, W, 3), at the current scale."""


CUT_SHORT = ("interrupted", "stopped by callback")
"""Stop reasons of a run that a person or a program ended before its end."""


@dataclass(frozen=True)
class Result:
    """A picture, and how it came about."""

    image: Picture
    """float32 ``(H, W, 3)``, RGB, 0–255."""
    history: list[dict[str, float]]
    """One entry per evaluation: total, content, style, tv; weights included."""
    losses: dict[str, float]
    """The entry of the picture itself; with `average`, of the best iterate."""
    evaluations: int
    seconds: float
    """From the loaded network to the picture."""
    stop_reason: str
    """See `nstlib.lbfgs.minimize`."""
    settings: Settings
    progress: list[tuple[int, Picture]] = field(default_factory=list)
    """(evaluation, picture), every `settings.progress_every` evaluations; those of
    before an interruption are not among them."""
    resumed: list[int] = field(default_factory=list)
    """After how many evaluations the run was cut off and resumed, each time."""

    origins: list[Origin] = field(default_factory=list)
    """Where content and styles came from."""
    start: str | None = None
    """Hash of the picture that it began with, if it was given one."""

    inputs: tuple[Picture, list[WeightedStyle]] | None = field(
        default=None, repr=False, compare=False
    )
    """The photo, and the styles with their weights."""

    @property
    def cut_short(self) -> bool:
        """Whether a person or a callback ended the run before its end."""
        return self.stop_reason in CUT_SHORT

    def report(self) -> Report:
        """How good it is, on a scale that does not depend on the settings.

        Taught in: 11_high_resolution. See `nstlib.report`.

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
        """Write the picture with its settings, and the same as NAME.json beside it.

        Args:
            path: where to; the suffix chooses the format. PNG, JPEG, WebP and TIFF
                carry the settings inside.
            alpha: opacity ``(H, W)``, 0–1, to put back.
            sources: what to write down about content and styles in place of
                `origins`; see `nstlib.runs.provenance.record`.

        Raises:
            ImageError: the path cannot be written.
        """
        first = self.history[0] if self.history else {}  # Ctrl-C in the first one
        if sources is None:
            sources = record(self.origins, as_path(path).absolute().parent, None)
        if self.start:
            sources = {**sources, "start": self.start}
        facts = {
            "settings": json.loads(self.settings.to_json()),
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
        texts = {f"nstlib:{key}": json.dumps(value) for key, value in facts.items()}
        saved = save_image(self.image, path, texts, alpha)
        text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
        atomic_write(
            saved.with_suffix(".json"), lambda file: file.write(text.encode("utf-8"))
        )
        return saved


def finite(losses: dict[str, float]) -> dict[str, float | None]:
    """NaN is no JSON."""
    return {k: v if math.isfinite(v) else None for k, v in losses.items()}


def versions() -> dict[str, str]:
    """Versions of everything that has a say in the pixels."""
    return {
        "nstlib": __version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def read_facts(picture: str | Path) -> dict[str, Any]:
    """What `Result.save` wrote into a picture, or beside it as NAME.json.

    Taught in: 11_high_resolution.

    Raises:
        ImageError: the picture cannot be read.
        UsageError: nothing is written there, or not by nstlib.
    """
    texts, prefix = read_metadata(picture), "nstlib:"
    beside = as_path(picture).with_suffix(".json")
    try:
        facts = {
            key[len(prefix) :]: json.loads(text)
            for key, text in texts.items()
            if key.startswith(prefix)
        }
        if not facts and beside.is_file():
            facts = json.loads(beside.read_text(encoding="utf-8"))
        good = not facts or all(
            isinstance(facts[name], dict) for name in ("settings", "versions")
        )
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise UsageError(f"what is written in {shown(picture)} is damaged.")
    if not facts:
        raise UsageError(
            f"{shown(picture)} was not made by nstlib, or what nstlib wrote in it was "
            "removed: give a picture as nst stylize saved it."
        )
    return facts
