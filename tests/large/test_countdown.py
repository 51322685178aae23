"""What is said while a picture is painted: the time that is left."""

from nstlib.large import countdown as module
from nstlib.large.cost import passes, pixels_seen
from nstlib.settings import Settings


def test_countdown(monkeypatch):
    clock = iter([10.0, 12.0, 14.0, 20.0, 28.0])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    countdown = module.Countdown([(10, 10, 3), (20, 20, 2)], Settings(margin=0))
    assert countdown.left((10, 10)) == ""  # has compiled
    assert countdown.left((10, 10)) == ", 18 s left"  # 2 s for 100 pixels: 1 and 2 × 4
    assert countdown.left((10, 10)) == ", 16 s left"
    assert countdown.left((20, 20)) == ""
    assert countdown.left((20, 20)) == ", 0 s left"


def test_countdown_knows_that_tiles_take_longer(monkeypatch):
    clock = iter([10.0, 11.0])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    settings, plan = Settings(tile=300), [(300, 300, 2), (600, 600, 5)]
    countdown = module.Countdown(plan, settings)
    assert countdown.left((300, 300)) == ""
    dear = pixels_seen(600, 600, settings) * passes(600, 600, settings) / 332**2
    assert dear > 4
    assert countdown.left((300, 300)) == f", {5 * dear:.0f} s left"
