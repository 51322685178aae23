"""``nst train``, and ``nst stylize`` with what it made."""

import json

import numpy as np
import pytest

from nstlib.cli.main import main
from nstlib.images import save_image
from nstlib.runs.facts import read_facts


def test_train_then_stylize_then_reproduce(tmp_path, monkeypatch, capsys, make_picture):
    monkeypatch.chdir(tmp_path)
    for seed in range(2):
        save_image(make_picture(90, 80, seed), tmp_path / "photos" / f"{seed}.png")
    words = ["train", "great_wave", "--photos", "photos", "--minutes", "0.02"]
    assert main([*words, "-o", "wave.npz", "--side", "64", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["photos"] == 2 and facts["steps"] >= 1
    assert (tmp_path / "wave-progress" / "0000.png").is_file()
    assert not (tmp_path / "wave.checkpoint.npz").exists()
    words = ["stylize", "cat", "wave.npz", "--method", "feedforward", "-o", "a.png"]
    assert main([*words, "--size", "64", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["settings"]["method"] == "feedforward"
    assert main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out


def test_a_mix_with_masks_is_painted_and_reproduced(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    left = np.zeros((40, 60, 3))
    left[:, :30] = 255
    for name, mask in (("left", left), ("right", 255 - left)):
        save_image(mask, tmp_path / f"{name}.png")
    words = ["stylize", "cat", "starry_night:2", "great_wave", "--size", "64"]
    words += ["--mask", "left.png", "--mask", "right.png", "--method", "feedforward"]
    assert main([*words, "-o", "a.png", "--json"]) == 0
    sources = read_facts(tmp_path / "a.png")["sources"]
    assert sources["styles"] == ["starry_night", "great_wave"]
    assert sources["style_weights"] == [2, 1] and len(sources["network"]) == 64
    capsys.readouterr()
    assert main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, message",
    [
        (["train", "great_wave", "--minutes", "0"], "--minutes must be a number"),
        (["train", "great_wave", "--side", "66"], "--side must be a multiple of 4"),
        (["train", "great_wave", "--photos", "nowhere"], "is no folder"),
        (["train", "great_wave", "-o", "a.png"], "a trained network ends in .npz"),
        (["train", "great_wave", "-o", "x.npz", "--resume"], "nothing to resume"),
        (
            ["stylize", "cat", "nobody", "--method", "feedforward"],
            "no trained network nobody",
        ),
        (
            ["stylize", "cat", "great_wave:0", "--method", "feedforward"],
            "the weight of a style must be a number above 0",
        ),
        (
            [
                "stylize",
                "cat",
                "great_wave",
                "--mask",
                "cat",
                "--mask",
                "cat",
                "--method",
                "feedforward",
            ],
            "styles: 1, masks: 2",
        ),
    ],
)
def test_commands_refuse_in_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
