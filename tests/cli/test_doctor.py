"""``nst doctor``: what is found, and what is said about it."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from pathlib import Path

import pytest

from nstlib.cli import doctor
from nstlib.cli import main as cli
from nstlib.cli.doctor import Check
from nstlib.large.free_memory import available_memory

ROOT = Path(__file__).resolve().parents[2]


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
    assert 2**20 < available_memory() < 2**50


def test_output_folder_that_cannot_be_written(monkeypatch, capsys):
    def full(_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("nstlib.images.check_writable", full)
    checks = {check.name: check for check in doctor._checks()}
    assert not checks["output"].ok and "Read-only" in checks["output"].found
