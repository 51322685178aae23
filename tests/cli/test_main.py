"""The command line as a whole: help, consoles, faults."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nstlib
from nstlib.cli import main as cli
from nstlib.cli.console import write

ROOT = Path(nstlib.__file__).resolve().parents[1]
pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize("args", [["--help"], ["--version"], [], ["stylize", "--help"],
                                  ["lab", "--help"], ["doctor", "--help"]])  # fmt: skip
def test_help_imports_nothing_heavy(args):
    heavy = {"tensorflow", "keras", "matplotlib", "tqdm"}
    if "stylize" not in args:  # which has its defaults from the settings
        heavy |= {"numpy", "PIL"}
    code = (
        "import sys; from nstlib.cli.main import main; status = main(sys.argv[1:]);"
        f"heavy = {heavy} & set(sys.modules);"
        "sys.exit(f'imports {heavy}' if heavy else status)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"nst" in done.stdout


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"nst {nstlib.__version__}\n"


def test_every_command_is_listed_and_has_help(capsys):
    cli.main(["--help"])
    listed = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert re.search(rf"^  {name} ", listed, re.MULTILINE)
        assert cli.main([name, "--help"]) == 0
        assert f"usage: nst {name}" in capsys.readouterr().out


def test_a_console_that_knows_no_arrow(monkeypatch, fake):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    Path("→ cat.jpg").write_bytes(Path("cat.jpg").read_bytes())
    assert cli.main(["stylize", "→ cat.jpg", "wave.png", "--quiet"]) == 0
    assert cli.main(["stylize", "→ cat.jpg", "wave.png"]) == 0
    stream.seek(0)
    assert "Painting ? cat.jpg in the style of wave.png;" in stream.read()


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently on Windows")
def test_nobody_reads_the_output(start):
    process = start("stylize", "--help")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


class ResourceExhaustedError(Exception):
    """Named like TensorFlow's."""


@pytest.mark.parametrize("error", [MemoryError(), ResourceExhaustedError("OOM")])
def test_too_large_for_the_memory(monkeypatch, capsys, error):
    def paint(*_, **__):
        raise error

    monkeypatch.setattr("nstlib.methods.Painting", paint)
    monkeypatch.setattr("nstlib.fast.passes.paint_levels", paint)
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--size", "800"]) == 2
    assert capsys.readouterr().err.endswith("try a size of 400.\n")
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--method", "wct"]) == 2
    told = "512 pixels with wct need more memory than there is: try a size of 256.\n"
    assert capsys.readouterr().err.endswith(f"nst: {told}")


@pytest.mark.parametrize("error", [MemoryError(), ResourceExhaustedError("OOM")])
def test_too_large_a_training_for_the_memory(monkeypatch, capsys, tmp_path, error):
    def start(*_, **__):
        raise error

    monkeypatch.setattr("nstlib.fast.training._Training", start)
    line = ["train", "great_wave", "-o", str(tmp_path / "a.npz"), "--side", "64"]
    assert cli.main([*line, "--quiet"]) == 2
    told = "4 crops of 64 pixels need more memory than there is: try a smaller side.\n"
    assert capsys.readouterr().err == f"nst: {told}"


def test_a_fault_of_ours(monkeypatch, capsys):
    def stylize(*_, **__):
        raise ValueError("three\nlines\nlong")

    monkeypatch.setattr("nstlib.cli.stylize.stylize", stylize)
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("nst: this is a fault of nstlib") and error.count("\n") == 1
    assert "ValueError: three lines long" in error and "NSTLIB_DEBUG" in error
    monkeypatch.setenv("NSTLIB_DEBUG", "1")
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_missing_part(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nstlib.cli.stylize", None)
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 1
    assert "nst doctor" in capsys.readouterr().err


def test_what_steers_a_terminal_is_printed_as_text(capsys):
    text = "a\x1b[31m\x07\r\b\x9b1m\u202e\u2066\u2028\x7f\udcff é×…\u200d\tb\nc"
    shown = (
        r"a\x1b[31m\x07\r\x08\x9b1m\u202e\u2066\u2028\x7f\udcff"
        " é×…\u200d\tb\nc\n"
    )
    write(sys.stdout, text)
    assert capsys.readouterr().out == shown
    assert cli.main(["stylize", "\x1b[31mred.png"]) == 2
    assert capsys.readouterr().err.strip().isprintable()


@pytest.mark.parametrize(
    "words",
    [
        ["stylize", "cat", "great_wave", "--set", "x" * 10_000],
        ["stylize", "cat", "great_wave", "--set", "x" * 10_000 + "=3"],
        ["stylize", "cat", "great_wave", "--set", "tv_weight=" + "x" * 10_000],
        ["stylize", "cat", "great_wave", "--set", "style_layers=" + "x," * 5_000],
        ["stylize", "cat", "great_wave", "--set", "optimizer=" + "x" * 10_000],
        ["stylize", "cat", "great_wave", "--set", "weights=" + "x" * 10_000],
        ["stylize", "cat", "great_wave", "--set", "weights="],
        ["stylize", "cat", "great_wave", "--set", "base=3"],
        ["stylize", "cat", "great_wave", "--size", "x" * 10_000],
        ["stylize", "cat", "great_wave", "--" + "x" * 10_000],
        ["stylize", "cat", "great_wave", "-o", "x" * 252 + ".png"],
        ["stylize", "x" * 10_000],
        ["stylize", "cat", "x" * 10_000 + ":-1"],
        ["stylize", "cat", "x" * 10_000, "--method", "feedforward"],
        ["train", "great_wave", "-o", "x" * 10_000 + ".npz"],
        ["train", "great_wave", "--photos", "http://host/"],
        ["settings", "x" * 10_000],
        ["x" * 10_000],
    ],
    ids=lambda words: " ".join(word[:20] for word in words),
)
def test_what_is_too_long_is_told_in_short(words, capsys):
    before = [path for path in Path().rglob("*") if path.is_file()]
    assert cli.main(words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and len(error) < 700
    assert [path for path in Path().rglob("*") if path.is_file()] == before
