"""Guards over the notebooks: what nbval does not look at."""

import ast
import importlib
import inspect
import json
import re
import statistics
import textwrap

import pytest
from lesson_files import LESSONS, ROOT, cells, defined, load, source, tagged, tags

from nstlib.course.refresh import METADATA

TAGS = {"parameters", "instructor", "exercise", "hint", "solution", "quiz"}
TAGS |= {"predict", "pitfall", "slider"}
MAY_DIFFER = {
    # (lesson, tag): how many cells, and why their output is not compared
    ("11_high_resolution", "nbval-ignore-output"): (
        2,
        "seconds and memory of a run; a report, whose last digits vary",
    ),
    ("13_feed_forward", "nbval-ignore-output"): (1, "seconds of the interpreter"),
    ("14_speed_vs_quality", "nbval-ignore-output"): (2, "seconds of each method"),
    ("16_studio", "nbval-ignore-output"): (1, "the port, which is a free one"),
}
FOLDED = {"source_hidden", "outputs_hidden"}
FIGURES = {"image/png", "image/jpeg", "text/html"}
each = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def outputs(path):
    return [o for cell in cells(path, "code") for o in cell["outputs"]]


@each
def test_every_cell_was_run_in_order(path):
    counts = [cell["execution_count"] for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1)), "see nst refresh"
    assert not [o for o in outputs(path) if o["output_type"] == "error"]


@each
def test_tags_are_known_and_ignored_outputs_have_a_reason(path):
    found = {}
    for cell in cells(path):
        for tag in tags(cell):
            if tag not in TAGS and not tag.startswith(("defines:", "builds:")):
                if tag == "nbval-skip" and "slider" in tags(cell):
                    continue  # see test_sliders_are_extra
                found[tag] = found.get(tag, 0) + 1
    allowed = {
        tag: n for (lesson, tag), (n, _) in MAY_DIFFER.items() if lesson == path.stem
    }
    assert found == allowed


@each
def test_nothing_of_this_machine_is_stored(path):
    assert load(path)["metadata"] == METADATA
    for cell in cells(path):
        assert set(cell["metadata"]) <= {"tags", "slideshow", "jupyter", "hints"}
        assert set(cell["metadata"].get("jupyter", ())) <= FOLDED
    for output in outputs(path):
        for kind in FIGURES:
            output.get("data", {}).pop(kind, None)
        text = json.dumps(output, ensure_ascii=False)
        assert not re.search(
            r"/(home|root|tmp|work|Users)/|[A-Z]:\\|0x[0-9a-f]{6}", text
        )
        assert output.get("name") != "stderr"
    assert path.stat().st_size < 2e6


@each
def test_html_is_nothing_but_a_picture(path):
    """nbval does not compare HTML, so that nothing else may be stored as such."""
    for output in outputs(path):
        html = "".join(output.get("data", {}).get("text/html", ""))
        pattern = r'<img alt="[^"<>]{15,}" width="\d+" src="data:image/webp;base64,'
        assert not html or re.fullmatch(pattern + r'[\w+/=]+">', html)


@each
def test_sliders_are_extra(path):
    """They need a browser: nbval skips them, and their output is not stored."""
    for cell in tagged(path, "slider"):
        assert "nbval-skip" in tags(cell) and "explore(" in source(cell)
        assert cell["outputs"] == []
        names = {
            n.id
            for n in ast.walk(ast.parse(source(cell)))
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        after = cells(path, "code")[cell["execution_count"] :]
        used = {
            n.id
            for c in after
            for n in ast.walk(ast.parse(source(c)))
            if isinstance(n, ast.Name)
        }
        assert not names & used, "what comes after must run without the sliders"


@each
def test_an_answer_is_not_seen_before_the_prediction(path):
    """The output under a question is folded, and so is what is said about it."""
    found = cells(path)
    for place, cell in enumerate(found):
        if "predict" in tags(cell):
            shown = next(c for c in found[place:] if c.get("outputs"))
            assert shown["metadata"]["jupyter"]["outputs_hidden"]
            after = found[found.index(shown) + 1]
            assert "**What you should see" not in source(after)


@each
def test_figures_are_explained_and_pictures_have_alt_text(path):
    found = cells(path)
    for cell, following in zip(found, [*found[1:], None], strict=True):
        if any(FIGURES & set(o.get("data", {})) for o in cell.get("outputs", ())):
            assert following and "What you should see" in source(following), cell["id"]
        for alt in re.findall(r"!\[(.*?)\]\(", source(cell)):
            assert len(alt) >= 15, cell["id"]


@each
def test_links_lead_somewhere(path):
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)\s]+)\)", source(cell)):
            if not target.startswith(("http://", "https://", "#")):
                assert (path.parent / target.split("#")[0]).exists(), target


@each
def test_the_template(path):
    (parameters,) = tagged(path, "parameters")
    for line in source(parameters).splitlines():
        assert re.fullmatch(r"[A-Z][A-Z_0-9]* = .+  # .+", line), line
    assert "NETWORK" in source(parameters)
    for tag, count in {
        "instructor": 1,
        "exercise": 3,
        "hint": 3,
        "solution": 3,
    }.items():
        assert len(tagged(path, tag)) == count, tag
    assert not [c for c in tagged(path, "hint") if "solution" in tags(c)]
    assert tagged(path, "quiz") and tagged(path, "predict")
    text = "\n".join(map(source, cells(path, "markdown")))
    for heading in (
        "Setup",
        "Parameters",
        "Exercises",
        "Tweak it",
        "Recap",
        "Further reading",
    ):
        assert re.search(rf"(?im)^## .*{heading}", text), heading
    index = LESSONS.index(path)
    for neighbor in LESSONS[max(0, index - 1) : index + 2]:
        assert neighbor == path or f"({neighbor.name})" in text
    if index:
        assert tagged(path, "pitfall") and "Now packaged" in text
        assert len(cells(path)) >= 35


