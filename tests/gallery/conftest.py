"""Small pictures, a crew without processes, and jobs for it."""

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import NstError
from nstlib.worker.orders import Outcome

TINY = {"size": 64, "steps": 3, "margin": 0, "smallest": 64}


class Here:
    """A crew that does every order in this process, one after the other.

    Attributes:
        done: the keys of the orders that it did.
        fail: called with each order before it is done.
    """

    def __init__(self, fail=lambda order: None):
        self.done, self.fail = [], fail

    def slots(self):
        return 1

    def outcomes(self, orders):
        for order in orders:
            self.fail(order)
            try:
                value = order.function(order.argument)
            except NstError as error:
                yield Outcome(order.key, error=str(error))
                continue
            self.done.append(order.key)
            yield Outcome(order.key, value)


@pytest.fixture
def here():
    return Here


@pytest.fixture
def no_price(monkeypatch):
    """Predictions without a trial: every picture takes as long as it is large."""

    def price(asked, stopped=None):
        return [(height * width / 1e4, 10**9) for height, width, _ in asked], 1.0, None

    monkeypatch.setattr("nstlib.gallery.opening.price", price)


@pytest.fixture
def pictures(tmp_path, monkeypatch, make_picture):
    """Folders with three photos and two paintings, in the current folder."""
    sides = {
        "photos": [(40, 64), (64, 48), (24, 32)],
        "paintings": [(48, 48), (32, 64)],
    }
    for kind, shapes in sides.items():
        (tmp_path / kind).mkdir()
        for number, shape in enumerate(shapes):
            pixels = make_picture(*shape, seed=number).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{kind[:-1]}{number}.png")
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny_jobs(pictures):
    """Makes jobs of the small pictures, with so many photos."""
    from nstlib.gallery import find_pictures, plan_jobs

    def make(photos=3, **chosen):
        found = find_pictures("photos", "content")[:photos]
        return plan_jobs(found, find_pictures("paintings", "style"), [TINY | chosen])

    return make
