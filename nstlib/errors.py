"""What can be wrong with what a person hands over: a class for each kind of thing.

All of them are `NstError`. Their message is one sentence for the person: what is wrong,
and what to do. Whatever else leaves the package is a fault of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class NstError(ValueError):
    """Input that cannot be used: what is wrong with it, and what to do."""


class FileError(NstError):
    """A file or folder cannot be read or written."""


class ImageError(FileError):
    """A picture cannot be read, understood or written."""


class NetworkError(NstError):
    """A network or its weights cannot be used."""


class SettingsError(NstError):
    """Settings make no sense; the message names everything that is wrong at once."""


class CheckpointError(NstError):
    """A checkpoint cannot be used, or belongs to another run."""


class SourceError(NstError):
    """What was typed in place of a picture means none."""


class CellError(NstError):
    """A cell of a lesson failed: which lesson, which cell, and what it said."""


class UsageError(NstError):
    """What was typed on the command line makes no sense."""


@contextmanager
def about_pictures() -> Iterator[None]:
    """What is wrong with a file in this block is told as an `ImageError`."""
    try:
        yield
    except ImageError:
        raise
    except FileError as error:
        raise ImageError(str(error)) from error


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What to say about a name that does not exist, after a colon or a comma.

    Example:
        >>> did_you_mean("starry_nigth", ["great_wave", "starry_night"])
        'did you mean starry_night?'
        >>> did_you_mean("x", ["great_wave", "starry_night"])
        'choose from great_wave, starry_night.'
    """
    known = list(known)
    near = difflib.get_close_matches(str(name), known, 1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
