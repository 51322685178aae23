"""`Stylizer`: the second picture neither loads nor traces, and many do not add up."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from nstlib import Stylizer, store, stylize, targets
from nstlib.errors import NetworkError, SettingsError
from nstlib.large.tiled_objective import TiledLoss
from nstlib.objective import Loss
from nstlib.store import Store
from nstlib.transformers import shipped_styles

SMALL = {"size": 64, "steps": 3, "network": "random", "coarse_to_fine": False}
ONE_PASS = ("adain", "wct", "swap", "neighbors")


@pytest.fixture
def pictures(make_picture):
    """Two photos and two paintings, none as large as another."""
    sizes = ((48, 64), (60, 44), (50, 70), (64, 64))
    return [make_picture(*size, seed) for seed, size in enumerate(sizes)]


@pytest.fixture
def counted(monkeypatch):
    """How often files are read, losses are traced and paintings are encoded."""
    counts = {"reads": 0, "traces": 0, "encodings": 0}

    def count(owner, name, what):
        original = getattr(owner, name)

        def watched(*arguments, **options):
            counts[what] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, watched)

    for name in ("load_parameters", "load_decoder", "load_transformer"):
        count(store, name, "reads")
    count(Loss, "_evaluate", "traces")
    count(TiledLoss, "_tile_gradient", "traces")
    count(targets.Encoder, "encode_style", "encodings")
    return counts


def test_the_second_picture_neither_loads_nor_traces(pictures, counted):
    one, other, painting, another = pictures
    stylizer = Stylizer(**SMALL)
    stylizer(one, painting)
    assert counted == {"reads": 1, "traces": 1, "encodings": 1}
    stylizer(other, painting)  # of another shape, but of the same longer side
    assert counted == {"reads": 1, "traces": 1, "encodings": 1}
    stylizer(other, another)
    assert counted == {"reads": 1, "traces": 1, "encodings": 2}


def test_one_tracing_serves_all_scales_sizes_and_weights(pictures, counted):
    photo, _, painting, _ = pictures
    stylizer = Stylizer(**SMALL)
    changes = [
        {"size": 90, "smallest": 30, "coarse_to_fine": True, "steps": 6},
        {"style_weight": 3.0},
        {"tv_weight": 0.0},
        {"content_weight": 2.0, "init": "noise"},
        {"colors": "match"},
        {"optimizer": "adam"},
    ]
    for change in changes:
        stylizer(photo, painting, **change)
    assert (counted["reads"], counted["traces"]) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"style_layers": ["conv1_1"]},
        {"style_statistic": "moments"},
        {"tv_exponent": 1.0},
        {"pooling": "avg"},
        {"margin": 8},
        {"style_convention": "gatys", "style_weight": 1e-3},
        {"tile": 48, "content_layers": ["conv1_1"], "style_layers": ["conv1_2"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_computation_is_traced_anew_and_is_right(pictures, change):
    """What is kept for one way of computing is not used for another."""
    photo, _, painting, _ = pictures
    held = Stylizer(**SMALL)
    held(photo, painting)
    again = held(photo, painting, **change)
    fresh = Stylizer(**SMALL)(photo, painting, **change)
    np.testing.assert_array_equal(again.image, fresh.image)
    assert again.history == fresh.history


def test_masks_and_several_styles_use_their_own_traces(pictures, make_picture):
    photo, _, painting, another = pictures
    left = np.zeros((48, 64), np.float32)
    left[:, :32] = 255
    styles = [
        painting,
        [(painting, 1.0), (another, 3.0)],
        [(painting, 1.0, left), (another, 1.0, 255 - left)],
        [(painting, 1.0, left)],
    ]
    options = {**SMALL, "style_layers": ["conv1_1", "conv2_1"]}
    held = Stylizer(**options)
    results = [held(photo, style).image for style in [*styles, *styles]]
    for first, second, style in zip(results, results[4:], styles, strict=False):
        np.testing.assert_array_equal(first, second)
        fresh = Stylizer(**options)(photo, style).image
        np.testing.assert_array_equal(first, fresh)


@pytest.mark.parametrize("method", [*ONE_PASS, "feedforward"])
def test_one_pass_methods_read_nothing_twice(pictures, counted, method):
    photo, other, painting, _ = pictures
    style = shipped_styles()[0] if method == "feedforward" else painting
    stylizer = Stylizer(method=method, size=64)
    first = stylizer(photo, style).image
    reads = counted["reads"]
    assert reads
    stylizer(other, style)
    np.testing.assert_array_equal(stylizer(photo, style).image, first)
    assert counted["reads"] == reads


def test_stylize_is_the_same_door(pictures, counted):
    photo, _, painting, _ = pictures
    mine = Stylizer(**SMALL)(photo, painting)
    here = stylize(photo, painting, **SMALL)
    np.testing.assert_array_equal(here.image, mine.image)
    before = dict(counted)
    stylize(photo, painting, **SMALL)
    assert counted == before


def test_a_weight_file_that_changes_is_read_again(
    tmp_path, pictures, narrow_parameters
):
    photo, _, painting, _ = pictures
    file = tmp_path / "mine.npz"
    options = {**SMALL, "network": "mini", "weights": str(file)}
    stylizer, images = Stylizer(**options), []
    for seed in (0, 1):
        file.unlink(missing_ok=True)
        np.savez(file, **narrow_parameters("mini", seed=seed))
        images.append(stylizer(photo, painting).image)
    assert np.abs(images[0] - images[1]).max() > 1
    file.unlink()
    with pytest.raises(NetworkError, match="does not exist"):
        stylizer(photo, painting)


def test_settings_are_checked_when_the_door_is_opened():
    with pytest.raises(SettingsError, match="did you mean steps"):
        Stylizer(stepz=3)
    with pytest.raises(SettingsError, match="size must be a whole number"):
        Stylizer(size=3)


def test_a_store_can_be_shared_and_emptied(pictures, counted):
    photo, _, painting, _ = pictures
    shared = Store()
    for _ in range(2):
        Stylizer(store=shared, **SMALL)(photo, painting)
    assert counted["reads"] == counted["traces"] == 1
    shared.clear()
    Stylizer(store=shared, **SMALL)(photo, painting)
    assert counted["reads"] == counted["traces"] == 2


def test_threads_paint_what_one_alone_would(pictures):
    photo, other, painting, another = pictures
    tasks = [(photo, painting), (other, another), (other, painting)] * 2
    alone = [Stylizer(**SMALL)(*task).image for task in tasks]
    stylizer, found = Stylizer(**SMALL), {}

    def work(index):
        found[index] = stylizer(*tasks[index]).image

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, image in enumerate(alone):
        np.testing.assert_array_equal(found[index], image)


def test_what_is_kept_is_bounded(monkeypatch, pictures):
    """Paintings that do not fit are encoded, used and forgotten."""
    photo, _, painting, _ = pictures
    monkeypatch.setattr(targets, "ENCODED_BYTES", 1000)
    monkeypatch.setattr(store, "MAPS_BYTES", 1000)
    stylizer = Stylizer(**SMALL)
    image = stylizer(photo, painting).image
    np.testing.assert_array_equal(stylizer(photo, painting).image, image)
    assert Stylizer(method="wct", size=64)(photo, painting).image.shape == (48, 64, 3)


GROWTH = """
import resource, sys
from pathlib import Path
import nstlib

def resident():
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024

photo, painting = nstlib.paint("tapestry", 72, 96), nstlib.paint("great_wave", 96, 96)
ways = [("optimize", {"steps": 3}), ("adain", {}), ("wct", {}), ("swap", {})]
for call in range(1, 201):
    method, options = ways[call % 4]
    options["size"] = (96, 80)[call // 4 % 2]
    nstlib.stylize(photo, painting, method=method, **options)
    if call == 20:
        early = resident()
print(f"{early:.1f} {resident():.1f}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_hundred_pictures_take_no_more_memory_than_twenty():
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", GROWTH],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    early, late = map(float, done.stdout.split())
    assert late - early <= 30, f"{early} MiB after 20 pictures, {late} after 200"
