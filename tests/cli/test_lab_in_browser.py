"""``nst lab`` as a student sees it, in a browser."""

import json
import os
import subprocess
import sys
import time

import pytest
from chromium import Chromium
from lesson_files import LESSONS, ROOT, cells, load

from nstlib.cli import main as cli

NOWHERE_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The address of JupyterLab in a new copy of the course, as on a new computer."""
    pytest.importorskip("jupyterlab", reason="extra course")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["course"]) == 0
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    command = [sys.executable, "-m", "nstlib", "lab", "09", "--no-browser"]
    command += ["--ServerApp.port_retries=50", "--ServerApp.token=word", "--allow-root"]
    command += ["--expose-app-in-browser"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    yield _address(server, tmp_path / "log")
    server.terminate()
    server.wait(30)


def _address(server, log):
    """Wait for the address that JupyterLab prints; it takes the next free port."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        for word in log.read_text("utf-8", "replace").split():
            if word.startswith("http://127.0.0.1:") and "token" in word:
                return word.split("/lab")[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace"))


def test_pictures_are_shown_and_nobody_asks_about_news(lab, tmp_path):
    browser = Chromium(tmp_path / "profile", rules=NOWHERE_ELSE)
    try:
        shown = "document.querySelectorAll('.jp-Cell img').length > 0"
        lesson = f"{lab}/lab/tree/notebooks/09_style_transfer.ipynb?token=word"
        browser.open(lesson, shown)
        # The question came before the first picture, so it would be there by now.
        time.sleep(3)
        assert "Jupyter news" not in browser.ask("document.body.innerText")
        found = "[...document.querySelectorAll('.jp-MarkdownCell img')]"
        widths = browser.ask(f"{found}.map(image => image.naturalWidth)")
        assert widths and min(widths) > 0
        elsewhere = [url for url in browser.requests() if not url.startswith(lab)]
        assert [url for url in elsewhere if url.startswith("http")] == []
    finally:
        browser.close()


RAVINE = ("lesson07-02", "lesson07-30", "lesson07-34", "lesson07-35", "c7eb2a4b")


def test_a_slider_of_a_lesson_draws_what_it_is_moved_to(lab, tmp_path):
    (path,) = [path for path in LESSONS if path.stem == "07_optimizing_pixels"]
    few = [cell | {"outputs": []} for cell in cells(path) if cell["id"] in RAVINE]
    (folder,) = tmp_path.glob("*/notebooks")
    few = load(path) | {"cells": few}
    (folder / "ravine.ipynb").write_text(json.dumps(few), encoding="utf-8")
    size = {"height": 3000}  # JupyterLab draws only what is in sight
    browser = Chromium(tmp_path / "profile", **size, rules=NOWHERE_ELSE)
    try:
        browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
        panel = "[...window.jupyterapp?.shell.widgets('main') ?? []][0]"
        kernel = f"{panel}?.sessionContext?.session?.kernel"
        lesson = f"{lab}/lab/tree/notebooks/ravine.ipynb?token=word"
        browser.open(lesson, f"{kernel}?.status == 'idle'")
        browser.ask("jupyterapp.commands.execute('notebook:run-all-cells')")
        picture = "document.querySelector('img.widget-image')"
        _until(browser, f"{picture}?.complete")
        reading = "document.querySelector('.widget-readout').innerText"
        assert browser.ask(reading) == "0.07"  # the middle one of fifteen
        before = browser.ask(f"{picture}.src")
        browser.ask("document.querySelector('.noUi-handle').focus()")
        browser.press("ArrowRight")
        _until(browser, f"{picture}.src != {before!r} && {picture}.complete")
        assert browser.ask(reading) == "0.075"
        assert browser.ask(f"{picture}.naturalWidth") > 600
    finally:
        browser.close()


def _until(browser, condition, seconds=60):
    ends = time.monotonic() + seconds
    while not browser.ask(condition):
        assert time.monotonic() < ends, condition
        time.sleep(0.1)
