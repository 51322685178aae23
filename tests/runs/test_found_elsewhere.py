"""Reproducing what came from the web, or was made with a file of weights."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.archives import write_arrays
from nstlib.course import pictures
from nstlib.images import load_image, read_metadata, save_image
from nstlib.masks import as_mask
from nstlib.vgg_weights import MINI_FILE, load_weights

OPTIONS = ["--size", "64", "--steps", "2"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, make_picture):
    here = tmp_path / "here"
    here.mkdir()
    for seed, name in enumerate(("cat.png", "wave.png")):
        Image.fromarray(make_picture(40, 60, seed).astype(np.uint8)).save(here / name)
    monkeypatch.setattr(pictures, "IMAGES", tmp_path / "course")
    monkeypatch.chdir(here)
    return here


@contextlib.contextmanager
def serving(answer):
    """Serve bytes from a function of the path and of how many were asked for.

    Yields the address of the server, and a list of the paths that were asked for.
    """
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            data = answer(self.path, len(asked))
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(tmp_path):
    """Serves one picture at /img?id=1, another at id=2, and nothing at /img."""

    def answer(path, _):
        number = path.partition("?id=")[2]
        file = tmp_path / f"{number}.png"
        return file.read_bytes() if number and file.exists() else b"<html>"

    with serving(answer) as (host, asked):
        yield f"{host}/img", asked


def test_a_result_from_the_web_is_fetched_once(server, tmp_path, nst):
    address, asked = server
    line = ["stylize", "cat.png", "wave.png", "-o", tmp_path / "1.png", *OPTIONS]
    assert nst(*line)[0] == 0
    parts = ["--content", "cat.png", "--style", "wave.png"]
    status, out, _ = nst("reproduce", f"{address}?id=1", *parts)
    assert status == 0 and "The same, bit for bit." in out
    assert asked == ["/img?id=1"]
    assert sorted(p.name for p in Path().iterdir()) == [
        "cat.png", "img-again.json", "img-again.png", "wave.png",
    ]  # fmt: skip
    status, _, error = nst("reproduce", address)
    assert status == 2 and "/img is a web page" in error


def test_photos_from_one_address_get_their_own_names(server, tmp_path, nst):
    address, _ = server
    for number, name in ((1, "cat.png"), (2, "wave.png")):
        shutil.copy(name, tmp_path / f"{number}.png")
        line = ["stylize", f"{address}?id={number}", "wave.png", *OPTIONS]
        assert nst(*line)[0] == 0
    names = {p.name for p in Path("output").glob("*.png")}
    assert names == {"img-wave.png", "img-wave-2.png"}


@pytest.fixture
def weights(tmp_path):
    """A file of weights in somebody's home, and the options that name it."""
    path = tmp_path / "home" / "anna" / "own.npz"
    path.parent.mkdir(parents=True)
    shutil.copy(MINI_FILE, path)
    return path


def test_of_weights_only_name_and_hash_are_written(weights, nst):
    line = ["stylize", "cat.png", "wave.png", "-o", "r.png", *OPTIONS]
    assert nst(*line, "--set", f"weights={weights}")[0] == 0
    facts = json.loads(Path("r.json").read_text())
    assert facts["settings"]["weights"] == "own.npz"
    assert facts["sources"]["vgg"]["name"] == "own.npz"
    assert len(facts["sources"]["vgg"]["sha256"]) == 64
    assert "anna" not in Path("r.json").read_text() + str(read_metadata("r.png"))


def test_weights_are_found_beside_the_result_or_asked_for(weights, nst):
    line = ["stylize", "cat.png", "wave.png", "-o", "r.png", *OPTIONS]
    assert nst(*line, "--set", f"weights={weights}")[0] == 0
    status, _, error = nst("reproduce", "r.png")
    assert status == 2 and error.count("\n") == 1
    assert "own.npz, the weights of its network, is not beside it" in error
    status, out, _ = nst("reproduce", "r.png", "--weights", weights)
    assert status == 0 and "bit for bit" in out
    shutil.copy(weights, "own.npz")
    assert "bit for bit" in nst("reproduce", "r.png")[1]
    changed = load_weights("mini")
    write_arrays("own.npz", {key: 1.0001 * value for key, value in changed.items()})
    status, out, _ = nst("reproduce", "r.png")
    assert status == 0 and "own.npz has changed since the picture was made." in out


