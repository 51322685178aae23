"""The page and the contact sheets: what they show, and what a name may not do."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from nstlib.gallery import sheets
from nstlib.gallery.manifest import DONE, FAILED, Entry
from nstlib.gallery.page import write_page
from nstlib.gallery.sheets import write_sheets


def entry(photo, style, label="", **values):
    name = f"{photo}-{style}{label}".replace(" ", "_")[:99]
    facts = {"state": DONE, "file": f"pictures/{name}.png", "height": 30, "width": 40}
    return Entry(name, name, photo, style, label, "nst stylize", {}, **facts | values)


@pytest.fixture
def wall(tmp_path):
    """A folder with nine entries; the picture of the last one is missing."""
    found = []
    for number in range(9):
        distances = {"photo_distance": number / 9, "style_distance": abs(4 - number)}
        one = entry(f"photo{number // 3}", f"style{number % 3}", **distances)
        for folder, ending in (("pictures", ".png"), ("small", ".jpg")):
            path = tmp_path / folder / f"{one.name}{ending}"
            path.parent.mkdir(exist_ok=True)
            pixels = np.full((30, 40, 3), (25 * number, 200, 90), np.uint8)
            Image.fromarray(pixels).save(path)
        found.append(one)
    found[8] = replace(found[8], state=FAILED, error="it is <broken>: mend it.")
    return tmp_path, found


def test_a_sheet_has_a_row_for_each_photo(wall):
    folder, entries = wall
    (path,) = write_sheets(folder, entries, {})
    with Image.open(path) as sheet:
        step, row = sheets.SIDE + sheets.GAP, sheets.SIDE + sheets.HEAD
        assert sheet.size == (
            2 * sheets.EDGE + 4 * step - sheets.GAP, 2 * sheets.EDGE + 4 * row
        )  # fmt: skip
        for number in (0, 5, 7):
            x = sheets.EDGE + (1 + number % 3) * step + sheets.SIDE // 2
            y = sheets.EDGE + (1 + number // 3) * row + sheets.SIDE // 2
            assert np.allclose(sheet.getpixel((x, y)), (25 * number, 200, 90), atol=4)


def test_large_sheets_are_split_and_stay_below_the_limit_of_jpeg(wall, monkeypatch):
    folder, entries = wall
    write_sheets(folder, entries, {})
    assert sheets.LONGEST < 65_535
    monkeypatch.setattr(sheets, "LONGEST", 1100)
    paths = write_sheets(folder, entries, {})
    assert [p.name for p in paths] == [f"sheet-{n}.jpg" for n in range(1, 5)]
    assert not (folder / "sheet.jpg").exists()
    for path in paths:
        with Image.open(path) as sheet:
            assert max(sheet.size) <= 1100


def test_long_and_strange_names_fit_on_a_sheet(wall):
    folder, _ = wall
    strange = [entry("a" * 300, "Ελ\u202eλάδα\n日本"), entry("b", "c", "seed 1, " * 40)]
    assert write_sheets(folder, strange, {})


NASTY = "<img src=x onerror=alert(1)>\"'&{{works}}</script>"


def test_names_cannot_become_part_of_the_page(wall):
    folder, entries = wall
    entries[0] = replace(entries[0], photo=NASTY, style=NASTY, label=NASTY,
                         command=NASTY, settings={NASTY: NASTY})  # fmt: skip
    entries[1] = replace(entries[1], state=FAILED, error=NASTY)
    text = write_page(folder, entries, {}).read_text()
    assert "<img src=x" not in text and text.count("</script>") == 1
    assert text.count('<li class="work') == 9
    assert "{{works}}&lt;/script&gt;" in text


def test_the_page_asks_for_nothing_from_elsewhere(wall):
    folder, entries = wall
    text = write_page(folder, entries, {}).read_text()
    assert "http" not in text.replace("http-equiv", "")
    sources = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert sources and not [s for s in sources if "//" in s]


@pytest.fixture
def tab(tmp_path_factory):
    pytest.importorskip("websocket")
    from chromium import Chromium

    found = Chromium(tmp_path_factory.mktemp("chromium") / "profile", width=360)
    yield found
    found.close()


def test_the_page_in_a_browser(wall, tab):
    folder, entries = wall
    entries[0] = replace(entries[0], photo=NASTY)
    tab.open(write_page(folder, entries, {}).as_uri(), "!!window.tools || true")
    shown = "[...document.querySelectorAll('.work:not([hidden])')]"
    assert tab.ask(f"{shown}.length") == 9
    assert tab.ask("document.documentElement.scrollWidth") <= 360
    # The order, and what is left out.
    tab.ask("tools.elements.sort.value = 'styleDistance'; arrange()")
    assert tab.ask(f"{shown}[0].dataset.style") == "style1"
    assert tab.ask(f"{shown}.map(w => w.dataset.styleDistance).join()").startswith("0,")
    tab.ask("tools.elements.photo.value = 'photo1'; arrange()")
    assert tab.ask(f"{shown}.length") == 3
    assert tab.ask("told.value") == "3 of 9 pictures"
    # A click enlarges a picture, and keys turn the pages.
    tab.ask(f"{shown}[0].querySelector('.open').click()")
    assert tab.ask("room.open && part('title').textContent") == "photo1"
    first = tab.ask("part('image').src")
    tab.press("ArrowRight")
    second = tab.ask("part('image').src")
    assert second != first and second.endswith(".png")
    tab.ask("part('copy').click()")
    tab.ask("part('close').click()")
    assert tab.ask("room.open") is False
    assert [u for u in tab.requests() if not u.startswith("file:")] == []
    assert tab.complaints() == []


def test_photos_and_settings_that_vary_can_be_chosen(wall, tab):
    folder, _ = wall
    entries = [entry("p", "s", label) for label in ("", "seed 1", "seed 2")]
    tab.open(write_page(folder, entries, {}).as_uri(), "!!window.tools || true")
    assert tab.ask("tools.elements.photo.closest('label').hidden") is True
    assert tab.ask("[...tools.elements.label.options].map(o => o.text).join()") == (
        "all settings,default settings,seed 1,seed 2"
    )
    tab.ask("tools.elements.label.selectedIndex = 1; arrange()")
    assert tab.ask("seen.length") == 1
