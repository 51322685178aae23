"""The floors of the package, read from pyproject.toml and from its source.

A floor is a layer of import-linter. Its rooms are the files and folders named there.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from command import ROOT, InputError

PACKAGE = "nstlib"


class Room(NamedTuple):
    """A file or a folder of the package."""

    name: str
    floor: int
    files: list[str]
    """What is in a folder, in short; empty for a file."""
    purpose: str
    """The first sentence of its docstring."""
    knows: set[int]
    """The floors that it imports from; its own, if it imports a neighbor."""


def floors(root: Path = ROOT) -> dict[int, list[Room]]:
    """The rooms of each floor, from the top floor down to floor 1.

    Raises:
        InputError: pyproject.toml names no layers, or a room that does not exist.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project.get("tool", {}).get("importlinter", {}).get("contracts", [])
    layers = next((c["layers"] for c in contracts if c["type"] == "layers"), None)
    if not layers:
        raise InputError("pyproject.toml names no layers: see [tool.importlinter].")
    names = [[name.strip() for name in layer.split(":")] for layer in layers]
    floor_of = {
        name: len(names) - index for index, row in enumerate(names) for name in row
    }
    rooms = [_room(root / PACKAGE, name, floor_of) for name in floor_of]
    return {
        floor: [room for room in rooms if room.floor == floor]
        for floor in range(len(names), 0, -1)
    }


def _room(package: Path, name: str, floor_of: dict[str, int]) -> Room:
    place = package / name
    sources = sorted(place.glob("*.py")) if place.is_dir() else [package / f"{name}.py"]
    if not sources or not sources[0].is_file():
        raise InputError(
            f"pyproject.toml names {name}, and {PACKAGE} has no such file."
        )
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    imported = {found for tree in trees for found in imports(tree)} - {name}
    return Room(
        name,
        floor_of[name],
        _files(place) if place.is_dir() else [],
        _first_sentence(ast.get_docstring(trees[0]) or ""),
        {floor_of[found] for found in imported if found in floor_of},
    )


def _first_sentence(docstring: str) -> str:
    text = docstring.partition("\n\n")[0].replace("`", "")
    return " ".join(re.split(r"(?<=[.])\s", text)[0].split())


def imports(tree: ast.Module) -> Iterator[str]:
    """The files and folders of the package that a module imports, at any place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for first, *rest in (name.split(".") for name in names):
            if first == PACKAGE and rest:
                yield rest[0]


def _files(folder: Path) -> list[str]:
    """The files of a folder without ``.py``; many that are alike count as one."""
    sources = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    names = sorted(sources) or sorted(
        path.name + "/" * path.is_dir()
        for path in folder.iterdir()
        if not path.name.startswith("_")
    )
    families: dict[str, list[str]] = {}
    for name in names:
        family = re.split(r"\d|_", name)[0]
        families.setdefault(family if _many(names, family) else name, []).append(name)
    return [
        found[0] if len(found) == 1 else f"{family}… × {len(found)}"
        for family, found in families.items()
    ]


def _many(names: list[str], family: str) -> bool:
    return len([name for name in names if re.match(rf"{family}[\d_]", name)]) >= 5
