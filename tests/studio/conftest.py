"""A studio to visit: a real one for the whole session, and others for single tests."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

import nstlib

for package in ("flask", "waitress"):
    pytest.importorskip(package, reason="extra studio")

from visitors import Visitor  # noqa: E402


class Server:
    """``nst studio`` in a process of its own."""

    def __init__(self, folder, *words):
        root = str(Path(nstlib.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        environment |= {"NSTLIB_DEBUG": "1"}
        self.folder, self.log = folder, folder.with_suffix(".log")
        command = [sys.executable, "-m", "nstlib", "studio", "--no-browser"]
        command += ["--folder", str(folder), "--port", "0", *words]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=folder.parent
            )
        ends = time.monotonic() + 60
        while "open at" not in self.said:
            assert time.monotonic() < ends and self.process.poll() is None, self.said
            time.sleep(0.05)
        self.address = self.said.split("open at ")[1].split(" ")[0]

    @property
    def said(self):
        return self.log.read_text("utf-8", "replace")

    def visitor(self):
        found = Visitor(self.address.split("?")[0])
        found.get("/")
        return found

    def workers(self):
        """The processes that paint."""
        import psutil

        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it ended just now
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def end(self, signal=None):
        if signal is None:
            self.process.terminate()
        else:
            self.process.send_signal(signal)
        return self.process.wait(60)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    found = Server(tmp_path_factory.mktemp("studio") / "kept")
    yield found
    assert found.end() in (0, 143)
    assert "Traceback" not in found.said, found.said


@pytest.fixture
def visitor(server):
    return server.visitor()


@pytest.fixture
def started(tmp_path):
    """Starts studios that end with the test."""
    servers = []

    def start(*words, folder=None):
        servers.append(Server(folder or tmp_path / f"kept{len(servers)}", *words))
        return servers[-1]

    yield start
    for one in servers:
        if one.process.poll() is None:
            one.end()


@pytest.fixture
def app(tmp_path):
    """Makes apps in this process; those of one test share a worker that never starts
    unless a picture is to be decoded."""
    from nstlib.studio.app import create_app, studio_of
    from nstlib.studio.config import Config

    apps = []

    def make(**choices):
        apps.append(create_app(Config(tmp_path / f"app{len(apps)}", **choices)))
        return apps[-1]

    yield make
    for one in apps:
        studio_of(one).close()
