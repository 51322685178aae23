"""``nst course``: a copy of the student's own, and what becomes of it later."""

import errno
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from nstlib.cli import main as cli
from nstlib.course import notebooks, workbook
from nstlib.course.cells import Cell, compare, read_cells
from nstlib.course.own_copy import RECORD
from nstlib.course.places import ROOT, course_files
from nstlib.course.workbook import Workbook

LESSON = "notebooks/05_style_loss.ipynb"
CELLS = [
    ("markdown", "# Style loss\n\nTwo lines."),
    ("code", "import nstlib"),
    ("code", "a = 1\nb = 2\nprint(a + b)"),
    ("markdown", "That was *all*."),
]


def as_notebook(cells, outputs=""):
    made = [
        {"cell_type": kind, "source": source.splitlines(True), "metadata": {}}
        | ({"outputs": [outputs], "execution_count": None} if kind == "code" else {})
        for kind, source in cells
    ]
    return json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two lessons, whose files a test can change like an update does."""
    root = tmp_path / "package"
    for name, data in {
        LESSON: as_notebook(CELLS),
        "notebooks/06_total_variation.ipynb": as_notebook(CELLS[:2]),
        "images/style/wave.jpg": b"wave",
        "images/CREDITS.md": b"me",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    monkeypatch.setattr(workbook, "ROOT", root)
    monkeypatch.setattr(workbook, "course_files", lambda: course_files(root))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return root


def nst(*typed):
    return cli.main(["course", *typed])


def files(folder="."):
    found = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def edited(number, source):
    cells = list(CELLS)
    cells[number] = (cells[number][0], source)
    return cells


# --- the real course ------------------------------------------------------------------


def test_everything_that_a_lesson_links_to_is_laid_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert nst() == 0
    out = capsys.readouterr().out
    lessons = len(list(ROOT.glob("notebooks/*.ipynb")))
    assert f"nst-course: {lessons} lessons and" in out and out.endswith(
        "Next: nst lab\n"
    )
    folder = tmp_path / "nst-course"
    assert {path.name for path in folder.iterdir()} >= {"output", "README.md", RECORD}
    linked = 0
    for lesson in folder.glob("notebooks/*.ipynb"):
        cells = read_cells(lesson.read_bytes())
        text = "\n".join(cell.source for cell in cells if cell.kind == "markdown")
        for target in re.findall(r"\]\((?!https?:|#)([^)\s]+\.\w+)\)", text):
            assert (lesson.parent / target).is_file(), (lesson.name, target)
            linked += target.startswith("..")
        text = "\n".join(cell.source for cell in cells)
        for name in re.findall(r'IMAGES / "(\w+)" / "(\w+\.jpg)"', text):
            assert folder.joinpath("images", *name).is_file(), (lesson.name, name)
    assert linked >= 2
    same = {name: (ROOT / name).read_bytes() for name in course_files()}
    assert same.items() <= files(folder).items()
    assert sum(map(len, same.values())) < 30e6


def test_its_own_readme_names_commands_and_folders_that_exist(course):
    nst()
    text = Path("nst-course/README.md").read_text(encoding="utf-8")
    for name in re.findall(r"^\| `(\w+)`", text, re.M):
        assert name == "docs" or Path("nst-course", name).is_dir()
    assert {*re.findall(r"`nst (\w+)", text)} <= {*cli.COMMANDS}


# --- again, after an update -----------------------------------------------------------


def test_again_without_an_update_nothing_is_written(course, capsys):
    nst()
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*.*")}
    capsys.readouterr()
    assert nst() == 0
    assert "Nothing to bring: nst-course" in capsys.readouterr().out
    after = {path: path.stat().st_mtime_ns for path in Path().rglob("*.*")}
    record = Path("nst-course") / RECORD
    assert {p for p in after if before.get(p) != after[p]} <= {record}


def test_an_update_replaces_what_nobody_touched_and_brings_what_is_new(course, capsys):
    nst()
    newer = as_notebook(edited(2, "a = 7"))
    (course / LESSON).write_bytes(newer)
    (course / "notebooks/07_more.ipynb").write_bytes(as_notebook(CELLS))
    (course / "images/style/wave.jpg").write_bytes(b"a better wave")
    capsys.readouterr()
    assert nst() == 0
    out = capsys.readouterr().out
    assert "Laid out in nst-course: 1 lesson." in out
    assert "up to date: images/style/wave.jpg, 05_style_loss.ipynb." in out
    assert files("nst-course")[LESSON] == newer
    assert files("nst-course")["images/style/wave.jpg"] == b"a better wave"


@pytest.mark.parametrize(
    "mine",
    [
        as_notebook(edited(3, "my own words")),
        as_notebook([*CELLS, ("code", "more()")]),
        as_notebook(CELLS, outputs="an evening of computing"),  # only run and saved
        b"{ half a noteb",
        b"",
    ],
    ids=["edited", "longer", "run", "broken", "empty"],
)
def test_what_the_student_has_is_kept_and_the_newer_version_offered(
    course, capsys, mine
):
    nst()
    path = Path("nst-course", LESSON)
    path.write_bytes(mine)
    capsys.readouterr()
    nst()
    assert "newer" not in capsys.readouterr().out and path.read_bytes() == mine
    (course / LESSON).write_bytes(as_notebook(edited(2, "a = 7")))
    for _ in range(2):
        assert nst() == 0
        out = capsys.readouterr().out
        assert "stay as you left them: 05_style_loss.ipynb." in out
        assert "nst course --fresh 05" in out and path.read_bytes() == mine


def test_new_outputs_alone_are_not_offered(course, capsys):
    nst()
    Path("nst-course", LESSON).write_bytes(as_notebook(CELLS, "mine"))
    (course / LESSON).write_bytes(as_notebook(CELLS, "the course's"))
    capsys.readouterr()
    nst()
    assert "newer" not in capsys.readouterr().out
    assert b"mine" in Path("nst-course", LESSON).read_bytes()


def test_a_picture_that_was_changed_is_kept_too(course, capsys):
    nst()
    path = Path("nst-course/images/style/wave.jpg")
    path.write_bytes(b"mine")
    (course / "images/style/wave.jpg").write_bytes(b"a better wave")
    capsys.readouterr()
    nst()
    out = capsys.readouterr().out
    assert "nst course --fresh images/style/wave.jpg" in out and "--diff" not in out
    assert path.read_bytes() == b"mine"
    assert nst("--fresh", "images/style/wave.jpg") == 0
    assert path.read_bytes() == b"a better wave"
    assert path.with_name("wave_mine1.jpg").read_bytes() == b"mine"


def test_what_was_deleted_comes_back_and_what_left_the_course_stays(course, capsys):
    nst()
    Path("nst-course", LESSON).unlink()
    (course / "notebooks/06_total_variation.ipynb").unlink()
    Path("nst-course/notebooks/my_own.ipynb").write_bytes(b"{}")
    capsys.readouterr()
    nst()
    out = capsys.readouterr().out
    assert "1 lesson." in out and "left here: 06_total_variation.ipynb" in out
    assert Path("nst-course", LESSON).is_file()
    assert Path("nst-course/notebooks/06_total_variation.ipynb").is_file()
    assert Path("nst-course/notebooks/my_own.ipynb").read_bytes() == b"{}"
    nst()
    assert "left here" not in capsys.readouterr().out


def test_a_file_of_the_students_with_the_name_of_a_new_lesson(course, capsys):
    nst()
    mine = Path("nst-course/notebooks/07_more.ipynb")
    mine.write_bytes(b"mine")
    (course / "notebooks/07_more.ipynb").write_bytes(as_notebook(CELLS))
    assert nst() == 0
    assert mine.read_bytes() == b"mine"
    assert "stay as you left them: 07_more.ipynb" in capsys.readouterr().out


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"files": {"a": 3}}', b"\xff"])
def test_with_a_damaged_record_everything_is_the_students(course, capsys, damage):
    nst()
    Path("nst-course", RECORD).write_bytes(damage)
    (course / LESSON).write_bytes(as_notebook(edited(2, "a = 7")))
    before = files("nst-course")
    assert nst() == 0
    assert "stay as you left them: 05_style_loss.ipynb" in capsys.readouterr().out
    after = files("nst-course")
    assert {n for n in after if after[n] != before[n]} == {RECORD}


# --- what is new, and the new one -----------------------------------------------------


def test_diff_shows_what_the_course_changed_and_not_what_the_student_did(
    course, capsys
):
    nst()
    mine = edited(0, "# My title")
    Path("nst-course", LESSON).write_bytes(as_notebook([*mine, ("code", "my_cell()")]))
    newer = edited(2, "a = 1\nb = 3\nprint(a + b)")
    newer.insert(2, ("markdown", "A new remark, quite unlike the rest: 12345"))
    (course / LESSON).write_bytes(as_notebook(newer[:-1], "other outputs"))
    capsys.readouterr()
    assert nst("--diff", "5") == 0
    assert capsys.readouterr().out.splitlines() == [
        "05_style_loss: what is new in the course (- yours, + the course's)",
        "",
        "Cell 3, text, new",
        "  +A new remark, quite unlike the rest: 12345",
        "",
        "Cell 4, code",
        "   a = 1",
        "  -b = 2",
        "  +b = 3",
        "   print(a + b)",
        "",
        "After cell 4, text: no longer in the course",
        "  -That was *all*.",
        "",
        "nst course --fresh 05 takes the new version, and keeps yours.",
    ]


def test_diff_of_a_cell_that_both_changed_and_of_none(course, capsys):
    nst()
    assert nst("--diff", "05_style") == 0
    assert "05_style_loss: the course has nothing new" in capsys.readouterr().out
    Path("nst-course", LESSON).write_bytes(as_notebook(edited(1, "import nstlib as n")))
    assert nst("--diff", LESSON) == 0
    assert "nothing new" in capsys.readouterr().out
    (course / LESSON).write_bytes(as_notebook(edited(1, "import nstlib, sys")))
    assert nst("--diff", "5") == 0
    out = capsys.readouterr().out
    assert "Cell 2, code, which you changed, too\n  -import nstlib as n\n" in out


def test_lines_that_look_like_headers_of_a_diff_are_shown():
    mine = [Cell("markdown", "a\n-- b\nc")]
    lines = compare(mine, [Cell("markdown", "a\n++ b\nc")], {mine[0].digest})
    assert "  --- b" in lines and "  +++ b" in lines


def test_fresh_keeps_every_version_of_the_student(course, capsys):
    nst()
    path = Path("nst-course", LESSON)
    for n in (1, 2, 3):
        mine = as_notebook(edited(3, f"words {n}"))
        path.write_bytes(mine)
        assert nst("--fresh", "05") == 0
        assert path.read_bytes() == (course / LESSON).read_bytes()
        kept = path.with_name(f"05_style_loss_mine{n}.ipynb")
        assert kept.read_bytes() == mine and str(kept) in capsys.readouterr().out
    assert nst("--fresh", "05") == 0 and "Yours" not in capsys.readouterr().out
    (course / LESSON).write_bytes(as_notebook(edited(1, "newer")))
    assert nst("--fresh", "05") == 0  # of one that nobody touched
    assert len(list(path.parent.glob("05*"))) == 4
    assert notebooks.find_lesson("05", path.parent).name == path.name


# --- build mode -----------------------------------------------------------------------

BUILT = [
    CELLS[0],
    ("code", 'def f(x):\n    """A number → a number."""\n    return 2 * x'),
    ("markdown", "That was *all*."),
]


def tagged_notebook(cells):
    notebook = json.loads(as_notebook(cells))
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c{number}"
    metadata = {"tags": ["builds:f"], "hints": {"f": ["one", "two", "three"]}}
    notebook["cells"][1]["metadata"] = metadata
    return json.dumps(notebook).encode()


@pytest.fixture
def built_course(course):
    (course / LESSON).write_bytes(tagged_notebook(BUILT))
    return course


def is_built(folder="nst-course"):
    text = Path(folder, LESSON).read_text(encoding="utf-8")
    return "check.build05.f(globals())" in text


def test_a_folder_stays_in_the_mode_that_it_was_laid_out_in(built_course, capsys):
    assert nst("mine", "--build") == 0
    assert "In build mode, you write the functions" in capsys.readouterr().out
    assert is_built("mine")
    newer = [*BUILT, ("markdown", "A new remark.")]
    (built_course / LESSON).write_bytes(tagged_notebook(newer))
    assert nst("mine") == 0
    out = capsys.readouterr().out
    assert "Brought up to date: 05_style_loss.ipynb." in out and "build mode" in out
    assert is_built("mine") and b"A new remark." in files("mine")[LESSON]
    nst("mine")
    assert "Nothing to bring: mine" in capsys.readouterr().out


def test_diff_and_fresh_bring_the_built_lesson(built_course, capsys):
    nst("--build")
    path = Path("nst-course", LESSON)
    mine = path.read_bytes().replace(b"return ...", b"return x + x")
    path.write_bytes(mine)
    newer = [*BUILT[:2], ("markdown", "That was all of it.")]
    (built_course / LESSON).write_bytes(tagged_notebook(newer))
    capsys.readouterr()
    nst()
    assert "stay as you left them: 05_style_loss.ipynb." in capsys.readouterr().out
    assert path.read_bytes() == mine
    nst("--diff", "05")
    out = capsys.readouterr().out
    assert "  +That was all of it." in out and "return" not in out
    assert nst("--fresh", "05") == 0
    assert is_built() and b"return ..." in path.read_bytes()
    assert path.with_name("05_style_loss_mine1.ipynb").read_bytes() == mine


def test_to_and_fro_between_the_modes(built_course, capsys):
    nst()
    assert not is_built()
    assert nst("--build") == 0 and is_built()
    assert nst() == 0 and is_built()
    assert nst("--read") == 0 and not is_built()
    capsys.readouterr()
    nst()
    assert "build mode" not in capsys.readouterr().out and not is_built()
    path = Path("nst-course", LESSON)
    mine = path.read_bytes().replace(b"2 * x", b"x + x")
    path.write_bytes(mine)
    nst("--build")
    out = capsys.readouterr().out
    assert path.read_bytes() == mine and "stay as you left them: 05_style_loss" in out


def test_a_record_of_before_build_mode_is_for_reading(built_course):
    nst()
    record = Path("nst-course", RECORD)
    facts = json.loads(record.read_bytes())
    del facts["mode"]
    record.write_text(json.dumps(facts), encoding="utf-8")
    assert not Workbook(Path("nst-course")).build
    assert nst() == 0 and not is_built()


def test_the_real_course_in_build_mode(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert nst("--build") == 0
    assert capsys.readouterr().out.endswith("Next: nst lab\n")
    lessons = sorted(Path("nst-course/notebooks").glob("*.ipynb"))
    texts = [path.read_text(encoding="utf-8") for path in lessons]
    assert sum("check.build" in text for text in texts) == len(lessons) - 1
    assert not any("image/png" in text for text in texts)


# --- what cannot be done --------------------------------------------------------------


def test_a_folder_with_something_else_is_left_alone(course, capsys):
    Path("thesis").mkdir()
    Path("thesis/chapter.txt").write_text("mine", encoding="utf-8")
    assert nst("thesis") == 2
    error = capsys.readouterr().err
    assert "thesis holds something else (chapter.txt)" in error
    assert files() == {"thesis/chapter.txt": b"mine"}


def test_an_empty_folder_and_one_with_hidden_files_only(course):
    Path("a/.git").mkdir(parents=True)
    Path("b").mkdir()
    assert nst("a") == nst("b") == 0
    assert Path("a", LESSON).is_file() and Path("b", LESSON).is_file()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["file"], "file is a file: name a folder."),
        (["file/x"], "because part of the path is a file"),
        ([""], "is not a file name"),
        (["--diff", "5"], "there is no course here: nst course lays one out."),
        (["--fresh", "5", "nowhere"], "there is no course in nowhere"),
        (["--fresh", "5", "--diff", "6"], "either --diff or --fresh"),
        (["--build", "--fresh", "5"], "--build and --read are for all lessons"),
        (["--build", "--read"], "not allowed with argument --build"),
        (["a", "b"], "unrecognized arguments: b"),
    ],
)
def test_bad_input_is_one_line(course, capsys, typed, message):
    Path("file").write_text("x", encoding="utf-8")
    assert nst(*typed) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert files() == {"file": b"x"}


@pytest.mark.parametrize("typed", ["77", "", "stile_loss", "../../secret"])
def test_no_such_lesson(course, capsys, typed):
    nst()
    assert nst("--fresh", typed) == 2
    error = capsys.readouterr().err
    assert "there is no lesson" in error and "05_style_loss" in error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_full_disks_and_read_only_places(course, capsys, monkeypatch, number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)
    assert nst() == 2
    error = capsys.readouterr().err
    assert "cannot be written" in error and error.count("\n") == 1
    assert files() == {}


def test_a_file_where_the_output_goes(course, capsys):
    nst()
    shutil.rmtree("nst-course/output")
    Path("nst-course/output").write_text("x", encoding="utf-8")
    assert nst() == 2
    assert "output cannot be made" in capsys.readouterr().err


KILLED = """
import itertools, os, sys
from nstlib.cli.main import main
count, replace = itertools.count(), os.replace
def dying(*names):
    if next(count) == int(sys.argv[1]):
        os._exit(9)
    replace(*names)
