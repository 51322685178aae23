"""``nst gallery`` as it is typed."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.worker.orders import Outcome

TINY = ("--size", 48, "--set", "steps=2", "--set", "margin=0", "--set", "smallest=48")


class Here:
    """Does what the processes would do, in this one."""

    limited = None

    def __init__(self, workers):
        self.workers = workers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def slots(self):
        return self.workers

    def limit(self, workers):
        self.workers = workers

    def outcomes(self, orders):
        for order in orders:
            yield Outcome(order.key, order.function(order.argument))


@pytest.fixture
def small(tmp_path, monkeypatch, make_picture):
    """Two photos and two paintings in the current folder, and no other processes."""
    for kind in ("photos", "paintings"):
        (tmp_path / kind).mkdir()
        for number in range(2):
            pixels = make_picture(36, 48, seed=number).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{kind[:-1]}{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def alone(small, monkeypatch):
    def price(asked, stopped=None):
        return [(11.0, 10**9) for _ in asked], 2.0, 10**11

    monkeypatch.setattr("nstlib.cli.gallery.Processes", Here)
    monkeypatch.setattr("nstlib.cli.gallery.available_memory", lambda: 4 * 10**9)
    monkeypatch.setattr("nstlib.cli.gallery.cores", lambda: 2)
    monkeypatch.setattr("nstlib.gallery.opening.price", price)
    return small


def test_a_gallery(alone, nst):
    words = (
        "gallery",
        "photos",
        "paintings",
        *TINY,
        "--vary",
        "seed=1,2",
        "-o",
        "wall",
    )
    status, said, error = nst(*words, "--json")
    assert status == 0, error
    facts = json.loads(said)
    assert (facts["done"], facts["failed"], facts["waiting"]) == (8, 0, 0)
    assert "With 2 workers, this takes about 46 s, 1.9 GiB of memory and" in error
    assert "The previews are ready after" in error
    assert len(list(Path("wall/pictures").iterdir())) == 8
    for name in ("index.html", "sheet.jpg", "gallery.csv", "gallery.json"):
        assert (alone / "wall" / name).stat().st_size > 500
    status, said, _ = nst(*words)
    assert status == 0 and "has 8 pictures, 8 of them painted already" in said
    assert "There is nothing left to paint" in said


def test_a_broken_picture_among_good_ones(alone, nst):
    (alone / "photos" / "photo1.png").write_bytes(b"\x89PNG\r\n\x1a\n, and no more")
    words = ("gallery", "photos", "paintings", *TINY, "--no-previews", "-o", "wall")
    status, said, error = nst(*words)
    assert status == 2
    assert "2 of 4 pictures failed: use --retry to try again." in error
    assert (
        "The gallery has 2 pictures. This run" in said
        and "photo1-painting0 failed: " in error
    )


def test_a_dry_run_writes_nothing(alone, nst):
    words = ("gallery", "photos", "paintings", *TINY, "--dry-run", "-o", "wall")
    status, said, _ = nst(*words)
    assert status == 0 and "With 2 workers, this takes about" in said
    assert not (alone / "wall").exists()


def test_too_little_memory_or_disk(alone, nst, monkeypatch):
    words = ("gallery", "photos", "paintings", *TINY, "-o", "wall")
    monkeypatch.setattr("nstlib.cli.gallery.available_memory", lambda: 15 * 10**8)
    status, said, _ = nst(*words, "--dry-run")
    assert status == 0 and "With 1 worker, this" in said
    status, _, error = nst(*words, "--workers", 2)
    assert status == 2
    assert "each worker needs 0.9 GiB of memory, and only 1.3 GiB can be" in error
    assert "choose --workers 1 or a smaller --size" in error
    monkeypatch.setattr("nstlib.cli.gallery.available_memory", lambda: 5 * 10**8)
    status, _, error = nst(*words)
    assert status == 2 and "choose a smaller --size" in error
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("D", (), {"free": 10}))
    status, _, error = nst(*words)
    assert status == 2 and "of disk space, and only 0.0 GiB is free" in error
    assert not (alone / "wall").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name PHOTOS and STYLES"),
        (("photos",), "name PHOTOS and STYLES"),
        (("photos", "nowhere"), "nowhere"),
        (("photos", "a.jpg", "b.jpg", "c.jpg"), "put a pattern in quotes"),
        (("photos", "paintings", "--vary", "seed"), "has no values"),
        (("photos", "paintings", "--size", "3"), "size"),
        (("photos", "paintings", "--workers", "0"), "from 1 to 1024"),
        (("photos", "paintings", "-o", "photos"), "contains other files"),
        (
            ("photos", "paintings", "--plan", "plan.csv"),
            "leave out PHOTOS, STYLES and --vary",
        ),
        (("--plan", "plan.csv"), "there is no plan plan.csv"),
        (
            ("photos", "paintings", "--dask", "tcp://h:1", "--workers", "2"),
            "the cluster",
        ),
    ],
)
def test_mistakes_are_one_sentence(alone, nst, words, told):
    status, said, error = nst("gallery", *words)
    assert status == 2 and told in error and said == ""
    assert error.count("\n") == 1
    assert not (alone / "output").exists()


def pictures(folder):
    return len(list((folder / "wall" / "pictures").glob("*.png")))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process")
def test_interrupted_killed_and_gone_on_with(small):
    words = "gallery photos paintings --size 48 --set steps=20 --vary seed=1,2"
    command = [sys.executable, "-m", "nstlib", *shlex.split(words), "-o", "wall"]
    command += ["--no-previews", "--workers", "1"]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root}

    def start():
        return subprocess.Popen(
            command, cwd=small, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def cut(number, count):
        process, ends = start(), time.monotonic() + 500
        while pictures(small) < count and time.monotonic() < ends:
            time.sleep(0.02)
        process.send_signal(number)
        return process, *process.communicate(timeout=300)

    process, _, error = cut(signal.SIGINT, 1)
    assert process.returncode == 130, error
    assert "To go on, run: nst gallery photos paintings" in error
    assert (small / "wall" / "index.html").exists()
    kept = {p: p.read_bytes() for p in (small / "wall" / "pictures").iterdir()}
    process, *_ = cut(signal.SIGKILL, len(kept) + 1)
    assert process.returncode == -signal.SIGKILL
    process = start()
    said, error = process.communicate(timeout=500)
    assert process.returncode == 0, error
    assert "of them painted already" in said
    assert pictures(small) == 8
    assert all(path.read_bytes() == data for path, data in kept.items())
