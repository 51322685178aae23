"""``nst slides``: whole, readable, and without a network."""

import base64
import io
import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from chromium import Chromium
from lesson_files import LESSONS
from PIL import Image

from nstlib.cli import main as cli

pytest.importorskip("nbconvert", reason="extra course")
pytest.importorskip("latex2mathml", reason="extra course")

PICTURES = {"image/png", "image/jpeg", "text/html"}
READY = "document.body.classList.contains('ready')"
FACTS = """(() => {
  const all = (what, inside = document) => [...inside.querySelectorAll(what)];
  const pages = all(".page");
  return {
    heights: pages.map(page => page.scrollHeight - page.clientHeight),
    widths: pages.map(page => page.scrollWidth - page.clientWidth),
    scrolls: pages.every(page => getComputedStyle(page).overflowY === "auto"),
    cut: all("pre").filter(pre => pre.scrollWidth > pre.clientWidth).length,
    shown: pages.filter(page => getComputedStyle(page).visibility === "visible").length,
    pictures: all("img").map(image => image.naturalWidth),
    drawn: all("img:not(details img)").map(image => image.clientHeight),
    formulas: all("math").length,
    flat: all("math").filter(math => math.getBoundingClientRect().height < 4).length,
    headings: all(".page h1, .page h2").map(heading => heading.textContent),
    lonely: pages.filter(page => /^H/.test(page.lastElementChild.tagName)).length,
    folded: all("details").map(part => [part.open, part.childNodes.length]),
    text: pages.map(page => page.textContent).join("\\n"),
    at: document.getElementById("number").textContent,
    notes: document.getElementById("notes").hidden,
  };
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("chromium") / "profile")
    yield browser
    browser.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Makes the slides of a notebook, and opens them from their folder."""

    def open_slides(lesson):
        path = tmp_path / "elsewhere" / f"{Path(lesson).stem}.html"
        assert cli.main(["slides", str(lesson), "-o", str(path)]) == 0
        browser.open(path.as_uri(), READY)
        assert [url for url in browser.requests() if url != path.as_uri()] == []
        assert browser.complaints() == []
        return browser.ask(FACTS)

    return open_slides


def shown_cells(lesson):
    for cell in json.loads(lesson.read_text("utf-8"))["cells"]:
        if cell["metadata"]["slideshow"]["slide_type"] != "skip":
            yield cell["cell_type"], "".join(cell["source"]), cell.get("outputs", ())


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_without_a_network(opened, browser, lesson):
    facts, cells = opened(lesson), list(shown_cells(lesson))
    texts = [text for kind, text, _ in cells if kind == "markdown"]
    assert len(facts["heights"]) > 15 and facts["shown"] == 1
    assert max(facts["heights"]) <= 0 and max(facts["widths"]) <= 0
    assert facts["cut"] == 0 and facts["lonely"] == 0
    kinds = [{*o.get("data", ())} for _, _, out in cells for o in out]
    pictures = sum(not kind.isdisjoint(PICTURES) for kind in kinds)
    pictures += sum(len(re.findall(r"!\[[^\]]*\]\(\.\./docs/", t)) for t in texts)
    assert len(facts["pictures"]) == pictures >= 3 and min(facts["pictures"]) > 0
    assert all(height >= 150 for height in facts["drawn"])
    plain = [re.sub(r"```.*?```|`[^`\n]*`", "", t, flags=re.DOTALL) for t in texts]
    formulas = sum(
        len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", t, re.DOTALL)) for t in plain
    )
    assert facts["formulas"] == formulas and facts["flat"] == 0
    assert not re.search(r"\\[a-z]{2,}|\$[^$\n]+\$", _without_code(browser))
    titles = re.findall(r"^##? (.+)$", "\n".join(plain), re.MULTILINE)
    assert len(facts["headings"]) == len(titles)
    assert all(not is_open and inside > 1 for is_open, inside in facts["folded"])
    assert "For the instructor" not in facts["text"]
    assert not re.search(r"^\W*Solution(:.*)?$", facts["text"], re.MULTILINE)


def _without_code(browser):
    return browser.ask("""(() => {
      const copy = document.getElementById("deck").cloneNode(true);
      copy.querySelectorAll("code, pre").forEach(part => part.remove());
      return copy.textContent;
    })()""")


def test_keys_turn_pages_and_show_the_notes(opened, browser):
    facts = opened(LESSONS[4])
    total = len(facts["heights"])
    assert facts["at"] == f"1 / {total}" and facts["notes"]
    for key, number in [("ArrowRight", 2), (" ", 3), ("ArrowLeft", 2), ("End", total),
                        ("ArrowRight", total), ("Home", 1)]:  # fmt: skip
        browser.press(key)
        assert browser.ask(FACTS)["at"] == f"{number} / {total}"
    browser.press("s")
    assert not browser.ask(FACTS)["notes"]
    assert browser.ask("document.getElementById('notes').clientHeight") > 40
    notes = browser.ask("document.getElementById('notes').textContent")
    assert "For the instructor" in notes


