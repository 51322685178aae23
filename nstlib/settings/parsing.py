"""Settings as they are typed: ``key=value``.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from nstlib.errors import SettingsError
from nstlib.settings.fields import SCHEMA


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
        key.strip(): _value(key.strip(), value.strip())
        for key, value in (pair.split("=", 1) for pair in pairs)
    }


def typed_settings(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """What was typed of the settings, as options of these names and with ``--set``.

    Raises:
        SettingsError: as `parse_settings`, or one is given in both ways.
    """
    options = {n: v for n in names if (v := getattr(args, n)) is not None}
    pairs = parse_settings(args.set)
    if twice := ", ".join(options.keys() & pairs.keys()):
        raise SettingsError(f"{twice} is given twice, as an option and with --set.")
    return options | pairs


def _value(key: str, text: str) -> Any:
    kind, optional = "number", False  # of an unknown name, which is refused later
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
