"""The exceptions of the package: one class for each kind of unusable input.

All of them derive from `NstError`. The message is one sentence for the person who gave
the input: it says what is wrong and what to do. Any other exception that leaves the
package is a bug of ours.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType


class NstError(ValueError):
    """Input that cannot be used. The message says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython and Jupyter print: the user's lines, and the message.

        The lines of the package, and the error of a library behind this one, say
        nothing to the person who gave the input. The exception keeps them all.
        """
        from IPython import get_ipython

        bare = copy.copy(self)  # without __cause__ and __context__
        render = get_ipython().InteractiveTB.structured_traceback
        lines: list[str] = render(type(bare), bare, self._of_user(), tb_offset=0)
        return lines

    def _of_user(self) -> TracebackType | None:
        """Return the calls after those of IPython and before those of the package."""
        calls: list[TracebackType] = []
        at = self.__traceback__
        while at and not _stands_in(at, "nstlib"):
            calls = [] if _stands_in(at, "IPython") else [*calls, at]
            at = at.tb_next
        shown: TracebackType | None = None
        for call in reversed(calls):
            shown = TracebackType(shown, call.tb_frame, call.tb_lasti, call.tb_lineno)
        return shown


def _stands_in(call: TracebackType, package: str) -> bool:
    return str(call.tb_frame.f_globals.get("__name__")).split(".")[0] == package


class FileError(NstError):
    """A file or folder that cannot be read or written."""


class ImageError(FileError):
    """A picture that cannot be read, decoded or written."""


class BackendError(NstError, ImportError):
    """TensorFlow or Keras cannot be started on this computer."""


class NetworkError(NstError):
    """A network, or its weights, that cannot be used."""


class SettingsError(NstError):
    """Settings that make no sense. The message names all problems at once."""


class CheckpointError(NstError):
    """A checkpoint that cannot be used, or that belongs to another run."""


class SourceError(NstError):
    """A text that should name a picture and does not."""


class FilmError(NstError):
    """A film that cannot be read, painted or written, or what is missing for it."""


class CellError(NstError):
    """A lesson's cell that failed. The message names the cell and quotes its error."""


class OutOfMemoryError(NstError, MemoryError):
    """Work that needs more memory than there is. The message says what needs less."""


class UsageError(NstError):
    """A command line that makes no sense."""


@contextmanager
def about_pictures() -> Iterator[None]:
    """Turn a `FileError` raised in the block into an `ImageError`."""
    try:
        yield
    except ImageError:
        raise
    except FileError as error:
        raise ImageError(str(error)) from error


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint about a name that does not exist, to end an error message with.

    Args:
        name: the name that does not exist.
        known: the names that do.

    Returns:
        A clause to put after a colon or a comma: the most similar of the known names,
        or all of them if none is similar.

    Example:
        >>> did_you_mean("starry_nigth", ["great_wave", "starry_night"])
        'did you mean starry_night?'
        >>> did_you_mean("x", ["great_wave", "starry_night"])
        'choose from great_wave, starry_night.'
    """
    known = list(known)
    near = difflib.get_close_matches(shorten(str(name)), known, 1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."


def shorten(text: str, most: int = 80) -> str:
    """Shorten a text in the middle, so that a message stays readable.

    Args:
        text: what to name in a message.
        most: largest number of characters of the result, at least 1.

    Example:
        >>> shorten("0123456789", 7)
        '012…789'
    """
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"
