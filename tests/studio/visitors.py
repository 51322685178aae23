"""Visitors of a studio, as browsers are: they keep cookies and say where they are."""

import http.client
import io
import json
import re
import time
import uuid
from urllib.parse import urlencode, urlsplit

import numpy as np
from PIL import Image

SMALL = {"way": "normal", "size": "64", "steps": "6", "margin": "0"}
"""Settings of a run that takes a moment."""
LONG = SMALL | {"steps": "100000"}
"""Settings of a run that somebody has to stop."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def told(self):
        """The sentences that the page says, or those of an answer for scripts."""
        if self.body.startswith(b"{"):
            return " ".join(map(str, self.json.values()))
        found = re.findall(r'class="(?:alert|error)"[^>]*>(.*?)</(?:p|div)>', self.text)
        return " ".join(found)


class Visitor:
    """One browser. `origin` is what it says with every POST; None says nothing."""

    def __init__(self, address):
        self.address, self.cookies = address.rstrip("/"), {}
        self.origin = self.address

    def ask(self, method, path, body=None, headers=(), timeout=300):
        place = urlsplit(self.address)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout)
        sent = {"Accept": "text/html", **dict(headers)}
        if self.cookies:
            pairs = [f"{name}={value}" for name, value in self.cookies.items()]
            sent["Cookie"] = "; ".join(pairs)
        if method != "GET" and self.origin:
            sent.setdefault("Origin", self.origin)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name == "Set-Cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.split(";")[0]
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, fields=(), files=(), **more):
        """Send a form as browsers do. Fields and files are pairs; a file is bytes, or
        its name and bytes."""
        pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
        body, kind = form(pairs, list(dict(files).items()))
        headers = {"Content-Type": kind, **dict(more.pop("headers", {}))}
        return self.ask("POST", path, body, headers, **more)

    def upload(self, data, kind="photo", name="picture.jpg"):
        headers = {"Accept": "application/json"}
        files = {"file": (name, data)}
        return self.post("/uploads", {"kind": kind}, files, headers=headers)

    def run(self, settings=SMALL, style=("course:starry_night",), **more):
        """Start a job; return its address."""
        fields = [("photo", "course:cat"), *(("style", s) for s in style)]
        answer = self.post("/", [*fields, *{**settings, **more}.items()])
        assert answer.status == 303, answer.told
        return answer.headers["Location"]

    def state(self, job):
        return self.get(f"{job}/state").json

    def until(self, job, ready=lambda known: known["state"] not in ACTIVE, seconds=300):
        """Wait for a job; return its state."""
        ends = time.monotonic() + seconds
        while not ready(known := self.state(job)):
            assert time.monotonic() < ends, known
            time.sleep(0.05)
        return known


ACTIVE = ("waiting", "running")


def form(fields, files):
    if not files:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    mark, parts = uuid.uuid4().hex, []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{name}"'
        parts.append(f"--{mark}\r\n{head}\r\n\r\n{value}\r\n".encode())
    for name, value in files:
        filename, data = value if isinstance(value, tuple) else ("picture.jpg", value)
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
        head += "\r\nContent-Type: image/jpeg"
        parts.append(f"--{mark}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    body = b"".join(parts) + f"--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def encoded(kind="JPEG", size=(96, 64), color=(200, 120, 40), **more):
    """The bytes of a picture."""
    row = np.linspace(0, 1, size[0])[None, :, None]
    pixels = np.broadcast_to(row * np.array(color), (size[1], size[0], 3))
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, kind, **more)
    return stream.getvalue()
