"""``nst stylize --resume``: interrupted, or killed at any moment."""

import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.cli import main as cli

LINE = ["stylize", "cat.png", "wave.png", "-o", "a.png", "--size", "64"]


FILE = Path("a.checkpoint.npz")


@pytest.fixture
def folder(tmp_path, monkeypatch, make_picture):
    for seed, name in enumerate(("cat.png", "wave.png", "dog.png")):
        pixels = make_picture(60, 90, seed).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stop_after(monkeypatch, number):
    from nstlib.cli import progress

    def show(self, step, *_):
        if step.evaluation == number:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(progress.Progress, "show", show)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).copy()


def test_interrupted_and_resumed(folder, monkeypatch, capsys):
    line = [*LINE, "--steps", "12"]
    assert cli.main(line) == 0
    assert not FILE.exists()
    whole = pixels("a.png")
    stop_after(monkeypatch, 6)
    assert cli.main(line) == 130
    out = capsys.readouterr().out
    assert "The same command with --resume goes on from here." in out
    assert FILE.is_file() and Path("a.png").is_file()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert cli.main([*line, "--resume", "--seed", "1"]) == 2
    assert "seed was 0, is 1" in capsys.readouterr().err
    assert FILE.is_file()
    assert cli.main([*line, "--resume"]) == 0
    assert "Going on after" in capsys.readouterr().err
    np.testing.assert_array_equal(pixels("a.png"), whole)
    assert not FILE.exists()
    assert cli.main([*line, "--resume"]) == 2
    assert capsys.readouterr().err.startswith("nst: there is nothing to resume")


def test_who_forgets_to_resume_is_told(folder, monkeypatch, capsys):
    stop_after(monkeypatch, 4)
    line = [*LINE, "--steps", "6"]
    assert cli.main(line) == 130
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    capsys.readouterr()
    assert cli.main(line) == 0
    assert "will be replaced; with --resume the run" in capsys.readouterr().out
    assert not FILE.exists()


def test_no_checkpoints_if_so_wished(folder, monkeypatch, capsys):
    stop_after(monkeypatch, 4)
    assert cli.main([*LINE, "--steps", "6", "--checkpoint", "0"]) == 130
    assert not FILE.exists() and "--resume" not in capsys.readouterr().out
    for wrong in ("-1", "nan", "soon"):
        assert cli.main([*LINE, "--checkpoint", wrong]) == 2
        assert "--checkpoint" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_at_any_moment(start, folder, capsys):
    line = [*LINE, "--steps", "200"]
    assert cli.main([*line, "-o", "whole.png", "--quiet"]) == 0
    rng = random.Random(1)
    done = 0
    for lines in (2, 1, 2):  # one for every 20 evaluations
        more = ["--resume"] if FILE.exists() else []
        process = start(*line, "--checkpoint", "0.001", *more)
        for _ in range(lines):
            assert process.stderr.readline(), "it ended by itself"
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.communicate()
        assert not Path("a.png").exists()
        if FILE.exists():
            with np.load(FILE, allow_pickle=False) as file:
                facts = json.loads(file["facts"].tobytes())
                done, before = len(file["history"]), done
                assert all(file[name].size for name in file.files)
            assert facts["format"] == 1 and done >= before
    assert FILE.exists()
    assert cli.main([*line, "--resume"]) == 0
    np.testing.assert_array_equal(pixels("a.png"), pixels("whole.png"))
    facts = json.loads(Path("a.json").read_text("utf-8"))
    assert facts["evaluations"] == 200 and len(facts["resumed"]) >= 2
