"""What a run will cost: the model, the trial, and what the commands say about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.cli import doctor, progress
from nstlib.cli import estimate as estimating
from nstlib.cli import main as cli
from nstlib.course import pictures as sources
from nstlib.errors import SettingsError, UsageError
from nstlib.large import free_memory
from nstlib.large import free_memory as memory
from nstlib.large import speed as trial
from nstlib.large.cost import (
    BASE_BYTES,
    estimate,
    expected_memory,
    largest_size,
    passes,
    peak_memory,
    pixels_seen,
    run_memory,
    tile_that_fits,
)
from nstlib.large.free_memory import available_memory, free_on_mac
from nstlib.large.tiles import tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.settings import Settings
from nstlib.vgg_plan import layer_names, used_layers
from nstlib.vgg_weights import random_parameters

SPEED = trial.Speed(start=3.0, tracing=1.0, targets=1e-6, fixed=0.01, pixel=1e-6)


@pytest.fixture
def no_trial(monkeypatch):
    """Fixed speeds; returns the settings that were tried out."""
    tried = []

    def measure(text):
        tried.append(Settings.from_json(text))
        return SPEED

    monkeypatch.setattr("nstlib.large.cost.measure", measure)
    return tried


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder with a photo and a painting, in a course without pictures."""
    for name, shape in (("cat.jpg", (90, 60)), ("wave.png", (50, 50))):
        pixels = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize(shape).save(tmp_path / name)
    monkeypatch.setattr(sources, "IMAGES", tmp_path / "course")
    monkeypatch.chdir(tmp_path)


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
    few, many = (peak_memory(100, 200, n, Settings(margin=0)) for n in (5, 15))
    assert many - few == pytest.approx(10 * 2 * 12 * 100 * 200, abs=2)
    assert peak_memory(100, 200, 99, Settings(margin=0)) - many == pytest.approx(
        5 * 2 * 12 * 100 * 200, abs=2
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
    whole = Settings(margin=0, tile=0)
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


@pytest.mark.parametrize("network", ["random", "mini", "vgg16", "vgg19"])
def test_layers_down_to_the_deepest(network):
    names = layer_names(network)
    assert list(used_layers(network, ["block3_conv2", names[1]])) == names[:6]


def test_stand_ins_have_the_shapes_of_the_network():
    there, ours = random_parameters(), random_parameters("mini", layer_names("mini"))
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in there.items()
    }


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


# --- free memory ----------------------------------------------------------------------


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
    assert "unknown" in doctor._memory().found


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
    assert tiled.scales[0].seconds == pytest.approx(1 + 1e-6 * seen + 300 * each)
    assert tiled.seconds > 1.5 * whole.seconds


def test_one_trial_serves_all_sizes(no_trial):
    for size, steps, tile in ((256, 100, None), (512, 50, 300), (1024, 300, 0)):
        more = {"weights": "nowhere.h5", "tile": tile}
        estimate(100, 100, Settings(size=size, steps=steps, **more))
    assert no_trial[0] == no_trial[1] == no_trial[2]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_real_trial(monkeypatch, optimizer):
    monkeypatch.setattr(trial, "SIDES", (32, 64))
    few = {"style_layers": ["conv1_1"], "content_layers": ["conv2_1"]}
    settings = Settings(optimizer=optimizer, network="random", margin=0, **few)
    speed = trial.measure.__wrapped__(settings.to_json())
    assert min(speed.targets, speed.pixel) > 0 and min(speed.fixed, speed.tracing) >= 0
    assert speed.seconds(10_000, 50) > speed.seconds(10_000, 40) > 0


def test_too_small_for_a_layer(no_trial):
    with pytest.raises(SettingsError, match="needs 16"):
        estimate(10, 200, Settings(size=200))


