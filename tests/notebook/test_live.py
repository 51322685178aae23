"""The growing picture: seen by a person, never by a test, and gone at the end."""

from types import SimpleNamespace

import IPython.display
import numpy as np
import pytest

from nstlib.notebook import live, watch, watch_tensor
from nstlib.runs.result import Step

PICTURE = np.full((4, 6, 3), 90.0, np.float32)


class Screen:
    """What a notebook would show: the last page of each display."""

    def __init__(self):
        self.pages, self.drawn = {}, 0

    def display(self, handle, page):
        self.pages[handle] = page.data
        self.drawn += bool(page.data)


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    handle = IPython.display.DisplayHandle
    for name in ("display", "update"):
        monkeypatch.setattr(handle, name, lambda self, page: screen.display(self, page))
    monkeypatch.setattr(live, "_someone_looks", lambda: True)
    return screen


def step(evaluation, evaluations=10):
    losses = {"total": 2.5, "content": 1, "style": 1, "tv": 0.5}
    return Step(evaluation, evaluations, (4, 6), losses, lambda: PICTURE)


def test_the_picture_is_shown_with_loss_and_evaluation(screen):
    callback = watch()
    assert callback(step(1)) is None  # a true answer would end the run
    (page,) = screen.pages.values()
    assert "evaluation 1 of 10 · loss 2.5" in page
    assert '<img alt="evaluation 1' in page and "data:image/webp;base64," in page


def test_pictures_come_with_pauses_in_one_place(screen, monkeypatch):
    seconds = iter([10.0, 10.1, 10.2, 10.7, 10.8])
    monkeypatch.setattr(live.time, "monotonic", lambda: next(seconds))
    callback = watch()
    for evaluation in range(1, 6):
        callback(step(evaluation, 50))
    (page,) = screen.pages.values()
    assert screen.drawn == 2 and "evaluation 4 of 50" in page
    assert "about 8 s left" in page  # 0.7 s for 4 evaluations, and 46 to come


def test_nothing_is_left_at_the_end(screen):
    callback = watch()
    callback(step(1))
    callback(step(10))
    assert [*screen.pages.values()] == [""]


def test_the_plan_of_the_run_counts(screen):
    callback = watch()
    callback(step(1, 20))
    callback(step(10, 20))
    assert "of 20" in next(iter(screen.pages.values()))


def test_a_tensor_is_shown_as_a_picture(screen):
    callback = watch_tensor(10)
    assert callback(1, np.zeros((1, 4, 6, 3), np.float32), 7.25) is None
    assert "evaluation 1 of 10 · loss 7.25" in next(iter(screen.pages.values()))


def test_nobody_looks_in_tests_and_scripts(monkeypatch):
    assert not live._someone_looks()
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv("NSTLIB_UNWATCHED", raising=False)
    assert not live._someone_looks()  # no kernel here


@pytest.mark.parametrize("name", sorted(live.UNWATCHED))
def test_one_name_in_the_environment_is_enough(monkeypatch, name):
    """The kernels of the notebooks' tests start without PYTEST_CURRENT_TEST."""
    kernel = SimpleNamespace(kernel=object())
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: kernel)
    for other in live.UNWATCHED:
        monkeypatch.delenv(other, raising=False)
    assert live._someone_looks()
    monkeypatch.setenv(name, "1")
    assert not live._someone_looks()
