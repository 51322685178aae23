"""Pictures from the web, against a server on this machine that misbehaves."""

import contextlib
import io
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import ImageError
from nstlib.images import load_image
from nstlib.images import sources as download

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def encoded(kind="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, kind)
    return buffer.getvalue()


class Handler(BaseHTTPRequestHandler):
    seen: list = []  # noqa: RUF012

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("User-Agent")))
        page = self.path.strip("/").partition("?")[0].partition("/")[0]
        with contextlib.suppress(ConnectionError):
            getattr(self, page.replace("%20", "_").replace(".jpg", ""), self.lost)()

    def log_message(self, *args):
        pass

    def answer(self, body, kind="image/png", length=None, status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length != 0:
            self.send_header("Content-Length", str(length or len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def lost(self):
        self.send_error(404)

    def good(self):
        self.answer(encoded())

    def a_picture(self):
        self.answer(encoded())

    def unknown_length(self):
        self.answer(encoded(), length=0)

    def mislabeled(self):
        self.answer(encoded(), kind="text/html")

    def html(self):
        self.answer(b"<!doctype html><html>Log in first</html>", kind="text/html")

    def empty(self):
        self.answer(b"", length=None)

    def announced(self):
        self.answer(b"x", length=10**12)

    def endless(self):
        self.answer(b"", length=0)
        for _ in range(10_000):
            self.wfile.write(b"x" * 10_000)

    def cut(self):
        self.answer(encoded()[:100], length=5000)

    def silent(self):
        time.sleep(1.5)

    def trickle(self):
        self.answer(b"", length=1000)
        for _ in range(30):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def slow_headers(self):
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        for count in range(30):
            self.wfile.write(b"X-%d: y\r\n" % count)
            time.sleep(0.05)

    def no_http(self):
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n" * 3)

    def redirect(self):
        self.answer(b"", status=302, Location="/good")

    def to_file(self):
        self.answer(b"", status=302, Location="file:///etc/passwd")

    def to_ftp(self):
        self.answer(b"", status=302, Location="ftp://127.0.0.1/a.png")

    def circle(self):
        self.answer(b"", status=302, Location="/circle")

    def failing(self):
        self.answer(b"", status=503)


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


def refused(url, *words):
    with pytest.raises(ImageError) as caught:
        load_image(url)
    message = str(caught.value)
    assert "\n" not in message and "Traceback" not in message and message.endswith(".")
    assert ": " in message
    for word in words:
        assert word in message, f"{word!r} is missing in {message!r}"
    return message


@pytest.mark.parametrize(
    "page",
    [
        "good",
        "good.jpg?size=3",
        "unknown_length",
        "mislabeled",
        "redirect",
        "a picture",
    ],
)
def test_picture_arrives(server, page):
    np.testing.assert_array_equal(load_image(f"{server}/{page}"), PICTURE)
    assert "nstlib" in Handler.seen[-1][1]


def test_max_side_and_upper_case_scheme(server):
    url = server.replace("http", "HTTP") + "/good"
    assert load_image(url, max_side=16).shape == (12, 16, 3)


def test_web_page_and_empty_answer(server):
    refused(f"{server}/html", f"{server}/html", "web page")
    refused(f"{server}/empty", "empty")


def test_status(server):
    refused(f"{server}/missing/none.png", "/missing/none.png", "answers 404 Not Found")
    refused(f"{server}/failing", "answers 503 Service Unavailable", "browser")


def test_size_bound(server, monkeypatch):
    refused(f"{server}/announced", "larger than 64 MiB", "scale")
    monkeypatch.setattr(download, "MAX_BYTES", 2**20)
    refused(f"{server}/endless", "larger than 1 MiB")
    assert download.fetch(f"{server}/good", max_bytes=10_000) == encoded()
    with pytest.raises(ImageError, match="larger than"):
        download.fetch(f"{server}/good", max_bytes=100)


def test_answer_cut_off(server):
    refused(f"{server}/cut", "cut off", "browser")


@pytest.mark.parametrize("page", ["silent", "trickle", "slow_headers"])
def test_time_bounds(server, page, monkeypatch):
    monkeypatch.setattr(download, "SOCKET_SECONDS", 0.3)
    monkeypatch.setattr(download, "TOTAL_SECONDS", 0.4)
    start = time.monotonic()
    refused(f"{server}/{page}", "in time", "browser")
    assert time.monotonic() - start < 1


def test_redirects_stay_on_the_web(server):
    refused(f"{server}/to_file", "302", "file:")
    refused(f"{server}/to_ftp", "ftp")
    refused(f"{server}/circle", "302", "browser")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "s3://bucket/a.png",
    ],
)
def test_other_schemes_are_refused_by_name(url):
    refused(url, url.partition(":")[0], "only http and https")


def test_no_server_and_no_http(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused(f"http://127.0.0.1:{port}/a.png", "cannot be fetched", "browser")
    refused(f"{server}/no_http", "cannot be fetched")


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a.png",
        "http://127.0.0.1:port/a.png",
        "http://[::1/a.png",
        "http://127.0.0.1:99999/a.png",
        "http://a..b/\ud800.png",
        "http://127.0.0.1\r\nHost: x/a.png",
    ],
)
def test_addresses_that_are_none(url):
    refused(url, "http:")


def test_password_and_query_are_not_shown(server):
    address = server.replace("//", "//me:secret@") + "/a.png?token=secret"
    message = refused(address, "/a.png")
    assert "secret" not in message


def test_what_a_run_has_fetched_is_not_fetched_again(monkeypatch):
    asked = []

    def fetch(url):
        asked.append(url)
        return encoded() if url.endswith("a.png") else b"never a picture"

    monkeypatch.setattr(download, "fetch", fetch)
    downloads = download.Downloads()
    first, second = (downloads("http://x/a.png") for _ in range(2))
    np.testing.assert_array_equal(load_image(first), PICTURE)
    np.testing.assert_array_equal(load_image(second), PICTURE)
    assert asked == ["http://x/a.png"] and first.name == "http://x/a.png"
    assert downloads("a.png") == "a.png"
    with pytest.raises(ImageError, match=r"^http://x/b\.png is text"):
        load_image(downloads("http://x/b.png"))
