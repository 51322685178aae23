"""The command ``nst studio``, which opens the studio in a browser."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import math
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from nstlib.cli.console import Parser, Signals, write
from nstlib.errors import UsageError
from nstlib.files import as_path
from nstlib.settings import SCHEMA
from nstlib.studio.config import TOKEN_LENGTH, Config

FOLDER = "output/studio"
TOKEN = "NST_STUDIO_TOKEN"
"""The environment variable that can hold the token, where nobody else can read it."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst studio``."""
    add = parser.add_argument
    usual = {field.name: field.default for field in dataclasses.fields(Config)}
    host = "The address to listen on, default %(default)s, which only this computer "
    host += "can reach. 0.0.0.0 lets in others in the same network."
    add("--host", default=usual["host"], help=host)
    port = "The port, default %(default)s. 0 takes a free one."
    add("--port", type=int, default=usual["port"], metavar="N", help=port)
    token = f"The word that visitors need, with at least {TOKEN_LENGTH} characters. It "
    token += "is required if others can reach the studio. The environment variable "
    token += f"{TOKEN} can hold it, too."
    add("--token", metavar="WORD", help=token)
    no_browser = "Print the address, but open no browser."
    add("--no-browser", action="store_true", help=no_browser)
    folder = "The folder for the pictures and the history, default %(default)s."
    add("--folder", default=FOLDER, help=folder)
    largest = "The largest size that can be chosen, default %(default)s pixels."
    add("--largest", type=int, default=usual["largest"], metavar="N", help=largest)
    minutes = "The longest time of one run, default %(default)g minutes. A longer run "
    minutes += "ends with the picture that it has."
    add("--minutes", type=float, default=usual["minutes"], metavar="M", help=minutes)
    disk = "The space for results, default %(default)g GB. When it is full, the oldest "
    disk += "results are deleted."
    add("--disk", type=float, default=usual["disk"], metavar="GB", help=disk)


def run(args: argparse.Namespace, signals: Signals, page: str = "") -> int:
    """Run ``nst studio`` and return its exit status; it opens with a page of it."""
    config = config_of(args)
    for name in ("flask", "waitress"):
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                'the studio needs Flask and waitress: type pip install "nstlib[studio]"'
                ', or pip install -e ".[studio]" in a clone.'
            )
    from nstlib.studio.serving import serve

    serve(config, lambda line: write(sys.stdout, line), not args.no_browser, page)
    return 128 + signals.number if signals.number > 2 else 0


def config_of(args: argparse.Namespace) -> Config:
    """Return the choices that were typed.

    Raises:
        UsageError: a choice makes no sense, or the token is missing.
    """
    low, high = (int(end or 0) for end in (SCHEMA["size"].low, SCHEMA["size"].high))
    _check(0 <= args.port <= 65535, "--port must be a number from 0 to 65535.")
    largest = f"--largest must be from {low} to {high} pixels."
    _check(low <= args.largest <= high, largest)
    for name in ("minutes", "disk"):
        value = getattr(args, name)
        _check(0 < value < math.inf, f"--{name} must be a number above 0.")
    token: Any = args.token if args.token is not None else os.environ.get(TOKEN)
    config = Config(
        Path(os.path.abspath(as_path(args.folder))),  # noqa: PTH100
        args.host,
        args.port,
        token or None,
        args.largest,
        args.minutes,
        args.disk,
    )
    short = token is not None and len(token) < TOKEN_LENGTH
    if short or (token is None and not config.local):
        raise UsageError(
            f"{'this token is too short' if short else f'others can reach {args.host}'}"
            f": give a token of {TOKEN_LENGTH} characters or more, such as --token "
            f"{secrets.token_hex(6)}"
        )
    return config


def _check(right: bool, told: str) -> None:
    if not right:
        raise UsageError(told)
