"""Nothing that is written tells where its maker keeps files, or who that is."""

from __future__ import annotations

import getpass
import json
import shutil
import signal
import socket
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.cli import progress
from nstlib.cli.main import main
from nstlib.course.executed import without_places
from nstlib.vgg_weights import MINI_FILE

PERSON = "anna.unlikely-name"


@pytest.fixture
def home(tmp_path, monkeypatch, make_picture):
    """Somebody's home with photos and weights; the current folder is inside."""
    home = tmp_path / "homes" / PERSON
    work = home / "a-working-folder"
    (home / "private-photos").mkdir(parents=True)
    work.mkdir()
    for seed, name in enumerate(("cat.png", "wave.png", "gray.png")):
        picture = make_picture(200, 210, seed).astype(np.uint8)
        image = Image.fromarray(picture)
        image = image.convert("L") if name == "gray.png" else image
        image.save(home / "private-photos" / name)
    shutil.copy(MINI_FILE, home / "private-photos" / "own.npz")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("USER", PERSON)
    monkeypatch.chdir(work)
    return home


def everything(folder):
    """All bytes of all files, those inside archives and compressed texts too."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield path.name, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}:{name}", name.encode() + archive.read(name)
        if path.suffix in (".png", ".jpg", ".tif"):
            with Image.open(path) as image:
                told = repr(image.info) + repr(dict(image.getexif()))
            yield f"{path.name}, texts", told.encode()


def secrets(home):
    host, user = socket.gethostname(), getpass.getuser()
    found = [str(home), str(Path.cwd()), PERSON, "private-photos"]
    # A host called "host" proves nothing.
    return found + [name for name in (host, user) if len(name) > 6]


def check(folder, home):
    names = []
    for name, data in everything(folder):
        names.append(name)
        for secret in secrets(home):
            for form in (secret.encode(), json.dumps(secret)[1:-1].encode()):
                assert form not in data, f"{secret} stands in {name}"
    return names


def test_outputs_of_all_commands(home, tmp_path, monkeypatch):
    photos, out = home / "private-photos", tmp_path / "given away"
    cat, wave, gray = (photos / f"{name}.png" for name in ("cat", "wave", "gray"))
    line = ["stylize", str(cat), str(wave), "--size", "64"]
    own = ["--set", f"weights={photos / 'own.npz'}", "--mask", str(gray)]
    for suffix in ("png", "jpg", "tif", "bmp"):
        more = ["--steps", "2", "--progress-every", "1", "-o", f"{out}/a.{suffix}"]
        assert main([*line, *own, *more]) == 0
    again = ["--weights", str(photos / "own.npz"), "--content", str(cat)]
    again += ["--style", str(wave), "--mask", str(gray)]
    assert main(["reproduce", f"{out}/a.png", *again]) == 0
    train = ["train", str(wave), "--photos", str(photos), "--minutes", "0.02"]
    train += ["--side", "192", "--set", f"weights={photos / 'own.npz'}"]
    assert main([*train, "-o", f"{out}/net.npz"]) == 0
    one_pass = ["stylize", str(cat), f"{out}/net.npz", "--method", "feedforward"]
    assert main([*one_pass, "--size", "64", "-o", f"{out}/b.png"]) == 0
    assert main(["paint", "starry_night", "--size", "32", "-o", f"{out}/p.png"]) == 0

    def show(self, step, *_):
        if step.evaluation == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(progress.Progress, "show", show)
    assert main([*line, *own, "--steps", "9", "-o", f"{out}/c.png"]) == 130
    names = check(out, home)
    assert {"a.json", "c.checkpoint.npz", "net.npz", "p.png", "b.json"} <= set(names)
    assert "c.checkpoint.npz:facts.npy" in names


def test_a_network_with_its_checkpoint(home, tmp_path, monkeypatch):
    from nstlib.fast import training

    def step(self, rate):
        if self.kept.steps:
            signal.raise_signal(signal.SIGINT)
        self.kept.steps += 1

    monkeypatch.setattr(training._Training, "step", step)
    photos, out = home / "private-photos", tmp_path / "given away"
    train = ["train", str(photos / "wave.png"), "--photos", str(photos)]
    assert main([*train, "--side", "192", "-o", f"{out}/net.npz"]) == 130
    assert "net.checkpoint.npz:run.npy" in check(out, home)


def test_an_executed_lesson(home, tmp_path):
    photo, here = home / "private-photos-not" / "cat.png", Path.cwd()
    course = tmp_path / "course"
    cells = [
        {"cell_type": "code", "source": [f"CONTENT = '{photo.as_posix()}'\n"]},
        {"outputs": [{"text": [f"{here}/output, {course}/notebooks, {course}2"]}]},
        {"outputs": [{"traceback": ["File /somewhere/ipykernel_12/3456.py:1"]}]},
        {"outputs": [{"text": ["a lone \udce9"]}]},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    made = without_places(notebook, [course, here])
    assert PERSON not in json.dumps(made)
    assert made["cells"][0]["source"] == ["CONTENT = '~/private-photos-not/cat.png'\n"]
    text = made["cells"][1]["outputs"][0]["text"][0]
    assert text == f"~/a-working-folder/output, ./notebooks, {course}2"
    assert made["cells"][2]["outputs"][0]["traceback"] == ["File 3456.py:1"]
    assert made["cells"][3]["outputs"][0]["text"] == ["a lone \udce9"]
