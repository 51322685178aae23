"""``nst webcam``: the page of the studio, or a device that ffmpeg makes up."""

import re
import signal
import time

import pytest

from nstlib.cli import webcam
from nstlib.film.camera import camera_frames, device_options
from nstlib.film.opening import open_film

FILM = ("--device", "lavfi:testsrc", "-o")
DEVICE = "lavfi:testsrc=size=64x48:rate=10:duration=0.6"


def test_the_page_opens_with_the_style(nst, monkeypatch, tmp_path):
    serving = pytest.importorskip("nstlib.studio.serving", reason="extra studio")
    seen = []
    monkeypatch.setattr(serving, "serve", lambda *given: seen.append(given))
    folder = str(tmp_path / "studio")
    status, _, error = nst("webcam", "great_wave", "--no-browser", "--folder", folder)
    assert status == 0, error
    config, _, browser, page = seen[0]
    assert (browser, page) == (False, "webcam?style=great_wave")
    assert serving.address_of(config, 80, page).endswith(":80/webcam?style=great_wave")


def test_a_device_is_painted_to_a_film(nst, tmp_path):
    out = tmp_path / "seen.mp4"
    words = ("--device", DEVICE, "--size", "64", "-o", str(out))
    status, _, error = nst("webcam", "great_wave", *words)
    assert status == 0, error
    assert "until you press Ctrl-C.\n" in error and "Saved " in error
    film = open_film(out)
    assert film.facts[:2] == (48, 64) and len(list(film.frames())) >= 1


def test_ffmpeg_gives_up(nst, monkeypatch, tmp_path):
    monkeypatch.setattr(webcam, "encoder_of", lambda _: ("no_such_encoder", ""))
    out = tmp_path / "seen.mp4"
    status, _, error = nst("webcam", "great_wave", "--device", DEVICE, "-o", str(out))
    assert status == 2 and "seen.mp4 cannot be written (" in error
    assert "Saved" not in error


def test_an_older_film_stays_until_the_new_one_is_whole(nst, monkeypatch, tmp_path):
    out = tmp_path / "seen.mp4"
    out.write_bytes(b"older")
    words = ("webcam", "great_wave", "--device", DEVICE, "--size", "64", "-o", str(out))
    piped, seen = webcam._pipe, []

    def pipe(frames, program):
        found = piped(frames, program)
        seen.append(out.read_bytes())
        return found

    monkeypatch.setattr(webcam, "_pipe", pipe)
    status, _, error = nst(*words)
    assert status == 0 and re.search(r"seen\.mp4: \d+ frames\.", error), error
    assert seen == [b"older"] and len(list(open_film(out).frames())) >= 1
    assert [path.name for path in tmp_path.iterdir()] == ["seen.mp4"]


def test_ctrl_c_saves_what_was_painted(start, tmp_path):
    out, device = tmp_path / "seen.gif", "lavfi:testsrc=size=64x48:rate=10"
    words = ("--device", device, "--size", "64", "-o", str(out))
    process = start("webcam", "great_wave", *words)
    assert "Recording " in process.stderr.readline()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:  # until ffmpeg has got a few frames
        time.sleep(0.2)
        if any(path.stat().st_size > 20_000 for path in tmp_path.iterdir()):
            break
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0 and "Saved " in error, error
    assert len(list(open_film(out).frames())) >= 2


def test_what_cannot_be_done_is_explained(nst, monkeypatch):
    monkeypatch.setenv("PATH", "")
    for words, told in [
        (("great_wave", "--device", DEVICE), "no window can be opened, because"),
        (("great_wave", "--device", "/dev/video99", "-o", "-"), "delivers no pictures"),
        (("great_wave", *FILM, "seen"), "seen is not the name of a film"),
        (("great_wave", *FILM, "seen.bad"), "seen.bad"),
        (("great_wave", *FILM, "seen.mp4/"), "seen.mp4/ is not the name of a film"),
        (("no_style",), "no_style is not a style of the page"),
        (("great_wave", "-o", "film.mp4"), "-o and --size need --device"),
        (("great_wave", "--size", "64"), "-o and --size need --device"),
        (("great_wave", *FILM, "seen.mp4", "--size", "0"), "--size must be 16 pixels"),
        (("great_wave", *FILM, "seen.mp4", "--size", "-7"), "or more, not -7"),
    ]:
        status, _, error = nst("webcam", *words)
        assert status == 2 and told in error


def test_frames_that_came_meanwhile_are_left_out():
    frames = list(camera_frames(DEVICE, 32))
    assert 1 <= len(frames) <= 6 and frames[0].shape == (24, 32, 3)
    assert device_options("v4l2:/dev/video1") == ["-f", "v4l2", "-i", "/dev/video1"]
