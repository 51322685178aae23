"""Plans of galleries in files: a table as CSV, or TOML."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nstlib.errors import NstError, UsageError, did_you_mean
from nstlib.files import as_path, shown
from nstlib.gallery.plan import Job, check_setting, choices, named_jobs
from nstlib.gallery.sources import Shown, find_pictures
from nstlib.settings import SCHEMA, make_settings, parse_settings

PICTURES = ("photo", "style")
"""The columns that every table has. All others are settings."""
KEYS = ("photos", "styles", "settings", "vary", "picture")
"""What a plan in TOML may hold."""

Rows = list[tuple[Shown, Shown, dict[str, Any]]]


def read_plan(file: str | Path, fixed: dict[str, Any]) -> list[Job]:
    """Read the plan of a gallery.

    A table has the columns ``photo`` and ``style``, and one for each setting that is
    chosen. An empty cell takes the default. In TOML, ``photos`` and ``styles`` are
    texts or lists, ``[settings]`` and ``[vary]`` hold settings, and each
    ``[[picture]]`` is like a row of a table. Files are searched for beside the plan.

    Args:
        file: its name ends in ``.csv`` or ``.toml``.
        fixed: settings for all pictures. Those of the plan replace them.

    Raises:
        UsageError: the plan makes no sense. The message names the row.
    """
    path = as_path(file)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no plan {shown(path)}: check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{shown(path)} cannot be read: a plan is a CSV or TOML file in UTF-8, so "
            "save it in this form."
        ) from error
    if path.suffix.lower() == ".csv":
        return named_jobs(_table(path, text, fixed))
    if path.suffix.lower() == ".toml":
        return named_jobs(_toml(path, text, fixed))
    raise UsageError(
        f"{shown(path)} is not a plan: name a file that ends in .csv or .toml."
    )


def _table(path: Path, text: str, fixed: dict[str, Any]) -> Rows:
    lines = csv.reader(text.splitlines())
    columns = [name.strip() for name in next(lines, [])]
    for name in PICTURES:
        if name not in columns:
            raise UsageError(
                f"{shown(path)} has no column {name!r}: its first row must name the "
                "columns, including photo and style."
            )
    for name in columns:
        if name not in (*PICTURES, *SCHEMA):
            raise UsageError(
                f"{shown(path)} has a column {name!r}, which is not a setting: "
                f"{did_you_mean(name, (*PICTURES, *SCHEMA))}"
            )
    found: Rows = []
    for number, cells in enumerate(lines, start=2):
        values = [cell.strip() for cell in cells]
        if not any(values):
            continue
        with _about(path, f"row {number}"):
            if len(values) > len(columns):
                raise UsageError(
                    f"it has {len(values)} cells, but there are {len(columns)} "
                    "columns: put a cell with commas in quotes."
                )
            row = {n: v for n, v in zip(columns, values, strict=False) if v}
            pairs = [f"{n}={v}" for n, v in row.items() if n not in PICTURES]
            found += _row(path, row, fixed | parse_settings(pairs))
    return found


def _row(path: Path, row: dict[str, Any], chosen: dict[str, Any]) -> Rows:
    for name in PICTURES:
        if not isinstance(row.get(name), str) or not row[name]:
            raise UsageError(f"it has no {name}: name one.")
    make_settings(**chosen)
    networks = chosen.get("method") == "feedforward"
    photos = find_pictures(_beside(path, row["photo"]), "content")
    styles = find_pictures(_beside(path, row["style"]), "style", networks)
    return [(photo, style, chosen) for photo in photos for style in styles]


def _toml(path: Path, text: str, fixed: dict[str, Any]) -> Rows:
    plan = _parsed(path, text)
    for name in plan:
        if name not in KEYS:
            hint = did_you_mean(name, KEYS)
            raise UsageError(f"{shown(path)}: a plan has no key {name!r}: {hint}")
    found: Rows = []
    with _about(path):
        both = fixed | _settings(plan.get("settings", {}))
        if ("photos" in plan) != ("styles" in plan):
            raise UsageError(
                "a plan needs both photos and styles: name both, or neither."
            )
        if "photos" in plan:
            vary = _settings(plan.get("vary", {}))
            if not all(isinstance(values, list) for values in vary.values()):
                raise UsageError(
                    "each setting in [vary] needs a list of values, such as "
                    "seed = [1, 2]."
                )
            every = choices(both, vary)
            networks = both.get("method") == "feedforward"
            photos = find_pictures(_all_beside(path, plan["photos"]), "content")
            styles = find_pictures(_all_beside(path, plan["styles"]), "style", networks)
            found += [(p, s, c) for p in photos for s in styles for c in every]
    rows = plan.get("picture", [])
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        with _about(path, f"picture {number}"):
            if not isinstance(row, dict):
                raise UsageError(
                    "write each picture as a table that begins with [[picture]]."
                )
            chosen = {n: v for n, v in row.items() if n not in PICTURES}
            found += _row(path, row, both | _settings(chosen))
    return found


def _parsed(path: Path, text: str) -> dict[str, Any]:
    if sys.version_info < (3, 11):
        raise UsageError("a plan in TOML needs Python 3.11 or later: write it as CSV.")
    import tomllib

    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown(path)} is not valid TOML: {error}.") from error


def _settings(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise UsageError("write settings in a table, such as [settings].")
    for name in values:
        check_setting(name)
    return values


def _all_beside(path: Path, given: Any) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        raise UsageError(
            "photos and styles must be texts in quotes, or lists of such texts."
        )
    return [_beside(path, text) for text in texts]


def _beside(path: Path, text: str) -> str:
    """Return the path of a file beside the plan, or else the text as it is."""
    near = path.parent / text
    there = near.exists() or any(path.parent.glob(text)) if text[:1] not in "/~" else 0
    return str(near) if there else text


@contextmanager
def _about(path: Path, part: str = "") -> Iterator[None]:
    where = ", ".join(filter(None, [shown(path), part]))
    try:
        yield
    except NstError as error:
        raise UsageError(f"{where}: {error}") from error
