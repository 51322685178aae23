"""What is wrong with settings: everything, at once.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from nstlib.color import COLORS
from nstlib.losses import CONVENTIONS
from nstlib.statistics import STATISTICS, SUMMED
from nstlib.universal import METHODS
from nstlib.vgg import BORDERS, POOLINGS, PRECISIONS
from nstlib.vgg_plan import CONVOLUTIONS, full_name, layer_names

CHOICES = {
    "method": ("optimize", *METHODS, "feedforward"),
    "network": tuple(CONVOLUTIONS),
    "pooling": POOLINGS,
    "precision": PRECISIONS,
    "border": BORDERS,
    "content_convention": CONVENTIONS,
    "style_convention": CONVENTIONS,
    "style_statistic": STATISTICS,
    "tv_reduction": ("mean", "sum"),
    "init": ("matched", "content", "noise", "style", "blend"),
    "optimizer": ("lbfgs", "adam", "adagrad", "rmsprop", "sgd"),
    "colors": COLORS,
}

RANGES = {  # lowest, highest
    "size": (16, 16384),
    "steps": (1, 1_000_000),
    "alpha": (0, 1),
    "levels": (1, 5),
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
    "margin": (0, 256),
    "tile": (0, 16384),
    "smallest": (16, 16384),
    "scale_step": (1.1, 16),
    "restart_every": (1, 1_000_000),
    "average": (0, 1),
    "progress_every": (0, 1_000_000),
    "seed": (0, 2**32 - 1),
}

# What methods other than "optimize" go by.
_ANYWHERE = {"method", "size", "style_scale", "colors", "precision", "progress_every"}
USED = {
    "adain": {*_ANYWHERE, "alpha"},
    "wct": {*_ANYWHERE, "alpha", "levels"},
    "swap": {*_ANYWHERE, "alpha"},
    "feedforward": _ANYWHERE - {"style_scale"},
}

LARGEST = 1e30  # beyond it float32 overflows


def problems_of(settings: Any) -> list[str]:
    """All that makes no sense in a `nstlib.settings.Settings`, in half sentences."""
    found = []
    for name in ("content_layers", "style_layers"):
        try:
            layers = weighted(getattr(settings, name))
            found += _layer_problems(name, layers, settings.network)
        except (AttributeError, OverflowError, TypeError, ValueError):
            found.append(f"{name} is a list of layers or {{layer: weight}}")
    return (
        found
        + _choice_problems(settings)
        + _range_problems(settings)
        + _clashes(settings)
        + _idle(settings)
    )


def weighted(layers: Any) -> dict[str, float]:
    """Layers in any form as ``{full name: weight}``; bare names share a weight of 1."""
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


def _choice_problems(settings: Any) -> list[str]:
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


def _range_problems(settings: Any) -> list[str]:
    found = []
    for item in dataclasses.fields(settings):
        value = getattr(settings, item.name)
        if item.name not in RANGES or (value is None and "None" in str(item.type)):
            continue
        low, high = RANGES[item.name]
        whole = str(item.type).startswith("int")
        kind = int if whole else (int, float)
        number = isinstance(value, kind) and not isinstance(value, bool)
        if not (number and low <= value <= min(high, LARGEST)):
            bound = f"from {low} to {min(high, LARGEST):.12g}"
            what = "a whole number" if whole else "a number"
            found.append(f"{item.name} is {what} {bound}, not {value!r}")
    return found


def _clashes(settings: Any) -> list[str]:
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
    averaged = isinstance(settings.average, int | float) and settings.average > 0
    if averaged and str(settings.optimizer) == "lbfgs":
        found.append("average is for optimisers that swing, lbfgs does not: use adam")
    tiled = isinstance(settings.tile, int) and settings.tile > 0
    if tiled and str(settings.style_statistic) in STATISTICS[len(SUMMED) :]:
        found.append(
            f"tile does not go with {settings.style_statistic}, which sorts the values "
            f"of the whole picture: take tile=0, or one of {', '.join(SUMMED)}"
        )
    weights = (settings.content_weight, settings.style_weight)
    if all(isinstance(weight, int | float) and weight == 0 for weight in weights):
        found.append("content_weight and style_weight are both 0, nothing is asked for")
    return found


def _idle(settings: Any) -> list[str]:
    """Settings that were changed, and that the method has no use for."""
    method = settings.method
    if not isinstance(method, str):
        return []
    if method == "optimize":
        idle = {"alpha", "levels"}
    elif method in USED:
        idle = {item.name for item in dataclasses.fields(settings)} - USED[method]
    else:
        return []
    changed = [
        item.name
        for item in dataclasses.fields(settings)
        if item.name in idle and not _same(getattr(settings, item.name), item.default)
    ]
    if not changed:
        return []
    return [f"method {method} has no use for {', '.join(changed)}: leave that out"]


def _same(value: Any, default: Any) -> bool:
    """Whether a setting is as it was, layers in any form."""
    if isinstance(value, Mapping) and isinstance(default, tuple):
        return dict(value) == weighted(default)
    return value is default or (type(value) is type(default) and value == default)
