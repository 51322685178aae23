"""Input that cannot be used is told before TensorFlow starts, which takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import nstlib

CODE = """
import contextlib, io, json, sys
from nstlib.cli.main import main

found = []
for line in json.loads(sys.argv[1]):
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        status = main(line)
    started = [m for m in sys.modules if m.split(".")[0] in ("tensorflow", "keras")]
    found.append([status, told.getvalue(), len(started)])
    if started:
        break
print(json.dumps(found))
"""
TO_OUT = ["-o", "out.png"]
LINES = {
    "stylize": [
        ["bad.jpg", "great_wave", *TO_OUT],
        ["missing.jpg", "great_wave", *TO_OUT],
        ["cat", "bad.jpg", *TO_OUT],
        ["cat", "bad.jpg", "--method", "adain", *TO_OUT],
        ["cat", "great_wave", "--mask", "bad.jpg", *TO_OUT],
        ["cat", "great_wave", "--mask", "black.png", *TO_OUT],
        ["cat", "great_wave", "--mask", "red.png", *TO_OUT],
        ["cat", "great_wave", "--mask", "red.png", "--mask-color", "blue", *TO_OUT],
        ["cat", "great_wave", "--set", "content_layers=conv9_9", *TO_OUT],
        ["cat", "great_wave", "--set", "weights=bad.npz", *TO_OUT],
        ["cat", "great_wave", "--network", "vgg19", "--set", "weights=no.h5", *TO_OUT],
        ["cat", "bad.npz", "--method", "feedforward", *TO_OUT],
        ["cat", "great_wave", "--size", "0", *TO_OUT],
        ["cat", "great_wave", "--resume", *TO_OUT],
        ["cat", "great_wave", "-o", "file/out.png"],
        ["cat", "great_wave", "-o", "out.xyz"],
    ],
    "train": [
        ["bad.jpg", "-o", "out.npz"],
        ["great_wave", "--photos", "photos", "-o", "out.npz"],
        ["great_wave", "--photos", "missing", "-o", "out.npz"],
        ["great_wave", "--set", "style_weight=x", "-o", "out.npz"],
        ["great_wave", "--set", "weights=bad.npz", "-o", "out.npz"],
        ["great_wave", "--side", "3", "-o", "out.npz"],
        ["great_wave", "--resume", "-o", "out.npz"],
        ["great_wave", "-o", "file/out.npz"],
    ],
    "reproduce": [["bad.jpg"], ["missing.png"], ["black.png"]],
    "paint": [
        ["nothing"],
        ["starry_night", "--size", "5"],
        ["starry_night", "--palette", "nothing"],
        ["starry_night", "-o", "file/out.png"],
    ],
    "estimate": [
        ["bad.jpg"],
        ["cat", "bad.jpg"],
        ["cat", "bad.npz", "--set", "method=feedforward"],
        ["cat", "--set", "content_layers=conv9_9"],
        ["cat", "--size", "0"],
    ],
    "course": [["file"], ["--diff", "99", "."], ["--diff", "1", "--fresh", "1"]],
    "lesson": [["99"], ["bad.jpg"], ["1", "-o", "file/out.ipynb"]],
}


@pytest.mark.parametrize("command", LINES)
def test_bad_input_starts_no_tensorflow(tmp_path, command):
    for name in ("bad.jpg", "bad.npz", "file", "photos/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no picture, no network", encoding="utf-8")
    Image.new("L", (64, 64)).save(tmp_path / "black.png")
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.png")
    lines = [[command, *line] for line in LINES[command]]
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(lines)],
        capture_output=True, text=True, cwd=tmp_path, timeout=200,
        env={**os.environ, "PYTHONPATH": str(Path(nstlib.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for line, (status, told, started) in zip(
        lines, json.loads(done.stdout), strict=False
    ):
        assert not started, f"{line} starts TensorFlow"
        assert status == 2, (line, told)
        assert told.startswith("nst: ") and told.count("\n") == 1, (line, told)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "bad.jpg", "bad.npz", "black.png", "file", "photos", "red.png",
    ]  # fmt: skip


def test_a_picture_needs_neither_keras_nor_matplotlib(tmp_path):
    code = (
        "import sys\n"
        "from nstlib.cli.main import main\n"
        "words = 'stylize cat great_wave --size 32 --steps 2 --quiet -o a.png'\n"
        "assert main(words.split()) == 0\n"
        "extra = {'keras', 'matplotlib'} & set(sys.modules)\n"
        "assert not extra, extra\n"
        "from nstlib.backend import keras, tf\n"
        "assert keras.optimizers.Adam is tf.keras.optimizers.Adam\n"
        "import tensorflow.keras.layers\n"
    )
    root = str(Path(nstlib.__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
