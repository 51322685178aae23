"""What the studio refuses, and what it calls things: rules without a web framework.

Taught in: 16_studio. `guards` asks them about each request, `jobs` about each job, and
`uploads` about each file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from nstlib.errors import NstError, shorten


class Full(NstError):
    """The queue takes no more jobs. The message says when to try again."""


def same_origin(headers: Any, host: str) -> bool:
    """Return whether the page that sent a form is one of ours.

    Taught in: 16_studio.

    Args:
        headers: the headers of the request, a dictionary or anything with its ``get``.
            The browser itself sets those that matter, and no page can change them.
        host: name and port of this server, as the browser knows it.
    """
    # "none" means that a person sent the form again by reloading its answer.
    site = headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin") or headers.get("Referer", "")
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False


def check_room(owners: Sequence[str], owner: str, each: int, total: int) -> None:
    """Raise a `Full` if one more job does not fit into the queue.

    Taught in: 16_studio.

    Args:
        owners: who asked for each of the jobs that wait or run.
        owner: who asks for one more.
        each: the most jobs of one visitor.
        total: the most jobs of all visitors together.
    """
    if owners.count(owner) >= each:
        raise Full(
            f"You have {each} pictures waiting already: wait for one of them, or "
            "cancel it."
        )
    if len(owners) >= total:
        raise Full(
            f"{len(owners)} pictures are waiting already: try again in a few minutes."
        )


def title_of(filename: str) -> str:
    """Return a short name for an upload, without folders and suffix.

    Taught in: 16_studio. The result is for people to read. It is not a path, and it has
    to be escaped before it goes into a page.

    Args:
        filename: the name as the browser sent it, which may be any text.

    Example:
        >>> title_of("C:/photos/my cat.jpg")
        'my cat'
        >>> title_of("../../")
        'upload'
    """
    name = re.split(r"[/\\]", filename)[-1].rsplit(".", 1)[0]
    name = "".join(c for c in name if c.isprintable()).strip()
    return shorten(name, 40) or "upload"
