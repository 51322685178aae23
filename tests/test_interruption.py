"""Ctrl-C ends a run and says so; a second one ends the loop around the runs."""

import time

import numpy as np
import pytest

from nstlib import Stylizer, stylize
from nstlib.fast.training import train_transformer
from nstlib.interruption import AGAIN, Interruption

SMALL = {"size": 32, "steps": 4, "network": "mini"}
FIRST = (
    r"interrupted after 2 of 4 evaluations; the result is the picture so far\. "
    r"Interrupt again within 10 seconds to end a loop\."
)


@pytest.fixture
def pictures(make_picture):
    return make_picture(24, 32, seed=1), make_picture(32, 32, seed=2)


def impatient(step):
    if step.evaluation == 2:
        raise KeyboardInterrupt


def test_the_first_warns_where_the_user_called(pictures):
    with pytest.warns(Interruption, match=FIRST) as seen:
        result = stylize(*pictures, callback=impatient, **SMALL)
    assert result.stop_reason == "interrupted" and result.evaluations == 2
    assert [warning.filename for warning in seen] == [__file__]


def test_the_second_ends_a_loop(pictures):
    done = []
    with pytest.warns(Interruption) as seen, pytest.raises(KeyboardInterrupt):
        for _ in range(3):
            done.append(stylize(*pictures, callback=impatient, **SMALL))
    assert len(done) == len(seen) == 1


def test_whole_pictures_may_lie_between(pictures):
    stylizer = Stylizer(**SMALL)
    with pytest.warns(Interruption):
        stylizer(*pictures, callback=impatient)
    assert stylizer(*pictures).stop_reason == "evaluations used up"
    with pytest.raises(KeyboardInterrupt):
        stylizer(*pictures, callback=impatient)


def test_a_later_one_is_a_first_one_again(pictures, monkeypatch):
    stylizer = Stylizer(**SMALL)
    for _ in range(3):  # the same words at the same line each time
        with pytest.warns(Interruption, match=FIRST):
            stylizer(*pictures, callback=impatient)
        now = time.monotonic() + AGAIN
        monkeypatch.setattr(time, "monotonic", lambda now=now: now)


def test_after_a_loop_has_ended_the_next_is_a_first_one(pictures):
    stylizer = Stylizer(**SMALL)
    with pytest.warns(Interruption):
        stylizer(*pictures, callback=impatient)
    with pytest.raises(KeyboardInterrupt):
        stylizer(*pictures, callback=impatient)
    with pytest.warns(Interruption):
        stylizer(*pictures, callback=impatient)


def test_one_pass_is_interrupted_at_once(pictures):
    def first_level(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stylize(*pictures, method="adain", size=32, callback=first_level)


def test_a_training_says_so_too(pictures):
    def second_step(fit):
        if fit.step == 2:
            raise KeyboardInterrupt

    photos, style = [np.uint8(pictures[0])], pictures[1]
    short = {"steps": 9, "side": 16, "batch": 1, "callback": second_step}
    with pytest.warns(Interruption, match="after 2 steps; the result is the network"):
        _, state = train_transformer(style, photos, **short)
    assert state.steps == 2
