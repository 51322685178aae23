"""The worker: progress, an early end, a death in the middle, and what it may refuse."""

import os
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import NstError
from nstlib.images import load_image
from nstlib.worker import Died, Look, Paint, Part, Read, Worker

SETTINGS = {"size": 48, "steps": 8, "margin": 0, "smallest": 48}


@pytest.fixture(scope="module")
def worker():
    with Worker() as found:
        yield found


@pytest.fixture
def task(tmp_path, make_picture):
    """Makes runs; each has a folder of its own."""
    for seed, name in enumerate(("photo", "painting")):
        picture = make_picture(36, 48, seed).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{name}.png")

    def make(folder="run", **settings):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        parts = (Part(tmp_path / "painting.png", 1.0, None, "My painting"),)
        return Paint(tmp_path / "photo.png", parts, SETTINGS | settings, place, "Me")

    return make


@contextmanager
def asked(worker, task, steps):
    """Ask from another thread, and wait for so many steps."""
    seen, told, keys = [], {}, []
    enough = threading.Event()

    def report(step):
        seen.append(step)
        if len(seen) >= steps:
            enough.set()

    def run():
        try:
            told["answer"] = worker.ask(task, report, begun=keys.append)
        except NstError as error:
            told["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    assert enough.wait(300)
    yield seen, told, keys
    thread.join(300)
    assert not thread.is_alive()


def test_a_picture_grows(worker, task):
    wanted, steps = task(), []
    answer = worker.ask(wanted, steps.append)
    assert [step["evaluation"] for step in steps] == [*range(1, 9)]
    assert {step["evaluations"] for step in steps} == {8}
    losses = [step["losses"]["total"] for step in steps]
    assert losses[-1] < losses[0]
    assert steps[-1]["pictures"] >= 1 and steps[-1]["left"] is not None
    assert (answer["height"], answer["width"]) == (36, 48)
    assert not answer["stopped"] and answer["evaluations"] == 8
    names = {path.name for path in wanted.folder.iterdir()}
    assert {"result.png", "result.jpg", "now.jpg", "small.jpg", "stage1.jpg"} <= names
    assert "checkpoint.npz" not in names
    assert len(answer["stages"]) == len([n for n in names if n.startswith("stage")]) > 3


def test_a_stop_keeps_the_best(worker, task):
    wanted = task(steps=100_000)
    with asked(worker, wanted, 4) as (_, told, keys):
        worker.stop(keys[0])
    assert told["answer"]["stopped"] and told["answer"]["evaluations"] < 10_000
    assert load_image(wanted.folder / "result.png").shape == (36, 48, 3)
    assert worker.ask(task("next"))["evaluations"] == 8  # only this one was stopped


def test_a_look_does_not_wait_for_a_run(worker, task, tmp_path):
    with asked(worker, task(steps=100_000), 2) as (seen, _, keys):
        look = Look(tmp_path / "photo.png", (Part("tapestry"),),
                    {"method": "feedforward", "size": 48})  # fmt: skip
        assert worker.ask(look)["jpeg"][:2] == b"\xff\xd8"
        before = len(seen)
        while len(seen) == before:
            time.sleep(0.01)
        worker.stop(keys[0])


def test_a_closed_run_goes_on_to_the_same_picture(task):
    whole, cut = task("whole", steps=40), task("cut", steps=40)
    with Worker() as first:
        first.ask(whole)
        with asked(first, cut, 9) as (_, told, _):
            first.close()
        assert isinstance(told["error"], Died)
    assert (cut.folder / "checkpoint.npz").is_file()
    with pytest.raises(Died):
        first.ask(cut)
    steps = []
    with Worker() as second:
        answer = second.ask(cut, steps.append)
    assert answer["evaluations"] == 40
    assert len(steps[0]["before"]) == steps[0]["evaluation"] - 1 >= 8
    pictures = [load_image(run.folder / "result.png") for run in (whole, cut)]
    assert np.array_equal(*pictures)


def test_a_death_is_told_and_the_next_task_has_a_new_process(worker, task):
    with asked(worker, task(steps=100_000), 2) as (_, told, _):
        before = worker.pid
        worker.kill()
    assert isinstance(told["error"], Died)
    assert worker.ask(task())["evaluations"] == 8
    assert worker.pid != before


def test_what_is_impossible_gets_a_sentence_without_a_path(worker, task, tmp_path):
    for settings, words in (
        ({"steps_per_scale": (1, 2, 3)}, "steps_per_scale"),
        ({"size": 16}, "16"),
        ({"optimizer": "magic"}, "optimizer must be one of"),
    ):
        with pytest.raises(NstError, match=words) as caught:
            worker.ask(task(**settings))
        assert str(tmp_path) not in str(caught.value)
    (tmp_path / "page.jpg").write_bytes(b"<html></html>")
    for read in (Read(tmp_path / "page.jpg", tmp_path, "x"),):
        with pytest.raises(NstError, match=r"^this file is a web page"):
            worker.ask(read)


def test_a_picture_with_too_many_pixels_is_refused_by_its_header(worker, tmp_path):
    Image.new("1", (3000, 2000)).save(tmp_path / "large.png")
    with pytest.raises(NstError, match="more than 5 megapixels"):
        worker.ask(Read(tmp_path / "large.png", tmp_path, "x", pixels=5_000_000))
    answer = worker.ask(Read(tmp_path / "large.png", tmp_path, "x", side=300))
    assert (answer["height"], answer["width"]) == (200, 300)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="Windows has no niceness")
def test_other_programs_go_before_it(task):
    import psutil

    with Worker(niceness=1) as found:
        found.ask(task())
        own = os.nice(0)
        assert psutil.Process(found.pid).nice() == min(19, own + 1)
