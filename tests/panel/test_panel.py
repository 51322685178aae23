"""The panel: knobs, previews, runs that end or are stopped, and the call in words."""

import io
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import nstlib
from nstlib.errors import NstError
from nstlib.panel import explore, opening
from nstlib.panel.code import call
from nstlib.panel.sources import Given
from nstlib.worker import Worker

ipywidgets = pytest.importorskip("ipywidgets", reason="extra course")

from nstlib.panel.board import Panel  # noqa: E402
from nstlib.panel.knobs import Knobs  # noqa: E402
from nstlib.panel.painter import Newest  # noqa: E402

SMALL = {"size": 64, "steps": 6, "margin": 0, "smallest": 64}


@pytest.fixture(scope="module")
def worker():
    with Worker() as found:
        yield found


def until(condition, seconds=300):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def run(panel):
    """Press Run, and wait for the end."""
    before = panel.picture
    panel.go.click()
    until(lambda: panel.run is None)
    assert panel.picture is not before, panel.status.value


def made_by(code, **names):
    """Run a call, and return the picture as a file would hold it."""
    exec(code, names)
    return np.rint(names["result"].image).astype(np.uint8)


def shown(widget):
    return np.asarray(Image.open(io.BytesIO(widget.value)).convert("RGB"), int)


# --- what is given, and the call


def test_names_and_paths_are_typed_as_they_were_given(tmp_path, make_picture):
    path = tmp_path / "my photo.png"
    nstlib.save_image(make_picture(20, 24), path)
    assert call(Given(str(path), "tapestry"), {"seed": 3}) == (
        "import nstlib\n\nresult = nstlib.stylize(\n"
        f"    {str(path)!r},\n"
        '    nstlib.find_picture("tapestry", "style"),\n'
        "    seed=3,\n)"
    )
    given = Given(path, [("tapestry", 2), path])
    assert given.photo.typed == repr(str(path))
    assert given.typed_style({}) == (
        f'[(nstlib.find_picture("tapestry", "style"), 2), {str(path)!r}]'
    )
    assert given.typed_style({"method": "feedforward"}).startswith("[('tapestry', 2)")


def test_arrays_are_called_by_the_names_of_the_arguments(make_picture):
    picture, mask = make_picture(20, 24), np.full((20, 24), 255)
    given = Given(picture, [picture, (picture, 2), (picture, 1, mask)])
    assert (given.photo.typed, given.typed_style({})) == (
        "photo", "[style[0], (style[1][0], 2), (style[2][0], 1, style[2][2])]",
    )  # fmt: skip
    assert Given(picture, picture).typed_style({}) == "style"
    assert [part.weight for part in given.parts({})] == [1, 2, 1]
    assert given.parts({}, small=True)[2].mask.shape == (20, 24)


