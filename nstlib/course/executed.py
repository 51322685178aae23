"""Removing the folders of this computer from an executed lesson."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nstlib.files import atomic_write


def remove_places(notebook: Path, folders: Sequence[Path]) -> None:
    """Shorten, in an executed notebook, paths that begin with certain folders.

    The home folder becomes ``~``, which still works for the person who ran the lesson.
    The other folders become ``.``. Only the names stay of the paths that papermill
    stores, and of temporary files in tracebacks.

    Args:
        notebook: the file of the notebook, which is replaced.
        folders: folders to shorten, besides the home folder.

    Raises:
        FileError: the file cannot be written.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    noted = content.get("metadata", {}).get("papermill", {})
    for key in ("input_path", "output_path"):
        if noted.get(key):
            noted[key] = re.split(r"[/\\]", noted[key])[-1]
    places = {_home(): "~"} | dict.fromkeys(folders, ".")
    # A folder inside another one comes first, but for those of the home folder.
    order = sorted(places, key=lambda p: (places[p] != "~", -len(str(p))))
    rules = [
        (re.compile(re.escape(str(place)) + r"(?![\w-])"), places[place])
        for place in order
        if len(place.parts) > 1
    ]
    rules.append((re.compile(r"[^\s\"']*[/\\]ipykernel_\d+[/\\]"), ""))
    text = json.dumps(_shortened(content, rules), indent=1, ensure_ascii=False) + "\n"
    data = text.encode("utf-8", "backslashreplace")
    atomic_write(notebook, lambda file: file.write(data))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # there is none
        return Path("/")


def _shortened(value: Any, rules: list[tuple[re.Pattern[str], str]]) -> Any:
    if isinstance(value, str):
        for pattern, short in rules:
            value = short.join(pattern.split(value))
        return value
    if isinstance(value, list):
        return [_shortened(item, rules) for item in value]
    if isinstance(value, dict):
        return {key: _shortened(item, rules) for key, item in value.items()}
    return value
