"""Neural style transfer, piece by piece.

The course in `notebooks/` builds every function of this package; the public names
are loaded on first use, so that ``import nstlib`` costs nothing and TensorFlow
starts only when a picture needs it.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

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
    "SettingsError": "errors",
    "Stylizer": "methods",
    "content_loss": "losses",
    "deprocess": "preprocessing",
    "find_picture": "course.pictures",
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

# The same for type checkers and editors, which run nothing: with it mypy, Pylance and
# Jedi know what a name takes and returns, and report one that there is not. Here and
# not in a stub beside this file, because a stub would hide this file from mypy and be
# forgotten by packagers. ``as`` marks what may be imported from here.
if TYPE_CHECKING:
    from nstlib import check as check
    from nstlib import color as color
    from nstlib import course as course
    from nstlib import decoders as decoders
    from nstlib import descent as descent
    from nstlib import errors as errors
    from nstlib import fast as fast
    from nstlib import feedforward as feedforward
    from nstlib import film as film
    from nstlib import gallery as gallery
    from nstlib import images as images
    from nstlib import initialization as initialization
    from nstlib import kinds as kinds
    from nstlib import large as large
    from nstlib import lbfgs as lbfgs
    from nstlib import line_search as line_search
    from nstlib import losses as losses
    from nstlib import masks as masks
    from nstlib import methods as methods
    from nstlib import metrics as metrics
    from nstlib import names as names
    from nstlib import notebook as notebook
    from nstlib import objective as objective
    from nstlib import painter as painter
    from nstlib import panel as panel
    from nstlib import plotting as plotting
    from nstlib import preprocessing as preprocessing
    from nstlib import recipes as recipes
    from nstlib import runs as runs
    from nstlib import settings as settings
    from nstlib import statistics as statistics
    from nstlib import styles as styles
    from nstlib import transfer as transfer
    from nstlib import transformers as transformers
    from nstlib import universal as universal
    from nstlib import variations as variations
    from nstlib import vgg as vgg
    from nstlib.course.pictures import find_picture as find_picture
    from nstlib.errors import CheckpointError as CheckpointError
    from nstlib.errors import ImageError as ImageError
    from nstlib.errors import NetworkError as NetworkError
    from nstlib.errors import NstError as NstError
    from nstlib.errors import SettingsError as SettingsError
    from nstlib.images import load_image as load_image
    from nstlib.images import save_gif as save_gif
    from nstlib.images import save_image as save_image
    from nstlib.losses import content_loss as content_loss
    from nstlib.losses import gram_matrix as gram_matrix
    from nstlib.losses import style_loss as style_loss
    from nstlib.losses import total_variation_loss as total_variation_loss
    from nstlib.methods import Stylizer as Stylizer
    from nstlib.methods import stylize as stylize
    from nstlib.metrics import report as report
    from nstlib.painter import paint as paint
    from nstlib.preprocessing import deprocess as deprocess
    from nstlib.preprocessing import preprocess as preprocess
    from nstlib.runs.result import Result as Result
    from nstlib.settings import Settings as Settings
    from nstlib.variations import interpolate_styles as interpolate_styles
    from nstlib.variations import vary as vary
    from nstlib.vgg import FeatureExtractor as FeatureExtractor
    from nstlib.vgg import load_network as load_network
else:

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
