"""The trial of the methods that need no optimizer."""

import pytest

from nstlib.fast import speed as trial
from nstlib.large.cost import run_memory
from nstlib.settings import Settings


@pytest.mark.parametrize("method", ["adain", "feedforward"])
def test_a_real_trial(monkeypatch, method):
    monkeypatch.setattr(trial, "SIDES", (32, 96))
    trial.measure.cache_clear()
    small, large = (
        trial.estimate_one_pass(300, 400, Settings(method=method, size=size))
        for size in (256, 512)
    )
    assert trial.measure.cache_info().misses == 1
    assert [(s.height, s.width) for s in large.scales] == [(384, 512)]
    assert large.scales[0].seconds == pytest.approx(4 * small.scales[0].seconds)
    assert 0 < small.scales[0].seconds < small.seconds < large.seconds
    settings = Settings(method=method, size=512)
    assert large.peak_bytes == run_memory(300, 400, settings)
    trial.measure.cache_clear()
