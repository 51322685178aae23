"""Pictures by their names, and the weights of styles."""

import os
from pathlib import Path

import pytest

import nstlib
from nstlib.course import pictures as sources

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("text", "source", "weight"),
    [
        ("wave.png", "wave.png", 1),
        ("wave.png:2", "wave.png", 2),
        ("wave.png:.5", "wave.png", 0.5),
        ("./wave.png:0.25", "./wave.png", 0.25),
        ("http://host:8080/a.jpg", "http://host:8080/a.jpg", 1),
        ("http://host:8080/a.jpg:3", "http://host:8080/a.jpg", 3),
        ("http://host:8080", "http://host:8080", 1),
    ],
)
def test_weights_of_styles(text, source, weight):
    assert sources.find(text, "style") == (source, weight)


def test_a_file_may_be_named_like_a_weight():
    if os.name != "nt":
        Path("wave.png:2").write_bytes(Path("wave.png").read_bytes())
        assert sources.find("wave.png:2", "style") == ("wave.png:2", 1)


def test_a_drive_is_no_weight(monkeypatch):
    monkeypatch.setattr(sources, "exists", lambda text: text.startswith("C:"))
    assert sources.find("C:5", "style") == ("C:5", 1)
    monkeypatch.setattr(sources, "exists", lambda text: text == "C:\\a.png")
    assert sources.find("C:\\a.png:5", "style") == ("C:\\a.png", 5)


def test_pictures_of_the_course_have_names(folder):
    course = folder / "course"
    assert sources.find("dog", "content").source == course / "content" / "dog.jpg"
    assert sources.find("Dog.jpg", "content").source == course / "content" / "dog.jpg"
    assert sources.find("dog", "style").source == course / "content" / "dog.jpg"
    great_wave = course / "style" / "great_wave.jpg"
    assert sources.find("great_wave:2", "style") == (great_wave, 2)
    Path("dog").write_bytes(b"")
    assert sources.find("dog", "content").source == "dog"


def test_a_name_will_do_for_a_picture_in_python(tmp_path):
    assert nstlib.find_picture("great_wave", "style").name == "great_wave.jpg"
    own = tmp_path / "x.jpg"
    assert nstlib.find_picture(own) == own
    with pytest.raises(nstlib.NstError, match="did you mean great_wave"):
        nstlib.find_picture("great_waves", "style")
