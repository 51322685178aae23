"""Keras computes with TensorFlow, whatever people set for their other projects."""

from __future__ import annotations

import ast
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import nstlib
from nstlib import backend
from nstlib.cli import doctor
from nstlib.cli import main as cli
from nstlib.errors import BackendError, NstError

PACKAGE = Path(nstlib.__file__).parent


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv(backend.BACKEND, raising=False)
    return tmp_path


def elsewhere(folder, words, **variables):
    """Run nst in a process of its own."""
    environment = {
        **os.environ, "PYTHONPATH": str(PACKAGE.parent), "KERAS_HOME": str(folder),
        **variables,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "nstlib", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


WORDS = [
    "stylize",
    "--size",
    "32",
    "--steps",
    "2",
    "--set",
    "optimizer=adam",
    "-o",
    "a.png",
    "--quiet",
]


def test_what_others_set_is_not_followed(tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "torch"}', encoding="utf-8")
    done = elsewhere(tmp_path, WORDS, KERAS_BACKEND="jax")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a.png").is_file()


def test_a_broken_keras_json_is_one_line(tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "float8"}', encoding="utf-8")
    done = elsewhere(tmp_path, WORDS)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "keras.json asks for floatx" in done.stderr


def test_the_choice_is_made_before_the_import(home, monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv(backend.BACKEND, "torch")
    backend.choose_tensorflow()
    assert os.environ[backend.BACKEND] == "tensorflow"


def test_keras_that_is_there_already_with_another_framework(home, monkeypatch):
    other = SimpleNamespace(config=SimpleNamespace(backend=lambda: "jax"))
    monkeypatch.setitem(sys.modules, "keras", other)
    with pytest.raises(BackendError, match=r"before nstlib and computes with jax"):
        backend.choose_tensorflow()
    assert issubclass(BackendError, NstError) and issubclass(BackendError, ImportError)
    other.config.backend = lambda: "tensorflow"
    backend.choose_tensorflow()


def test_no_module_imports_keras_or_tensorflow_past_the_backend():
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [getattr(node, "module", None) or ""]
            if {name.split(".")[0] for name in names} & {"keras", "tensorflow"}:
                found.add(file.name)
    assert found == {"backend.py"}


BROKEN = {
    '{"floatx": "float8"}': "asks for floatx 'float8', which Keras does not know",
    '{"image_data_format": "rgb"}': "asks for image_data_format 'rgb', which",
    '{"epsilon": 1}': "has an epsilon that is no real number",
    "[1, 2]": "does not hold names and values",
}


@pytest.mark.parametrize("text", BROKEN)
def test_the_doctor_reads_keras_json(home, text):
    (home / "keras.json").write_text(text, encoding="utf-8")
    check = doctor._keras()
    assert not check.ok and check.needed and check.advice == "correct or delete it"
    assert str(home / "keras.json") in check.found and BROKEN[text] in check.found


@pytest.mark.parametrize("text", ["{}", "{no json", '{"floatx": "float16"}', None])
def test_what_keras_can_live_with(home, text):
    if text is not None:
        (home / "keras.json").write_text(text, encoding="utf-8")
    assert doctor._keras().found == "computes with TensorFlow"


def test_the_doctor_tells_of_another_choice(home, monkeypatch):
    (home / "keras.json").write_text('{"backend": "torch"}', encoding="utf-8")
    check = doctor._keras()
    assert check.ok and "keras.json says 'torch'" in check.found
    monkeypatch.setenv(backend.BACKEND, "theano")
    assert "variable KERAS_BACKEND says 'theano'" in doctor._keras().found


@pytest.mark.parametrize(
    ("system", "machine", "python", "words"),
    [
        ("Darwin", "x86_64", (3, 11), "Macs with an Intel processor"),
        ("Windows", "ARM64", (3, 11), "Windows on ARM"),
        ("Linux", "x86_64", (3, 14), "use Python 3.10 to 3.13"),
    ],
)
def test_computers_without_a_tensorflow(
    system, machine, python, words, monkeypatch, capsys
):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "version_info", (*python, 0))
    assert words in backend.missing_wheel()

    def absent(_):
        raise doctor.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(doctor.importlib.metadata, "version", absent)
    assert words in doctor._package("tensorflow").advice
    assert words not in doctor._package("numpy").advice


def test_computers_with_a_tensorflow(monkeypatch):
    for system, machine in [("Darwin", "arm64"), ("Linux", "aarch64")]:
        monkeypatch.setattr(platform, "system", lambda system=system: system)
        monkeypatch.setattr(platform, "machine", lambda machine=machine: machine)
        assert backend.missing_wheel() == ""


def test_a_missing_tensorflow_is_told(tmp_path):
    program = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from nstlib.cli.main import main\n"
        f"sys.exit(main({WORDS!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "tensorflow is not installed: install nstlib again" in done.stderr


def test_the_readme_names_the_platforms():
    text = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    said = " ".join(text.split())
    for words in ("Intel Macs", "Windows on ARM", "Python 3.14"):
        assert words in said


def test_json_of_the_doctor(home, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_checks", lambda: iter([doctor._keras()]))
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checks"][0]["name"] == "Keras"


def test_a_start_without_a_folder_for_temporary_files(monkeypatch):
    def none(*_, **__):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", none)
    with backend.held_back_stderr():
        entered = True
    assert entered
