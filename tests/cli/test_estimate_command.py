"""``nst estimate``, and ``nst stylize`` with a picture that does not fit."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.cli import estimate as estimating
from nstlib.cli import main as cli
from nstlib.course import pictures as sources
from nstlib.errors import UsageError
from nstlib.fast.speed import Speed
from nstlib.large import free_memory
from nstlib.large.cost import BASE_BYTES
from nstlib.large.fitting import expected_memory
from nstlib.large.scales import plan_scales
from nstlib.settings import SCHEMA, Settings


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder with a photo and a painting, in a course without pictures."""
    for name, shape in (("cat.jpg", (90, 60)), ("wave.png", (50, 50))):
        pixels = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize(shape).save(tmp_path / name)
    monkeypatch.setattr(sources, "IMAGES", tmp_path / "course")
    monkeypatch.chdir(tmp_path)


def test_table(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2 * 2**30)
    line = "estimate cat.jpg wave.png --steps 200 --set history=5 --set network=vgg16"
    assert cli.main([*line.split(), "--size", "256", "9000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "normal: network vgg16, 200 evaluations"
    assert [row.split()[0] for row in lines[2:4]] == ["256×171", "9000×6000"]
    assert [row.split()[-1] for row in lines[1:4]] == ["fits", "yes", "no"]
    assert lines[4].startswith("1.8 GiB can be used: up to --size ")
    assert 512 < int(lines[4].rstrip(".").split()[-1]) < 4096
    assert no_trial[0].history == 5


def test_table_with_tiles(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 4 * 2**30)
    line = "estimate cat.jpg wave.png --size 512 1800 9000 --set tile="
    assert cli.main(f"{line}512".split()) == 0
    rows = capsys.readouterr().out.splitlines()[2:5]
    assert [row.split("  ")[-1] for row in rows] == ["yes", "in tiles", "no"]
    monkeypatch.setattr(free_memory, "available_memory", lambda: 3 * 2**30)
    assert cli.main([*f"{line}0".split(), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["sizes"]
    assert [row["fits"] for row in facts] == [True, False, False]
    assert [row["tile"] for row in facts] == [0, 0, 0]
    assert [row["tile_that_fits"] for row in facts] == [None, 1280, None]
    assert cli.main(f"{line}0".split()) == 0
    assert "  in tiles, with --set tile=1280" in capsys.readouterr().out


def test_json(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: None)
    assert cli.main(["estimate", "cat.jpg", "wave.png", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["usable_bytes"] is facts["largest_size"] is None
    assert [row["size"] for row in facts["sizes"]] == list(estimating.SIZES)
    row = facts["sizes"][1]
    assert (row["width"], row["height"], row["fits"]) == (512, 341, None)
    assert row["seconds"] > 3 and row["peak_bytes"] > BASE_BYTES
    assert [scale["width"] for scale in row["scales"]] == [128, 256, 512]


def test_a_quality(no_trial, pictures, capsys):
    line = "estimate cat.jpg wave.png --size 512"
    seconds = {}
    for word in ("--quick", "--quality normal", "--best"):
        assert cli.main([*f"{line} {word}".split(), "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["sizes"]
        seconds[word] = row["seconds"]
        settings = Settings(quality=word.lstrip("-").split()[-1])
        counts = [scale["evaluations"] for scale in row["scales"]]
        assert counts == [count for *_, count in plan_scales(60, 90, settings)]
    assert list(seconds.values()) == sorted(set(seconds.values()))
    # One trial serves them all, because their evaluations cost the same.
    assert len({settings.to_json() for settings in no_trial}) == 1
    assert cli.main(f"{line} --quick".split()) == 0
    steps = Settings(quality="quick").steps
    assert f"quick: network mini, {steps} evaluations" in capsys.readouterr().out


@pytest.mark.parametrize("method", SCHEMA["method"].choices[1:])
def test_a_method_of_one_pass(pictures, monkeypatch, capsys, method):
    tried = []

    def measure(text):
        tried.append(Settings.from_json(text).method)
        return Speed(2.0, 1e-5)

    monkeypatch.setattr("nstlib.fast.speed.measure", measure)
    style = "starry_night" if method == "feedforward" else "wave.png"
    line = f"estimate cat.jpg {style} --size 256"
    for way in (f"--method {method}", f"--set method={method}"):
        assert cli.main(f"{line} {way}".split()) == 0
        title, _, row, _ = capsys.readouterr().out.splitlines()
        assert title == f"{method}, in one pass"
        assert row.split()[0] == "256×171" and " 2 s  yes" in row
    assert set(tried) == {method}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("estimate", "name a photo and a painting"),
        ("estimate cat.jpg wave.jpg", "did you mean wave.png"),
        ("estimate cat.jpg wave.png --size big", "--size"),
        ("estimate cat.jpg wave.png --size 5", "size must be a whole number from 16"),
        ("estimate cat.jpg wave.png --size 64 --set size=65", "given twice"),
        ("estimate cat.jpg wave.png --set history=0", "history"),
        ("estimate cat.jpg wave.png --method adain --quick", "no use for quality:"),
        ("estimate cat.jpg wave.png --set tv_wait=0", "did you mean tv_weight?"),
    ],
)
def test_bad_input(no_trial, pictures, capsys, line, message):
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: ") and error.count("\n") == 1 and message in error


def test_stylize_refuses_what_does_not_fit(pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**30)
    monkeypatch.setattr(
        "nstlib.cli.stylize.stylize", lambda *_, **__: pytest.fail("ran")
    )
    line = "stylize cat.jpg wave.png --size 2400"
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: 2400 pixels with network mini need about ")
    assert "but only 0.9 GiB can be used: try --size " in error
    assert not list(Path().glob("output/*"))
    size = int(error.rstrip(".\n").split()[-1])
    settings = Settings(size=size)
    photo = np.zeros((60, 90, 3), np.float32)
    assert expected_memory([photo], settings) > 0
    with pytest.raises(UsageError):
        expected_memory([photo], Settings(size=size + 20))
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**31)
    whole = "stylize cat.jpg wave.png --size 1500 --set tile=0"
    assert cli.main(whole.split()) == 2
    error = capsys.readouterr().err
    assert "or use tiles, which take longer, with --set tile=" in error
    monkeypatch.setattr(free_memory, "available_memory", lambda: 1000)
    assert cli.main(line.split()) == 2
    assert "close other programs" in capsys.readouterr().err
