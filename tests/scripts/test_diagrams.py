"""The diagrams of the lessons: drawn by code, legible, and true."""

import importlib
import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from lesson_files import LESSONS, cells, source
from PIL import ImageFont

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "diagrams"
DRAWN = sorted(path.stem for path in FOLDER.glob("*.svg"))
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SVG = "{http://www.w3.org/2000/svg}"
each = pytest.mark.parametrize("name", DRAWN)


@pytest.fixture
def script(monkeypatch):
    """A module of scripts/, by its name."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module


def shown(name):
    """What is there before anything moves: elements of a diagram, in their order."""
    hidden = set()
    for element in ElementTree.parse(FOLDER / f"{name}.svg").iter():
        if "later" in element.get("class", ""):
            hidden |= set(element.iter())
        if element not in hidden:
            yield element


def texts(name):
    """Words, and their left, top, right and bottom in DejaVu, a wide font."""
    for element in shown(name):
        if element.tag != f"{SVG}text":
            continue
        words, size = "".join(element.itertext()), float(element.get("font-size"))
        bold = "-Bold" if "bold" in element.get("class") else ""
        width = sum(
            ImageFont.truetype(FONTS / face, 100).getlength(part) / 100 * size
            for part, face in pieces(element, bold)
        )
        x, y = float(element.get("x")), float(element.get("y"))
        x -= width * {"middle": 0.5, "end": 1}.get(element.get("text-anchor"), 0)
        yield words, (x, y - 0.75 * size, x + width, y + 0.1 * size)


def pieces(element, bold):
    """The parts of a text with their fonts."""
    yield element.text or "", f"DejaVuSans{bold}.ttf"
    for span in element:
        italic = "var" in span.get("class", "")
        yield span.text, "DejaVuSerif-Italic.ttf" if italic else f"DejaVuSans{bold}.ttf"
        yield span.tail or "", f"DejaVuSans{bold}.ttf"


def boxes(name):
    """The rectangles of a diagram, but the card: left, top, right, bottom."""
    found = [e for e in shown(name) if e.tag == f"{SVG}rect"][1:]
    for element in found:
        x, y, width, height = (
            float(element.get(key)) for key in ("x", "y", "width", "height")
        )
        yield x, y, x + width, y + height


def contrast(one, other):
    """The ratio of contrast of WCAG 2."""

    def luminance(color):
        values = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [
            v / 12.92 if v <= 0.04 else ((v + 0.055) / 1.055) ** 2.4 for v in values
        ]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# --- what holds for all of them


def test_the_diagrams_are_what_the_script_draws(script, tmp_path):
    script("diagrams").main(["--out", str(tmp_path)])
    now = {path.stem: path.read_text("utf-8") for path in tmp_path.glob("*.svg")}
    assert sorted(now) == DRAWN, "run python scripts/diagrams.py"
    for name, text in now.items():
        known = (FOLDER / f"{name}.svg").read_text("utf-8")
        assert text == known, "run python scripts/diagrams.py, and look at it"


@each
def test_a_diagram_says_what_it_shows_and_is_small(name):
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    assert root.get("role") == "img" and root.get("viewBox").startswith("0 0 760 ")
    assert root.get("aria-labelledby") == "title desc"
    title, description = (root.find(f"{SVG}{tag}").text for tag in ("title", "desc"))
    assert len(title) >= 10 and description.endswith(".") and len(description) > 80
    assert (FOLDER / f"{name}.svg").stat().st_size <= 60e3


@each
def test_no_words_touch_each_other_or_leave_the_card(name):
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    height = float(root.get("height"))
    found = list(texts(name))
    assert len(found) > 8
    for words, (left, top, right, bottom) in found:
        assert left >= 20 and right <= 740 and top >= 20 and bottom <= height - 12, (
            words
        )
    for (one, a), (other, b) in combinations(found, 2):
        apart = a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
        assert apart, f"{one!r} touches {other!r}"


@each
def test_words_fit_into_their_boxes(name):
    rectangles = list(boxes(name))
    for words, (left, top, right, bottom) in texts(name):
        x, y = (left + right) / 2, (top + bottom) / 2
        around = [b for b in rectangles if b[0] < x < b[2] and b[1] < y < b[3]]
        for box in around:
            assert box[0] + 2 <= left and right <= box[2] - 2, words
            assert box[1] <= top and bottom <= box[3], words


@each
def test_letters_are_large(name):
    for element in shown(name):
        if element.tag == f"{SVG}text":
            assert float(element.get("font-size")) >= 12.5


def test_colors_can_be_told_from_their_ground(script):
    svg = script("svg")
    paper, ink, muted = (svg.PAINTS[name][1] for name in ("paper", "ink", "muted"))
    for name, (strong, pale) in svg.HUES.items():
        assert min(contrast(ink, pale), contrast(muted, pale)) >= 4.5
        if name == "faded":  # for lines only
            assert contrast(strong, paper) >= 3
        else:
            assert min(contrast(strong, paper), contrast(strong, pale)) >= 4.5
    for name in DRAWN:
        for element in shown(name):
            assert element.tag != f"{SVG}text" or "faded" not in element.get("class")


def test_each_diagram_is_in_a_lesson_and_no_other_is():
    found = []
    for path in LESSONS:
        for cell in cells(path, "markdown"):
            found += re.findall(r"\]\(\.\./docs/diagrams/(\w+)\.svg\)", source(cell))
    assert sorted(set(found)) == DRAWN


# --- what they say is true


def test_the_sum_of_the_convolution_is_that_of_the_lesson(script):
    (sum_,) = [words for words, _ in texts("convolution") if "·" in words]
    assert eval(sum_.replace("−", "-").replace("·", "*")) == 27  # the lesson's number
    description = (FOLDER / "convolution.svg").read_text("utf-8")
    assert "0, 0, 27, 27, 0, -27" in description
    assert " ".join(words for words, _ in texts("convolution")).count("−27") == 1


def test_the_gram_matrix_is_one(script):
    module = script("drawings.gram")
    assert module.FEATURES[0].tolist() == [1, 2, 3, 4]
    mean = module.FEATURES.T @ module.FEATURES / len(module.FEATURES)
    assert (mean == mean.round()).all()
    rows = "; ".join(" ".join(f"{v:.0f}" for v in row) for row in mean)
    assert rows in module.gram().description


def test_vgg_has_its_layers_and_sizes():
    words = [words for words, _ in texts("vgg")]
    layers = [word for word in words if re.fullmatch(r"conv\d_\d", word)]
    assert len(layers) == 16 and layers[-1] == "conv5_4"
    assert words.count("style") == 5 and words.count("content") == 1
    assert {"14 × 14", "512 channels", "1 layer × 128"} <= set(words)


def test_the_scales_are_those_of_the_plan(script):
    from nstlib import Settings
    from nstlib.large.scales import plan_scales

    plan = plan_scales(512, 512, Settings(size=512))
    assert tuple((w, n) for _, w, n in plan) == script("drawings.scales").SCALES


def needs(path):
    """The lessons that a lesson names under *You need*."""
    text = "\n".join(source(cell) for cell in cells(path, "markdown")[:2])
    row = re.search(r"\| You need \|(.*)\|", text)[1]
    found = {int(number) for number in re.findall(r"\b([01]\d)\b", row)}
    for low, high in re.findall(r"\b(\d\d)\s*(?:to|–)\s*(\d\d)\b", row):
        found |= set(range(int(low), int(high) + 1))
    return found


def test_the_map_is_that_of_the_course(script):
    course = script("drawings.course")
    names = re.findall(
        r"^\| \[(\d\d) · (.+?)\]", (ROOT / "README.md").read_text("utf-8"), re.M
    )
    assert [(n, place[3]) for n, place in course.PLACES.items()] == names
    before = {}
    for lesson in course.PLACES:  # all that a lesson builds on, however indirectly
        direct = course.NEEDS.get(lesson, ())
        before[lesson] = {int(d) for d in direct}.union(*(before[d] for d in direct))
    for path in LESSONS:
        lesson = path.stem[:2]
        assert needs(path) <= before[lesson], lesson
        assert {int(d) for d in course.NEEDS.get(lesson, ())} <= needs(path), lesson


def test_the_loop_lights_what_a_lesson_is_about(script):
    loop = script("drawings.loop")
    assert sorted(loop.LESSONS) == [name[5:] for name in DRAWN if "loop_" in name[:5]]
    for lesson, (name, parts) in loop.LESSONS.items():
        drawn = loop.loop(lesson).svg().partition("</style>")[2]
        assert f"You are here: {lesson} · {name}" in drawn
        (title,) = [
            source(cells(path)[0]) for path in LESSONS if path.stem[:2] == lesson
        ]
        if parts:
            assert title.splitlines()[0].casefold() == f"# {lesson} · {name}".casefold()
        lit = re.findall(r'class="(\w+)-pale \1-line" stroke-width="3"', drawn)
        assert (
            bool(lit) == bool(parts) == ("faded-line" in drawn) and "faded" not in lit
        )


def test_years_go_on(script):
    years = [
        entry[0]
        for *_, papers in script("drawings.history").PERIODS
        for entry in papers
    ]
    assert all(a <= b for a, b in pairwise(years))
