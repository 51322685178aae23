"""Reading settings that are typed as ``key=value``.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from nstlib.errors import SettingsError, shorten
from nstlib.settings.fields import SCHEMA


def parse_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Read ``key=value`` texts of a command line.

    Names and values are not checked here; `make_settings` does that.

    Args:
        pairs: one text for each setting. Values are written as in Python or YAML:
            numbers, words, ``true``, ``false``, ``none``, and lists with commas.
            Layers can have weights.

    Returns:
        Name of a setting → its value, for `make_settings`.

    Raises:
        SettingsError: a text has no ``=``.

    Example:
        >>> parse_settings(["tv_weight=3", "clamp=true", "steps_per_scale=80,60"])
        {'tv_weight': 3, 'clamp': True, 'steps_per_scale': (80, 60)}
        >>> parse_settings(["style_layers=conv1_1:256,conv2_1:64"])
        {'style_layers': {'conv1_1': 256, 'conv2_1': 64}}
    """
    pairs = list(pairs)
    bad = [pair for pair in pairs if "=" not in pair]
    if bad:
        raise SettingsError(
            f"write {shorten(', '.join(bad))} as key=value, as in tv_weight=3."
        )
    return {
        key.strip(): _value(key.strip(), value.strip())
        for key, value in (pair.split("=", 1) for pair in pairs)
    }


def typed_settings(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Collect the settings that were typed, as options of their own or with ``--set``.

    Args:
        args: the parsed command line.
        names: settings that have an option of their own.

    Returns:
        Name of a setting → its value, for `make_settings`.

    Raises:
        SettingsError: a text after ``--set`` has no ``=``, or a setting is given in
            both ways.
    """
    options = {n: v for n in names if (v := getattr(args, n)) is not None}
    pairs = parse_settings(args.set)
    if twice := ", ".join(options.keys() & pairs.keys()):
        raise SettingsError(f"{twice} is given twice, as an option and with --set.")
    return options | pairs


def _value(key: str, text: str) -> Any:
    kind, optional = "number", False  # for an unknown name, refused later
    if field := SCHEMA.get(key):
        kind, optional = field.kind, field.optional
    none = text.lower() == "none"
    if kind == "choice" or (kind == "text" and not (optional and none)):
        return text
    if kind == "layers":
        parts = [part.partition(":") for part in text.split(",")]
        if all(weight for _, _, weight in parts):
            return {name.strip(): _number(weight) for name, _, weight in parts}
        return [part.strip() for part in text.split(",")]
    if kind == "integers" and not none:
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
