"""What a run will cost, in memory and in time."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from nstlib.errors import SettingsError, UsageError
from nstlib.fast.training import DEFAULTS
from nstlib.large import free_memory
from nstlib.large.cost import (
    BASE_BYTES,
    estimate,
    passes,
    peak_memory,
    pixels_seen,
    run_memory,
    training_memory,
)
from nstlib.large.fitting import (
    check_training,
    expected_memory,
    largest_size,
    tile_that_fits,
)
from nstlib.large.tiles import tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.settings import Settings

# --- memory ---------------------------------------------------------------------------

REAL_RUN = """
import json, re, sys
from pathlib import Path
import numpy as np
from nstlib import stylize
photo = np.random.default_rng(0).uniform(0, 255, (160, 256, 3)).astype("float32")
stylize(photo, photo, **json.loads(sys.argv[1]))
# Of this process alone: ru_maxrss begins with that of the test's process.
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_memory_of_a_real_run():
    options = {"size": 256, "steps": 12, "network": "random", "coarse_to_fine": False}
    command = [sys.executable, "-c", REAL_RUN, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = 1024 * int(done.stdout)
    assert peak_memory(160, 256, 12, Settings(**options)) == pytest.approx(
        measured, rel=0.25
    )


@pytest.mark.parametrize(
    "more",
    [
        {"network": "vgg19"},
        {"precision": "float32"},
        {"history": 40},
        {"margin": 64},
        {"style_scale": 3.0},
    ],
)
def test_what_takes_more_memory(more):
    base = {"precision": "bfloat16"}
    assert peak_memory(512, 512, 100, Settings(**base | more)) > 1.05 * peak_memory(
        512, 512, 100, Settings(**base)
    )


@pytest.mark.parametrize(
    "less",
    [
        {"optimizer": "adam"},
        {"restart_every": 3},
        {"style_layers": ["conv1_1"], "content_layers": ["conv1_1"]},
    ],
)
def test_what_takes_less_memory(less):
    assert peak_memory(512, 512, 100, Settings(**less)) < peak_memory(
        512, 512, 100, Settings()
    )


def test_pairs_are_counted():
    few, many = (peak_memory(100, 200, n, Settings(margin=0)) for n in (5, 9))
    assert many - few == pytest.approx(4 * 2 * 12 * 100 * 200, abs=2)
    assert peak_memory(100, 200, 99, Settings(margin=0)) - many == pytest.approx(
        1 * 2 * 12 * 100 * 200, abs=2
    )


def test_memory_grows_with_size_to_the_pixels_in_the_end():
    sides = (64, 512, 4096, 8192)
    tiled, needs = (
        [peak_memory(side, side, 9, Settings(tile=tile)) for side in sides]
        for tile in (None, 0)
    )
    assert needs == sorted(needs) and tiled == sorted(tiled) and tiled < needs
    assert needs[-1] / needs[-2] == pytest.approx(4, rel=0.1)


def test_in_tiles_the_network_takes_what_a_tile_takes():
    whole, tiled = Settings(tile=0), Settings(tile=512)
    for sides, part in (((600, 1100), 0.9), ((2048, 2048), 0.5)):
        assert peak_memory(*sides, 9, tiled) < part * peak_memory(*sides, 9, whole)
    assert peak_memory(512, 512, 9, whole) == peak_memory(512, 512, 9, tiled)
    by_tile = [peak_memory(2048, 2048, 9, Settings(tile=t)) for t in (256, 512, 1024)]
    assert by_tile == sorted(by_tile)
    # Half a tile more is seen in the middle, nothing where the picture ends.
    assert pixels_seen(1000, 800, whole) == 1032 * 832
    seen = pixels_seen(2048, 2048, tiled) / pixels_seen(2048, 2048, whole)
    assert 1.5 < seen < 2.5


def test_pairs_of_large_pictures_are_fewer():
    whole = Settings(margin=0, tile=0, history=20)
    sides = 2048, 2048
    least, kept = peak_memory(*sides, 1, whole), pairs_kept(*sides, whole.history)
    assert kept < whole.history
    more = peak_memory(*sides, 300, whole) - least
    assert more == pytest.approx((kept - 1) * 24 * 2048**2, abs=2)


def test_a_tile_that_fits():
    settings = Settings(size=2000, tile=0)
    for tile in (768, 512, 256):
        need = run_memory(1500, 2000, Settings(size=2000, tile=tile)) - BASE_BYTES
        assert tile_that_fits(1500, 2000, settings, need) == tile
    assert tile_that_fits(1500, 2000, settings, 1000) is None
    sliced = Settings(size=2000, style_statistic="sliced")
    assert tile_that_fits(1500, 2000, sliced, 10**15) is None


@pytest.mark.parametrize("gibibytes", [1.0, 3.0])  # as a whole, in tiles
def test_largest_size_is_the_last_that_fits(gibibytes):
    settings, free = Settings(), int(gibibytes * 2**30)
    size = largest_size(300, 400, settings, free)
    needs = [
        run_memory(300, 400, Settings(size=s)) - BASE_BYTES
        for s in (size, size + 1, size + 2, size + 40)
    ]
    assert needs[0] <= free < min(needs[1:])
    assert bool(tile_side(size * 3 // 4, size, settings)) == (gibibytes == 3)
    assert largest_size(300, 400, settings, free, 300) == 300
    parts = Settings(size=512, steps_per_scale=(50, 50, 50))
    assert largest_size(300, 400, parts, free) == size
    assert largest_size(300, 400, settings, 1000) is None
    assert largest_size(300, 400, settings, 10**15) == 16384
    assert largest_size(1, 16384, settings, 10**15) == 16384


# --- time -----------------------------------------------------------------------------


def test_time_adds_up(no_trial):
    settings = Settings(size=256, steps=100, steps_per_scale=(60, 40), margin=8)
    cost = estimate(400, 800, settings)
    small, large = 80 * 144, 144 * 272
    scales = [1 + 1e-6 * small + 60 * (0.01 + 1e-6 * small)]
    scales += [1 + 1e-6 * large + 40 * (0.01 + 1e-6 * large)]
    assert [scale.seconds for scale in cost.scales] == pytest.approx(scales)
    assert cost.seconds == pytest.approx(3 + sum(scales))
    assert [(s.height, s.width, s.evaluations) for s in cost.scales] == [
        (64, 128, 60),
        (128, 256, 40),
    ]
    assert cost.peak_bytes == cost.scales[-1].peak_bytes


def test_time_of_tiles(no_trial):
    whole, tiled = (
        estimate(800, 800, Settings(size=800, coarse_to_fine=False, tile=tile))
        for tile in (0, 400)
    )
    assert [whole.scales[0].tile, tiled.scales[0].tile] == [0, 400]
    seen = pixels_seen(800, 800, Settings(tile=400))
    assert seen > 1.5 * 832**2
    each = 0.01 + 1e-6 * seen * passes(800, 800, Settings(tile=400))
    assert tiled.scales[0].seconds == pytest.approx(1 + 1e-6 * seen + 180 * each)
    assert tiled.seconds > 1.5 * whole.seconds


def test_one_trial_serves_all_sizes(no_trial):
    for size, steps, tile in ((256, 100, None), (512, 50, 300), (1024, 300, 0)):
        more = {"weights": "nowhere.h5", "tile": tile}
        estimate(100, 100, Settings(size=size, steps=steps, **more))
    assert no_trial[0] == no_trial[1] == no_trial[2]


def test_too_small_for_a_layer(no_trial):
    with pytest.raises(SettingsError, match="needs 16"):
        estimate(10, 200, Settings(size=200))


# --- methods of one pass, and trainings -----------------------------------------------


@pytest.mark.parametrize(
    "method, side, measured",  # in MB, by VmHWM of a run in a process of its own
    [
        ("adain", 512, 968),
        ("adain", 1024, 1681),
        ("wct", 1024, 1793),
        ("swap", 1024, 2270),
        ("feedforward", 256, 669),
        ("feedforward", 1024, 1107),
        ("feedforward", 2048, 2424),
    ],
)
def test_memory_of_one_pass(method, side, measured):
    settings = Settings(method=method, size=side)
    predicted = run_memory(side, side, settings)
    assert predicted == pytest.approx(measured * 1e6, rel=0.15)
    assert largest_size(300, 400, settings, predicted) > side
    assert tile_that_fits(side, side, settings, 10**12) is None


@pytest.mark.parametrize(
    "side, batch, measured",
    [(64, 4, 838), (128, 4, 979), (256, 4, 1566), (256, 2, 1134)],
)
def test_memory_of_a_training(side, batch, measured):
    predicted = training_memory(side, batch, Settings(**DEFAULTS))
    assert predicted == pytest.approx(measured * 1e6, rel=0.15)


def test_a_training_that_does_not_fit_is_told_a_side(monkeypatch):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**30)
    check_training(128, 4, 64, Settings(**DEFAULTS))
    with pytest.raises(UsageError, match=r"512 pixels .* try --side ") as told:
        check_training(512, 4, 64, Settings(**DEFAULTS))
    side = int(str(told.value).rstrip(".").split()[-1])
    assert 128 < side < 512
    check_training(side, 4, 64, Settings(**DEFAULTS))


def test_a_picture_of_a_fixed_size_is_told_to_find_more_memory(monkeypatch):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**30)
    photo = np.zeros((400, 600, 3), np.float32)
    wct = Settings(method="wct", size=4096)
    with pytest.raises(UsageError, match=r"4096 pixels with wct .* try --size"):
        expected_memory([photo], wct)
    with pytest.raises(UsageError, match="use a computer with more memory") as told:
        expected_memory([photo], wct, may_change=False)
    assert "--size" not in str(told.value)


def test_the_optimization_is_not_mistaken_for_another_method():
    with pytest.raises(SettingsError, match="estimate_one_pass"):
        estimate(100, 100, Settings(method="adain"))