# --- notebooks that are harder than our own


def png(width=40):
    file = io.BytesIO()
    Image.new("RGB", (width, 20), "orange").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def markdown(text, kind="-", **more):
    return nbformat.v4.new_markdown_cell(
        text, metadata={"slideshow": {"slide_type": kind}}, **more
    )


@pytest.fixture
def write(tmp_path):
    def write_notebook(*cells, name="mine.ipynb"):
        path = tmp_path / "{a} folder" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
        return path

    return write_notebook


def test_what_is_long_is_divided_or_scrolls(opened, write):
    lines = "\n".join(f"row_{n} = {n}" for n in range(90))
    code = nbformat.v4.new_code_cell(lines)
    words = "\n\n".join(f"Paragraph {n}. {'word ' * 40}" for n in range(30))
    facts = opened(write(markdown(f"# Long\n\n{words}", "slide"), code))
    assert len(facts["heights"]) > 6 and facts["scrolls"]
    assert sum(height > 0 for height in facts["heights"]) == 1  # the code alone
    assert all(f"Paragraph {n}." in facts["text"] for n in range(30))


def test_pictures_of_every_kind(opened, write):
    folder = write(markdown("x")).parent
    (folder / "a b.png").write_bytes(base64.b64decode(png()))
    draw = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    data = [{"image/svg+xml": draw}, {"image/png": png(30), "text/plain": "x"}]
    outputs = [nbformat.v4.new_output("display_data", data=one) for one in data]
    text = "![one](attachment:x.png)\n\n![two](a%20b.png)\n\n![three](gone.png)\n\n"
    text += (
        '<details><summary>More</summary>\n\nHidden: <img src="a b.png">\n\n</details>'
    )
    facts = opened(
        write(
            markdown("# Pictures", "slide"),
            markdown(text, attachments={"x.png": {"image/png": png(50)}}),
            nbformat.v4.new_code_cell("show()", outputs=outputs),
        )
    )
    assert sorted(facts["pictures"]) == [9, 30, 40, 40, 50]
    assert "(The picture gone.png is missing.)" in facts["text"]
    assert facts["folded"] == [[False, 4]]


def test_what_is_folded_in_jupyterlab(opened, write):
    def code(source, **folded):
        said = nbformat.v4.new_output("stream", text=f"said by {source}")
        animation = {
            "text/html": f'<img alt="moves" src="data:image/png;base64,{png()}">'
        }
        outputs = [said, nbformat.v4.new_output("display_data", data=animation)]
        metadata = {"jupyter": folded, "slideshow": {"slide_type": "-"}}
        return nbformat.v4.new_code_cell(source, outputs=outputs, metadata=metadata)

    facts = opened(
        write(
            markdown("# Folded", "slide"),
            code("plotting", source_hidden=True),
            code("predicting", outputs_hidden=True),
        )
    )
    assert facts["text"].count("plotting") == 1 and facts["pictures"] == [40, 40]
    assert facts["text"].count("predicting") == 2
    assert len(facts["folded"]) == 1 and not facts["folded"][0][0]


def test_odd_texts(opened, write):
    text = "Half a formula $\\begin{x}$ and $a < b$, a [link](other.ipynb), </script>"
    facts = opened(
        write(
            markdown("no title"),
            markdown(text, "fragment"),
            markdown("", "slide"),
            nbformat.v4.new_raw_cell("raw"),
            nbformat.v4.new_code_cell("print('</script><b>')"),
        )
    )
    assert "print('</script><b>')" in facts["text"] and "a link," in facts["text"]
    assert "a<b" in facts["text"]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("x.png", "does not end in .html"),
        ("folder/x.html/y.html", "part of the path is a file"),
        ("folder.html", "is not a file"),
    ],
)
def test_where_slides_cannot_go(tmp_path, monkeypatch, capsys, out, message):
    monkeypatch.chdir(tmp_path)
    os.mkdir("folder")  # noqa: PTH102
    os.mkdir("folder.html")  # noqa: PTH102
    Path("folder/x.html").write_text("mine")
    assert cli.main(["slides", "00", "-o", out]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_the_default_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["slides", "0"]) == 0
    assert "output/00_quickstart.slides.html" in capsys.readouterr().out
    assert Path("output/00_quickstart.slides.html").stat().st_size > 100_000
