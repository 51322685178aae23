"""The pictures of the architecture say what pyproject.toml and the source say."""

import importlib
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("architecture", "one_run")


@pytest.fixture
def script(monkeypatch):
    """A module of scripts/, by its name."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module


def drawn(name):
    return (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")


def texts(name):
    found = ElementTree.fromstring(drawn(name)).iter(f"{SVG}text")
    return [text.text for text in found]


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_are_what_the_script_draws(name, script, tmp_path):
    script("architecture").main(["--out", str(tmp_path)])
    now = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
    assert now == drawn(name), "run python scripts/architecture.py, and look at it"


def test_every_file_of_the_package_is_in_the_picture(script):
    shown = texts("architecture")
    for path in (ROOT / "nstlib").rglob("*.py"):
        name = path.stem
        if path.parent.name == "check" and re.match(r"(build|lesson)\d", name):
            family = re.split(r"\d", name)[0]
            name = f"{family}… × {len(list(path.parent.glob(f'{family}[0-9]*.py')))}"
        if not name.startswith("__"):
            assert name in shown, path


def test_a_room_knows_what_it_imports(script):
    rooms = {
        room.name: room for rooms in script("house").floors().values() for room in rooms
    }
    assert rooms["errors"].knows == set()
    assert rooms["lbfgs"].knows == {1, 2}  # backend, and line_search beside it
    assert rooms["fast"].floor == 4 and "one_pass" in rooms["fast"].files
    for room in rooms.values():
        assert max(room.knows, default=0) <= room.floor


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        ("", "names no layers"),
        (
            '[tool.importlinter]\ncontracts = [{type = "layers", layers = ["attic"]}]',
            "attic",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_gets_a_sentence(project, reason, script, tmp_path):
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    with pytest.raises(script("command").InputError, match=reason):
        script("house").floors(tmp_path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from nstlib import color, __version__", ["color", "__version__"]),
        ("def f():\n    from nstlib.runs.result import Result", ["runs"]),
        ("import nstlib.large.tiles as tiles, numpy", ["large"]),
        ("import nstlib", []),
    ],
)
def test_imports_are_found_in_every_form(source, found, script):
    house = script("house")
    assert list(house.imports(house.ast.parse(source))) == found


def test_every_station_of_the_run_exists(script):
    for station in script("one_run").STATIONS:
        module = importlib.import_module(f"nstlib.{station.module}")
        for name in station.names:
            found = module
            for part in name.split("."):
                found = getattr(found, part)
            assert callable(found)


@pytest.mark.parametrize("name", PICTURES)
def test_letters_can_be_read(name):
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn(name))]
    assert min(sizes) >= 11
    assert "prefers-color-scheme:dark" in drawn(name)


def test_lines_have_like_lengths_and_fit(script):
    svg = script("svg")
    lines = svg.broken("one two three four five six seven", 160, 12)
    assert lines == ["one two three four", "five six seven"]
    assert max(map(len, lines)) * svg.PROSE * 12 <= 160
