"""``nst lab``, ``nst lesson`` and ``nst refresh``."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from lesson_files import ROOT

from nstlib.cli import main as cli
from nstlib.course import notebooks as lessons_module
from nstlib.course.refresh import refresh


@pytest.fixture
def folder(lessons):
    return lessons.parent


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
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
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
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[3] == f"--ServerApp.root_dir={lessons.parent}"
    assert command[4] == f"--LabApp.default_url=/lab/tree/notebooks/{lesson}.ipynb"
    assert cwd == lessons.parent
    assert environment["PYTHONPATH"].startswith(str(lessons.parent))
    settings = Path(environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)[-1])
    settings = settings / "labconfig" / "default_setting_overrides.json"
    assert "false" in settings.read_text("utf-8")  # asks for no news
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_folder_a_file_and_a_failure(lessons, started, folder):
    assert cli.main(["lab"]) == 0
    assert started[-1][0][4:] == ["--LabApp.default_url=/lab/tree/notebooks"]
    mine = folder / "mine.ipynb"
    mine.write_text("{}", encoding="utf-8")
    started[0].status = 3
    assert cli.main(["lab", "mine.ipynb"]) == 1
    assert started[-1][0][4:] == ["--LabApp.default_url=/lab/tree/mine.ipynb"]


def test_a_notebook_from_elsewhere(lessons, started, tmp_path_factory):
    other = tmp_path_factory.mktemp("else") / "ü 1.ipynb"
    other.write_text("{}", encoding="utf-8")
    assert cli.main(["lab", str(other)]) == 0
    assert started[-1][0][3] == f"--ServerApp.root_dir={other.parent}"
    assert started[-1][0][4].endswith("/lab/tree/%C3%BC%201.ipynb")


def test_options_that_go_on_to_jupyterlab(lessons, started, capsys):
    typed = ["lab", "--no-browser", "03", "--port", "9999", "--ServerApp.token=a", "-y"]
    assert cli.main(typed) == 0
    command = started[-1][0]
    assert command[4].endswith("/03_content_loss.ipynb")
    rest = ["--no-browser", "--port=9999", "--ServerApp.token=a", "-y"]
    assert command[5:] == rest
    assert cli.main(["refresh", "--no-browser"]) == 2
    assert "unrecognized arguments: --no-browser" in capsys.readouterr().err


def test_jupyter_refuses_root(lessons, started, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert cli.main(["lab"]) == 2
    error = capsys.readouterr().err
    assert "nst lab --allow-root" in error and error.count("\n") == 1
    for allowed in ("--allow-root", "--ServerApp.allow_root=True"):
        assert cli.main(["lab", allowed]) == 0
        assert started[-1][0][-1] == allowed


def test_a_picture_is_no_lesson(lessons, started, capsys):
    picture = ROOT / "images" / "content" / "cat.jpg"
    for command in ("lab", "lesson", "slides", "refresh"):
        assert cli.main([command, str(picture)]) == 2
        error = capsys.readouterr().err
        assert "cat.jpg is a picture, not a notebook: give it where a photo" in error
        assert error.count("\n") == 1


def test_no_such_lesson(lessons, started, capsys):
    assert cli.main(["lab", "77"]) == 2
    error = capsys.readouterr().err
    assert "no lesson '77': choose from 00_quickstart, 03_content_loss" in error
    assert error.count("\n") == 1


def test_no_lessons_and_no_jupyterlab(lessons, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lab"]) == 2
    assert 'pip install -e ".[course]"' in capsys.readouterr().err
    monkeypatch.setattr(lessons_module, "NOTEBOOKS", lessons / "nowhere")
    assert cli.main(["lab"]) == 2
    assert "holds no lessons: nst course lays them out" in capsys.readouterr().err


# --- lesson and refresh


def printed(path):
    notebook = nbformat.read(path, as_version=4)
    return [
        o["text"] for c in notebook.cells for o in c.get("outputs", ()) if "text" in o
    ]


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_a_lesson_with_other_parameters(lesson, folder, capfd):
    before = lesson.read_bytes()
    assert cli.main(["lesson", "5", "-p", "SIZE=21", "-p", "STYLE=x y"]) == 0
    (copy,) = folder.glob("output/05_style_loss-SIZE=21-STYLE=x_y~????????.ipynb")
    assert printed(copy) == ["42 x y\n"]
    assert lesson.read_bytes() == before
    out, error = capfd.readouterr()
    assert str(copy.relative_to(folder)) in out and "nst lab" in out
    assert "WARNING" not in error  # the kernel's, of which none is of use here


def test_a_bundled_picture_becomes_its_path(lesson, folder):
    out = folder / "elsewhere" / "copy.ipynb"
    line = ["lesson", "5", "-p", "STYLE=great_wave", "-p", "WORD=great_wave"]
    assert cli.main([*line, "-o", str(out)]) == 0
    (text,) = printed(out)
    assert text.strip().endswith("great_wave.jpg") and "images" in text
    # A word that the lesson does not take for a file stays a word.
    assert 'WORD = "great_wave"' in "\n".join(sources(out)).splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "SIZ=3"], "no parameter 'SIZ': did you mean SIZE?"),
        (["-p", "SIZE"], "-p needs NAME=value, not 'SIZE'"),
        (["-p", "SIZE=None"], "'print(SIZE * 2, STYLE)': TypeError: unsupported"),
    ],
)
def test_a_lesson_that_cannot_run(lesson, capsys, arguments, message):
    assert cli.main(["lesson", "5", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_refresh_writes_outputs_once(lesson, capsys):
    assert cli.main(["refresh", "05"]) == 0
    assert "05_style_loss: changed" in capsys.readouterr().out
    text = lesson.read_text("utf-8")
    cells = json.loads(text)["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, 2]
    assert "128 a" in text and "0x" not in text and "T" not in str(cells[0]["metadata"])
    assert cli.main(["refresh", "05"]) == 0
    assert "05_style_loss: as before" in capsys.readouterr().out
    assert lesson.read_text("utf-8") == text


def test_refresh_overlooks_what_may_differ(lesson, capsys):
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells[1].source = "import time; print(time.perf_counter())"
    notebook.cells[1].metadata["tags"] = ["nbval-ignore-output"]
    nbformat.write(notebook, lesson)
    assert [path.name for path in refresh([lesson])] == [lesson.name]
    before = lesson.read_bytes()
    assert refresh([lesson]) == [] and lesson.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 / 0", "'1 / 0': ZeroDivisionError: division by zero."),
        ("a = 1\nassert a > 1", "'a = 1': AssertionError."),
        ("raise ValueError('two\\nlines.')", ": ValueError: two lines."),
        ("import os\nos._exit(3)", "'import os': it ended Python itself."),
        ("import time\ntime.sleep(60)", ": it takes more than 2 seconds."),
    ],
)
def test_refresh_names_the_cell_that_fails(lesson, capsys, monkeypatch, code, message):
    if "sleep" in code:
        monkeypatch.setattr("nstlib.course.refresh.TIMEOUT", 2)
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells[1].source = code
    nbformat.write(notebook, lesson)
    before = lesson.read_bytes()
    assert cli.main(["refresh", "5"]) == 2
    error = capsys.readouterr().err
    assert "05_style_loss, cell [2], which begins " in error and message in error
    assert error.count("\n") == 1 and lesson.read_bytes() == before
