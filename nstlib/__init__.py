"""Neural style transfer, piece by piece.

The course in `notebooks/` builds every function of this package; the public names
are loaded on first use, so that ``import nstlib`` costs nothing and TensorFlow
starts only when a picture needs it.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

# TensorFlow prints pages about processor features and absent GPUs when it starts.
# What really fails still raises a Python exception.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"

_HOME = {
    "CheckpointError": "errors",
    "FeatureExtractor": "vgg",
    "ImageError": "errors",
    "NetworkError": "errors",
    "NstError": "errors",
    "Result": "runs.result",
    "Settings": "settings",
    "Stylizer": "methods",
    "SettingsError": "errors",
    "content_loss": "losses",
    "deprocess": "preprocessing",
    "gram_matrix": "losses",
    "interpolate_styles": "variations",
    "load_image": "images",
    "load_network": "vgg",
    "paint": "painter",
    "preprocess": "preprocessing",
    "report": "metrics",
    "save_gif": "images",
    "save_image": "images",
    "style_loss": "losses",
    "stylize": "methods",
    "total_variation_loss": "losses",
    "vary": "variations",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"nstlib.{_HOME[name]}"), name)
    try:
        return importlib.import_module(f"nstlib.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"nstlib.{name}":
            raise
        raise AttributeError(f"module 'nstlib' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
