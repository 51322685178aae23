"""What a run will cost: the model, the trial, and what the commands say about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib import cli, doctor, estimating, memory, progress, sources, trial
from nstlib.estimate import BASE_BYTES, estimate, largest_size, peak_memory
from nstlib.memory import available_memory, free_on_mac
from nstlib.settings import Settings, SettingsError
from nstlib.vgg import layer_names, random_parameters

SPEED = trial.Speed(start=3.0, tracing=1.0, targets=1e-6, fixed=0.01, pixel=1e-6)


@pytest.fixture
def no_trial(monkeypatch):
    """Fixed speeds; returns the settings that were tried out."""
    tried = []

    def measure(text):
        tried.append(Settings.from_json(text))
        return SPEED

    monkeypatch.setattr("nstlib.estimate.measure", measure)
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
import json, resource, sys
import numpy as np
from nstlib import stylize
photo = np.random.default_rng(0).uniform(0, 255, (160, 256, 3)).astype("float32")
stylize(photo, photo, **json.loads(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
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
    needs = [peak_memory(side, side, 9, Settings()) for side in (64, 512, 4096, 8192)]
    assert needs == sorted(needs)
    assert needs[-1] / needs[-2] == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("network", ["random", "mini", "vgg16", "vgg19"])
def test_layers_down_to_the_deepest(network):
    names = layer_names(network)
    assert list(trial.used_layers(network, ["block3_conv2", names[1]])) == names[:6]


def test_stand_ins_have_the_shapes_of_the_network():
    there, ours = random_parameters(), trial.stand_in("mini", layer_names("mini"))
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in there.items()
    }


def test_largest_size_is_the_last_that_fits():
    settings, free = Settings(), 3 * 2**30
    size = largest_size(300, 400, settings, free)
    needs = [
        peak_memory(round(0.75 * s), s, settings.steps, settings) - BASE_BYTES
        for s in (size - 2, size + 2)
    ]
    assert needs[0] < free < needs[1]
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


def test_one_trial_serves_all_sizes(no_trial):
    for size, steps in ((256, 100), (512, 50), (1024, 300)):
        estimate(100, 100, Settings(size=size, steps=steps, weights="nowhere.h5"))
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


# --- the commands ---------------------------------------------------------------------


def test_table(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(estimating, "available_memory", lambda: 2 * 2**30)
    line = "estimate cat.jpg wave.png --size 256 4096 --steps 200 --set history=5"
    assert cli.main(line.split()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "network mini, 200 evaluations"
    assert [row.split()[0] for row in lines[2:4]] == ["256×171", "4096×2731"]
    assert [row.split()[-1] for row in lines[1:4]] == ["fits", "yes", "no"]
    assert lines[4].startswith("1.8 GiB can be used: up to --size ")
    assert 512 < int(lines[4].rstrip(".").split()[-1]) < 2048
    assert no_trial[0].history == 5


def test_json(no_trial, pictures, monkeypatch, capsys):
    monkeypatch.setattr(estimating, "available_memory", lambda: None)
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
    monkeypatch.setattr(estimating, "available_memory", lambda: 2**30)
    monkeypatch.setattr("nstlib.transfer.stylize", lambda *_, **__: pytest.fail("ran"))
    line = "stylize cat.jpg wave.png --size 2000"
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: 2000 pixels with network mini need about ")
    assert "but only 0.9 GiB can be used: try --size " in error
    assert not list(Path().glob("output/*"))
    size = int(error.rstrip(".\n").split()[-1])
    settings = Settings(size=size)
    photo = np.zeros((60, 90, 3), np.float32)
    assert estimating.expected_memory([photo], settings) > 0
    with pytest.raises(cli.UsageError):
        estimating.expected_memory([photo], Settings(size=size + 20))
    monkeypatch.setattr(estimating, "available_memory", lambda: 1000)
    assert cli.main(line.split()) == 2
    assert "close other programs" in capsys.readouterr().err