os.replace = dying
main(["course"])
"""


@pytest.mark.parametrize("after", [0, 1, 9, 30])
def test_killed_in_the_middle_no_file_is_half_there(tmp_path, after):
    paths = [str(Path(cli.__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-c", KILLED, str(after)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 9
    folder = tmp_path / "nst-course"
    whole = {name: (ROOT / name).read_bytes() for name in course_files()}
    for name, data in files(folder).items():
        if name in whole:
            assert data == whole[name], name
    changes = Workbook(folder).lay_out()  # the next run goes on
    assert not changes.offered and not changes.dropped
    assert whole.items() <= files(folder).items()


# --- where lab, lesson and refresh look -----------------------------------------------


@pytest.fixture
def wheel(course, monkeypatch):
    """As if the package came from a wheel."""
    for module in ("course.notebooks", "cli.lab", "cli.refresh"):
        monkeypatch.setattr(f"nstlib.{module}.IN_CLONE", False)
    monkeypatch.setattr(notebooks, "NOTEBOOKS", course / "notebooks")
    return course


def test_from_anywhere_in_or_above_the_copy(wheel, monkeypatch):
    nst("mine")
    mine = Path("mine").resolve()
    assert notebooks.course_folder().resolve() == mine
    for inside in ("mine", "notebooks"):
        monkeypatch.chdir(inside)
        assert notebooks.course_folder().resolve() == mine
        nst()  # finds it, too, and lays out no second one
    assert not list(mine.rglob("nst-course"))


def test_several_copies(wheel, capsys):
    nst("a")
    nst("b")
    capsys.readouterr()
    assert nst() == cli.main(["lab"]) == 2
    assert (
        capsys.readouterr().err.count("several courses here, a, b: go into one.") == 2
    )
    nst("nst-course")
    assert notebooks.course_folder().name == "nst-course"


def test_a_wheel_without_a_copy_says_how_to_get_one(wheel, capsys):
    for typed in (["lab"], ["lesson", "05"]):
        assert cli.main(typed) == 2
        assert "nst course lays out a copy of your own" in capsys.readouterr().err
    assert cli.main(["refresh"]) == 2
    assert "for authors: it needs a clone" in capsys.readouterr().err
    assert files() == {}


def test_in_a_clone_the_own_copy_comes_first(course, monkeypatch):
    clone = notebooks.NOTEBOOKS.parent
    assert notebooks.course_folder() == clone
    nst()
    assert notebooks.course_folder().name == "nst-course"


def test_a_lesson_of_the_copy_saves_into_its_output(wheel, monkeypatch, capsys):
    pytest.importorskip("nbclient")
    cell = {"cell_type": "code", "source": "open('../output/x', 'w').write('y')",
            "metadata": {}, "outputs": [], "execution_count": None}  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "py"}}
    lesson = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    (wheel / LESSON).write_text(json.dumps(lesson), encoding="utf-8")
    nst()
    assert cli.main(["lesson", "5"]) == 0
    output = Path("nst-course/output")
    assert {p.name for p in output.iterdir()} == {"x", "05_style_loss.ipynb"}


# --- the real server ------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(address, until=0.0):
    """Status and beginning of an answer; waits for the server to come up."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status, answer.read(20)
        except OSError as error:
            if hasattr(error, "code") or time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_jupyterlab_shows_every_picture_that_a_lesson_links_to(tmp_path, monkeypatch):
    pytest.importorskip("jupyterlab", reason="extra course")
    monkeypatch.chdir(tmp_path)
    nst()
    port = free_port()
    paths = [str(Path(cli.__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
    }
    command = [sys.executable, "-m", "nstlib", "lab", "09", "--no-browser"]
    command += ["--port", str(port), "--ServerApp.token=word", "--allow-root"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        base, ends = f"http://127.0.0.1:{port}", time.monotonic() + 60
        assert get(f"{base}/api/status?token=word", ends)[0] == 200
        shown = 0
        for lesson in sorted(Path("nst-course/notebooks").glob("*.ipynb")):
            text = "\n".join(cell.source for cell in read_cells(lesson.read_bytes()))
            for target in re.findall(r"!\[[^]]*\]\((?!http)([^)\s]+)\)", text):
                path = os.path.normpath(f"notebooks/{target}").replace(os.sep, "/")
                status, start = get(f"{base}/files/{path}?token=word")
                kind = {".jpg": b"\xff\xd8", ".svg": b"<svg "}[Path(path).suffix]
                assert status == 200 and start.startswith(kind), target
                shown += 1
        assert shown >= 20
        for path in ("images/content/cat.jpg", "notebooks/09_style_transfer.ipynb"):
            assert get(f"{base}/files/{path}?token=word")[0] == 200
        assert get(f"{base}/lab/tree/notebooks/09_style_transfer.ipynb?token=word")
    finally:
        server.terminate()
        server.wait(30)
    with pytest.raises(OSError):  # nst lab takes JupyterLab with it
        for _ in range(100):
            get(f"{base}/api/status?token=word")
            time.sleep(0.1)
