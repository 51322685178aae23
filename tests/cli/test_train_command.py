"""``nst train``, and ``nst stylize`` with what it made."""

import json

import pytest

from nstlib.cli.main import main
from nstlib.images import save_image


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


@pytest.mark.parametrize(
    "words, message",
    [
        (["train", "great_wave", "--minutes", "0"], "--minutes is a number above 0"),
        (["train", "great_wave", "--side", "66"], "--side is a multiple of 4"),
        (["train", "great_wave", "--photos", "nowhere"], "is no folder"),
        (["train", "great_wave", "-o", "a.png"], "a trained network ends in .npz"),
        (["train", "great_wave", "-o", "x.npz", "--resume"], "nothing to resume"),
        (
            ["stylize", "cat", "nobody", "--method", "feedforward"],
            "no trained network nobody",
        ),
        (
            ["stylize", "cat", "a.npz", "b.npz", "--method", "feedforward"],
            "name one network",
        ),
        (
            ["stylize", "cat", "a.npz", "--mask", "b", "--method", "feedforward"],
            "no masks",
        ),
    ],
)
def test_commands_refuse_in_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