def test_countdown(monkeypatch):
    clock = iter([10.0, 12.0, 14.0, 20.0, 28.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    countdown = progress.Countdown([(10, 10, 3), (20, 20, 2)], Settings(margin=0))
    assert countdown.left((10, 10)) == ""  # has compiled
    assert countdown.left((10, 10)) == ", 18 s left"  # 2 s for 100 pixels: 1 and 2 × 4
    assert countdown.left((10, 10)) == ", 16 s left"
    assert countdown.left((20, 20)) == ""
    assert countdown.left((20, 20)) == ", 0 s left"


def test_countdown_knows_that_tiles_take_longer(monkeypatch):
    clock = iter([10.0, 11.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    settings, plan = Settings(tile=300), [(300, 300, 2), (600, 600, 5)]
    countdown = progress.Countdown(plan, settings)
    assert countdown.left((300, 300)) == ""
    dear = pixels_seen(600, 600, settings) * passes(600, 600, settings) / 332**2
    assert dear > 4
    assert countdown.left((300, 300)) == f", {5 * dear:.0f} s left"


# --- the commands ---------------------------------------------------------------------


def test_table(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2 * 2**30)
    line = "estimate cat.jpg wave.png --steps 200 --set history=5 --set network=vgg16"
    assert cli.main([*line.split(), "--size", "256", "9000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "network vgg16, 200 evaluations"
    assert [row.split()[0] for row in lines[2:4]] == ["256×171", "9000×6000"]
    assert [row.split()[-1] for row in lines[1:4]] == ["fits", "yes", "no"]
    assert lines[4].startswith("1.8 GiB can be used: up to --size ")
    assert 512 < int(lines[4].rstrip(".").split()[-1]) < 4096
    assert no_trial[0].history == 5


def test_table_with_tiles(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 4 * 2**30)
    line = "estimate cat.jpg wave.png --size 512 1800 9000 --set tile="
    assert cli.main(f"{line}512".split()) == 0
    rows = capsys.readouterr().out.splitlines()[2:5]
    assert [row.split("  ")[-1] for row in rows] == ["yes", "in tiles", "no"]
    monkeypatch.setattr(free_memory, "available_memory", lambda: 3 * 2**30)
    assert cli.main([*f"{line}0".split(), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["sizes"]
    assert [row["fits"] for row in facts] == [True, False, False]
    assert [row["tile"] for row in facts] == [0, 0, 0]
    assert [row["tile_that_fits"] for row in facts] == [None, 768, None]
    assert cli.main(f"{line}0".split()) == 0
    assert "  in tiles, with --set tile=768" in capsys.readouterr().out


def test_json(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: None)
    assert cli.main(["estimate", "cat.jpg", "wave.png", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["usable_bytes"] is facts["largest_size"] is None
    assert [row["size"] for row in facts["sizes"]] == list(estimating.SIZES)
    row = facts["sizes"][1]
    assert (row["width"], row["height"], row["fits"]) == (512, 341, None)
    assert row["seconds"] > 3 and row["peak_bytes"] > BASE_BYTES
    assert [scale["width"] for scale in row["scales"]] == [128, 256, 512]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("estimate", "name a photo and a painting"),
        ("estimate cat.jpg wave.jpg", "did you mean wave.png"),
        ("estimate cat.jpg wave.png --size big", "--size"),
        ("estimate cat.jpg wave.png --size 5", "size is a whole number from 16"),
        ("estimate cat.jpg wave.png --size 64 --set size=65", "given twice"),
        ("estimate cat.jpg wave.png --set history=0", "history"),
        ("estimate cat.jpg wave.png --set tv_wait=0", "did you mean tv_weight?"),
    ],
)
def test_bad_input(no_trial, pictures, capsys, line, message):
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: ") and error.count("\n") == 1 and message in error


def test_stylize_refuses_what_does_not_fit(pictures, monkeypatch, capsys):
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**30)
    monkeypatch.setattr(
        "nstlib.cli.stylize.stylize", lambda *_, **__: pytest.fail("ran")
    )
    line = "stylize cat.jpg wave.png --size 2400"
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: 2400 pixels with network mini need about ")
    assert "but only 0.9 GiB can be used: try --size " in error
    assert not list(Path().glob("output/*"))
    size = int(error.rstrip(".\n").split()[-1])
    settings = Settings(size=size)
    photo = np.zeros((60, 90, 3), np.float32)
    assert expected_memory([photo], settings) > 0
    with pytest.raises(UsageError):
        expected_memory([photo], Settings(size=size + 20))
    monkeypatch.setattr(free_memory, "available_memory", lambda: 2**31)
    whole = "stylize cat.jpg wave.png --size 1500 --set tile=0"
    assert cli.main(whole.split()) == 2
    error = capsys.readouterr().err
    assert "or look at it in tiles, which takes longer: --set tile=" in error
    monkeypatch.setattr(free_memory, "available_memory", lambda: 1000)
    assert cli.main(line.split()) == 2
    assert "close other programs" in capsys.readouterr().err
