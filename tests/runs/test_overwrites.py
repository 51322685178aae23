"""What lies in a folder already, and what of it a run may replace."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import UsageError
from nstlib.runs.facts import is_ours, read_facts
from nstlib.runs.result import Result
from nstlib.settings import Settings


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def result(seed=0, gray=200):
    loss = {"total": 1.0}
    picture = np.full((20, 30, 3), gray, np.float32)
    settings = Settings(seed=seed)
    return Result(picture, [loss], loss, 1, 0.1, "evaluations used up", settings)


def seed_of(path):
    return read_facts(path)["settings"]["seed"]


def save_quietly(made, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # BMP holds no metadata
        return made.save(path)


# --- JSON of somebody else


@pytest.mark.parametrize("text", ['{"mine": 1}', "[]", "no JSON", "", "[" * 100_000])
def test_a_json_of_somebody_else_stays(text):
    Path("r.json").write_text(text)
    with pytest.warns(UserWarning, match=r"r\.json is not a file of nstlib and stays"):
        result(7).save("r.png")
    assert Path("r.json").read_text() == text
    assert json.loads(Path("r.png.json").read_text())["settings"]["seed"] == 7
    Image.open("r.png").convert("RGB").save("r.png")  # the texts in it are gone
    assert seed_of("r.png") == 7


def test_both_names_are_taken():
    for name in ("r.json", "r.png.json"):
        Path(name).write_text("mine")
    with pytest.warns(UserWarning, match="the settings stand in the picture only"):
        result(7).save("r.png")
    assert Path("r.json").read_text() == Path("r.png.json").read_text() == "mine"
    assert seed_of("r.png") == 7


def test_our_own_json_is_replaced():
    result(1).save("r.png")
    result(2).save("r.png")
    assert seed_of("r.png") == 2
    assert sorted(p.name for p in Path().iterdir()) == ["r.json", "r.png"]


# --- pictures that differ in their suffix only


def test_two_formats_have_two_files_of_settings():
    save_quietly(result(1, 10), "r.bmp")
    result(2, 20).save("r.png")
    save_quietly(result(3, 30), "r.gif")
    assert [seed_of(f"r.{suffix}") for suffix in ("bmp", "png", "gif")] == [1, 2, 3]
    save_quietly(result(4, 40), "r.bmp")
    assert [seed_of(f"r.{suffix}") for suffix in ("bmp", "png", "gif")] == [4, 2, 3]


def test_the_settings_of_another_picture_are_not_taken():
    save_quietly(result(1, 10), "r.bmp")
    Image.new("RGB", (30, 20)).save("r.png")
    with pytest.raises(UsageError, match=r"r\.json beside it is about r\.bmp"):
        read_facts("r.png")


def test_a_picture_may_be_renamed_with_its_json():
    save_quietly(result(5, 10), "r.bmp")
    Path("r.bmp").rename("s.bmp")
    Path("r.json").rename("s.json")
    assert seed_of("s.bmp") == 5


def test_json_of_earlier_versions_is_still_read():
    result(6).save("r.png")
    facts = json.loads(Path("r.json").read_text())
    del facts["picture"]
    Path("r.json").write_text(json.dumps(facts))
    Image.new("RGB", (30, 20)).save("r.png")
    assert seed_of("r.png") == 6


def test_what_is_ours_is_recognized_by_its_content():
    result(1).save("r.png")
    save_quietly(result(1, 10), "s.bmp")
    assert is_ours(Path("r.png")) and is_ours(Path("s.bmp"))
    Image.new("RGB", (30, 20)).save("s.bmp")  # another one in its place
    assert not is_ours(Path("s.bmp"))
    Path("t.png").write_text("no picture")
    assert not is_ours(Path("t.png"))


# --- names that are no text


@pytest.mark.parametrize("name", ["caf\udce9.png", "🦊🇩🇪.png", "की.png"])
def test_any_name_can_be_written_down(name):
    try:
        Path(name).write_bytes(b"")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes no such name")
    made = result(3)
    from nstlib.runs.provenance import Origin

    object.__setattr__(made, "origins", [Origin(name, None, "0")] * 2)
    made.save(name)
    facts = json.loads(Path(name).with_suffix(".json").read_text("utf-8"))
    assert facts["sources"]["content"] == name and facts["picture"]["name"] == name
    assert read_facts(name)["sources"]["styles"] == [name]
    Image.open(name).convert("RGB").save(name)
    assert read_facts(name)["sources"]["styles"] == [name]
