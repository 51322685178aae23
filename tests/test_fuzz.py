"""A small part of benchmarks/fuzz.py: damaged files are loaded or refused."""

import sys
from pathlib import Path

import pytest

SCRIPTS = [Path(__file__).parents[1] / name for name in ("benchmarks", "scripts")]
COUNT = 60
KINDS = [
    *(f"picture {kind}" for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP")),
    "metadata PNG", "metadata JPEG", "metadata JSON", "settings JSON",
    "typed settings", "address", "network", "VGG weights", "VGG weights HDF5",
    "checkpoint", "train checkpoint",
]  # fmt: skip
MADE_BY_CHANGES = ("metadata PNG", "metadata JPEG", "typed settings", "address")


@pytest.fixture(scope="module")
def fuzz():
    before = list(sys.path)
    sys.path[:0] = map(str, SCRIPTS)
    import fuzz

    yield fuzz
    sys.path[:] = before
    for name in ("fuzz", "subjects", "mutations", "common", "command"):
        sys.modules.pop(name, None)


def test_every_kind_is_here(fuzz):
    assert list(fuzz.targets()) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_loaded_or_refused(fuzz, kind, tmp_path):
    target, path = fuzz.targets()[kind], tmp_path / "fuzz"
    path = path.with_suffix(target.suffix)
    if kind not in MADE_BY_CHANGES:
        path.write_bytes(target.make())
        assert fuzz.outcome(target, path) == "loaded"
    tally = fuzz.tried(kind, target, COUNT, 1, tmp_path)
    assert tally.faults == []
    assert tally.outcomes["refused"] > COUNT / 5
    if kind != "address":  # none of which can be fetched
        assert tally.outcomes["loaded"] > 0


def test_a_fault_is_seen(fuzz, tmp_path):
    def fail(path):
        raise KeyError("x")

    target = fuzz.Target(lambda: b"abc", [lambda data, rng: data], fail, ".txt")
    tally = fuzz.tried("broken", target, 2, 0, tmp_path)
    assert tally.outcomes["fault"] == 2 and "KeyError" in tally.faults[0]
