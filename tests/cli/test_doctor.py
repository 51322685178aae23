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

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("NSTLIB_WEIGHTS", raising=False)
    return tmp_path


@pytest.fixture
def examine(capsys):
    """Runs ``nst doctor --json``; its exit status and its checks by their names."""

    def run():
        capsys.readouterr()
        status = cli.main(["doctor", "--json"])
        out = capsys.readouterr().out
        facts = json.loads(out)
        assert out.count("\n") == 1 and facts["ok"] is (status == 0)
        checks = {check["name"]: check for check in facts["checks"]}
        assert len(checks) == len(facts["checks"])
        return status, checks

    return run


def test_this_computer(folder, examine):
    status, checks = examine()
    bad = [c for c in checks.values() if c["needed"] and not c["ok"]]
    assert (status, bad) == (0, []) and next(iter(checks)) == "Python"
    assert float(checks["speed"]["found"].split()[0]) > 0
    assert {path.name for path in folder.iterdir()} <= {"keras"}  # which Keras makes


def test_the_table(monkeypatch, capsys):
    assert cli.main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓ Python       3.") and ": use" not in lines[0]
    # Not there, and not needed.
    assert [line for line in lines if "VGG19" in line] == [
        "○ VGG19        no weights here: the first use downloads 80 MB; "
        "NSTLIB_WEIGHTS can name a local file",
    ]
    assert lines[-1] == "Ready: nst stylize makes a picture."
    monkeypatch.setitem(doctor.PACKAGES, "numpy", (99, 1))
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^✗ numpy        [\d.]+: 99\.1 or newer is", out, re.MULTILINE)
    assert out.splitlines()[-1].startswith("Not ready: ")
    assert cli.main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_signs_that_every_console_knows(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setitem(doctor.PACKAGES, "numpy", (99, 1))
    assert cli.main(["doctor"]) == 1
    stream.seek(0)
    text = stream.read()
    assert text.startswith("ok  Python") and "\nBAD numpy" in text
    assert "\n -  VGG19" in text


def test_what_a_check_raises_is_its_result(monkeypatch, capsys):
    def broken(*_, **__):
        raise ImportError("libfoo.so:\n no such file")

    monkeypatch.setattr("nstlib.vgg.load_network", broken)
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


def test_old_and_missing_packages(monkeypatch, examine):
    monkeypatch.setitem(doctor.PACKAGES, "numpy", (99, 1))
    monkeypatch.setitem(doctor.PACKAGES, "nst-no-such-package", (1, 0))
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 98), (3, 99)))
    status, checks = examine()
    assert status == 1 and not checks["numpy"]["ok"]
    advice = checks["numpy"]["advice"]
    assert advice.startswith("99.1 or newer is needed, run pip")
    assert checks["nst-no-such-package"]["found"] == "not installed"
    assert not checks["nst-no-such-package"]["ok"]
    assert not checks["Python"]["ok"]
    assert checks["Python"]["advice"] == "use Python 3.98 to 3.99"


def test_vgg19_weights(folder, monkeypatch, examine):
    status, checks = examine()
    assert status == 0
    assert not checks["VGG19"]["ok"] and not checks["VGG19"]["needed"]
    # What users of the peers had: an error page, saved as weights.
    page = folder / "keras" / "models" / "vgg19_weights_notop.h5"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<html>404</html>", encoding="utf-8")
    status, checks = examine()
    assert status == 0 and not checks["VGG19"]["ok"]
    assert "web page" in checks["VGG19"]["found"]
    monkeypatch.setenv("NSTLIB_WEIGHTS", str(folder / "gone.h5"))
    _, checks = examine()
    assert not checks["VGG19"]["ok"] and "gone.h5" in checks["VGG19"]["found"]


def test_jupyter(monkeypatch, examine):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "jupyterlab" else found(n)
    )
    status, checks = examine()
    check = checks["JupyterLab"]
    assert (status, check["ok"]) == (0, False)
    assert check["found"] == "jupyterlab not installed"
    assert check["advice"] == f"for the lessons {doctor.INSTALL}"


def test_memory_that_nobody_knows(monkeypatch, examine):
    monkeypatch.setattr(doctor, "available_memory", lambda: None)
    status, checks = examine()
    assert status == 0 and checks["memory"]["ok"]
    assert "unknown" in checks["memory"]["found"]


def test_output_folder_that_cannot_be_written(monkeypatch, examine):
    def full(_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("nstlib.images.check_writable", full)
    status, checks = examine()
    assert status == 1 and not checks["output"]["ok"]
    assert "Read-only" in checks["output"]["found"]