@pytest.mark.parametrize(
    ("photo", "style", "words"),
    [
        ("catt", "tapestry", "did you mean cat"),
        ("cat", "nowhere.jpg", "does not exist"),
        (np.zeros((3, 3)), "tapestry", "three|shape|RGB"),
        ("cat", [], "no style picture"),
        ("cat", [("tapestry", "much")], "number"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence_at_once(photo, style, words):
    with pytest.raises(NstError, match=words):
        explore(photo, style)


def test_the_trained_network_knows_the_paintings_of_the_course_only(tmp_path):
    own = tmp_path / "tapestry.png"
    nstlib.save_image(nstlib.paint("tapestry", 32, 32), own)
    assert Given("cat", "tapestry").parts({"method": "feedforward"})[0].source == (
        "tapestry"
    )
    with pytest.raises(NstError, match="does not know this painting"):
        Given("cat", own).parts({"method": "feedforward"})


# --- where there is no panel


def test_without_ipywidgets_a_sentence_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda name: None)
    assert explore("cat", "tapestry") is None
    assert "pip install ipywidgets" in capsys.readouterr().out


def test_outside_a_notebook_a_sentence_says_what_to_do(capsys):
    assert explore("cat", "tapestry") is None
    assert "nst lab" in capsys.readouterr().out


def test_wrong_settings_are_told_before_anything_is_shown():
    with pytest.raises(nstlib.SettingsError, match=r"(?s)size.*seed"):
        explore("cat", "tapestry", size=1, seed=-1)


def test_in_a_notebook_there_is_a_panel(monkeypatch, worker):
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    monkeypatch.setattr("nstlib.panel.board.SHARED", worker)
    panel = explore("cat", "tapestry", size=128)
    assert isinstance(panel, Panel) and isinstance(panel.box, ipywidgets.DOMWidget)
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()
    until(lambda: "rough preview" in panel.about.value)


# --- the knobs


def test_only_what_was_moved_is_told_to_stylize():
    moves = []
    knobs = Knobs({"size": 256, "quality": "quick", "content_weight": 2.0},
                  lambda: moves.append(1))  # fmt: skip
    assert knobs.settings() == {"quality": "quick", "content_weight": 2.0, "size": 256}
    knobs.widgets["style_scale"].value = 0.25 + 18 * 0.05  # 1.1500000000000001
    knobs.widgets["size"].value = 512
    assert knobs.settings() == {
        "quality": "quick", "content_weight": 2.0, "style_scale": 1.15,
    }  # fmt: skip
    knobs.way.value = "adain"
    assert knobs.settings() == {"method": "adain", "style_scale": 1.15}
    assert len(moves) == 3


def test_each_method_shows_its_own_knobs():
    knobs = Knobs({"refine": 0}, lambda: None)

    def there():
        return {n for n, w in knobs.widgets.items() if w.layout.display != "none"}

    everyone = {"size", "style_weight", "style_scale", "tv_weight", "colors", "seed"}
    assert there() == everyone
    knobs.way.value = "wct"
    assert there() == {"size", "alpha", "style_scale", "colors"}
    refined = Knobs({"method": "adain", "refine": 5, "seed": 2}, lambda: None)
    assert refined.settings() == {"method": "adain", "refine": 5, "seed": 2}


# --- previews and runs


def test_the_newest_wish_only_is_done():
    done = []
    newest = Newest(lambda: done.append(time.sleep(0.5)))
    for _ in range(5):
        newest.wish()
        time.sleep(0.05)
    until(lambda: len(done) == 1)
    newest.wish()
    until(lambda: len(done) == 2)


def test_the_preview_says_what_it_is_and_follows_the_knobs(worker):
    panel = Panel(Given("cat", "tapestry"), {"size": 64}, worker)
    assert panel.small.value and panel.small.format == "webp"  # the photo
    until(lambda: "rough preview" in panel.about.value)
    assert "WCT at 256 pixels" in panel.about.value
    first = shown(panel.small)
    assert max(first.shape) == 256
    panel.knobs.widgets["style_weight"].value = 10
    until(lambda: not np.array_equal(shown(panel.small), first))
    panel.knobs.way.value = "adain"
    until(lambda: "painted at 64 pixels" in panel.about.value)


@pytest.mark.parametrize("method", ["optimize", "adain", "feedforward"])
def test_running_the_code_makes_the_same_picture(worker, method):
    settings = SMALL | {"colors": "match"} if method == "optimize" else {"size": 64}
    panel = Panel(Given("cat", "tapestry"), {"method": method, **settings}, worker)
    run(panel)
    assert max(panel.picture.shape) == 64
    assert np.array_equal(made_by(panel.text.value), panel.picture)
    if method == "optimize":
        assert "steps=6" in panel.code and "was painted in" in panel.status.value


def test_the_code_of_arrays_with_weights_and_a_mask(worker, make_picture):
    photo, mask = make_picture(48, 64), np.zeros((48, 64))
    mask[:, 20:] = 255
    style = [(make_picture(40, 40, 1), 2), (nstlib.find_picture("tapestry"), 1, mask)]
    panel = Panel(Given(photo, style), SMALL, worker)
    run(panel)
    again = made_by(panel.code, photo=photo, style=style)
    assert np.array_equal(again, panel.picture)


def test_a_stop_keeps_the_best_and_its_code_stops_there_too(worker):
    panel = Panel(Given("cat", "tapestry"), SMALL | {"steps": 100_000}, worker)
    panel.go.click()
    assert panel.go.disabled and not panel.stop.disabled
    until(lambda: panel.progress.value >= 4 and panel.screen.value)
    panel.stop.click()
    until(lambda: panel.run is None)
    assert "You stopped the run after" in panel.status.value
    assert 4 <= panel.progress.value < panel.progress.max
    assert panel.stop.disabled and not panel.go.disabled
    assert "step.evaluation ==" in panel.code
    assert np.array_equal(made_by(panel.code), panel.picture)


def test_before_and_after(worker):
    panel = Panel(Given("cat", "tapestry"), SMALL, worker)
    run(panel)
    after = shown(panel.screen)
    panel.before.value = 50
    half, middle = shown(panel.screen), after.shape[1] // 2
    assert np.abs(half - after)[:, middle + 4 :].mean() < 9
    assert np.abs(half - after)[:, : middle - 4].mean() > 20
    panel.before.value = 100
    photo = nstlib.images.resize(nstlib.load_image(nstlib.find_picture("cat")),
                                 *after.shape[:2])  # fmt: skip
    assert np.abs(shown(panel.screen) - photo).mean() < 9


def test_the_code_is_shown_and_hidden(worker):
    panel = Panel(Given("cat", "tapestry"), SMALL, worker)
    assert panel.text.layout.display == "none"
    panel.ask.click()
    assert panel.text.layout.display is None and "nstlib.stylize" in panel.text.value
    panel.knobs.widgets["seed"].value = 5
    assert "seed=5" in panel.text.value  # there is no picture yet
    panel.ask.click()
    assert panel.text.layout.display == "none"


def test_what_is_impossible_is_told_in_the_panel(worker, tmp_path):
    own = tmp_path / "own.png"
    nstlib.save_image(nstlib.paint("tapestry", 32, 32), own)
    panel = Panel(Given("cat", own), {"method": "feedforward"}, worker)
    panel.go.click()
    assert panel.run is None and "does not know" in panel.status.value
    until(lambda: "does not know" in panel.about.value)
    impossible = {"steps_per_scale": (1, 2, 3), **SMALL}
    panel = Panel(Given("cat", "tapestry"), impossible, worker)
    panel.go.click()
    until(lambda: panel.run is None)
    assert "teps_per_scale" in panel.status.value and not panel.go.disabled
    assert panel.picture is None


def test_a_run_goes_on_if_the_worker_dies(worker):
    panel = Panel(Given("cat", "tapestry"), SMALL | {"steps": 1000}, worker)
    panel.go.click()
    until(lambda: panel.progress.value >= 3)
    worker.kill()
    until(lambda: panel.run is None)
    assert panel.picture is not None, panel.status.value
    assert panel.progress.value == panel.progress.max == 1000


def test_only_the_worker_loads_tensorflow():
    code = "import sys, nstlib.panel.board; print('tensorflow' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
