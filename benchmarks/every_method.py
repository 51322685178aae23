"""The methods that lesson 14 compares, by the names that it gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from nstlib.runs.result import Result

METHODS: dict[str, dict[str, Any]] = {
    "feedforward": {"method": "feedforward"},
    "adain": {"method": "adain"},
    "swap": {"method": "swap"},
    "wct": {"method": "wct"},
    "neighbors": {"method": "neighbors"},
    "refine": {"method": "neighbors", "refine": 28},
    "quick": {"quality": "quick"},
    "optimize": {},
}
"""Name → its settings."""


def repaint(name: str, photo: np.ndarray, painting: Path, **settings: Any) -> Result:
    """Repaint a photo in a painting of the course, by the method of this name."""
    from nstlib import stylize

    source = painting.stem if name == "feedforward" else painting
    return stylize(photo, source, **METHODS[name] | settings)
