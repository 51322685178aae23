"""How much memory is free, as the system and a container's limit say."""

from unittest.mock import Mock

import psutil
import pytest

from nstlib.large import free_memory as memory
from nstlib.large.free_memory import available_memory


def test_free_memory_is_what_the_system_reports(monkeypatch):
    monkeypatch.setattr(memory, "_of_container", lambda: None)
    assert available_memory() == pytest.approx(psutil.virtual_memory().available, 0.2)


def test_a_container_may_have_less(monkeypatch):
    monkeypatch.setattr(memory, "_of_container", lambda: 5_000_000)
    assert available_memory() == 5_000_000
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Mock(available=4_000_000))
    assert available_memory() == 4_000_000


def test_free_memory_that_no_system_reports(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", Mock(side_effect=PermissionError))
    monkeypatch.setattr(memory, "_of_container", lambda: 5_000_000)
    assert available_memory() == 5_000_000
    monkeypatch.setattr(memory, "_of_container", lambda: None)
    assert available_memory() is None


def test_memory():
    assert 2**20 < available_memory() < 2**50
