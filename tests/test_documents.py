"""What the documents name exists: links, files, modules, commands."""

import importlib
import re
from pathlib import Path

import pytest

from nstlib.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "images" / "CREDITS.md",
    ROOT / "nstlib" / "data" / "MODEL_CARD.md",
]
TEMPLATE = "capstone_page.md"  # its pictures are those that a student will make
FOLDERS = "benchmarks|docs|images|nstlib|notebooks|scripts|training"
each = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def text_of(path):
    """Without what is no more: the left column of the tables of what has moved."""
    text = path.read_text(encoding="utf-8")
    if path.name != "CHANGELOG.md":
        return text
    text = re.sub(r"^\| `[^|]*\|", "|", text, flags=re.MULTILINE)
    return re.sub(r"### Removed\n.*?(?=\n#|\Z)", "", text, flags=re.DOTALL)


def exists(name):
    """Whether a dotted name can be imported, or is an attribute of what can."""
    parts = name.split(".")
    found = importlib.import_module(parts[0])
    for part in parts[1:]:
        try:
            found = getattr(found, part)
        except AttributeError:
            try:
                found = importlib.import_module(f"{found.__name__}.{part}")
            except (AttributeError, ModuleNotFoundError):
                return False
    return True


@each
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(path)):
        if path.name == TEMPLATE and re.fullmatch(r"\d+\.png", target):
            continue
        assert re.match("https?://", target) or (path.parent / target).exists(), target


@each
def test_files_that_are_named_exist(path):
    named = re.findall(rf"(?<![\w/])(?:{FOLDERS})/[\w./]+\.\w+", text_of(path))
    for name in {name for name in named if not re.search(r"NAME|NN", name)}:
        assert (ROOT / name).exists() or (path.parent / name).exists(), name


@each
def test_modules_that_are_named_exist(path):
    for name in set(re.findall(r"(?<![\w/])nstlib(?:\.\w+)+", text_of(path))):
        if not name.endswith((".npz", ".py")):
            assert exists(name), name


@each
def test_commands_that_are_named_exist(path):
    named = set(re.findall(r"(?:`|^|&& )nst ([a-z]+)", text_of(path), re.MULTILINE))
    assert named <= set(COMMANDS)


def test_a_name_that_is_wrong_is_noticed():
    assert exists("nstlib.large.tiles.spans") and exists("nstlib.stylize")
    assert not exists("nstlib.quiet") and not exists("nstlib.vgg.nothing")
