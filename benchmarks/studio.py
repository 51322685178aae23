"""A class in the studio: many browsers at once, and what the server and worker hold.

    python benchmarks/studio.py --browsers 20 --pictures 2 --size 256

The studio is started as a user starts it. Each browser uploads its photo and its
painting, asks for a preview, and lets a picture be painted, so many times. A refusal is
read, and tried again later. Printed are how the requests for pictures ended, the
seconds until the last one was there, and the memory of the server and of the worker
after the first picture and after each fifth of them.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from common import IMAGES, Parser, command, count

PATIENCE = 1.0
"""Seconds after which a browser tries again, or asks how far its picture is."""


class Browser:
    """One visitor, with a cookie of its own."""

    def __init__(self, port: int, seed: int):
        self.port, self.cookie = port, ""
        self.random = np.random.default_rng(seed)
        self.ask("GET", "/")

    def ask(self, method: str, path: str, **fields: Any) -> tuple[int, Any, bytes]:
        """Send a request, a form if there are fields; return what came back."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        mark, parts = uuid.uuid4().hex, b""
        for name, value in fields.items():
            file = b'; filename="a.jpg"' if isinstance(value, bytes) else b""
            data = value if isinstance(value, bytes) else str(value).encode()
            head = b'form-data; name="' + name.encode() + b'"' + file
            parts += b"--%b\r\nContent-Disposition: %b\r\n\r\n%b\r\n" % (
                *(mark.encode(), head, data),
            )
        headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        headers["Accept"] = "application/json"
        if fields:
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
            parts += f"--{mark}--\r\n".encode()
        connection.request(method, path, parts or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
        connection.close()
        return answer.status, answer.headers, body

    def upload(self, kind: str) -> str:
        """Upload a part of a course picture; return its name."""
        from PIL import Image

        folder = {"photo": "content", "painting": "style"}[kind]
        files = sorted((IMAGES / folder).glob("*.jpg"))
        with Image.open(files[self.random.integers(len(files))]) as image:
            side = min(image.size) - int(self.random.integers(60))
            stream = io.BytesIO()
            image.convert("RGB").crop((0, 0, side, side)).save(stream, "JPEG")
        while True:
            data = stream.getvalue()
            status, _, body = self.ask("POST", "/uploads", kind=kind, file=data)
            if status == 200:
                return str(json.loads(body)["ref"])
            assert status == 503, body
            time.sleep(PATIENCE)

    def paint(self, size: int) -> Counter[str]:
        """Let one picture be painted; return how often each answer came."""
        photo, style = self.upload("photo"), self.upload("painting")
        form = {"photo": photo, "style": style, "way": "quick", "size": size}
        found = Counter[str]()
        status, *_ = self.ask("POST", "/preview", **form)
        found[f"preview {status}"] += 1
        while (answer := self.ask("POST", "/", **form))[0] == 503:
            assert b"waiting already" in answer[2]
            found["refused with a sentence"] += 1
            time.sleep(PATIENCE)
        assert answer[0] == 303, answer[2]
        job = answer[1]["Location"]
        while True:
            state = json.loads(self.ask("GET", f"{job}/state")[2])
            if state["state"] not in ("waiting", "running"):
                found[state["state"]] += 1
                return found
            time.sleep(PATIENCE)


def start(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a studio on a free port; return its process and the port."""
    words = ["studio", "--no-browser", "--port", "0", "--folder", str(folder / "kept")]
    process = subprocess.Popen(
        [sys.executable, "-m", "nstlib", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    said = process.stdout.readline()
    port = re.search(r":(\d+)/", said)
    assert port, said
    return process, int(port[1])


def held(number: int) -> tuple[float, float]:
    """MiB of the server, and of the worker that it has started."""
    import psutil

    server = psutil.Process(number)
    worker = max(
        (child.memory_info().rss for child in server.children(recursive=True)),
        default=0,
    )
    return server.memory_info().rss / 2**20, worker / 2**20


def class_case(browsers: int, pictures: int, size: int) -> None:
    """Let browsers paint pictures at the same time, and print what happened."""
    found, lock, began = Counter[str](), threading.Lock(), time.perf_counter()
    done, every = 0, max(1, browsers * pictures // 5)
    with tempfile.TemporaryDirectory() as folder:
        process, port = start(Path(folder))

        def visit(seed: int) -> None:
            nonlocal done
            browser = Browser(port, seed)
            for _ in range(pictures):
                answers = browser.paint(size)
                with lock:
                    found.update(answers)
                    done += 1
                    if done == 1 or done % every == 0:
                        server, worker = held(process.pid)
                        print(
                            f"{done:4} pictures: {server:5.0f} MiB in the server, "
                            f"{worker:5.0f} MiB in the worker",
                            flush=True,
                        )

        try:
            with ThreadPoolExecutor(browsers) as pool:
                list(pool.map(visit, range(browsers)))
        finally:
            process.terminate()
            process.wait(60)
    for name, number in sorted(found.items()):
        print(f"{name}: {number}")
    print(f"{time.perf_counter() - began:.0f} s for all")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Run the class case that the arguments describe."""
    parser = Parser(__doc__)
    parser.add_argument("--browsers", type=count, default=20, help="how many at once")
    parser.add_argument("--pictures", type=count, default=2, help="of each browser")
    parser.add_argument("--size", type=count, default=256, help="in pixels")
    args = parser.parse_args(argv)
    class_case(args.browsers, args.pictures, args.size)


if __name__ == "__main__":
    main()
