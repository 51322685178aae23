"""Choosing names of files that every system accepts and that are never too long.

A name that people gave keeps its letters of all scripts, their marks, and its emoji.
File systems limit a name to 255 bytes, which are few letters in some scripts. So this
module leaves room for everything that is appended to a name.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import unicodedata
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from nstlib.files import LONGEST, is_url, shown

STEM_BYTES = 200
"""Largest number of bytes in a default name, before anything is appended to it."""
_JOINERS = {0x200C, 0x200D, *range(0xE0020, 0xE0080)}  # inside words and emoji
_EMOJI = range(0x1F000, 0x20000)  # newer ones are unknown to older Pythons


def stem_of(sources: list[str]) -> str:
    """Make a default name without a suffix from the names of sources.

    Args:
        sources: paths and addresses. Of an address, only the last part of its path is
            used, because what follows may be secret.

    Returns:
        The stems of the sources, joined by hyphens, in NFC. Everything but letters,
        digits, marks, emoji, dots, hyphens and underscores becomes an underscore.

    Example:
        >>> stem_of(["photos/Mu\u0308nchen 2.jpg", "https://host/wave.png?key=1"])
        'München_2-wave'
    """
    clean = safe("-".join(map(_stem, sources)))
    return shortened(clean[:100], STEM_BYTES).rstrip("\u200c\u200d")


def safe(text: str) -> str:
    """Replace by underscores what not every system accepts in the name of a file.

    Example:
        >>> safe("[64, 128] 1/2")
        '_64_128_1_2'
    """
    text = unicodedata.normalize("NFC", text)
    return re.sub("\0+", "_", "".join(c if _kept(c) else "\0" for c in text))


def _stem(source: str) -> str:
    if is_url(source):
        source = urllib.parse.unquote(urllib.parse.urlsplit(shown(source)).path)
    name = re.split(r"[/\\]", source.rstrip("/\\"))[-1]
    return re.sub(r"\.\w+$", "", name) or name


def _kept(char: str) -> bool:
    try:
        os.fsencode(char)
    except UnicodeEncodeError:  # a locale without this letter
        return False
    if char.isascii():
        return char.isalnum() or char in "_.-"
    kind = unicodedata.category(char)
    written = kind[0] in "LMN" or kind in ("So", "Sk")
    return written or ord(char) in _JOINERS or ord(char) in _EMOJI


def shortened(text: str, limit: int) -> str:
    """Cut a text to a number of bytes, counted as in names of files."""
    while _bytes(text) > limit:
        text = text[:-1]
    return text


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def beside(path: Path, ending: str) -> Path:
    """Return the name of a file that belongs to another: its stem with an ending.

    A stem that is too long for the ending is cut, and a part of its hash is appended,
    so that different names stay different.

    Example:
        >>> beside(Path("output/cat.png"), ".checkpoint.npz").as_posix()
        'output/cat.checkpoint.npz'
    """
    stem, room = path.stem, LONGEST - len(ending)
    if _bytes(stem) > room:
        digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        stem = f"{shortened(stem, room - 9)}~{digest}"
    return path.with_name(stem + ending)


def first_free(path: Path, usable: Callable[[Path], bool]) -> Path:
    """Return the first usable path: the given one, or one with ``-2``, ``-3`` …"""
    numbered = (beside(path, f"-{n}{path.suffix}") for n in itertools.count(2))
    return next(p for p in itertools.chain([path], numbered) if usable(p))


def is_there(path: Path) -> bool:
    """Return whether a path exists, even if it is a broken link."""
    return os.path.lexists(path)
