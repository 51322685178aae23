"""Every row of every *Tweak it* table: no cell of the lesson may fail.

Always run those of `ALWAYS`, which take seconds, in three of the lessons. With
`NSTLIB_ALL_TWEAKS=1` every row of every lesson runs, about half an hour of one core,
and so does lesson 15 without OpenCV. In each row, a lesson runs as a student would run
it, and nothing is shortened.
"""

import os
from pathlib import Path

import pytest
from lesson_files import LESSONS, source, tagged
from tweaks import changed, failures, rows

ALL = bool(os.environ.get("NSTLIB_ALL_TWEAKS"))
ALWAYS = {
    # lesson: the rows, counted from 0
    "00_quickstart": [1],
    "01_preprocessing": [0],
    "04_gram_matrices": [0, 1, 2],
}
each = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@each
def test_every_row_names_parameters_and_values_that_there_are(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    (cell,) = tagged(path, "parameters")
    images = {"IMAGES": Path("..") / "images"}
    before, found = dict(images), rows(path)
    exec(source(cell), before)
    assert len(found) >= 2 and all(found)
    for row in found:
        after = dict(images)
        exec(changed(source(cell), row), after)
        for name in row:
            assert after[name] != before[name], row
            assert type(after[name]) is type(before[name]), row
            assert not isinstance(after[name], Path) or after[name].is_file(), row


@each
def test_no_cell_fails(path):
    found, few = rows(path), ALWAYS.get(path.stem, [])
    changes = found if ALL else [found[row] for row in few]
    if not changes:
        pytest.skip("takes long: set NSTLIB_ALL_TWEAKS=1")
    assert failures(path, changes) == {}


def test_lesson_15_needs_neither_opencv_nor_ffmpeg():
    """It uses the true motion, and saves a GIF."""
    if not ALL:
        pytest.skip("takes long: set NSTLIB_ALL_TWEAKS=1")
    (path,) = [path for path in LESSONS if path.stem == "15_video"]
    short = {"FRAMES": "4"}
    assert failures(path, [short], hidden=["cv2", "imageio_ffmpeg"]) == {}


def test_what_fails_is_found():
    (path,) = [path for path in LESSONS if path.stem == "00_quickstart"]
    (why,) = failures(path, [{"STYLE": '"no_such.jpg"'}]).values()
    assert why.startswith("lesson00-07: ") and "no_such.jpg does not exist" in why
