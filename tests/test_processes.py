"""Processes that are forked, limits of the shell, and what a run leaves behind."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nstlib

PACKAGE = Path(nstlib.__file__).parent
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")

FORKED = """
import os, sys, threading, time
import numpy as np
import nstlib
from nstlib.errors import BackendError

def in_child(task):
    '''Status of a forked process: 0 if the task ended, 7 if it was refused.'''
    child = os.fork()
    if child == 0:
        try:
            task()
        except BackendError as error:
            print(error, flush=True)
            os._exit(7)
        except BaseException as error:
            print("other", repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return "hangs"
"""


def answers(code):
    """What a script prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", FORKED + code], capture_output=True, text=True,
        timeout=200, env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@forks
def test_a_fork_does_not_inherit_the_lock_of_a_picture_that_is_decoded():
    code = """
import io
from PIL import Image
from nstlib.images import reading
file = io.BytesIO()
Image.new("RGB", (64, 64)).save(file, "PNG")
holds = threading.Event()
def decode_for_long():
    with reading._opened(file.getvalue()):
        holds.set()
        time.sleep(60)
threading.Thread(target=decode_for_long, daemon=True).start()
holds.wait()
print(in_child(lambda: nstlib.load_image(file.getvalue())))
"""
    assert answers(code) == ["0"]


@forks
def test_a_fork_after_tensorflow_started_is_refused_in_one_sentence():
    code = """
photo = nstlib.paint("tapestry", 48, 64)
print(in_child(lambda: nstlib.load_image(os.devnull) if 0 else None))
stylizer = nstlib.Stylizer(size=64, steps=2)
stylizer(photo, photo)
from nstlib.losses import gram_matrix
held = threading.Event()
def hold():
    with stylizer.store._lock:
        held.set()
        time.sleep(60)
threading.Thread(target=hold, daemon=True).start()
held.wait()
print(in_child(lambda: stylizer(photo, photo)))
print(in_child(lambda: nstlib.stylize(photo, photo, size=64, method="adain")))
print(in_child(lambda: gram_matrix(np.ones((4, 3), np.float32))))
print(in_child(lambda: nstlib.paint("tapestry", 48, 64)))
"""
    lines = answers(code)
    sentence = [line for line in lines if "forked" in line]
    assert [line for line in lines if "forked" not in line] == ["0", *"777", "0"]
    assert len(sentence) == 3
    assert all('get_context("spawn")' in line for line in sentence)


@forks
def test_a_fork_before_tensorflow_starts_paints():
    code = """
photo = nstlib.paint("tapestry", 48, 64)
print(in_child(lambda: nstlib.stylize(photo, photo, size=64, method="adain")))
"""
    assert answers(code) == ["0"]


def test_no_function_is_compiled_with_autograph():
    """AutoGraph writes a file into the temporary folder for each function."""
    paths = PACKAGE.rglob("*.py")
    for path in (p for p in paths if p.parent.name != "check"):  # as students write it
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = [node] if isinstance(node, ast.Call) else []
            for call in calls:
                if ast.unparse(call.func) == "tf.function":
                    assert "autograph=False" in ast.unparse(call), path
            for made_by in getattr(node, "decorator_list", []):
                assert ast.unparse(made_by) != "tf.function", path


@pytest.mark.parametrize("method", ["optimize", "wct"])
def test_a_run_leaves_nothing_in_the_temporary_folder(tmp_path, method):
    folder = tmp_path / "temporary"
    folder.mkdir()
    # os._exit: without it, files that are deleted at the end would not be seen.
    code = f"""
import os, nstlib
photo = nstlib.paint("tapestry", 48, 64)
nstlib.stylize(photo, photo, size=64, method={method!r})
os._exit(0)
""".replace("size=64", "size=64, steps=2" if method == "optimize" else "size=64")
    places = {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=200,
        env={**os.environ, **places, "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert not list(folder.rglob("*"))


@linux
@pytest.mark.parametrize("kibibytes", [1_200_000, 1_700_000])
def test_a_limit_below_what_tensorflow_needs_is_told_in_one_sentence(
    tmp_path, kibibytes
):
    line = f"ulimit -v {kibibytes}; exec {sys.executable} -m nstlib stylize cat "
    line += f"great_wave --size 64 --steps 2 --quiet -o {tmp_path / 'a.png'}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=200,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("nst: ulimit -v allows 1.") and "unlimited" in sentence