def test_pictures_made_again_are_not_taken_for_others(nst):
    line = ["stylize", "cat.png", "wave.png", *OPTIONS]
    for seed, name in enumerate(("r.png", "r.jpg")):
        words = [*line, "-o", name, "--seed", seed, "--set", "init=noise"]
        assert nst(*words)[0] == 0
        status, out, _ = nst("reproduce", name)
        assert status == 0 and "bit for bit" in out
    assert Path("r-again.png").exists() and Path("r-again-2.png").exists()
    status, out, _ = nst("reproduce", "r.png")
    assert "is of the same run, and will be replaced" in out
    assert not Path("r-again-3.png").exists()


def test_bmp_and_png_of_one_name_are_reproduced_each(nst):
    line = ["stylize", "cat.png", "wave.png", *OPTIONS, "--set", "init=noise"]
    for seed, name in enumerate(("r.bmp", "r.png")):
        assert nst(*line, "-o", name, "--seed", seed)[0] == 0
    save_image(load_image("r.png"), "r.png")  # without its texts
    for name in ("r.bmp", "r.png"):
        status, out, _ = nst("reproduce", name)
        assert status == 0 and "bit for bit" in out


@pytest.fixture
def alternating(make_picture):
    """A server that answers with another size each time."""

    def answer(path, count):
        side = 40 + 8 * (count % 2)
        pixels = make_picture(side, 60, 3).astype(np.uint8)
        cut = np.dstack([pixels, np.full((side, 60), 200, np.uint8)])
        if "mask" in path:
            cut[..., :3] = 255
        file = io.BytesIO()
        Image.fromarray(cut).save(file, "PNG")
        return file.getvalue()

    with serving(answer) as served:
        yield served


def test_each_address_is_fetched_once(alternating, nst):
    host, asked = alternating
    names = [f"{host}/{name}.png" for name in ("photo", "style", "mask")]
    line = ["stylize", *names[:2], "--mask", names[2], "-o", "r.png", *OPTIONS]
    status, _, error = nst(*line)
    assert status == 0, error
    assert sorted(asked) == ["/mask.png", "/photo.png", "/style.png"]
    assert as_mask(names[2]).shape[1] == 60 and len(asked) == 4


def test_what_is_written_is_fetched_only_if_allowed(server, tmp_path, nst):
    address, asked = server
    shutil.copy("cat.png", tmp_path / "1.png")
    shutil.copy("wave.png", tmp_path / "2.png")
    photo, style = (f"{address}?id={number}" for number in (1, 2))
    assert nst("stylize", photo, style, "-o", "r.png", *OPTIONS)[0] == 0
    asked.clear()
    before = sorted(Path().rglob("*"))
    status, _, error = nst("reproduce", "r.png")
    assert status == 2 and f"its content was fetched from {address}: " in error
    assert "--fetch" in error and "--content" in error and not asked
    words = ["reproduce", "r.png", "--content", "cat.png"]
    status, _, error = nst(*words)
    assert status == 2 and "its style was fetched from" in error and not asked
    assert sorted(Path().rglob("*")) == before
    status, _, error = nst("reproduce", "r.png", "--fetch")
    assert status == 2 and "is a web page" in error  # the key is not written down
    assert asked == ["/img"]
    status, out, _ = nst(*words, "--style", "wave.png")
    assert status == 0 and "bit for bit" in out


def test_fetched_again_it_is_the_same(alternating, nst):
    host, asked = alternating
    line = ["stylize", f"{host}/photo.png", "wave.png", "-o", "r.png", *OPTIONS]
    assert nst(*line)[0] == 0
    asked.append("so the next answer has the size of the first")
    status, out, _ = nst("reproduce", "r.png", "--fetch")
    assert status == 0 and "bit for bit" in out
    assert asked.count("/photo.png") == 2


def test_an_address_is_no_place_for_a_picture(nst):
    line = ["stylize", "cat.png", "wave.png", *OPTIONS]
    assert nst(*line, "-o", "r.png")[0] == 0
    for words in (line, ["reproduce", "r.png"]):
        status, _, error = nst(*words, "-o", "http://host/x.png")
        assert status == 2 and "http://host/x.png is an address" in error
    assert not Path("http:").exists()
