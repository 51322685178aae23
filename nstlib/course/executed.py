"""The executed copy of a lesson: its name, what it says of itself, and its links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nstlib.course.links import follow
from nstlib.errors import shorten
from nstlib.names import beside, safe, shortened

_TEMPORARY = re.compile(r"[^\s\"']*[/\\]ipykernel_\d+[/\\]")
_NAME_BYTES = 100
"""Largest number of bytes that the parameters take in the name of a copy."""


def name_of_copy(lesson: Path, values: Mapping[str, str]) -> str:
    """Name the executed copy of a lesson by the parameters that were changed.

    Args:
        lesson: the file of the lesson.
        values: name → value of the changed parameters, as typed.

    Returns:
        The name of a file, of 255 bytes at most. If the values could not be kept
        letter by letter, it ends in a part of their hash.

    Example:
        >>> name_of_copy(Path("04_gram.ipynb"), {"LAYER": "block1_conv1"})
        '04_gram-LAYER=block1_conv1.ipynb'
    """
    told = "".join(f"-{name}={value}" for name, value in values.items())
    clean = "".join(f"-{name}={safe(value)}" for name, value in values.items())
    clean = shortened(clean, _NAME_BYTES)
    if clean != told:
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        clean += f"~{digest[:8]}"
    return beside(lesson, f"{clean}.ipynb").name


def tell_parameters(
    notebook: Any, lesson: Path, values: Mapping[str, str], defaults: Mapping[str, str]
) -> None:
    """Say at the top of a copy which parameters were changed.

    Args:
        notebook: the copy, which gets a cell under its title.
        lesson: the file of the lesson, to which the cell links.
        values: name → the code of the new value; nothing is said if empty.
        defaults: name → the code of the default.
    """
    from nbformat.v4 import new_markdown_cell

    if not values:
        return
    changed = "\n".join(
        f"> - {_code(f'{name} = {code}')} in place of {_code(defaults[name])}"
        for name, code in values.items()
    )
    text = (
        f"> **A copy of [{lesson.stem}]({lesson.name}) that was run with other "
        f"parameters.**\n>\n{changed}\n>\n"
        "> The text of the lesson describes what the defaults show; the outputs here "
        "are those of the new values."
    )
    cell = new_markdown_cell(text, metadata={"slideshow": {"slide_type": "-"}})
    if notebook.nbformat_minor < 5:  # older formats know no ids
        del cell["id"]
    first = notebook.cells[0]
    titled = first.cell_type == "markdown" and first.source.startswith("# ")
    notebook.cells.insert(1 if titled else 0, cell)


def _code(text: str) -> str:
    """Return a text as one line of code in Markdown."""
    text = shorten(" ".join(text.split()))
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def follow_links(notebook: Any, old: Path, new: Path) -> None:
    """Let the links of all texts lead to the same files from another folder."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = follow(cell.source, old, new)


def without_places(value: Any, folders: Sequence[Path]) -> Any:
    """Shorten, in the content of a notebook, paths that begin with certain folders.

    The home folder becomes ``~``, which still works for the person who ran the lesson.
    The other folders become ``.``. Only the names stay of temporary files in
    tracebacks.

    Args:
        value: the notebook, or a part of it: dictionaries, lists, texts.
        folders: folders to shorten, besides the home folder.

    Returns:
        The same content.
    """
    from nbformat import from_dict

    places = {_home(): "~"} | dict.fromkeys(folders, ".")
    # A folder inside another one comes first, but for those of the home folder.
    order = sorted(places, key=lambda p: (places[p] != "~", -len(str(p))))
    rules = [
        (re.compile(re.escape(str(place)) + r"(?![\w-])"), places[place])
        for place in order
        if len(place.parts) > 1
    ]
    rules.append((_TEMPORARY, ""))
    return from_dict(_shortened(value, rules))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # there is none
        return Path("/")


def _shortened(value: Any, rules: list[tuple[re.Pattern[str], str]]) -> Any:
    if isinstance(value, str):
        for pattern, short in rules:
            # Pictures are megabytes of text without a space, slow for this pattern.
            if pattern is not _TEMPORARY or "ipykernel_" in value:
                value = short.join(pattern.split(value))
        return value
    if isinstance(value, list):
        return [_shortened(item, rules) for item in value]
    if isinstance(value, dict):
        return {key: _shortened(item, rules) for key, item in value.items()}
    return value
