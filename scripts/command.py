"""What the scripts of `training/`, `benchmarks/` and `scripts/` share: a command line.

A script is called with ``--help`` to learn what it does. What is wrong with its input
is told in one sentence, with exit status 2.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
"""The folder of the project."""
IMAGES = ROOT / "images"
"""The course's own photos and paintings, in ``content`` and ``style``."""

EXTRA = ("scipy", "skimage", "tomli")
"""Packages that some scripts need and the package does not."""


class InputError(ValueError):
    """One sentence: what is wrong with the input, and what to do."""


class Parser(argparse.ArgumentParser):
    """Shows the docstring of a script as its help, and errors as one sentence.

    Args:
        text: the docstring.
    """

    def __init__(self, text: str | None):
        super().__init__(
            description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )

    def error(self, message: str) -> NoReturn:
        """End with exit status 2, without the usage."""
        raise InputError(f"{message}; --help lists the options.")


def command(main: Callable[[Sequence[str] | None], None]) -> Callable[..., None]:
    """Let a ``main(argv)`` explain what goes wrong with its input, and exit with 2."""
    name = Path(main.__code__.co_filename).name

    @functools.wraps(main)
    def explained(argv: Sequence[str] | None = None) -> None:
        try:
            main(argv)
        except KeyboardInterrupt:
            sys.exit(130)
        except Exception as error:
            if (sentence := explain(error)) is None:
                raise
            print(f"{name}: {' '.join(sentence.split())}", file=sys.stderr)
            sys.exit(2)

    return explained


def explain(error: Exception) -> str | None:
    """A sentence about an error that the input has caused; None for other errors."""
    if isinstance(error, InputError):
        return str(error)
    from nstlib.errors import NstError

    if isinstance(error, NstError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    if isinstance(error, ModuleNotFoundError):
        package = str(error.name).partition(".")[0]
        if package in EXTRA:
            return f'there is no {package}: python -m pip install -e ".[test]".'
    return None


def count(text: str) -> int:
    """A whole number above 0, for `argparse`."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def number(text: str) -> int:
    """A whole number from 0, for `argparse`."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def folder(text: str) -> Path:
    """A folder that exists, for `argparse`."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text)


def file(text: str) -> Path:
    """A file that exists, for `argparse`."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text)


def pictures_in(place: Path, kinds: str = "*.jpg") -> list[Path]:
    """The pictures of a folder, sorted by name.

    Raises:
        InputError: there are none.
    """
    found = sorted(place.glob(kinds))
    if not found:
        raise InputError(f"{place} holds no picture {kinds}: give another folder.")
    return found
