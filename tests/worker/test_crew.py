"""A crew of processes: all orders are done, whatever dies or is refused."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from nstlib.errors import NstError
from nstlib.worker.crew import Processes
from nstlib.worker.orders import LOST, Order


def twice(number, stopped):
    return 2 * number


def threads(_, stopped):
    return os.environ.get("TF_NUM_INTRAOP_THREADS"), os.getpid()


def refuse(text, stopped):
    raise NstError(text)


def die_once(place, stopped):
    """End the process the first time."""
    mark = Path(place)
    if not mark.exists():
        mark.write_text("was here")
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return "alive"


def die(_, stopped):
    os._exit(3)


def wait(seconds, stopped):
    ends = time.monotonic() + seconds
    while not stopped() and time.monotonic() < ends:
        time.sleep(0.02)
    return {}


@pytest.fixture(scope="module")
def crew():
    with Processes(2, threads=1) as found:
        yield found


def done(crew, *orders):
    with closing(crew.outcomes(orders)) as outcomes:
        return {outcome.key: outcome for outcome in outcomes}


def test_every_order_is_done_once(crew):
    found = done(crew, *(Order(str(n), twice, n) for n in range(20)))
    assert {key: o.value for key, o in found.items()} == {
        str(n): 2 * n for n in range(20)
    }


def test_each_process_has_its_share_of_threads(crew):
    found = done(crew, *(Order(str(n), threads, None) for n in range(6)))
    assert {o.value[0] for o in found.values()} == {"1"}
    assert os.getpid() not in {o.value[1] for o in found.values()}


def test_a_refusal_is_told_and_the_rest_goes_on(crew):
    found = done(crew, Order("no", refuse, "it is too small."), Order("yes", twice, 4))
    assert found["no"].error == "it is too small." and found["yes"].value == 8


def test_a_killed_process_loses_nothing(crew, tmp_path):
    orders = [Order("x", die_once, str(tmp_path / "mark")), Order("y", twice, 1)]
    found = done(crew, *orders)
    assert found["x"].value == "alive" and found["y"].value == 2


def test_what_kills_every_process_fails(crew):
    found = done(crew, Order("x", die, None), Order("y", twice, 1))
    assert f"{LOST} processes" in found["x"].error and found["y"].value == 2


def test_orders_that_cannot_be_made_are_an_error(crew):
    def orders():
        yield Order("x", twice, 1)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        list(crew.outcomes(orders()))


def test_closing_ends_what_goes_on():
    with Processes(1, threads=1) as crew:
        assert done(crew, Order("x", twice, 1))["x"].value == 2
        outcomes = crew.outcomes([Order("long", wait, 600)])
        began = time.monotonic()
        with closing(outcomes):
            time.sleep(0.3)
    assert time.monotonic() - began < 25


def test_fewer_processes():
    with Processes(3, threads=1) as crew:
        done(crew, Order("x", twice, 1))
        crew.limit(1)
        assert crew.slots() == 1 and crew.workers[0].pid
        assert done(crew, Order("y", twice, 2))["y"].value == 4
