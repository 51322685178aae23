"""What ``nst train`` does about files that are there, and about disks that fail."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest

from nstlib.errors import FileError
from nstlib.fast import training, training_checkpoint
from nstlib.images import save_image
from nstlib.transformers import load_transformer

SHORT = ["--photos", "photos", "--minutes", "0.02", "--side", "192"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, make_picture):
    monkeypatch.chdir(tmp_path)
    for seed in range(2):
        save_image(make_picture(200, 200, seed), tmp_path / "photos" / f"{seed}.png")
    save_image(make_picture(70, 70, 5), tmp_path / "wave.png")
    save_image(make_picture(70, 70, 6), tmp_path / "more" / "wave.png")


@pytest.fixture
def fake(monkeypatch):
    """Replaces the steps, not what is written."""

    def step(self, rate):
        self.kept.steps += 1
        self.kept.losses = np.ones(5)

    monkeypatch.setattr(training._Training, "step", step)
    monkeypatch.setattr("nstlib.cli.train.preview", lambda *_: np.zeros((8, 8, 3)))


def cut_off(nst, monkeypatch, *words):
    """A training that is interrupted in its second step."""
    with monkeypatch.context() as patch:
        whole = training._Training.step

        def step(self, rate):
            if self.kept.steps:
                signal.raise_signal(signal.SIGINT)
            whole(self, rate)

        patch.setattr(training._Training, "step", step)
        return nst("train", *words, *SHORT)


def test_a_checkpoint_that_is_not_resumed_is_told(nst, monkeypatch, fake):
    line = ["wave.png", "-o", "w.npz"]
    status, out, _ = cut_off(nst, monkeypatch, *line)
    assert status == 130 and "with --resume goes on from here." in out
    status, out, _ = nst("train", *line, *SHORT)
    assert status == 0 and "w.checkpoint.npz will be replaced; with --resume" in out
    assert "w.npz, made by nst before, will be replaced." in out
    assert not Path("w.checkpoint.npz").exists()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (["more/wave.png"], "another painting"),
        (["wave.png", "--photos", "more"], "other photos, 2 then and 1 now"),
        (["wave.png", "--side", "64"], "side was 192, is 64"),
        (["wave.png", "--set", "style_weight=7"], "style_weight was 45.0, is 7"),
    ],
)
def test_only_its_own_training_is_resumed(nst, monkeypatch, fake, other, said):
    assert cut_off(nst, monkeypatch, "wave.png", "-o", "w.npz")[0] == 130
    before = Path("w.checkpoint.npz").read_bytes()
    line = ["train", other[0], "-o", "w.npz", *SHORT, *other[1:], "--resume"]
    status, _, error = nst(*line)
    assert status == 2 and "belongs to another training" in error and said in error
    assert Path("w.checkpoint.npz").read_bytes() == before
    assert nst("train", "wave.png", "-o", "w.npz", *SHORT, "--resume")[0] == 0


def test_default_names_of_networks(nst, monkeypatch, fake):
    assert nst("train", "wave.png", *SHORT)[0] == 0
    status, out, _ = nst("train", "more/wave.png", *SHORT)
    assert status == 0 and "is another run's: this one will be" in out
    first, second = (load_transformer(f"output/wave{end}.npz") for end in ("", "-2"))
    assert np.abs(first.style - second.style).max() > 0
    # An unfinished one is kept, and found again by what is written in it.
    assert cut_off(nst, monkeypatch, "wave.png")[0] == 130
    assert Path("output/wave-3.checkpoint.npz").is_file()
    assert nst("train", "wave.png", *SHORT, "--resume")[0] == 0
    assert not Path("output/wave-3.checkpoint.npz").exists()
    assert {p.name for p in Path("output").glob("*.npz")} == {
        "wave.npz", "wave-2.npz", "wave-3.npz",
    }  # fmt: skip


def test_files_of_somebody_else(nst, fake):
    np.savez("w.npz", mine=np.zeros(3))
    np.savez("w.checkpoint.npz", mine=np.zeros(3))
    before = Path("w.checkpoint.npz").read_bytes()
    status, out, error = nst("train", "wave.png", "-o", "w.npz", *SHORT)
    assert status == 0
    assert "note: w.npz, which nst did not make, will be replaced." in error
    assert "w.checkpoint.npz is no checkpoint of nst train, and stays" in out
    assert Path("w.checkpoint.npz").read_bytes() == before


def test_a_target_that_is_a_folder(nst, fake):
    Path("w.npz").mkdir()
    status, _, error = nst("train", "wave.png", "-o", "w.npz", *SHORT)
    assert status == 2 and "w.npz is not a file: give a file name." in error


def test_a_full_disk_does_not_cost_the_network(nst, monkeypatch, fake, tmp_path):
    def full(*_, **__):
        raise FileError("w.npz cannot be written because the disk is full.")

    monkeypatch.setattr(training_checkpoint, "write_state", full)
    monkeypatch.setattr("nstlib.cli.frames.save_image", full)
    spare = tmp_path / "spare"
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(spare))
    from nstlib.cli import train

    whole = train.save_transformer

    def save(parameters, style, path, facts):
        return (
            whole(parameters, style, path, facts) if spare in path.parents else full()
        )

    monkeypatch.setattr(train, "save_transformer", save)
    status, _, error = nst("train", "wave.png", "-o", "w.npz", *SHORT)
    assert status == 2 and "fault" not in error
    assert error.count("no more checkpoints: ") == 1
    assert error.count("no more previews: ") == 1
    assert "It was saved as" in error
    assert load_transformer(spare / "nst-w.npz").facts["style"] == "wave.png"


def test_previews_are_of_one_training(nst, monkeypatch, fake):
    monkeypatch.setattr("nstlib.cli.train.PREVIEW_SECONDS", 0)
    assert nst("train", "wave.png", "-o", "w.npz", *SHORT)[0] == 0
    assert len(list(Path("w-progress").glob("*.png"))) > 1
    monkeypatch.setattr("nstlib.cli.train.PREVIEW_SECONDS", 1000)
    assert nst("train", "wave.png", "-o", "w.npz", *SHORT)[0] == 0
    assert [p.name for p in Path("w-progress").iterdir()] == ["0000.png"]


def test_the_facts_of_a_network_hold_no_path(nst, fake, tmp_path):
    painting = tmp_path / "more" / "wave.png"
    assert nst("train", painting, "-o", "w.npz", *SHORT)[0] == 0
    facts = load_transformer("w.npz").facts
    assert facts["style"] == "wave.png" and str(tmp_path) not in json.dumps(facts)
