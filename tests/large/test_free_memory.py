"""How much memory is free, on each kind of system."""

import sys

import pytest

from nstlib.large import free_memory as memory
from nstlib.large.free_memory import available_memory, free_on_mac


def test_free_memory_on_a_mac():
    report = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                                5000.\n"
        "Pages active:                             90000.\n"
        "Pages inactive:                            1000.\n"
        "Pages speculative:                          200.\n"
        "Pages purgeable:                             30.\n"
    )
    assert free_on_mac(report) == 16384 * 6230
    assert free_on_mac("") is None


def test_a_container_may_have_less(monkeypatch):
    monkeypatch.setattr(memory, "_of_container", lambda: 5_000_000)
    assert available_memory() == 5_000_000
    monkeypatch.setattr(memory, "_of_system", lambda: None)
    assert available_memory() == 5_000_000
    monkeypatch.setattr(memory, "_of_container", lambda: None)
    assert available_memory() is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_memory():
    assert 2**20 < available_memory() < 2**50
