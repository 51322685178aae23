"""A picture made again from what is written inside it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nstlib
from nstlib.cli import main as cli
from nstlib.course import pictures as sources
from nstlib.images import load_image, read_metadata, save_image
from nstlib.runs.provenance import Origin, fingerprint, record

SMALL = {"size": 64, "steps": 4}
OPTIONS = ["--size", "64", "--steps", "4", "--quiet"]


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_picture):
    """A folder in which one picture was made, for all tests to copy."""
    folder = tmp_path_factory.mktemp("made")
    for seed, name in enumerate(("cat.jpg", "wave.png", "more/dog.png")):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(make_picture(60, 90, seed).astype(np.uint8)).save(path)
    before = Path.cwd()
    os.chdir(folder)
    try:
        line = ["stylize", "cat.jpg", "wave.png:2", "more/dog.png", "-o", "out/a.png"]
        assert cli.main([*line, *OPTIONS]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    here = tmp_path / "here"
    shutil.copytree(made, here)
    monkeypatch.chdir(here)
    monkeypatch.setattr(sources, "IMAGES", tmp_path / "course")
    return here


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).copy()


def reproduce(capsys, *args):
    capsys.readouterr()
    status = cli.main(["reproduce", *map(str, args)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def refuse(capsys, *args):
    before = sorted(Path.cwd().rglob("*"))
    status, _, error = reproduce(capsys, *args)
    assert status == 2 and error.startswith("nst: ") and error.count("\n") == 1
    assert sorted(Path.cwd().rglob("*")) == before
    return error


# --- the same again


def test_the_same_bit_for_bit(folder, capsys):
    status, out, _ = reproduce(capsys, "out/a.png")
    assert status == 0 and "The same, bit for bit." in out
    np.testing.assert_array_equal(pixels("out/a-again.png"), pixels("out/a.png"))
    facts = [json.loads(Path(f"out/{n}.json").read_text()) for n in ("a", "a-again")]
    assert facts[0]["settings"] == facts[1]["settings"]
    assert facts[0]["losses"] == facts[1]["losses"]
    assert facts[0]["sources"] == facts[1]["sources"]


def test_in_another_process_and_another_folder(folder, tmp_path):
    shutil.move("out", "moved")  # beside where it was: the paths still lead there
    path = os.pathsep.join(
        [str(Path(nstlib.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    )
    done = subprocess.run(
        [sys.executable, "-m", "nstlib", "reproduce", folder / "moved/a.png",
         "-o", "b.png", "--json"],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["same"] is True and facts["differences"] == []
    np.testing.assert_array_equal(pixels(tmp_path / "b.png"), pixels("moved/a.png"))


def test_the_json_beside_it_is_enough(folder, capsys):
    save_image(load_image("out/a.png"), "out/a.png")  # without its texts
    status, out, _ = reproduce(capsys, "out/a.png", "-o", "b.png")
    assert status == 0 and "bit for bit" in out


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_format_with_losses_is_compared_as_it_is(folder, capsys, suffix):
    line = ["stylize", "cat.jpg", "wave.png", "-o", f"b{suffix}", *OPTIONS]
    assert cli.main(line) == 0
    Path("b.json").unlink()
    status, out, _ = reproduce(capsys, f"b{suffix}")
    assert status == 0 and "bit for bit" in out and Path("b-again.png").is_file()


def test_a_run_that_was_interrupted(folder, capsys):
    result = nstlib.stylize(
        "cat.jpg", "wave.png", callback=lambda step: step.evaluation == 3, **SMALL
    )
    result.save("b.png")
    status, out, _ = reproduce(capsys, "b.png")
    assert status == 0 and "bit for bit" in out
    assert json.loads(Path("b-again.json").read_text())["evaluations"] == 3


def test_transparency(folder, capsys):
    cut = np.dstack([pixels("wave.png"), np.full((60, 90), 255, np.uint8)])
    cut[:, :40, 3] = 0
    Image.fromarray(cut).save("cut.png")
    assert cli.main(["stylize", "cut.png", "cat.jpg", "-o", "b.png", *OPTIONS]) == 0
    status, out, _ = reproduce(capsys, "b.png")
    assert status == 0 and "bit for bit" in out
    np.testing.assert_array_equal(pixels("b-again.png"), pixels("b.png"))


def test_in_python_from_files_and_from_arrays(folder, capsys):
    nstlib.stylize("cat.jpg", [("wave.png", 3)], **SMALL).save("b.png")
    assert "bit for bit" in reproduce(capsys, "b.png")[1]
    arrays = [load_image("cat.jpg"), load_image("wave.png")]
    nstlib.stylize(*arrays, **SMALL).save("c.png")
    assert "from arrays: name its content with --content" in refuse(capsys, "c.png")
    args = ["c.png", "--content", "cat.jpg", "--style", "wave.png"]
    assert "bit for bit" in reproduce(capsys, *args)[1]


@pytest.fixture
def masked(folder):
    """A picture of two styles, the first of which goes to the left."""
    gray = np.zeros((60, 90), np.uint8)
    gray[:, :45] = 255
    Image.fromarray(gray).save("left.png")
    line = ["stylize", "cat.jpg", "wave.png", "more/dog.png", "-o", "out/b.png"]
    masks = ["--mask", "left.png", "--mask", "none"]
    assert cli.main([*line, *masks, *OPTIONS]) == 0
    return Path("out/b.png")


def test_masks_are_found_again(masked, capsys):
    status, out, _ = reproduce(capsys, masked)
    assert status == 0 and "bit for bit" in out
    facts = [json.loads(Path(f"out/{n}.json").read_text()) for n in ("b", "b-again")]
    assert facts[0]["sources"] == facts[1]["sources"]
    assert facts[0]["sources"]["masks"][0]["path"] == "../left.png"


def test_masks_that_moved_or_changed(masked, capsys):
    shutil.move("left.png", "more/west.png")
    error = refuse(capsys, masked)
    assert "left.png, its mask, is not where it was: name it with --mask" in error
    others = "it had other masks: --mask left.png --mask none."
    assert others in refuse(capsys, masked, "--mask", "none", "--mask", "more/west.png")
    assert "masks: 1" in refuse(capsys, masked, "--mask", "more/west.png")
    args = [masked, "--mask", "more/west.png", "--mask", "none"]
    assert "choose another -o" in refuse(capsys, *args, "-o", "more/west.png")
    assert "bit for bit" in reproduce(capsys, *args)[1]
    Image.fromarray(255 - pixels("more/west.png")).save("left.png")
    status, out, _ = reproduce(capsys, masked)
    assert status == 0 and "left.png has changed since the picture was made." in out
    assert "Not the same: " in out and "left.png has changed." in out


def test_masks_in_python(folder, capsys):
    half = np.zeros((6, 9), bool)
    half[:, :4] = True
    nstlib.stylize("cat.jpg", [("wave.png", 1, half)], **SMALL).save("b.png")
    assert "from arrays: name its mask with --mask" in refuse(capsys, "b.png")
    Image.fromarray(half).save("half.png")
    status, out, _ = reproduce(capsys, "b.png", "--mask", "half.png")
    assert status == 0 and "bit for bit" in out


# --- not the same


def test_a_picture_that_has_changed(folder, capsys):
    shutil.copy("more/dog.png", "wave.png")
    status, out, _ = reproduce(capsys, "out/a.png")
    assert status == 0 and "wave.png has changed since the picture was made." in out
    assert "Not the same: " in out and "wave.png has changed." in out


def test_versions_that_differ_are_named(folder, capsys):
    facts = json.loads(Path("out/a.json").read_text())
    facts["versions"] |= {"tensorflow": "1.0", "numpy": "0.1"}
    edited = load_image("out/a.png")
    edited[0, 0] = 255 - edited[0, 0]
    texts = {f"nstlib:{key}": json.dumps(value) for key, value in facts.items()}
    save_image(edited, "out/a.png", texts)
    status, out, _ = reproduce(capsys, "out/a.png", "--json")
    assert status == 0
    told = json.loads(out)
    assert told["same"] is False and told["largest"] > 0
    assert told["differences"][0].startswith("tensorflow was 1.0 and is ")
    assert told["differences"][1].startswith("numpy was 0.1 and is ")


# --- where the pictures are


def test_pictures_that_moved(folder, capsys, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.move("wave.png", tmp_path / "elsewhere/big_wave.png")
    error = refuse(capsys, "out/a.png")
    assert "wave.png, its style, is not where it was: name it with --style" in error
    new = str(tmp_path / "elsewhere/big_wave.png")
    assert "has 2 styles" in refuse(capsys, "out/a.png", "--style", new)
    both = ["--style", new, "--style", "more/dog.png"]
    status, out, _ = reproduce(capsys, "out/a.png", *both)
    assert status == 0 and "bit for bit" in out


def test_pictures_beside_the_result_and_of_the_course(folder, capsys, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    for name in ("out/a.png", "cat.jpg", "more/dog.png"):
        shutil.copy(name, away)
    (tmp_path / "course/style").mkdir(parents=True)
    shutil.move("wave.png", tmp_path / "course/style")
    shutil.rmtree(folder / "more")
    Path("cat.jpg").unlink()
    status, out, _ = reproduce(capsys, away / "a.png")
    assert status == 0 and "bit for bit" in out


def test_no_home_folder_is_written_down(monkeypatch, tmp_path):
    home = tmp_path / "home/anna"
    monkeypatch.setattr(Path, "home", lambda: home)

    def way(path, folder):
        found = [Origin("a.jpg", path, "0"), Origin("b.jpg", path, "1")]
        return record(found, folder, None)["files"][0]["path"]

    assert way(home / "photos/a.jpg", home / "output") == "../photos/a.jpg"
    assert way(home / "a.jpg", home) == "a.jpg"
    assert way(home / "photos/a.jpg", tmp_path / "shared") is None
    assert way(tmp_path / "home/ben/a.jpg", home / "output") is None
    assert way(tmp_path / "x/a.jpg", tmp_path / "x/y") == "../a.jpg"
    assert way(None, tmp_path) is None


def test_what_is_written(folder):
    facts = json.loads(read_metadata("out/a.png")["nstlib:sources"])
    assert facts == {
        "content": "cat.jpg",
        "styles": ["wave.png", "dog.png"],
        "style_weights": [2.0, 1.0],
        "loaded_side": 4096,
        "files": [
            {"path": f"../{name}", "sha256": fingerprint(load_image(name))}
            for name in ("cat.jpg", "wave.png", "more/dog.png")
        ],
    }


# --- what cannot be reproduced


def test_what_nstlib_did_not_make(folder, capsys):
    assert "was not made by nstlib" in refuse(capsys, "wave.png")
    assert "does not exist" in refuse(capsys, "gone.png")
    save_image(load_image("wave.png"), "b.png", {"nstlib:settings": "{nonsense"})
    assert "damaged" in refuse(capsys, "b.png")
    save_image(load_image("wave.png"), "b.png", {"nstlib:settings": "{}"})
    assert "damaged" in refuse(capsys, "b.png")
    Path("wave.json").write_text("[]")
    assert "was not made by nstlib" in refuse(capsys, "wave.png")


def test_settings_of_another_version(folder, capsys):
    facts = json.loads(Path("out/a.json").read_text())
    facts["settings"]["glitter"] = 3
    texts = {f"nstlib:{key}": json.dumps(value) for key, value in facts.items()}
    save_image(load_image("out/a.png"), "out/a.png", texts)
    assert "no setting 'glitter'" in refuse(capsys, "out/a.png")


def test_a_start_picture_is_not_kept(folder, capsys):
    start = load_image("wave.png")
    nstlib.stylize("cat.jpg", "wave.png", start=start, **SMALL).save("b.png")
    assert "began with a start picture" in refuse(capsys, "b.png")


def test_out_is_none_of_the_pictures(folder, capsys):
    for name in ("out/a.png", "cat.jpg", "more/dog.png"):
        assert "choose another -o" in refuse(capsys, "out/a.png", "-o", name)
    assert "does not name a format" in refuse(capsys, "out/a.png", "-o", "b.xyz")


def written(**changes):
    """Write other facts into out/a.png, and take those beside it away."""
    path = Path("out/a.json")
    facts = json.loads(path.read_text())
    for name, value in changes.items():
        facts[name] = facts[name] | value if isinstance(value, dict) else value
    texts = {f"nstlib:{key}": json.dumps(value) for key, value in facts.items()}
    save_image(load_image("out/a.png"), "out/a.png", texts)
    path.unlink()


@pytest.mark.parametrize(
    "changes",
    [
        {"sources": 5},
        {"sources": {"files": ["x"]}},
        {"sources": {"files": [{}]}},
        {"sources": {"loaded_side": -5}},
        {"sources": {"loaded_side": 10**400}},
        {"sources": {"content": ["cat.jpg"]}},
        {"sources": {"styles": "wave.png"}},
        {"sources": {"style_weights": [1.0]}},
        {"sources": {"style_weights": [1.0, float("nan")]}},
        {"sources": {"masks": [{"name": 3}, None]}},
        {"settings": 5},
        {"versions": {"numpy": []}},
        {"evaluations": "3"},
        {"resumed": [None]},
        {"stop_reason": 7},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_facts_that_no_run_wrote(folder, capsys, changes):
    written(**changes)
    told = "what is written in out/a.png is damaged: give a picture as"
    assert told in refuse(capsys, "out/a.png")


def test_names_that_no_file_has(folder, capsys):
    name = "[*]{0}\x1b[31m\u202e.jpg"
    written(sources={"content": name, "files": [{"path": name}, {}, {}]})
    error = refuse(capsys, "out/a.png")
    assert "its content, is not where it was" in error
    assert error.strip().isprintable() and "[31m" in error


def test_optimizers_that_are_none(folder, capsys):
    made_up = {"module": "os", "class_name": "system", "config": {"command": "x"}}
    written(settings={"optimizer": made_up})
    assert "optimizer system cannot be made again" in refuse(capsys, "out/a.png")


def test_versions_cannot_steer_the_terminal(folder, capsys):
    written(versions={"numpy": "\x1b[2J\x07 0.1"})
    edited, texts = load_image("out/a.png"), read_metadata("out/a.png")
    edited[0, 0] = 255 - edited[0, 0]
    save_image(edited, "out/a.png", texts)
    status, out, _ = reproduce(capsys, "out/a.png")
    assert status == 0 and "numpy was \\x1b[2J\\x07 0.1 and is" in out
    assert out.replace("\n", "").isprintable()
