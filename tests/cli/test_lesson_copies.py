"""What ``nst lesson`` leaves behind, and that it never leaves half of it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from lesson_files import LESSONS

import nstlib
from nstlib.cli import main as cli
from nstlib.course.executed import name_of_copy
from nstlib.course.links import follow
from nstlib.errors import shorten

LONG = "x" * 10_000


@pytest.fixture
def folder(lessons):
    return lessons.parent


def add(path, *cells, at=0):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[at:at] = cells
    nbformat.write(notebook, path)


def refused(capsys, *typed):
    """The one sentence of a command that cannot run."""
    assert cli.main([*typed]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and len(error) < 700 and "fault" not in error
    return error


def test_two_runs_two_copies_that_say_what_was_changed(lesson, folder):
    text = "# 05 · Style\n\n![p](../images/p.png) [04](03_content_loss.ipynb)"
    add(lesson, nbformat.v4.new_markdown_cell(text))
    (folder / "images").mkdir()
    (folder / "images" / "p.png").write_bytes(b"")
    for size in ("1e400", "8"):
        assert cli.main(["lesson", "5", "-p", f"SIZE={size}"]) == 0
    names = [p.name for p in sorted((folder / "output").iterdir())]
    assert names == [f"05_style_loss-SIZE={size}.ipynb" for size in ("1e400", "8")]
    cells = nbformat.read(folder / "output" / names[1], as_version=4).cells
    assert (
        "(../images/p.png) [04](../notebooks/03_content_loss.ipynb)" in cells[0].source
    )
    assert "- `SIZE = 8` in place of `64`" in cells[1].source
    assert "[05_style_loss](../notebooks/05_style_loss.ipynb)" in cells[1].source
    assert cells[3].source == "# Parameters\nSIZE = 8"


def test_a_copy_elsewhere_and_a_cell_that_fails(lesson, folder, capsys):
    add(lesson, nbformat.v4.new_markdown_cell("[x](00_quickstart.ipynb)"))
    out = folder / "a{b} c" / "copy.ipynb"
    assert cli.main(["lesson", "5", "-p", "SIZE=[]", "-o", str(out)]) == 0
    cells = nbformat.read(out, as_version=4).cells
    assert cells[1].source == "[x](../notebooks/00_quickstart.ipynb)"
    error = refused(capsys, "lesson", "5", "-p", "SIZE={}", "-o", str(out))
    assert "copy.ipynb holds the copy up to that cell" in error
    assert nbformat.read(out, as_version=4).cells[-1].outputs[0].ename == "TypeError"


def test_names_of_copies(tmp_path):
    path = tmp_path / "04_gram.ipynb"
    taken = [
        {}, {"A": "1"}, {"A": "1", "B": "2"}, {"A": "1.5"}, {"A": "a/b"}, {"A": "a_b"},
        {"A": "a b"}, {"A": "../x"}, {"A": LONG}, {"A": LONG + "y"}, {"A": "日" * 99},
    ]  # fmt: skip
    names = [name_of_copy(path, values) for values in taken]
    assert len({*names}) == len(names)
    assert names[:4] == [
        f"04_gram{end}.ipynb" for end in ("", "-A=1", "-A=1-B=2", "-A=1.5")
    ]
    for name in names:
        path.with_name(name).write_text("")  # every system takes it
        assert len(os.fsencode(name)) <= 255 and not {*name} & {*'/\\:*?"<>| '}
    long = name_of_copy(tmp_path / f"{'é' * 120}.ipynb", {"A": LONG})
    assert len(os.fsencode(long)) <= 255


def test_links_follow(tmp_path):
    old, new = tmp_path / "notebooks", tmp_path / "output" / "deep"
    old.mkdir()
    for name in ("a b.png", "05.ipynb", "x.md"):
        (old / name).write_text("")
    text = (
        "[a](05.ipynb#part) ![b](a%20b.png 'title') <img src=\"a b.png\"> [c](<x.md>) "
        "`[d](05.ipynb)` [e](https://x.org/05.ipynb) [f](gone.ipynb) [g](#part)"
    )
    assert follow(text, old, old) == text
    assert follow(text, old, new) == (
        "[a](../../notebooks/05.ipynb#part) ![b](../../notebooks/a%20b.png 'title') "
        '<img src="../../notebooks/a%20b.png"> [c](<../../notebooks/x.md>) '
        "`[d](05.ipynb)` [e](https://x.org/05.ipynb) [f](gone.ipynb) [g](#part)"
    )


@pytest.mark.parametrize("spelling", ["it", "other", "dots", "link", "hard link"])
def test_no_lesson_is_replaced(lesson, folder, capsys, spelling):
    other = lesson.with_name("03_content_loss.ipynb")
    out = {"it": lesson, "other": other, "dots": f"output/../notebooks/{other.name}"}
    (folder / "output").mkdir()
    (folder / "link.ipynb").symlink_to(lesson)
    os.link(other, folder / "hard link.ipynb")
    before = lesson.read_bytes()
    path = str(out.get(spelling, f"{spelling}.ipynb"))
    assert "is a lesson, which would be lost" in refused(
        capsys, "lesson", "5", "-o", path
    )
    assert lesson.read_bytes() == before and other.read_text() == "{}"


def test_what_is_typed_wrongly(lesson, folder, capsys):
    assert "name of the lesson is empty" in refused(capsys, "lesson", "")
    assert "name of the lesson is empty" in refused(capsys, "lab", " ", "--allow-root")
    assert "name of the lesson is empty" in refused(capsys, "refresh", "")
    assert "is too long for the name of a file" in refused(capsys, "lesson", LONG)
    assert "no parameter 'xxxxx" in refused(capsys, "lesson", "5", "-p", f"{LONG}=1")
    assert "-p needs NAME=value" in refused(capsys, "lesson", "5", "-p", LONG)
    assert "not UTF-8" in refused(capsys, "lesson", "5", "-p", "SIZE=\udcff")
    assert "arguments: --xxx" in refused(capsys, "lesson", "5", f"--{LONG}")
    assert "does not end in .ipynb" in refused(capsys, "lesson", "5", "-o", "cat.png")
    assert "not a file name" in refused(capsys, "lesson", "5", "-o", "")
    assert not list(folder.glob("output/*"))


BROKEN = [b"", b"{}", b'{"cells": 3', b"\xff\xfe", b"[]", b"[" * 9999]
BROKEN += [
    b'{"cells": [], "nbformat": 4}',
    b'{"cells": [{}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_lesson(lesson, capsys, content):
    lesson.write_bytes(content)
    for command in ("lesson", "slides", "refresh"):
        assert "05_style_loss.ipynb is damaged" in refused(capsys, command, "5")
    assert lesson.read_bytes() == content


def test_a_kernel_that_is_not_here(lesson, capsys):
    notebook = nbformat.read(lesson, as_version=4)
    notebook.metadata.kernelspec.name = "julia"
    nbformat.write(notebook, lesson)
    assert "does not start ('julia' is not" in refused(capsys, "lesson", "5")


def test_a_kernel_that_does_not_start(lesson, capsys, monkeypatch):
    async def late(*_, **__):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    client = "jupyter_client.asynchronous.client.AsyncKernelClient.wait_for_ready"
    monkeypatch.setattr(client, late)
    assert "05_style_loss.ipynb does not start (" in refused(capsys, "lesson", "5")


LATE = """
import sys
from jupyter_client.asynchronous.client import AsyncKernelClient
from nstlib.cli import main

