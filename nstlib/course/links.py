"""Rewriting the relative links of a lesson that is copied to another folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

_LINKS = [
    re.compile(r"""(\]\(\s*)([^()\s<>"'#]+)(?=[)\s#])"""),  # [text](target "title")
    re.compile(r"""(\]\(\s*<)([^<>#\n]+)(?=[>#])"""),  # [text](<target>)
    re.compile(r"""(\b(?:src|href)=["'])([^"'<>#]+)(?=["'#])"""),  # HTML
]
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)


def follow(text: str, old: Path, new: Path) -> str:
    """Rewrite relative links of Markdown, so that they work from another folder.

    Args:
        text: Markdown.
        old: folder of the file that the text was written for.
        new: folder of the file that it is for now.

    Returns:
        The text, with new targets for links to files and folders that exist. Code and
        all other links stay as they are.
    """
    if old.resolve() == new.resolve():
        return text
    pieces = _CODE.split(text)
    for link in _LINKS:
        pieces[::2] = [link.sub(lambda m: _moved(m, old, new), p) for p in pieces[::2]]
    return "".join(pieces)


def _moved(match: re.Match[str], old: Path, new: Path) -> str:
    target = old / unquote(match[2])
    try:
        if not target.exists():
            return match[0]
        path = os.path.relpath(target.resolve(), new.resolve())
    except (OSError, ValueError):  # not a path; on another drive of Windows
        return match[0]
    return match[1] + quote(Path(path).as_posix())
