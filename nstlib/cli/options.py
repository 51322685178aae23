"""Options that several commands share, and those that stand for a setting.

What a setting's option says comes from `nstlib.settings.SCHEMA`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nstlib.cli.console import Parser
from nstlib.settings import SCHEMA

SETTINGS = {
    "size": "N",
    "steps": "N",
    "network": "NAME",
    "method": "NAME",
    "alpha": "A",
    "seed": "N",
    "progress_every": "N",
}
"""Settings that have an option of their own, and what stands for their value in it."""

TYPES = {"integer": int, "number": float}
"""How the value of an option is read, by the kind of its setting."""


def option_of(name: str) -> str:
    """The option of a setting: ``"--progress-every"``."""
    return f"--{name.replace('_', '-')}"


def add_setting(parser: Parser, name: str) -> None:
    """Add the option of one of `SETTINGS`, with its meaning, values and default."""
    field = SCHEMA[name]
    text = f"{field.meaning} {_facts(name)}"
    parser.add_argument(
        option_of(name),
        type=TYPES.get(field.kind, str),
        choices=field.choices or None,
        metavar=SETTINGS[name],
        help=text.replace("%", "%%"),
    )


def add_set(parser: Parser, example: str) -> None:
    """Add ``--set``, with an example of what can be typed."""
    text = f"Any setting, as in {example}; nst settings lists all. It can be repeated."
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=text
    )


def default_of(function: Callable[..., Any], argument: str) -> Any:
    """The default of an argument, as its function states it."""
    return inspect.signature(function).parameters[argument].default


def _facts(name: str) -> str:
    """``"A whole number of pixels from 16 to 16384; default 512."``"""
    field = SCHEMA[name]
    values = f"{field.values[0].upper()}{field.values[1:]}"
    only = "" if "optimize" in field.methods else f" Only for {field.used_by}."
    return f"{values}; default {field.typed(field.default)}.{only}"
