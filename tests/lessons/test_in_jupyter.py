"""What a student sees in a real kernel: a mistake, a fault of ours, an interrupt."""

import re
import time

import pytest
from jupyter_client.manager import start_new_kernel
from lesson_files import ROOT

PICTURES = 'import nstlib\nphoto = nstlib.paint("tapestry", 48, 64)'


@pytest.fixture(scope="module")
def client():
    manager, client = start_new_kernel(cwd=str(ROOT / "notebooks"))
    yield Client(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


class Client:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def run(self, code, at_output=None):
        """Run a cell; return what it prints: stdout, stderr and its traceback."""
        shown = {"stdout": "", "stderr": "", "error": ""}

        def output(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                shown[content["name"]] += content["text"]
                if at_output and content["name"] == "stdout":
                    at_output(content["text"])
            if message["msg_type"] == "error":
                text = "\n".join(content["traceback"])
                shown["error"] += re.sub(r"\x1b\[[\d;]*m", "", text)

        self.client.execute_interactive(code, timeout=120, output_hook=output)
        return shown


def test_a_typo_shows_the_line_and_the_sentence(client):
    assert not any(client.run(PICTURES).values())
    client.run("def repaint(name):\n    return nstlib.stylize(photo, name, size=64)")
    error = client.run('STYLE = "starry_nigth.jpg"\nresult = repaint(STYLE)')["error"]
    assert "----> 2 result = repaint(STYLE)" in error
    assert "----> 2     return nstlib.stylize(photo, name, size=64)" in error
    sentence = "ImageError: starry_nigth.jpg does not exist: check the path."
    assert error.splitlines()[-1] == sentence
    assert len(error.splitlines()) <= 12
    assert "nstlib/" not in error and "direct cause" not in error


def test_of_a_callback_inside_a_run_the_outer_line_is_shown(client):
    call = 'nstlib.stylize(photo, photo, size=64, callback=lambda _: repaint("x.jpg"))'
    error = client.run(call)["error"]
    assert f"----> 1 {call}" in error and "nstlib/" not in error
    assert error.splitlines()[-1] == "ImageError: x.jpg does not exist: check the path."


def test_an_error_that_was_never_raised_is_its_sentence(client):
    shown = client.run("error = nstlib.NstError('no.')\nerror._render_traceback_()[-1]")
    assert not shown["error"]
    show = "get_ipython().showtraceback((type(error), error, None))"
    assert client.run(show)["error"].endswith("NstError: no.")


def test_a_fault_of_ours_keeps_its_traceback(client):
    client.run("import nstlib.methods\nbefore = nstlib.methods.plan_scales")
    client.run("nstlib.methods.plan_scales = None")
    error = client.run("nstlib.stylize(photo, photo, size=64)")["error"]
    client.run("nstlib.methods.plan_scales = before")
    assert "plan = plan_scales(" in error and "nstlib/methods.py" in error
    assert error.splitlines()[-1].startswith("TypeError")


LOOP = """
def watch(step):
    if step.evaluation == 2:
        print("painting", flush=True)


kept = []
for number in range(9):
    run = nstlib.stylize(photo, photo, size=64, steps=10_000, callback=watch)
    kept.append(run)
"""


def test_two_interrupts_end_a_loop_and_the_first_says_so(client):
    def interrupt(_):
        time.sleep(0.2)
        client.manager.interrupt_kernel()

    shown = client.run(LOOP, interrupt)
    assert shown["stdout"] == "painting\n" * 2
    found = re.findall(
        r"Interruption: interrupted after (\d+) of 10000", shown["stderr"]
    )
    assert len(found) == 1 and int(found[0]) >= 2
    assert "run = nstlib.stylize(photo, photo" in shown["stderr"]
    assert shown["error"].splitlines()[-1].startswith("KeyboardInterrupt")
    assert client.run("print(len(kept), kept[0].stop_reason)")["stdout"] == (
        "1 interrupted\n"
    )
