"""The capstone: a series of pictures with its page."""

import re

import numpy as np
import pytest

from nstlib import check, paint, save_image, stylize
from nstlib.course.places import ROOT

TEMPLATE = (ROOT / "docs" / "capstone_page.md").read_text(encoding="utf-8")
STYLES = ("great_wave", "starry_night", "rose_window", "tapestry", "ink_mountains")


def page(names):
    heads = ("The idea", "What changes", "How I judged", "What I learned")
    pictures = "\n".join(f"![{name}]({name})" for name in names)
    return pictures + "".join(f"\n\n## {head}\n\nWords." for head in heads)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("my_series")
    photo = paint("autumn_birches", 32, 48)
    for number, style in enumerate(STYLES, start=1):
        result = stylize(photo, style, method="feedforward", size=48)
        result.save(folder / f"0{number}.png")
    names = sorted(path.name for path in folder.glob("*.png"))
    (folder / "series.md").write_text(page(names), encoding="utf-8")
    return folder


@pytest.fixture
def folder(finished, tmp_path):
    """A copy that a test may spoil."""
    copy = tmp_path / "my_series"
    copy.mkdir()
    for path in finished.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def said(folder, capsys):
    check.series(folder)
    return capsys.readouterr().out


def test_a_whole_series_passes_and_says_what_changes(folder, capsys):
    words = "✓ a series of 5 pictures. What changes: pictures\n"
    assert said(folder, capsys) == words
    assert said(str(folder), capsys) == words


def test_nothing_is_there_yet(tmp_path, capsys):
    words = "○ no series yet: the folder my_series holds no picture\n"
    assert said(tmp_path / "my_series", capsys) == words
    (tmp_path / "my_series").mkdir()
    assert said(tmp_path / "my_series", capsys) == words


def test_too_few(folder, capsys):
    (folder / "05.png").unlink()
    assert "✗ 4 of 5 pictures are there" in said(folder, capsys)


def test_a_picture_without_settings(folder, capsys):
    save_image(np.zeros((32, 48, 3)), folder / "shot.png")
    assert "✗ shot.png holds no settings" in said(folder, capsys)


def test_two_that_look_the_same(folder, capsys):
    (folder / "06.png").write_bytes((folder / "02.png").read_bytes())
    assert "✗ 02.png and 06.png look the same" in said(folder, capsys)


def test_the_page(folder, capsys):
    file = folder / "series.md"
    whole = file.read_text(encoding="utf-8")
    file.write_text(TEMPLATE, encoding="utf-8")
    assert "the page has a gap: replace [the title of the series …]" in said(
        folder, capsys
    )
    file.write_text(whole + "[a gap\nof two lines …]", encoding="utf-8")
    assert "replace [a gap of two lines …] by your own words" in said(folder, capsys)
    file.write_text(whole.replace("How I judged", "Judging"), encoding="utf-8")
    assert 'no heading "How I judged"' in said(folder, capsys)
    file.write_text(whole.replace("03.png", "3.png"), encoding="utf-8")
    assert "the page does not show 03.png" in said(folder, capsys)
    file.write_bytes(b"\xff\xfe\xff")
    assert "series.md cannot be read" in said(folder, capsys)
    file.unlink()
    assert "✗ the page is missing: copy docs/capstone_page.md" in said(folder, capsys)


def test_the_template_has_what_the_checker_asks_for(folder, capsys):
    """Filled in, it passes: no gap can be overlooked, no heading is missing."""
    filled = re.sub(r"\[[^\[\]]*…\]", "words", TEMPLATE)
    assert "…" not in filled
    (folder / "series.md").write_text(filled, encoding="utf-8")
    assert said(folder, capsys).startswith("✓")
