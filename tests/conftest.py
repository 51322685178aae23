"""What several test files need: tiny pictures, and a tiny network with VGG's names."""

import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # nohup ignores it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

import numpy as np
import pytest

WIDTHS = (4, 6, 8, 10, 12)


@pytest.fixture(autouse=True)
def nothing_interrupted_before():
    """Forget the interrupts of other tests: the second of two ends more than a run."""
    if methods := sys.modules.get("nstlib.methods"):
        methods._SHARED.interruptions.last = float("-inf")


@pytest.fixture(scope="session")
def make_picture():
    """Random pictures with some structure: float32 (H, W, 3), 0–255."""

    def make(height, width, seed=0):
        rng = np.random.default_rng(seed)
        row, column = np.mgrid[0:height, 0:width] / 7.0
        phase, angle = rng.uniform(0, 6, (2, 3))
        waves = np.sin(row[..., None] * np.cos(angle) + column[..., None] + phase)
        noisy = 127 + 90 * waves + rng.normal(0, 15, (height, width, 3))
        return np.clip(noisy, 0, 255).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def narrow_parameters():
    """Random weights of a network with the layers of VGG, but few channels."""
    from nstlib.vgg_plan import layer_names

    def make(network="vgg19", widths=WIDTHS, seed=0):
        rng = np.random.default_rng(seed)
        parameters, channels = {}, 3
        for name in layer_names(network):
            width = widths[int(name[5]) - 1]
            shape = (3, 3, channels, width)
            kernel = rng.normal(0, np.sqrt(2 / (9 * channels)), shape)
            parameters[f"{name}/kernel"] = kernel.astype(np.float32)
            parameters[f"{name}/bias"] = rng.normal(0, 3, width).astype(np.float32)
            channels = width
        return parameters

    return make


@pytest.fixture(scope="session")
def narrow(narrow_parameters):
    """FeatureExtractors over `narrow_parameters`."""
    from nstlib.vgg import FeatureExtractor

    def make(network="vgg19", layers=None, **options):
        return FeatureExtractor(network, narrow_parameters(network), layers, **options)

    return make


@pytest.fixture(scope="session")
def exact_vgg19():
    """File with the real VGG19 up to block3_conv4, which the project does not ship."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("NSTLIB_SHARED_DATA", default))
    file = folder / "teachers" / "vgg19_blocks1to3.npz"
    if not file.is_file():
        pytest.skip(f"the real VGG19 is not here: {file}; set NSTLIB_SHARED_DATA")
    return file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with pictures to work in, and a small course to fall back on."""
    from PIL import Image

    from nstlib.course import pictures

    rng = np.random.default_rng(0)
    for name in ("cat.jpg", "wave.png", "course/content/dog.jpg",
                 "course/content/cat.jpg", "course/style/starry_night.jpg",
                 "course/style/great_wave.jpg"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((90, 60)).save(path)
    monkeypatch.setattr(pictures, "IMAGES", tmp_path / "course")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nst(capsys):
    """Runs a command line; returns its status, what it printed, and its errors."""
    from nstlib.cli.main import main

    def run(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def no_trial(monkeypatch):
    """Fixed speeds; returns the settings that were tried out."""
    from nstlib.settings import Settings

    tried = []

    def measure(text):
        tried.append(Settings.from_json(text))
        from nstlib.large.speed import Speed

        return Speed(start=3.0, first=1.0, targets=1e-6, fixed=0.01, pixel=1e-6)

    monkeypatch.setattr("nstlib.large.cost.measure", measure)
    return tried
