"""Everything that can be chosen about a style transfer, in one place.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nstlib.descent import make_optimizer
from nstlib.losses import CONVENTIONS
from nstlib.vgg import (
    BORDERS,
    CONVOLUTIONS,
    POOLINGS,
    PRECISIONS,
    full_name,
    layer_names,
)

Layers = Mapping[str, float] | Iterable[str] | str

STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))

CHOICES = {
    "network": tuple(CONVOLUTIONS),
    "pooling": POOLINGS,
    "precision": PRECISIONS,
    "border": BORDERS,
    "content_convention": CONVENTIONS,
    "style_convention": CONVENTIONS,
    "style_statistic": ("gram", "wasserstein"),
    "tv_reduction": ("mean", "sum"),
    "init": ("content", "noise", "style", "blend"),
    "optimizer": ("lbfgs", "adam", "adagrad", "rmsprop", "sgd"),
    "colors": ("style", "content", "match", "histogram"),
}

RANGES = {  # lowest, highest
    "size": (16, 16384),
    "steps": (1, 1_000_000),
    "content_weight": (0, math.inf),
    "style_weight": (0, math.inf),
    "style_scale": (0.05, 20),
    "tv_weight": (0, math.inf),
    "tv_exponent": (1, 4),
    "init_noise": (0, 1),
    "noise_sigma": (0, 1000),
    "learning_rate": (0, math.inf),
    "beta_1": (0, 1),
    "beta_2": (0, 1),
    "epsilon": (0, math.inf),
    "decay": (0, 1),
    "gradient_scale": (0, math.inf),
    "history": (1, 1000),
    "smallest": (16, 16384),
    "scale_step": (1.1, 16),
    "restart_every": (1, 1_000_000),
    "average": (0, 1),
    "progress_every": (0, 1_000_000),
    "seed": (0, 2**32 - 1),
}


LARGEST = 1e30  # beyond it float32 overflows


class SettingsError(ValueError):
    """Settings that make no sense; the message names all of them at once."""


@dataclass(frozen=True)
class Settings:
    """How a picture is made. Weights are relative: they hold at every size.

    Raises:
        SettingsError: values out of range, unknown names or layers, all at once.
    """

    size: int = 512  # longer side of the result in pixels
    steps: int = 220  # evaluations of loss and gradient, over all scales

    network: str = "mini"  # mini, vgg19, vgg16, random
    weights: str | None = None  # local weight file for the network
    pooling: str = "max"  # max, as VGG was trained, or avg
    precision: str = "auto"  # bfloat16 where the hardware has it; float32; bfloat16
    border: str = "replicate"  # pixels around the picture; zero, as VGG was trained

    # Layers: names, equally weighted, or {name: weight}.
    content_layers: Layers = ("block4_conv2",)
    content_weight: float = 1.0  # alpha of the paper
    content_convention: str = "relative"  # relative, gatys, johnson, keras
    style_layers: Layers = STYLE_LAYERS
    style_weight: float = 500.0  # beta of the paper
    style_convention: str = "relative"  # relative, gatys, johnson, keras
    style_statistic: str = "gram"  # gram, or wasserstein: means and covariances
    style_scale: float = 1.0  # longer side of the style picture / size
    tv_weight: float = 1.5  # total variation: higher is smoother
    tv_exponent: float = 2.0  # 1 keeps edges, 2 is smoothest, 1.25 as in Keras
    tv_reduction: str = "mean"  # mean, or sum, over the picture

    init: str = "content"  # content, noise, style, blend of content and noise
    init_noise: float = 0.6  # share of noise in a blend
    noise_sigma: float = 40.0  # of the noise, in grey levels
    seed: int = 0  # of the noise

    optimizer: Any = "lbfgs"  # adam, adagrad, rmsprop, sgd, or a Keras optimiser
    history: int = 20  # curvature pairs that L-BFGS keeps
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

    colors: str = "style"  # style; content: keep the photo's; match, histogram
    progress_every: int = 0  # keep a progress picture every so many evaluations

    problems: dataclasses.InitVar[list[str] | None] = field(default=None, kw_only=True)

    def __post_init__(self, problems: list[str] | None) -> None:
        """Normalise layers to ``{full name: weight}`` and check everything."""
        found = list(problems or [])
        for name in ("content_layers", "style_layers"):
            try:
                layers = _weighted(getattr(self, name))
                object.__setattr__(self, name, layers)
                found += _layer_problems(name, layers, self.network)
            except (AttributeError, OverflowError, TypeError, ValueError):
                found.append(f"{name} is a list of layers or {{layer: weight}}")
        if isinstance(self.weights, os.PathLike):
            object.__setattr__(self, "weights", os.fspath(self.weights))
        if isinstance(self.steps_per_scale, list):
            object.__setattr__(self, "steps_per_scale", tuple(self.steps_per_scale))
        found += _choice_problems(self) + _range_problems(self) + _clashes(self)
        if found:
            raise SettingsError("; ".join(found) + ".")

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
            from keras import optimizers

            values["optimizer"] = optimizers.serialize(self.optimizer)
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Settings written by `to_json`."""
        try:
            values = dict(json.loads(text))
        except (TypeError, ValueError) as error:
            raise SettingsError("this is no text that to_json wrote.") from error
        if isinstance(values.get("optimizer"), dict):
            from keras import optimizers

            values["optimizer"] = optimizers.deserialize(values["optimizer"])
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


