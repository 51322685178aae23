"""``nst paint``, and what the painter says about wishes that cannot be met."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nstlib
from nstlib.cli import main as cli
from nstlib.errors import SettingsError
from nstlib.painter import PAINTINGS, PALETTES, options_of, paint

OWN = [f"#{10 * n:02x}{20 * n:02x}{30 * n:02x}" for n in range(8)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), np.float32)


@pytest.mark.parametrize("typed", [["paint"], ["paint", "list"]])
def test_the_list(typed, folder, capsys):
    assert cli.main(typed) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = {line.split()[0]: n for n, line in enumerate(lines) if line[:1].islower()}
    assert list(shown) == list(PAINTINGS)
    for name, n in shown.items():
        for option in ["palette", *options_of(name)]:
            assert f"{option}=" in lines[n + 1]
    assert all(name in lines[-2] for name in PALETTES)
    assert not list(folder.iterdir())


def test_a_painting_lands_in_output_and_says_how_it_was_made(folder, capsys):
    typed = "paint engraved_ship --width 64 --height 48 --seed 3 --set lines=24"
    assert cli.main([*typed.split(), "--palette", ",".join(OWN)]) == 0
    path = Path("output") / "engraved_ship.png"
    assert f"Saved {path} after" in capsys.readouterr().out
    picture = paint("engraved_ship", 48, 64, 3, lines=24, palette=OWN)
    np.testing.assert_allclose(pixels(path), picture, atol=0.5)
    info = Image.open(path).info
    assert info["Software"] == f"nstlib {nstlib.__version__}"
    program, *again = shlex.split(info["Comment"])
    assert program == "nst"
    assert cli.main([*again, "-o", "again.png"]) == 0
    np.testing.assert_array_equal(pixels(path), pixels("again.png"))


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("--size 32", (32, 32)),
        ("--width 48", (48, 48)),
        ("--height 40", (40, 40)),
        ("--width 64 --height 32", (64, 32)),
    ],
)
@pytest.mark.parametrize("out", ["my folder/x.jpg", "a/", "x.gif"])
def test_sizes_and_targets(typed, size, out, capsys):
    assert cli.main(["paint", "tapestry", *typed.split(), "-o", out]) == 0
    path = Path(out) / "tapestry.png" if out.endswith("/") else Path(out)
    assert Image.open(path).size == size
    assert capsys.readouterr().err == ""  # no note that GIF holds no text


BAD = {
    "stary_night": "there is no painting 'stary_night': did you mean starry_night?",
    "x": "choose from starry_night, great_wave",
    "tapestry --set thraeds=70": "no option thraeds; it has: palette, threads.",
    "tapestry --set threads": "write threads as key=value",
    "tapestry --set threads=70 --set threads=80": "threads is given twice",
    "tapestry --palette ink --set palette=ink": "palette is given twice",
    "tapestry --set threads=-3": "as threads a whole number from 64 to 200, not -3",
    "tapestry --set threads=70.5": "not 70.5",
    "tapestry --set threads=many": "not 'many'",
    "starry_night --set swirl=nan": "as swirl a number from -2 to 2, not nan",
    "starry_night --set swirl=inf --set stroke=0": "0.5 to 3, not 0; as swirl a number",
    "tapestry --palette nihgt": "neither one of night, wave",
    "tapestry --palette #112233": "nor eight colors",
    "tapestry --seed -1": "a seed is a whole number from 0",
    "tapestry --seed 1.5": "--seed",
    "tapestry --size 8": "Cannot paint 8 × 8 pixels",
    "tapestry --width 500 --height 100": "Cannot paint 500 × 100 pixels",
    "tapestry --size 64 --width 64": "either --size",
    "tapestry -o x.doc": "end it with one of .png",
    "tapestry --size 16 -o text.txt/x.png": "text.txt/x.png cannot be written",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_wishes_get_one_sentence_and_leave_nothing(line, folder, capsys):
    Path("text.txt").write_text("a file", encoding="utf-8")
    assert cli.main(["paint", *line.split()]) == 2
    out, error = capsys.readouterr()
    assert error.startswith("nst: ") and error.count("\n") == 1
    assert BAD[line] in error.replace("\\", "/") and out == ""
    assert [path.name for path in folder.iterdir()] == ["text.txt"]


@pytest.mark.parametrize(
    "wish",
    [
        {"trees": -1},
        {"trees": 41},
        {"trees": True},
        {"trees": 3.0},
        {"trees": "3"},
        {"trees": None},
        {"stroke": "long"},
        {"stroke": float("nan")},
        {"stroke": [1]},
        {"palette": 7},
        {"palette": ["#11"] * 8},
        {"palette": {}},
        {"height": 64.0},
        {"width": "64"},
        {"height": True},
        {"seed": -1},
        {"seed": None},
        {"seed": "x"},
    ],
    ids=str,
)
def test_odd_values_are_errors_of_settings(wish):
    with pytest.raises(SettingsError, match=r"\w.*\.$"):
        paint("autumn_birches", **{"height": 64, "width": 64, **wish})


@pytest.mark.parametrize("name", [None, 3, ["tapestry"]])
def test_odd_names_are_errors_of_settings(name):
    with pytest.raises(SettingsError, match="No painting"):
        paint(name, 64, 64)


def test_numbers_of_numpy_are_numbers():
    size, seed = np.int64(32), np.uint8(1)
    picture = paint("tapestry", size, size, seed, threads=np.int32(80))
    np.testing.assert_array_equal(picture, paint("tapestry", 32, 32, 1, threads=80))


@pytest.mark.parametrize("name", PAINTINGS)
def test_the_ranges_are_those_of_the_docstring(name):
    for option, facts in options_of(name).items():
        text = re.search(
            rf"^ +{option}: (.+?)\.\n", PAINTINGS[name].__doc__, re.M | re.S
        )
        numbers = re.findall(
            r"(-?\d+(?:\.\d+)?)(?: \([^)]*\))? to (\d+(?:\.\d+)?)", text[1]
        )
        assert [tuple(map(float, pair)) for pair in numbers] == [
            (facts.low, facts.high)
        ]
        assert facts.accepts(facts.default)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", ["ink_mountains", "circles_and_lines", "rose_window"])
def test_the_ends_of_the_ranges_can_be_painted(name, end):
    wishes = {option: getattr(facts, end) for option, facts in options_of(name).items()}
    picture = paint(name, 32, 32, **wishes)
    assert np.isfinite(picture).all() and picture.std() > 5
