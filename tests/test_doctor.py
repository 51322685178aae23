"""``nst doctor`` and ``nst lab``: what is found, and what is said about it."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nstlib import cli, doctor
from nstlib.doctor import Check

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("NSTLIB_WEIGHTS", raising=False)
    return tmp_path


def only(monkeypatch, *checks):
    monkeypatch.setattr(doctor, "_checks", lambda: iter(checks))


# --- doctor ---------------------------------------------------------------------------


def test_this_computer(folder, capsys):
    status = cli.main(["doctor", "--json"])
    out = capsys.readouterr().out
    facts = json.loads(out)
    assert out.count("\n") == 1
    bad = [c for c in facts["checks"] if c["needed"] and not c["ok"]]
    assert (status, facts["ok"], bad) == (0, True, [])
    names = [check["name"] for check in facts["checks"]]
    assert len(set(names)) == len(names) and names[0] == "Python"
    speed = next(check for check in facts["checks"] if check["name"] == "speed")
    assert float(speed["found"].split()[0]) > 0
    assert {path.name for path in folder.iterdir()} <= {"keras"}  # which Keras makes


def test_the_table(monkeypatch, capsys):
    good = Check("Python", True, "3.12", "never said")
    lacks = Check("VGG19", False, "no weights", "fetch them", needed=False)
    only(monkeypatch, good, lacks)
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "✓ Python       3.12",
        "○ VGG19        no weights: fetch them",
        "Ready: nst stylize makes a picture.",
    ]
    only(monkeypatch, good, Check("numpy", False, "1.1", "get a newer one"))
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ numpy        1.1: get a newer one\nNot ready" in out
    assert cli.main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_signs_that_every_console_knows(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    assert doctor._line(Check("a", True, "x")).startswith("ok  a")
    assert doctor._line(Check("a", False, "x")).startswith("BAD a")


def test_what_a_check_raises_is_its_result(monkeypatch, capsys):
    def broken():
        raise ImportError("libfoo.so:\n no such file")

    monkeypatch.setattr(doctor, "_mini", broken)
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ network mini libfoo.so: no such file\n" in out
    assert "JupyterLab" in out  # the others are made all the same


def test_versions_are_those_of_pyproject():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"\ndependencies = \[(.*?)\]", text, re.DOTALL)[1]
    needed = dict(re.findall(r'"([a-z]+)>=([\d.]+)"', block))
    assert needed == {k: ".".join(map(str, v)) for k, v in doctor.PACKAGES.items()}
    low, high = re.search(r'requires-python = ">=([\d.]+),<([\d.]+)"', text).groups()
    (major, oldest), (_, newest) = doctor.PYTHONS
    assert (low, high) == (f"{major}.{oldest}", f"{major}.{newest + 1}")


def test_old_and_missing_packages(monkeypatch):
    monkeypatch.setitem(doctor.PACKAGES, "numpy", (99, 1))
    check = doctor._package("numpy")
    assert not check.ok and check.advice.startswith("99.1 or newer is needed, run pip")
    monkeypatch.setitem(doctor.PACKAGES, "nst-no-such-package", (1, 0))
    assert doctor._package("nst-no-such-package").found == "not installed"
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 98), (3, 99)))
    assert not doctor._python().ok
    assert doctor._python().advice == "use Python 3.98 to 3.99"


def test_vgg19_weights(folder, monkeypatch):
    check = doctor._vgg19()
    assert not check.ok and not check.needed
    # What users of the peers had: an error page, saved as weights.
    page = folder / "keras" / "models" / "vgg19_weights_notop.h5"
    page.parent.mkdir(parents=True)
    page.write_text("<html>404</html>", encoding="utf-8")
    with pytest.raises(ValueError, match="web page"):
        doctor._vgg19()
    monkeypatch.setenv("NSTLIB_WEIGHTS", str(folder / "gone.h5"))
    with pytest.raises(ValueError, match=r"gone\.h5"):
        doctor._vgg19()


def test_jupyter(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "jupyterlab" else found(n)
    )
    check = doctor._jupyter()
    assert (check.ok, check.found) == (False, "jupyterlab not installed")
    assert check.advice == f"for the lessons {doctor.INSTALL}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_memory():
    assert 2**20 < doctor.available_memory() < 2**50


def test_output_folder_that_cannot_be_written(monkeypatch, capsys):
    def full(_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("nstlib.saving.check_writable", full)
    checks = {check.name: check for check in doctor._checks()}
    assert not checks["output"].ok and "Read-only" in checks["output"].found


# --- lab ------------------------------------------------------------------------------


@pytest.fixture
def lessons(folder, monkeypatch):
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    for name in ("00_quickstart", "03_content_loss", "10_creative_control"):
        (notebooks / f"{name}.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(doctor, "NOTEBOOKS", notebooks)
    return notebooks


@pytest.fixture
def started(monkeypatch):
    """Every command that would have been started."""
    commands = []

    class Process:
        status = 0

        def __init__(self, command, cwd, env):
            commands.append((command, cwd, env))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def wait(self):
            signal.raise_signal(signal.SIGINT)  # is JupyterLab's business
            return self.status

        def terminate(self):
            pass

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(subprocess, "Popen", Process)
    commands.append(Process)
    return commands


@pytest.mark.parametrize(
    ("text", "lesson"),
    [
        ("0", "00_quickstart"),
        ("3", "03_content_loss"),
        ("03", "03_content_loss"),
        ("10_Creative", "10_creative_control"),
        ("03_content_loss.ipynb", "03_content_loss"),
    ],
)
def test_a_lesson_by_its_number_or_name(lessons, started, text, lesson):
    assert cli.main(["lab", text]) == 0
    command, cwd, environment = started[-1]
    assert command == [sys.executable, "-m", "jupyterlab", f"{lesson}.ipynb"]
    assert cwd == lessons
    assert environment["PYTHONPATH"].startswith(str(lessons.parent))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_folder_a_file_and_a_failure(lessons, started, folder):
    assert cli.main(["lab"]) == 0
    assert started[-1][0] == [sys.executable, "-m", "jupyterlab"]
    mine = folder / "mine.ipynb"
    mine.write_text("{}", encoding="utf-8")
    started[0].status = 3
    assert cli.main(["lab", "mine.ipynb"]) == 1
    assert started[-1][0][-1] == str(mine)


def test_no_such_lesson(lessons, started, capsys):
    assert cli.main(["lab", "77"]) == 2
    error = capsys.readouterr().err
    assert "no lesson '77': choose from 00_quickstart, 03_content_loss" in error
    assert error.count("\n") == 1


def test_no_lessons_and_no_jupyterlab(lessons, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lab"]) == 2
    assert 'pip install -e ".[course]"' in capsys.readouterr().err
    monkeypatch.setattr(doctor, "NOTEBOOKS", lessons / "nowhere")
    assert cli.main(["lab"]) == 2
    assert "nst lab needs the clone" in capsys.readouterr().err
