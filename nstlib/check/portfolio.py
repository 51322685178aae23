"""The capstone: whether the files of a series are there, differ, and tell their story.

It says nothing about how good the pictures are. The rubric in ``docs/capstone.md`` is
for people.
"""

from __future__ import annotations

import itertools
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.errors import NstError
from nstlib.images import load_image, resize
from nstlib.runs.facts import read_facts

FEWEST = 5
"""Pictures of a series, at least."""
PAGE = "series.md"
"""The page that presents the series, in the folder of its pictures."""
HEADINGS = ("The idea", "What changes", "How I judged", "What I learned")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
SIDE, APART = 64, 2.0
"""Pictures are compared at this side; so many levels of 255 make them two."""
_GAP = re.compile(r"\[[^\[\]]*…\]")
"""What the template leaves for the student's words."""


def series(folder: str | Path) -> None:
    """Print whether a series of pictures is complete, and what is missing.

    Args:
        folder: holds `FEWEST` or more pictures saved with `Result.save` or ``nst``, and
            `PAGE`, made from the template ``docs/capstone_page.md``.
    """
    print(_verdict(Path(folder)))


def _verdict(folder: Path) -> str:
    name = folder.name
    files = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        return f"○ no series yet: the folder {name} holds no picture"
    if len(files) < FEWEST:
        return f"✗ {len(files)} of {FEWEST} pictures are there: save more in {name}"
    runs: dict[str, dict[str, Any]] = {}
    for file in files:
        try:
            runs[file.name] = read_facts(file)
        except NstError:
            return (
                f"✗ {file.name} holds no settings: save it with result.save, or make "
                "it with nst stylize. A screenshot cannot be made again"
            )
    return _alike(files) or _of_page(folder, runs) or _praise(runs)


def _alike(files: list[Path]) -> str | None:
    """Complain about a picture that cannot be read, or two that look the same."""
    small = {}
    for file in files:
        try:
            small[file.name] = resize(load_image(file), SIDE, SIDE)
        except NstError as error:
            return f"✗ {file.name} cannot be read: {error}"
    for one, other in itertools.combinations(small, 2):
        if np.abs(small[one] - small[other]).mean() < APART:
            return (
                f"✗ {one} and {other} look the same: change something that can be "
                "seen, or leave one out"
            )
    return None


def _of_page(folder: Path, runs: dict[str, dict[str, Any]]) -> str | None:
    """Complain about the page: missing, unfinished, or without a picture."""
    page = folder / PAGE
    try:
        text = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"✗ the page is missing: copy docs/capstone_page.md to {PAGE}"
    except (OSError, UnicodeDecodeError):
        return f"✗ {PAGE} cannot be read: save it as text in UTF-8"
    if gap := _GAP.search(text):
        words = textwrap.shorten(gap[0], 60, placeholder=" …]")
        return f"✗ the page has a gap: replace {words} by your own words"
    for heading in HEADINGS:
        if not re.search(rf"(?mi)^#+ *{heading} *$", text):
            return f'✗ the page has no heading "{heading}": take it from the template'
    for file in runs:
        if file not in text:
            return f"✗ the page does not show {file}: write ![…]({file})"
    return None


def _praise(runs: dict[str, dict[str, Any]]) -> str:
    """Say what changes from picture to picture."""
    found = [
        run["settings"] | {"pictures": run.get("sources", {})} for run in runs.values()
    ]
    names = sorted({name for run in found for name in run})
    changes = [
        name
        for name in names
        if len({json.dumps(run.get(name), sort_keys=True) for run in found}) > 1
    ]
    what = ", ".join(changes) or "nothing that the settings tell"
    return f"✓ a series of {len(runs)} pictures. What changes: {what}"
