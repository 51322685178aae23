"""Where results go, what they are called, and what becomes of what is there already."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nstlib
from nstlib.cli import progress
from nstlib.cli.console import nearest
from nstlib.cli.main import main
from nstlib.course import pictures
from nstlib.images import load_image
from nstlib.names import LONGEST, beside, stem_of

ROOT = Path(nstlib.__file__).resolve().parent.parent
SMALL = ["--size", "64", "--steps", "2"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, make_picture):
    here = tmp_path / "here"
    for seed, name in enumerate(("a/IMG_1.jpg", "b/IMG_1.jpg", "a/IMG_1.png", "w.png")):
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_picture(40, 60, seed).astype(np.uint8)).save(path)
    monkeypatch.setattr(pictures, "IMAGES", tmp_path / "course")
    monkeypatch.chdir(here)
    return here


def results(where="output"):
    return sorted(p.name for p in Path(where).glob("*.png"))


def stop_after(monkeypatch, number, signum=signal.SIGINT):
    def show(self, step, *_):
        if step.evaluation == number:
            signal.raise_signal(signum)

    monkeypatch.setattr(progress.Progress, "show", show)


# --- names


@pytest.mark.parametrize(
    ("sources", "stem"),
    [
        (["a/IMG_1.jpg", "b\\w.tar.png"], "IMG_1-w.tar"),
        (["की.jpg"], "की"),
        (["कु.jpg"], "कु"),
        (["Mu\u0308nchen.jpg"], "München"),
        (["东京 塔.jpg"], "东京_塔"),
        (["🦊.jpg", "🇩🇪.png"], "🦊-🇩🇪"),
        (["👩‍🎨.jpg", "👍🏽.png"], "👩‍🎨-👍🏽"),
        (["photo #2?.jpg"], "photo_2_"),
        (['a<b>:"c|d*.png'], "a_b_c_d_"),
        (["a\nb\u202ec\x00.png"], "a_b_c_"),
        (["caf\udce9.jpg"], "caf_"),
        (["https://me:secret@host/im%C3%A4g?id=1&key=secret#x"], "imäg"),
        (["http://host/"], "host"),
        ([".png"], ".png"),
    ],
)
def test_default_names(sources, stem):
    if sys.getfilesystemencoding() != "utf-8":
        pytest.skip("these letters are for UTF-8")
    if sources == ["http://host/"]:
        assert stem_of(sources) in ("", "host")
    else:
        assert stem_of(sources) == stem


@pytest.mark.parametrize(
    "name", ["东" * 90, "की" * 60, "🦊" * 80, "x" * 251, "é" * 125]
)
def test_names_have_room_for_every_ending(name):
    assert len(stem_of([f"{name}.png", f"{name}.png"]).encode()) <= 200
    endings = (".json", ".png.json", ".checkpoint.npz", "-progress", "-12.png")
    found = [beside(Path(f"{name}.png"), ending).name for ending in endings]
    assert all(len(one.encode()) <= LONGEST for one in found)
    other = beside(Path(f"{name[:-1]}y.png"), ".checkpoint.npz")
    assert other.name != found[2]


def test_a_run_with_the_longest_name(nst, monkeypatch):
    out = "东" * 83 + "ab.png"  # 255 bytes
    assert nst("stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", out)[0] == 0
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "64", "--steps", "9"]
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        assert nst(*line, "-o", out, "--progress-every", "1")[0] == 130
    assert len(list(Path().glob("东*.json"))) == 1
    assert len(list(Path().glob("东*.checkpoint.npz"))) == 1
    assert len(list(Path().glob("东*-progress"))) == 1
    assert main([*line, "-o", out, "--resume"]) == 0


# --- names that are taken


def test_other_pictures_of_the_same_name_get_a_number(nst):
    for number, photo in enumerate(("a/IMG_1.jpg", "b/IMG_1.jpg", "a/IMG_1.png"), 1):
        status, out, _ = nst("stylize", photo, "w.png", *SMALL)
        assert status == 0
        assert ("is another run's: this one will be" in out) == (number > 1)
    assert results() == ["IMG_1-w-2.png", "IMG_1-w-3.png", "IMG_1-w.png"]
    for name, photo in (("IMG_1-w", "a/IMG_1.jpg"), ("IMG_1-w-3", "a/IMG_1.png")):
        facts = json.loads(Path(f"output/{name}.json").read_text())
        assert facts["sources"]["files"][0]["path"] == f"../{photo}"


def test_other_settings_get_a_number_and_the_same_run_does_not(nst):
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL]
    nst(*line)
    assert nst(*line[:5], "--method", "adain")[0] == 0
    assert nst(*line, "--seed", "1")[0] == 0
    before = results()
    assert before[:2] == ["IMG_1-w-2.png", "IMG_1-w-3.png"]
    status, out, _ = nst(*line, "--progress-every", "1")
    assert status == 0 and "is of the same run, and will be replaced." in out
    assert results() == before


def test_a_picture_of_somebody_else_is_never_taken(nst):
    Path("output").mkdir()
    shutil.copy("w.png", "output/IMG_1-w.png")
    assert nst("stylize", "a/IMG_1.jpg", "w.png", *SMALL)[0] == 0
    assert Path("output/IMG_1-w.png").read_bytes() == Path("w.png").read_bytes()
    assert results() == ["IMG_1-w-2.png", "IMG_1-w.png"]


def test_what_o_replaces_is_said(nst):
    shutil.copy("w.png", "mine.png")
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "mine.png"]
    _, _, error = nst(*line, "--quiet")
    assert error == "nst: note: mine.png, which nst did not make, will be replaced.\n"
    status, out, error = nst(*line)
    assert status == 0 and "mine.png, made by nst before, will be replaced." in out
    assert "note" not in error


# --- checkpoints of other runs


def test_a_default_name_leaves_the_checkpoints_of_others(nst, monkeypatch):
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "64", "--steps", "9"]
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        assert nst(*line)[0] == 130
        Path("output/IMG_1-w.png").unlink()  # as if it had been killed
        assert nst(*line, "--seed", "1")[0] == 130
        assert nst(*line, "--seed", "2")[0] == 130
    names = [f"output/IMG_1-w{end}.checkpoint.npz" for end in ("", "-2", "-3")]
    assert all(Path(name).is_file() for name in names)
    status, _, error = nst(*line, "--seed", "1", "--resume")
    assert status == 0 and "Going on after" in error
    assert [Path(name).is_file() for name in names] == [True, False, True]
    status, _, error = nst(*line, "--seed", "4", "--resume")
    assert status == 2 and "seed was 0, is 4" in error


def test_a_file_that_is_no_checkpoint_stays(nst):
    np.savez("r.checkpoint.npz", mine=np.zeros(3))
    before = Path("r.checkpoint.npz").read_bytes()
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    status, out, _ = nst(*line, "--checkpoint", "0.001")
    assert status == 0 and "is no checkpoint of nst stylize, and stays" in out
    assert Path("r.checkpoint.npz").read_bytes() == before


def test_a_checkpoint_that_cannot_be_removed(nst, monkeypatch):
    def unlink(self, missing_ok=False):
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "unlink", unlink)
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    status, out, _ = nst(*line, "--checkpoint", "0.001")
    assert status == 0 and "delete it some day" in out


# --- the picture finds a place


def test_no_place_at_all_is_named(nst, monkeypatch):
    from nstlib.errors import ImageError
    from nstlib.runs.result import Result

    def save(self, path, **_):
        raise ImageError(f"{path} cannot be written because the disk is full.")

    monkeypatch.setattr(Result, "save", save)
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/tmp-folder")
    monkeypatch.setattr(Path, "home", lambda: Path("/home-folder"))
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    status, _, error = nst(*line, "--checkpoint", "0.001")
    assert status == 2 and "Nor can it be saved in /tmp-folder or /home-folder" in error
    assert "r.checkpoint.npz is kept: the same command with --resume goes on." in error


def test_a_person_can_free_space_and_try_again(monkeypatch, tmp_path):
    from nstlib.errors import ImageError
    from nstlib.runs.result import Result

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    whole, tries, spare = Result.save, [], tmp_path / "spare"
    spare.mkdir()

    def save(self, path, **more):
        tries.append(Path(path))
        if len(tries) <= 2 * 3:  # twice at each of three places
            raise ImageError(f"{path} cannot be written because the disk is full.")
        return whole(self, path, **more)

    monkeypatch.setattr(Result, "save", save)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(spare))
    monkeypatch.setattr(Path, "home", lambda: spare)  # named once
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png", "--quiet"]
    for answer, status, asked in (("\n\n", 0, 2), ("\n", 2, 2), ("", 2, 1)):
        tries.clear()
        error = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys, "stderr", error)
        assert main([str(word) for word in line]) == status
        question = (
            "nst: r.png cannot be written because the disk is full. Nor can it be "
            f"saved in {spare} or {Path.cwd()}. Free some space, then press Enter "
            "to try again.\n"
        )
        assert error.getvalue().count(question) == asked
        assert Path("r.png").is_file() == (status == 0)
        assert [path.parent for path in tries[:3]] == [
            Path(), spare, Path.cwd(),
        ]  # fmt: skip
        Path("r.png").unlink(missing_ok=True)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_turns_read_only_during_the_run(nst, monkeypatch, tmp_path, code):
    from nstlib.cli.progress import Progress

    whole, watch, spare, closed = Path.open, Progress.__call__, tmp_path / "spare", []

    def open_(self, mode="r", *args, **options):
        if closed and "x" in mode and spare not in self.parents:
            raise OSError(code, os.strerror(code), str(self))
        return whole(self, mode, *args, **options)

    def watched(self, step):
        closed.extend([True] if step.evaluation == 2 else [])
        return watch(self, step)

    monkeypatch.setattr(Path, "open", open_)
    monkeypatch.setattr(Progress, "__call__", watched)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(spare))
    spare.mkdir()
    Path("r.png").write_bytes(Path("w.png").read_bytes())
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "64", "--steps", "4"]
    more = ["-o", "r.png", "--progress-every", "1"]
    status, out, error = nst(*line, *more)
    assert status == 2 and "fault" not in error
    assert error.count("no more progress pictures: ") == 1
    told = "r.png cannot be written because that is not allowed: save to another folder"
    told += ", or close the program that has the file open."
    assert f"nst: {told} It was saved as {spare / 'nst-r.png'}." in error
    assert load_image(spare / "nst-r.png").shape == (43, 64, 3)
    assert Path("r.png").read_bytes() == Path("w.png").read_bytes()
    assert f"Saved {nearest(spare / 'nst-r.png')}" in out


def test_a_spare_place_never_replaces_anything(nst, monkeypatch, tmp_path):
    from nstlib.errors import ImageError
    from nstlib.runs.result import Result

    whole, spare = Result.save, tmp_path / "spare"
    spare.mkdir()
    (spare / "nst-r.png").write_bytes(b"mine")

    def save(self, path, **more):
        if Path(path).parent != spare:
            raise ImageError("the disk is full.")
        return whole(self, path, **more)

    monkeypatch.setattr(Result, "save", save)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(spare))
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    assert nst(*line)[0] == 2
    assert (spare / "nst-r.png").read_bytes() == b"mine"
    assert load_image(spare / "nst-r-2.png").shape == (43, 64, 3)


# --- pictures on the way


def frames(where="r-progress"):
    return {p.name: Image.open(p).size for p in sorted(Path(where).iterdir())}


def test_pictures_on_the_way_are_of_one_size_and_of_one_run(nst, monkeypatch):
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "128", "-o", "r.png"]
    line += ["--set", "smallest=32"]
    more = ["--steps", "12", "--progress-every", "2"]
    assert nst(*line, *more)[0] == 0
    assert set(frames().values()) == {(128, 85)} == {Image.open("r.png").size}
    assert len(frames()) == 6
    Path("r-progress/notes.txt").write_text("mine")
    assert nst(*line, "--steps", "8", "--progress-every", "4")[0] == 0
    names = sorted(p.name for p in Path("r-progress").iterdir())
    assert names == ["0004.png", "0008.png", "notes.txt"]


def test_a_resumed_run_keeps_its_first_pictures(nst, monkeypatch):
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "64", "-o", "r.png"]
    line += ["--steps", "9", "--progress-every", "1"]
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        assert nst(*line)[0] == 130
    assert nst(*line, "--resume")[0] == 0
    assert list(frames()) == [f"{n:04}.png" for n in range(1, 10)]


def test_numbered_pictures_of_somebody_else_stay(nst):
    Path("r-progress").mkdir()
    shutil.copy("w.png", "r-progress/0001.png")
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    assert nst(*line, "--progress-every", "1")[0] == 0
    assert Path("r-progress/0001.png").read_bytes() == Path("w.png").read_bytes()
    assert list(frames("r-progress-2")) == ["0001.png", "0002.png"]


# --- streams, folders and signals


def start(*words, **options):
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "nstlib", *map(str, words)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
        **options,
    )


@pytest.mark.parametrize("closed", [False, True])
def test_without_streams(monkeypatch, closed):
    for name in ("stdout", "stderr"):
        stream = io.StringIO() if closed else None
        if stream:
            stream.close()
        monkeypatch.setattr(sys, name, stream)
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "--progress-every", "1"]
    assert main([*line, "-o", "r.png"]) == 0
    assert Path("r.png").is_file() and len(frames()) == 2
    assert main(["stylize", "nowhere.png"]) == 2
    assert sys.stdout is None or sys.stdout.closed


@pytest.mark.skipif(os.name == "nt", reason="no file descriptors to close")
def test_with_closed_file_descriptors(folder):
    def close():
        for number in (0, 1, 2):
            os.close(number)

    words = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    assert start(*words, preexec_fn=close).wait(timeout=120) == 0
    assert load_image("r.png").shape == (43, 64, 3)


@pytest.mark.skipif(os.name == "nt", reason="it cannot be deleted there")
def test_a_current_folder_that_was_deleted(folder, nst, monkeypatch):
    here = folder / "gone"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    line = ["stylize", folder / "a/IMG_1.jpg", folder / "w.png", *SMALL]
    status, out, _ = nst(*line, "-o", folder / "r.png")
    assert status == 0 and f"Saved {folder / 'r.png'}" in out
    assert nst("reproduce", folder / "r.png")[0] == 0
    status, _, error = nst(*line)
    assert status == 2 and "cannot be written" in error
    status, _, error = nst("course")
    assert status == 2 and "the current folder was deleted" in error


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP")
def test_a_closed_terminal_keeps_the_picture(nst, monkeypatch):
    stop_after(monkeypatch, 2, getattr(signal, "SIGHUP", 1))
    line = ["stylize", "a/IMG_1.jpg", "w.png", "--size", "64", "--steps", "9"]
    assert nst(*line, "-o", "r.png")[0] == 128 + signal.SIGHUP
    assert Path("r.png").is_file()


def test_a_bar_in_a_terminal_that_is_closed(capsys, monkeypatch):
    class Gone(io.StringIO):
        def isatty(self):
            return True

        def write(self, text):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    assert main(line) == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is no signal to one process there")
def test_ctrl_c_at_any_moment_is_no_traceback():
    """Ours begins with the first import of nstlib; what is before is Python's."""
    code = (
        "import signal, sys, builtins\n"
        "whole = builtins.__import__\n"
        "def watched(name, *more):\n"
        "    if name == sys.argv[1]: signal.raise_signal(signal.SIGINT)\n"
        "    return whole(name, *more)\n"
        "builtins.__import__ = watched\n"
        "from nstlib.__main__ import start\n"
        "sys.exit(start())\n"
    )
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    for name in ("nstlib.cli.main", "argparse", "nstlib.cli.console", "difflib"):
        done = subprocess.run(
            [sys.executable, "-c", code, name],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert done.returncode == 130, (name, done.stderr)
        assert done.stderr.startswith("nst: interrupted"), name
        assert done.stderr.count("\n") == 1, name


def test_the_command_comes_in_by_the_same_door():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'nst = "nstlib.__main__:start"' in text


# --- what killed runs leave


def test_leftovers_of_killed_runs_are_removed_after_a_day(nst):
    old, new = (Path(f".nstlib-{digit * 32}.part") for digit in "ab")
    others = [Path("mine.part"), Path(".c.part"), Path(".nstlib-mine.part")]
    for path in (old, new, *others):
        path.write_bytes(b"half of")
    for path in (old, *others):
        os.utime(path, (1, 1))
    line = ["stylize", "a/IMG_1.jpg", "w.png", *SMALL, "-o", "r.png"]
    assert nst(*line)[0] == 0
    assert not old.exists() and new.exists() and all(p.exists() for p in others)


# --- nst paint


def test_paintings_of_other_seeds_get_a_number(nst):
    line = ["paint", "starry_night", "--size", "32"]
    for seed in (0, 1, 0):
        assert nst(*line, "--seed", seed)[0] == 0
    assert results() == ["starry_night-2.png", "starry_night.png"]
    shutil.copy("w.png", "p.png")
    assert "which nst did not make" in nst(*line, "-o", "p.png")[2]
    assert "made by nst before" in nst(*line, "-o", "p.png")[1]
