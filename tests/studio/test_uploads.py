"""Pictures of strangers: whatever they are, the studio lives, and says why not."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from socket import create_connection
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base
from visitors import encoded


def png_header(width, height):
    """A PNG whose header promises a size, with hardly any data behind it."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


WRONG = {
    "a page": (b"<!doctype html><script>alert(1)</script>", "web page"),
    "a program": (b"\x7fELF" + bytes(200), "this file"),
    "a script": (b"#!/bin/sh\nrm -rf /", "text"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "this file"),
    "empty": (b"", "empty"),
    "zeros": (bytes(5000), "this file"),
    "cut off": (encoded()[:300], "damaged"),
    "30000 pixels": (png_header(30_000, 30_000), "50 megapixels"),
    "30000 by 2000": (png_header(30_000, 2_000), "50 megapixels"),
    "two billion": (png_header(2**31 - 1, 2**31 - 1), "this"),
    "no data": (png_header(100, 100), "damaged"),
    "tiny": (encoded(size=(3, 3)), "only 3"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "this file"),
    "jpeg 2000": (None, "rare kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_picture_gets_a_sentence(visitor, name):
    data, words = WRONG[name]
    data = encoded("JPEG2000") if data is None else data
    for kind in ("photo", "painting", "mask"):
        answer = visitor.upload(data, kind, "holiday.jpg")
        assert answer.status == 422, answer.text
        assert words in answer.told.lower()


def test_html_named_jpg_in_the_form_without_scripts(visitor):
    page = ("x.jpg", b"<html><body>Hello</body></html>")
    answer = visitor.post("/", {"style": "course:tapestry"}, {"photo_file": page})
    assert answer.status == 422
    assert "This file is a web page" in answer.text and "Hello" not in answer.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_pictures_of_all_usual_kinds(visitor, kind):
    answer = visitor.upload(encoded(kind), name=f"a.{kind}")
    assert answer.status == 200, answer.told
    found = answer.json
    sent = visitor.get(found["address"])
    assert sent.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(sent.body)) as image:
        assert (image.format, image.size) == ("JPEG", (96, 64))
    with Image.open(io.BytesIO(visitor.get(f"{found['address']}?small").body)) as image:
        assert image.format == "JPEG"


def test_nothing_but_pixels_comes_through(visitor):
    exif = Image.Exif()
    exif[Base.Make], exif[Base.ImageDescription] = "SecretCamera", "SecretPlace"
    data = encoded(exif=exif, comment=b"SecretComment") + b"SecretTail"
    sent = visitor.get(visitor.upload(data).json["address"])
    assert b"Secret" in data and b"Secret" not in sent.body
    with Image.open(io.BytesIO(sent.body)) as image:
        assert dict(image.getexif()) == {}
    marked = io.BytesIO()
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "SecretAuthor")
    Image.new("RGB", (64, 64), "red").save(marked, "PNG", pnginfo=texts)
    files = {"photo_file": ("SecretName.png", marked.getvalue())}
    fields = {"style": "course:tapestry", "way": "adain", "size": "64"}
    job = visitor.post("/", fields, files).headers["Location"]
    visitor.until(job)
    for name in ("result.png", "result.jpg", "now.jpg", "small.jpg"):
        assert b"SecretAuthor" not in visitor.get(f"{job}/{name}").body


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd.jpg", "passwd"),
        (r"C:\\Users\\me\\cat.png", "cat"),
        ("", "upload"),
        ("a" * 300 + ".jpg", "a" * 20),
        ("<b>bold<b>.jpg", "<b>bold"),
        ("x\x07y.jpg", "xy"),
    ],
)
def test_names_are_only_words(visitor, server, name, title):
    answer = visitor.upload(encoded(), name=name)
    assert answer.status == 200 and answer.json["title"].startswith(title)
    names = {path.name.split(".")[0] for path in (server.folder / "uploads").iterdir()}
    assert all(len(n) == 32 and set(n) <= set("0123456789abcdef") for n in names)
    assert "<b>" not in visitor.get("/").text


def test_a_mask_is_gray_and_not_black(visitor):
    gray = np.zeros((64, 96), np.uint8)
    gray[:, 40:] = 255
    stream = io.BytesIO()
    Image.fromarray(gray).save(stream, "PNG")
    found = visitor.upload(stream.getvalue(), "mask").json
    with Image.open(io.BytesIO(visitor.get(found["address"]).body)) as image:
        assert image.mode == "L" and image.getextrema() == (0, 255)
    assert "black" in visitor.upload(encoded(color=(0, 0, 0)), "mask").told
    assert visitor.upload(encoded(), "mask").status == 422  # in colors
    assert found["ref"] not in visitor.get("/").text  # no photo to choose


def test_old_uploads_go_first(app, monkeypatch):
    from nstlib.studio.app import studio_of
    from nstlib.studio.history import Upload

    history = studio_of(app()).history
    for number in range(6):
        owner = "ab"[number % 2]
        upload = Upload(str(number), owner, "photo", "x", 1, 1, float(number))
        (history.uploads / f"{number}.jpg").write_bytes(b"x")
        history.add_upload(upload)
    history.expire(before=0.5, each=2, most=3)
    left = sorted(path.stem for path in history.uploads.iterdir())
    assert left == ["3", "4", "5"]
    assert [u.id for u in history.uploads_of("a")] == ["4"]


def test_files_that_nobody_knows_are_swept(app):
    from nstlib.studio.app import studio_of

    history = studio_of(app()).history
    (history.uploads / "lost.new").write_bytes(b"x")
    (history.jobs / "lost").mkdir()
    history.sweep()
    assert not list(history.uploads.iterdir()) and not list(history.jobs.iterdir())


def test_slow_uploads_hold_up_nobody(server, visitor):
    place = urlsplit(server.address)
    slow = [create_connection((place.hostname, place.port)) for _ in range(60)]
    head = (
        f"POST /uploads HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {visitor.address}"
    )
    for one in slow:
        one.sendall(f"{head}\r\nContent-Length: 90000\r\n\r\n".encode() + b"x")
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: visitor.get("/history").status, range(8)))
        assert found == [200] * 8
        assert visitor.upload(encoded()).status == 200
    finally:
        for one in slow:
            one.close()