def is_main_line(cell):
    """Whether a student meets the cell without unfolding anything."""
    aside = {"hint", "solution", "instructor"} & {*tags(cell)}
    return not aside and not cell["metadata"].get("jupyter", {}).get("source_hidden")


@each
def test_the_main_line_is_short(path):
    main = [cell for cell in cells(path) if is_main_line(cell)]
    text = "\n".join(source(c) for c in main if c["cell_type"] == "markdown")
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert len(main) <= 50
    assert len(text.split()) <= 2500


@each
def test_cells_are_small(path):
    """Folded cells do not count in the middle: splitting them would help nobody."""
    lengths = []
    for cell in cells(path, "code"):
        lines = source(cell).splitlines()
        if is_main_line(cell):
            lengths.append(len([line for line in lines if line.strip()]))
        assert max(map(len, lines)) <= 79, cell["id"]
        assert len(lines) <= 15, cell["id"]
    assert statistics.median(lengths) <= 9


@each
def test_every_cell_has_its_place_on_the_slides(path):
    kinds = [cell["metadata"]["slideshow"]["slide_type"] for cell in cells(path)]
    assert kinds[0] == "slide" and kinds.count("slide") >= 4
    for cell, kind in zip(cells(path), kinds, strict=True):
        if "instructor" in tags(cell):
            assert kind == "notes"
        if "solution" in tags(cell):
            assert kind == "skip"
        if source(cell).startswith("## "):
            assert kind == "slide"


@each
def test_a_heading_begins_its_cell(path):
    """So that each part of a lesson begins a slide, and a link leads to its top."""
    for cell in cells(path, "markdown"):
        text = re.sub(r"```.*?```", "", source(cell), flags=re.DOTALL)
        assert not re.search(r"(?!\A)^## ", text, re.MULTILINE), cell["id"]


# --- what fails says what to do

ORDER = ast.Lt | ast.LtE | ast.Gt | ast.GtE


def names(node):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def bound(node):
    """The names to which a statement gives a value, loops and functions included."""
    return {
        getattr(part, "id", getattr(part, "name", None))
        for part in ast.walk(node)
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
        or (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    }


def unexplained(codes, parameters):
    """The asserts without a sentence that a parameter can break.

    A parameter, or what is computed from one, stands beside a <, <=, > or >=. Such a
    bound was measured, and holds for some values. An equality is a law, and holds for
    all: if it fails the lesson is at fault, and there is nothing for a student to do.
    """
    reached, found = set(parameters), []
    for statement in (part for code in codes for part in ast.parse(code).body):
        if names(statement) & reached:
            reached |= bound(statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.Assert) and node.msg is None:
                bounds = [part for part in ast.walk(node) if isinstance(part, ORDER)]
                if bounds and names(node) & reached:
                    found.append(ast.unparse(node))
    return found


def test_unexplained_asserts_are_found():
    codes = [
        "twice = 2 * SIZE\nother = 3",
        "def half():\n    return twice / 2",
        "assert half() < 7",
        "assert half() < 7, 'lower SIZE'\nassert other < 7\nassert twice == 2 * SIZE",
        "for x in [twice]:\n    assert all(0 <= y for y in (x, other))",
    ]
    found = ["assert half() < 7", "assert all((0 <= y for y in (x, other)))"]
    assert unexplained(codes, {"SIZE"}) == found


@each
def test_a_bound_that_a_parameter_can_break_has_a_sentence(path):
    (parameters,) = tagged(path, "parameters")
    code = [c for c in cells(path, "code") if "exercise" not in tags(c)]
    chosen = bound(ast.parse(source(parameters)))
    assert unexplained([source(c) for c in code if c != parameters], chosen) == []


# --- what the lessons define is what is packaged


class Plain(ast.NodeTransformer):
    """Without docstrings and annotations, which the lessons keep short."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns = None
        return self.without_docstring(node)

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        return self.without_docstring(node)

    def without_docstring(self, node):
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return node

    def visit_arg(self, node):
        node.annotation = None
        return node


def plain(code):
    return ast.unparse(Plain().visit(ast.parse(textwrap.dedent(code))))


def packaged(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


DEFINED = [
    pytest.param(path.stem, cell, name, id=f"{path.stem[:2]}-{name}")
    for path in LESSONS
    for cell in cells(path, "code")
    for name in defined(cell)
]


@pytest.mark.parametrize("lesson, cell, name", DEFINED)
def test_a_lesson_defines_what_is_packaged(lesson, cell, name):
    function = packaged(name)
    wanted = plain(inspect.getsource(function))
    here = [
        plain(ast.unparse(node))
        for node in ast.parse(source(cell)).body
        if getattr(node, "name", None) == function.__name__
    ]
    assert here == [wanted]
    assert f"Taught in: {lesson}" in inspect.getdoc(function)


def test_nothing_is_taught_twice():
    names = [parameter.values[2] for parameter in DEFINED]
    assert len(names) == len(set(names))


def test_what_is_said_to_be_taught_in_a_lesson_exists():
    stems = [path.stem for path in LESSONS]
    for path in (ROOT / "nstlib").rglob("*.py"):
        for text in re.findall(r"Taught in: ([^.(]+)", path.read_text("utf-8")):
            for lesson in re.findall(r"\d\d_\w+", text):
                assert lesson in stems or int(lesson[:2]) > 9, f"{path.name}: {lesson}"