async def late(*_, **__):
    raise RuntimeError("Kernel didn't respond in 60 seconds")

AsyncKernelClient.wait_for_ready = late
sys.exit(main.main(["lesson", "1"]))
"""


def test_a_kernel_that_does_not_start_leaves_no_traceback(tmp_path):
    """Not even when Python ends."""
    root = str(Path(nstlib.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-c", LATE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2 and "does not start (" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_full_disk_leaves_the_old_copy(lesson, folder, monkeypatch, capsys):
    assert cli.main(["lesson", "5"]) == 0
    copy = folder / "output" / lesson.name
    before = copy.read_bytes()
    replace = os.replace

    def full(source, target):
        if str(target).endswith(".ipynb"):
            raise OSError(errno.ENOSPC, "no space")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    assert "because the disk is full" in refused(capsys, "lesson", "5")
    assert copy.read_bytes() == before and len(list(copy.parent.iterdir())) == 1


CLI = """
import sys
from pathlib import Path
from nstlib.cli import main
from nstlib.course import notebooks
notebooks.NOTEBOOKS = Path("notebooks").resolve()
sys.exit(main.main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize(
    ("command", "number", "told"),
    [
        ("lesson", signal.SIGINT, "no copy was written."),
        ("lesson", signal.SIGTERM, "no copy was written."),
        ("refresh", signal.SIGINT, "the lesson that was running was not changed."),
    ],
)
def test_interrupted(lesson, folder, command, number, told):
    code = "import time, pathlib; pathlib.Path('begun').touch(); time.sleep(99)"
    add(lesson, nbformat.v4.new_code_cell(code), at=1)
    before = lesson.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-c", CLI, command, "5"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(LESSONS[0].parents[1])},
    )
    ends = time.monotonic() + 60
    while not (lesson.parent / "begun").exists():
        assert time.monotonic() < ends and process.poll() is None
        time.sleep(0.1)
    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels
    process.send_signal(number)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert error == f"nst: interrupted; {told}\n"
    assert not [kernel for kernel in kernels if kernel.is_running()]
    assert lesson.read_bytes() == before and not list(folder.glob("output/*.ipynb"))


def test_shorten():
    assert shorten("a" * 80) == "a" * 80
    assert shorten(f"begin{LONG}end", 9) == "begi…xend"
    assert len(shorten(LONG)) == 80 and shorten("abc", 1) == "…"
