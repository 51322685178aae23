"""``nst lab`` as a student sees it, in a browser."""

import os
import subprocess
import sys
import time

import pytest
from chromium import Chromium
from lesson_files import ROOT

from nstlib.cli import main as cli


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
    browser = Chromium(tmp_path / "profile", rules="MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
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
