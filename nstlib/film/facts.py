"""What is written in a film, or beside it, about how it was made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nstlib.files import atomic_write
from nstlib.film.libraries import ran
from nstlib.runs.facts import FACTS, facts_beside, in_json, write_facts
from nstlib.runs.forms import fits


def write_film_facts(path: Path, facts: dict[str, Any]) -> None:
    """Write facts beside a film, or into its folder of frames.

    Raises:
        FileError: the file cannot be written.
    """
    if path.is_dir():
        atomic_write(path / "film.json", lambda file: file.write(in_json(facts)))
    else:
        write_facts(path, facts)


def read_film_facts(path: Path) -> dict[str, Any] | None:
    """Read what `paint_film` wrote in a film, or beside it; None if there is nothing.

    Raises:
        UsageError: the file beside it describes another film.
    """
    place = path / "film.json"
    if place.is_file():
        text = place.read_text(encoding="utf-8")
    else:
        told = ran(["-v", "error", "-i", str(path), "-f", "ffmetadata", "-"]).stdout
        text = _comment(told.decode("utf-8", "replace"))
    try:
        facts = json.loads(text) if text else facts_beside(path)
    except (ValueError, RecursionError):
        return None
    known = fits(facts, {**FACTS, "film": {"wanted": dict, "choices": dict}})
    return facts if known else None


def _comment(metadata: str) -> str:
    """Return the comment in metadata as ffmpeg writes it, with its escapes undone."""
    found = re.search(
        r"^comment=((?:\\.|[^\n])*)", metadata, re.MULTILINE | re.IGNORECASE
    )
    return re.sub(r"\\(.)", r"\1", found[1]) if found else ""
