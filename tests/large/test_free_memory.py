"""How much memory a run may take."""

from nstlib.large import free_memory
from nstlib.large.free_memory import SPARE, usable_memory


def test_a_share_of_what_is_there_may_be_taken(monkeypatch):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 1000)
    assert usable_memory() == int(SPARE * 1000) < 1000
    monkeypatch.setattr(free_memory, "available_memory", lambda: None)
    assert usable_memory() is None