def parse_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Turn ``key=value`` texts of a command line into overrides.

    ``tv_weight=3``, ``clamp=true``, ``learning_rate=none``, ``steps_per_scale=80,60``,
    ``style_layers=conv1_1,conv2_1`` or ``style_layers=conv1_1:256,conv2_1:64``.

    Raises:
        SettingsError: a text without ``=``.
    """
    pairs = list(pairs)
    bad = [pair for pair in pairs if "=" not in pair]
    if bad:
        raise SettingsError(f"write {', '.join(bad)} as key=value, as in tv_weight=3.")
    return {
        key.strip(): _parse_value(key.strip(), value.strip())
        for key, value in (pair.split("=", 1) for pair in pairs)
    }


def _parse_value(key: str, text: str) -> Any:
    if key in ("network", "weights", *CHOICES):
        return None if text.lower() == "none" and key == "weights" else text
    if key.endswith("_layers"):
        parts = [part.partition(":") for part in text.split(",")]
        if all(weight for _, _, weight in parts):
            return {name: _number(weight) for name, _, weight in parts}
        return [part.strip() for part in text.split(",")]
    if key == "steps_per_scale" and text.lower() != "none":
        return tuple(_number(part) for part in text.split(","))
    words = {"none": None, "true": True, "false": False}
    return words[text.lower()] if text.lower() in words else _number(text)


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _weighted(layers: Layers) -> dict[str, float]:
    if isinstance(layers, str):
        layers = [layers]
    if isinstance(layers, Mapping):
        return {full_name(name): float(weight) for name, weight in layers.items()}
    names = list(dict.fromkeys(full_name(name) for name in layers))
    return {name: 1.0 / len(names) for name in names}


def _layer_problems(name: str, layers: Mapping[str, float], network: str) -> list[str]:
    if not layers:
        return [f"{name} names no layer"]
    found = []
    if isinstance(network, str) and network in CONVOLUTIONS:
        missing = [layer for layer in layers if layer not in layer_names(network)]
        if missing:
            found.append(
                f"{name}: {network} has no {', '.join(missing)}, its deepest layer is "
                f"{layer_names(network)[-1]}"
            )
    if any(not (w >= 0 and math.isfinite(w)) for w in layers.values()):
        found.append(f"{name}: weights are finite and not negative")
    return found


def _choice_problems(settings: Settings) -> list[str]:
    found = []
    for name, choices in CHOICES.items():
        value = getattr(settings, name)
        if name == "optimizer" and not isinstance(value, str | type):
            if not hasattr(value, "apply_gradients"):
                found.append(f"optimizer is a name or a Keras optimiser, not {value!r}")
        elif not (isinstance(value, str) and value in choices):
            found.append(f"{name} is one of {', '.join(choices)}, not {value!r}")
    for name in ("clamp", "coarse_to_fine"):
        if not isinstance(getattr(settings, name), bool):
            found.append(f"{name} is True or False, not {getattr(settings, name)!r}")
    if not isinstance(settings.weights, str | None):
        found.append(f"weights is the name of a file, not {settings.weights!r}")
    return found


def _range_problems(settings: Settings) -> list[str]:
    found = []
    for item in dataclasses.fields(Settings):
        value = getattr(settings, item.name)
        if item.name not in RANGES or (value is None and "None" in str(item.type)):
            continue
        low, high = RANGES[item.name]
        whole = str(item.type).startswith("int")
        kind = int if whole else (int, float)
        number = isinstance(value, kind) and not isinstance(value, bool)
        if not (number and low <= value <= min(high, LARGEST)):
            bound = f"from {low} to {high}" if high < math.inf else f"{low} or more"
            what = "a whole number" if whole else "a number"
            found.append(f"{item.name} is {what} {bound}, not {value!r}")
    return found


def _clashes(settings: Settings) -> list[str]:
    found = []
    shares = settings.steps_per_scale
    if shares is not None and not (
        isinstance(shares, tuple)
        and shares
        and all(type(n) is int and 0 < n <= 1_000_000 for n in shares)
    ):
        found.append(f"steps_per_scale is whole numbers from 1, not {shares!r}")
    if settings.clamp is True and str(settings.optimizer) == "lbfgs":
        found.append("clamp breaks the curvature that lbfgs measures, use adam with it")
    weights = (settings.content_weight, settings.style_weight)
    if all(isinstance(weight, int | float) and weight == 0 for weight in weights):
        found.append("content_weight and style_weight are both 0, nothing is asked for")
    return found
