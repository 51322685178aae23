"""Everything that can be chosen about a style transfer, in one place.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nstlib.backend import keras
from nstlib.descent import make_optimizer
from nstlib.errors import SettingsError
from nstlib.settings.validation import problems_of, weighted
from nstlib.vgg_plan import FIRST_CONVS

STYLE_LAYERS = FIRST_CONVS


@dataclass(frozen=True)
class Settings:
    """How a picture is made. Weights are relative: they hold at every size.

    Raises:
        SettingsError: values out of range, unknown names or layers, all at once.
    """

    size: int = 512  # longer side of the result in pixels
    steps: int = 300  # evaluations of loss and gradient, over all scales

    method: str = "optimize"  # or in one pass: adain, wct, swap
    alpha: float = 1.0  # of one pass: 0, the photo as it is decoded, to 1, all style
    levels: int = 4  # of wct: 1–5, from the coarsest that is used to the finest

    network: str = "mini"  # mini, vgg19, vgg16, random
    weights: str | None = None  # local weight file for the network
    pooling: str = "max"  # max, as VGG was trained, or avg
    precision: str = "auto"  # bfloat16 where the hardware has it; float32; bfloat16
    border: str = "replicate"  # pixels around it; reflect; zero, as VGG was trained
    tile: int | None = None  # longer side seen at once; None: 768 from 1.6 MP; 0: all

    # Layers: names, equally weighted, or {name: weight}.
    content_layers: Any = ("block4_conv2",)
    content_weight: float = 1.0  # alpha of the paper
    content_convention: str = "relative"  # relative, gatys, johnson, keras
    style_layers: Any = STYLE_LAYERS
    style_weight: float = 250.0  # beta of the paper
    style_convention: str = "relative"  # relative, gatys, johnson, keras
    style_statistic: str = "gram"  # moments, wasserstein, histogram, sliced
    style_scale: float = 1.0  # longer side of the style picture / size
    tv_weight: float = 1.5  # total variation: higher is smoother
    tv_exponent: float = 2.0  # 1 keeps edges, 2 softens them, 1.25 as in Keras
    tv_reduction: str = "mean"  # mean, or sum, over the picture

    margin: int = 16  # pixels painted beyond each side, then cut off: no frame

    init: str = "matched"  # photo in the style's colours; content, noise, style, blend
    init_noise: float = 0.6  # share of noise in a blend
    noise_sigma: float = 40.0  # of the noise, in grey levels
    seed: int = 0  # of the noise, and of the directions of sliced

    optimizer: Any = "lbfgs"  # adam, adagrad, rmsprop, sgd, or a Keras optimiser
    history: int = 20  # curvature pairs that L-BFGS keeps, if they fit into 1 GiB
    restart_every: int | None = None  # evaluations after which L-BFGS forgets them
    learning_rate: float | None = None  # in grey levels; None: see LEARNING_RATES
    decay: float = 1.0  # factor on the learning rate, per 100 evaluations
    gradient_scale: float | None = None  # factor on gradients, not lbfgs; None: H·W
    beta_1: float = 0.9  # adam
    beta_2: float = 0.999  # adam; rho of rmsprop
    epsilon: float = 1e-7  # adam, adagrad, rmsprop
    average: float = 0.0  # share of the past in an average of the iterates; 0: none
    clamp: bool = False  # keep pixels in 0–255 between steps; not with lbfgs

    coarse_to_fine: bool = True  # begin small, where evaluations are cheap
    smallest: int = 128  # longer side of the first scale
    scale_step: float = 2.0  # from one scale to the next
    steps_per_scale: tuple[int, ...] | None = None  # coarse to fine; None: shared out

    colors: str = "style"  # content, luminance, match, histogram, match_after: photo's
    progress_every: int = 0  # keep a progress picture every so many evaluations

    problems: dataclasses.InitVar[list[str] | None] = field(default=None, kw_only=True)

    def __post_init__(self, problems: list[str] | None) -> None:
        """Normalise layers to ``{full name: weight}`` and check everything."""
        for name in ("content_layers", "style_layers"):
            if isinstance(getattr(self, name), Iterator):
                object.__setattr__(self, name, list(getattr(self, name)))
        if isinstance(self.weights, os.PathLike):
            object.__setattr__(self, "weights", os.fspath(self.weights))
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.generic):
                object.__setattr__(self, item.name, value.item())
        if isinstance(self.steps_per_scale, list):
            object.__setattr__(self, "steps_per_scale", tuple(self.steps_per_scale))
        found = [*(problems or []), *problems_of(self)]
        if found:
            text = "; ".join(found)
            raise SettingsError(text if text.endswith("?") else text + ".")
        for name in ("content_layers", "style_layers"):
            object.__setattr__(self, name, weighted(getattr(self, name)))

    @property
    def layers(self) -> list[str]:
        """The layers that content and style need, each once, in their order."""
        return list(dict.fromkeys([*self.content_layers, *self.style_layers]))

    def make_optimizer(self) -> Any:
        """A fresh Keras optimiser, as chosen by name or handed over."""
        if not isinstance(self.optimizer, str):
            return type(self.optimizer).from_config(self.optimizer.get_config())
        return make_optimizer(
            self.optimizer,
            self.learning_rate,
            self.decay,
            self.beta_1,
            self.beta_2,
            self.epsilon,
        )

    def to_json(self) -> str:
        """All settings as one line of JSON, for `from_json`."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        if not isinstance(self.optimizer, str):
            values["optimizer"] = keras.optimizers.serialize(self.optimizer)
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Settings written by `to_json`."""
        try:
            values = dict(json.loads(text))
        except (TypeError, ValueError) as error:
            raise SettingsError("this is no text that to_json wrote.") from error
        if isinstance(values.get("optimizer"), dict):
            values["optimizer"] = keras.optimizers.deserialize(values["optimizer"])
        return make_settings(**values)


def make_settings(base: Settings | None = None, **overrides: Any) -> Settings:
    """Settings, with some replaced; unknown names are errors among the others.

    Args:
        base: what to start from; the defaults if None.
        overrides: fields of `Settings`.

    Raises:
        SettingsError: with a suggestion for a name that is merely misspelt.
    """
    fields = [f.name for f in dataclasses.fields(Settings)]
    problems = []
    for name in [name for name in overrides if name not in fields]:
        del overrides[name]
        near = difflib.get_close_matches(name, fields, 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"choose from {', '.join(fields)}"
        )
        problems.append(f"there is no setting {name!r}, {hint}")
    return dataclasses.replace(base or Settings(), problems=problems, **overrides)
