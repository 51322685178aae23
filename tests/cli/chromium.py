"""A Chromium without window and network, driven over its DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import time
from itertools import count
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Chromium:
    """One tab. Everything that a page asks for or complains about is collected."""

    def __init__(
        self, folder, width=1280, height=720, rules="MAP * ~NOTFOUND", flags=()
    ):
        import websocket

        found = next(filter(None, map(shutil.which, NAMES)), None)
        if not found:
            pytest.skip("needs Chromium, which is not installed")
        command = [
            *(found, "--headless", "--disable-gpu", "--no-first-run"),
            "--disable-dev-shm-usage",  # which is small in containers
            *(f"--user-data-dir={folder}", "--remote-debugging-port=0"),
            *(f"--window-size={width},{height}", "--remote-allow-origins=*"),
            *(f"--host-resolver-rules={rules}", "--hide-scrollbars", *flags),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")
        self.log = (Path(folder).parent / "chromium.log").open("wb")
        self.process = subprocess.Popen(
            [*command, "about:blank"], stdout=self.log, stderr=self.log
        )
        port = Path(folder) / "DevToolsActivePort"
        ends = time.monotonic() + 60
        while not (port.exists() and port.read_text().count("\n")):
            assert time.monotonic() < ends, "Chromium does not start"
            if self.process.poll() is not None:  # Ubuntu's is a hint to a snap
                pytest.skip("needs Chromium, which does not start here")
            time.sleep(0.1)
        number = port.read_text().split()[0]
        self.numbers, self.events = count(1), []
        self.socket = websocket.create_connection(self._tab(number), timeout=60)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.call("Emulation.setDeviceMetricsOverride", mobile=False, **size)

    def _tab(self, port):
        from urllib.request import urlopen

        with urlopen(f"http://127.0.0.1:{port}/json", timeout=20) as answer:
            tabs = json.load(answer)
        return next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")

    def call(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (message := json.loads(self.socket.recv())).get("id") != number:
            self.events.append(message)
        assert "error" not in message, message
        return message["result"]

    def open(self, address, ready="document.readyState == 'complete'", seconds=60):
        # The old page goes first, so that its late answers do not count for the new.
        self._go("about:blank", "location.href == 'about:blank'", seconds)
        self.events = []
        self._go(address, f"location.href != 'about:blank' && ({ready})", seconds)

    def _go(self, address, ready, seconds):
        self.call("Page.navigate", url=address)
        ends = time.monotonic() + seconds
        while not self.ask(ready):
            assert time.monotonic() < ends, f"{address} does not become ready"
            time.sleep(0.05)

    def ask(self, expression):
        """The value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot")["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def requests(self):
        """The addresses that the page asked for, without those inside it."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith("data:")]

    def complaints(self):
        """What stands in the console: errors, warnings, and what scripts print."""
        kinds = (
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        )
        return [event["params"] for event in self.events if event["method"] in kinds]

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
