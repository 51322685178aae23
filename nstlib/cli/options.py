"""Options that several commands share, and options that stand for a setting.

The help texts of settings come from `nstlib.settings.SCHEMA`.
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
    "quality": "NAME",
    "network": "NAME",
    "method": "NAME",
    "alpha": "A",
    "refine": "N",
    "seed": "N",
    "progress_every": "N",
}
"""Setting that has its own option → the placeholder for its value in the help."""

WORDS = {"quality": ("quick", "best")}
"""Setting → the values that are options, too: ``--quick`` is ``--quality quick``."""

TYPES = {"integer": int, "number": float}
"""Kind of a setting → the function that reads the value of its option."""


def option_of(name: str) -> str:
    """Return the option of a setting: ``"--progress-every"`` for progress_every."""
    return f"--{name.replace('_', '-')}"


def add_setting(parser: Parser, name: str) -> None:
    """Add the option of a setting, with a help text made from the schema.

    Args:
        parser: the parser of a command.
        name: one of `SETTINGS`.
    """
    field = SCHEMA[name]
    text = f"{field.meaning} {_facts(name)}"
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        option_of(name),
        type=TYPES.get(field.kind, str),
        choices=field.choices or None,
        metavar=SETTINGS[name],
        help=text.replace("%", "%%"),
    )
    for word in WORDS.get(name, ()):
        same = f"The same as {option_of(name)} {word}."
        group.add_argument(
            f"--{word}", dest=name, action="store_const", const=word, help=same
        )


def add_set(parser: Parser, example: str) -> None:
    """Add the option ``--set``, whose help shows this example, such as "history=10"."""
    text = f"Any setting, as in {example}; nst settings lists all. It can be repeated."
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help=text
    )


def default_of(function: Callable[..., Any], argument: str) -> Any:
    """Return the default of an argument of a function."""
    return inspect.signature(function).parameters[argument].default


def _facts(name: str) -> str:
    """Describe values: ``"A whole number of pixels from 16 to 16384; default 512."``"""
    field = SCHEMA[name]
    values = f"{field.values[0].upper()}{field.values[1:]}"
    only = "" if "optimize" in field.methods else f" Only for {field.used_by}."
    return f"{values}; default {field.typed(field.default)}.{only}"
