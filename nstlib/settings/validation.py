"""Checking settings, and naming all problems at once.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nstlib.errors import SettingsError, did_you_mean, shorten
from nstlib.settings.quality import QUALITIES
from nstlib.settings.schema import Field
from nstlib.statistics import STATISTICS, SUMMED
from nstlib.vgg_plan import CONVOLUTIONS, full_name, layer_names

Values = Mapping[str, Any]
Schema = Mapping[str, Field]


def plain(values: Values, schema: Schema) -> dict[str, Any]:
    """Convert values to the types that settings hold, as far as possible.

    NumPy's numbers become Python's, paths become texts, lists of steps become tuples,
    and iterators over layers become lists.
    """
    found = dict(values)
    for name, value in found.items():
        kind = schema[name].kind
        if isinstance(value, np.generic):
            found[name] = value.item()
        elif kind == "layers" and isinstance(value, Iterator):
            found[name] = list(value)
        elif kind == "integers" and isinstance(value, list):
            found[name] = tuple(value)
        elif kind == "text" and isinstance(value, os.PathLike):
            found[name] = os.fspath(value)
    return found


def checked(values: Values, schema: Schema) -> dict[str, Any]:
    """Return values as `plain` converts them, if they make sense.

    Raises:
        SettingsError: names are unknown or values make no sense; all are named at once.
    """
    problems = [
        f"there is no setting {shorten(name)!r}, {did_you_mean(name, schema)}"
        for name in values
        if name not in schema
    ]
    known = plain({name: values[name] for name in schema}, schema)
    if problems := problems + problems_of(known, schema):
        raise SettingsError(sentence(problems))
    return known


def problems_of(values: Values, schema: Schema) -> list[str]:
    """List everything that makes no sense in settings, each as a clause."""
    # Problems with names come first, then those with numbers.
    fields = sorted(schema.values(), key=lambda field: field.low is not None)
    problems = [_problem(field, values) for field in fields]
    return (
        [problem for problem in problems if problem]
        + _clashes(values)
        + _idle(values, schema)
    )


def sentence(problems: Sequence[str]) -> str:
    """Join problems to one sentence."""
    text = "; ".join(problem.rstrip(".") for problem in problems)
    return text if text.endswith("?") else f"{text}."


def weighted(layers: Any) -> dict[str, float]:
    """Convert layers to ``{full name: weight}``.

    Args:
        layers: a name, names, or ``{name: weight}``, in any form that `full_name`
            takes. Names without weights share a weight of 1 equally.
    """
    if isinstance(layers, str):
        layers = [layers]
    if isinstance(layers, Mapping):
        return {full_name(name): float(weight) for name, weight in layers.items()}
    names = list(dict.fromkeys(full_name(name) for name in layers))
    return {name: 1.0 / len(names) for name in names}


def _weighted_or_none(layers: Any) -> dict[str, float] | None:
    try:
        return weighted(layers)
    except (AttributeError, OverflowError, TypeError, ValueError):
        return None


def _problem(field: Field, values: Values) -> str:
    """Return what is wrong with one setting by itself; an empty text if nothing is."""
    value = values[field.name]
    if value is None and field.optional:
        return ""
    if field.kind == "layers":
        return _layers_problem(field.name, value, values["network"])
    if field.kind in ("integer", "number"):
        return _number_problem(field, value)
    if field.kind == "integers":
        return _integers_problem(field, value)
    return _word_problem(field, value)


def _layers_problem(name: str, value: Any, network: Any) -> str:
    layers = _weighted_or_none(value)
    if layers is None:
        return f"{name} must be a list of layers or {{layer: weight}}"
    if not layers:
        return f"{name} must name a layer"
    found = []
    if isinstance(network, str) and network in CONVOLUTIONS:
        missing = [layer for layer in layers if layer not in layer_names(network)]
        if missing:
            found.append(
                f"{name}: {network} has no {shorten(', '.join(missing))}, its deepest "
                f"layer is {layer_names(network)[-1]}"
            )
    if any(not (w >= 0 and math.isfinite(w)) for w in layers.values()):
        found.append(f"{name}: weights must be finite and not negative")
    return "; ".join(found)


def _word_problem(field: Field, value: Any) -> str:
    name = field.name
    if name == "optimizer" and not isinstance(value, str | type):
        known, what = hasattr(value, "apply_gradients"), "a name or a Keras optimizer"
        return "" if known else f"{name} must be {what}, not {_told(value)}"
    if field.kind == "boolean":
        known = isinstance(value, bool)
        return "" if known else f"{name} must be True or False, not {_told(value)}"
    if not field.choices:
        known = isinstance(value, str) and value.strip() != ""
        return "" if known else f"{name} must be the name of a file, not {_told(value)}"
    if isinstance(value, str) and value in field.choices:
        return ""
    return f"{name} must be one of {', '.join(field.choices)}, not {_told(value)}"


def _told(value: Any) -> str:
    """Return a value for a message, shortened."""
    return shorten(repr(value))


def _integers_problem(field: Field, value: Any) -> str:
    low, high = field.low or 0, field.high or math.inf
    known = isinstance(value, tuple) and value
    if known and all(type(n) is int and low <= n <= high for n in value):
        return ""
    none = " or None" if field.optional else ""
    return f"{field.name} must be whole numbers {field.range}{none}, not {_told(value)}"


def _number_problem(field: Field, value: Any) -> str:
    low, high = field.low or 0, field.high or math.inf
    whole = field.kind == "integer"
    kind = int if whole else (int, float)
    if isinstance(value, kind) and not isinstance(value, bool) and low <= value <= high:
        return ""
    none = " or None" if field.optional else ""
    what = "a whole number" if whole else "a number"
    limits = f"from {low} to {high:.12g}{none}"
    return f"{field.name} must be {what} {limits}, not {_told(value)}"


def _clashes(values: Values) -> list[str]:
    found = []
    if values["clamp"] is True and str(values["optimizer"]) == "lbfgs":
        found.append("clamp breaks the curvature that lbfgs measures, use adam with it")
    averaged = isinstance(values["average"], int | float) and values["average"] > 0
    if averaged and str(values["optimizer"]) == "lbfgs":
        found.append("average is for optimizers that swing, lbfgs does not: use adam")
    tiled = isinstance(values["tile"], int) and values["tile"] > 0
    statistic = str(values["style_statistic"])
    if tiled and statistic in STATISTICS[len(SUMMED) :]:
        found.append(
            f"tile does not go with {statistic}, which sorts the values "
            f"of the whole picture: take tile=0, or one of {', '.join(SUMMED)}"
        )
    weights = (values["content_weight"], values["style_weight"])
    if all(isinstance(weight, int | float) and weight == 0 for weight in weights):
        found.append("content_weight and style_weight are both 0, nothing is asked for")
    return found


def _idle(values: Values, schema: Schema) -> list[str]:
    """List changed settings that the method does not use, in one clause."""
    method = values["method"]
    if not (isinstance(method, str) and method in schema["method"].choices):
        return []
    chosen = QUALITIES.get(str(values["quality"]), {})
    refined = isinstance(values["refine"], int) and values["refine"] > 0
    changed = [
        name
        for name, field in schema.items()
        if not (method in field.methods or (refined and field.refines))
        and not _same(values[name], field.default)
        and not _same(values[name], chosen.get(name, field.default))
    ]
    if not changed:
        return []
    return [f"method {method} has no use for {', '.join(changed)}: leave that out"]


def _same(value: Any, default: Any) -> bool:
    """Return whether a value is the default. Layers can have any form, and 1 is 1.0."""
    if isinstance(default, tuple):
        return _weighted_or_none(value) == weighted(default)
    # Values of the same type compare safely. And 0 should not count as False.
    alike = type(value) is type(default) or {type(value), type(default)} == {int, float}
    return value is default or (alike and value == default)
