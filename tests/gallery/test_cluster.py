"""A gallery on a real Dask cluster of this computer, of which a worker is killed."""

import os
import signal

import numpy as np
import pytest

from nstlib import load_image
from nstlib.errors import NstError, UsageError
from nstlib.gallery import hang
from nstlib.gallery.manifest import DONE
from nstlib.worker.orders import Order

pytest.importorskip("distributed", reason="extra cluster")

from nstlib.worker.cluster import Cluster


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr("nstlib.worker.cluster.PATIENCE", 0.5)
    with pytest.raises(UsageError, match="no Dask scheduler answers at tcp://127"):
        Cluster("tcp://127.0.0.1:9")
    with pytest.raises(UsageError, match="no Dask scheduler answers at nonsense"):
        Cluster("nonsense://x")


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r'pip install "nstlib\[cluster\]"'):
        Cluster("local")


def twice(number):
    return 2 * number


def refuse(text):
    raise NstError(text)


def crash(text):
    raise RuntimeError(text)


@pytest.fixture(scope="module")
def crew():
    with Cluster("local", 2, memory=3_000_000_000) as found:
        yield found


def test_a_gallery_of_which_a_worker_is_killed(
    crew, tiny_jobs, here, pictures, no_price
):
    jobs, killed = tiny_jobs(), []

    def kill(entry):
        if not killed:
            nanny = next(iter(crew.own.workers.values()))
            killed.append(nanny.pid)
            os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    crew.check_memory(10**9, 6 * 10**8)
    entries = hang(jobs, "wall", crew, report=kill)
    assert killed and [entry.state for entry in entries] == [DONE] * 6
    alone = hang(jobs, "alone", here())
    for one, other in zip(entries, alone, strict=True):
        pixels = load_image(f"wall/{one.file}"), load_image(f"alone/{other.file}")
        assert np.abs(pixels[0] - pixels[1]).mean() < 1
        assert one.key == other.key


def test_values_refusals_and_crashes(crew):
    orders = [Order(f"twice {n}", twice, n) for n in range(10)]
    orders += [Order("no", refuse, "it is too small."), Order("bug", crash, "oh")]
    found = {outcome.key: outcome for outcome in crew.outcomes(orders)}
    assert [found[f"twice {n}"].value for n in range(10)] == list(range(0, 20, 2))
    assert found["no"].error == "it is too small."
    assert "RuntimeError: oh" in found["bug"].error


def test_memory_that_no_worker_offers(crew):
    with pytest.raises(
        UsageError, match=r"no worker offers more than 2\.8 GiB: .* a larger MEMORY"
    ):
        crew.check_memory(4 * 10**9, 6 * 10**8)


def test_workers_that_offer_nothing_have_to_hold_all_of_their_threads(
    crew, monkeypatch
):
    worker = {"resources": {}, "memory_limit": 4 * 10**9, "nthreads": 4}
    info = {"workers": {"tcp://w:1": worker}}
    monkeypatch.setattr(crew.client, "scheduler_info", lambda **_: info)
    monkeypatch.setattr(crew, "offered", crew.offered)
    crew.check_memory(10**9, 6 * 10**8)
    assert not crew.offered
    with pytest.raises(UsageError, match="start it with fewer --nthreads"):
        crew.check_memory(2 * 10**9, 6 * 10**8)


def test_another_version_on_a_worker(crew, monkeypatch):
    monkeypatch.setattr("nstlib.worker.cluster.__version__", "9.9")
    with pytest.raises(
        UsageError, match=r"nstlib has version .* on tcp://.* and 9.9 here"
    ):
        crew._check_workers()
    monkeypatch.setattr(
        crew.client, "run", lambda *_, **__: {"w": ModuleNotFoundError("no nstlib")}
    )
    with pytest.raises(UsageError, match="nstlib cannot be imported on w"):
        crew._check_workers()
