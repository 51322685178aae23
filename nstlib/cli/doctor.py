"""The command ``nst doctor``, which checks whether this computer is ready.

If a check raises an exception, its message becomes the result, and the other checks
still run. Large packages are imported by the checks that need them, because a broken
TensorFlow is one of the problems to find.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nstlib import __version__
from nstlib.backend import BACKEND, broken_keras_json, keras_json, missing_wheel
from nstlib.cli.console import Parser, Signals, write
from nstlib.course.notebooks import INSTALL
from nstlib.course.own_copy import find_workbook
from nstlib.course.places import ROOT, course_files
from nstlib.files import nearest_folder
from nstlib.limits import available_memory, cores, gigabytes

PYTHONS = ((3, 10), (3, 13))
"""Oldest and newest version of Python that the package supports, as in
pyproject.toml."""
PACKAGES = {
    "tensorflow": (2, 20),
    "numpy": (1, 26),
    "matplotlib": (3, 8),
    "pillow": (10, 3),
    "psutil": (5, 9),
    "tqdm": (4, 66),
    "cachetools": (5, 3),
}
"""Packages that must be installed → their oldest version, as in pyproject.toml."""


@dataclass(frozen=True)
class Check:
    """The result of one check, which is one line of the table."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    """What to do if the check failed."""
    needed: bool = True
    """Whether the check has to succeed before pictures can be made."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst doctor``."""
    parser.add_argument("--json", action="store_true", help="Print one line of JSON.")


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst doctor`` and return its exit status."""
    return examine(args.json)


def examine(as_json: bool = False) -> int:
    """Run all checks and print their results.

    Args:
        as_json: whether to print one line of JSON in place of a table.

    Returns:
        0 if everything that is needed is there, else 1.
    """
    checks = []
    for check in _checks():
        checks.append(check)
        if not as_json:
            write(sys.stdout, _line(check))
    ready = all(check.ok for check in checks if check.needed)
    if as_json:
        facts = {"ok": ready, "checks": [asdict(check) for check in checks]}
        write(sys.stdout, json.dumps(facts))
    elif ready:
        write(sys.stdout, "Ready: nst stylize makes a picture.")
    else:
        write(sys.stdout, "Not ready: follow the advice above, from the top.")
    return 0 if ready else 1


def _line(check: Check) -> str:
    signs = {"ok": "✓", "bad": "✗", "open": "○"}
    try:
        "✓✗○".encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        signs = {"ok": "ok ", "bad": "BAD", "open": " - "}
    sign = signs["ok" if check.ok else "bad" if check.needed else "open"]
    advice = f": {check.advice}" if check.advice and not check.ok else ""
    return f"{sign} {check.name:12} {check.found}{advice}"


def _checks() -> Iterator[Check]:
    makers: list[tuple[str, bool, Callable[[], Check]]] = [
        ("Python", True, _python),
        ("nstlib", True, _location),
        *((name, True, lambda name=name: _package(name)) for name in PACKAGES),
        ("Keras", True, _keras),
        ("network mini", True, _mini),
        ("speed", False, _speed),
        ("bfloat16", False, _bfloat16),
        ("memory", False, _memory),
        ("output", True, _output),
        ("course", False, _course),
        ("JupyterLab", False, _jupyter),
        ("VGG19", False, _vgg19),
    ]
    for name, needed, make in makers:
        try:
            yield make()
        except Exception as error:
            text = " ".join(str(error).split()) or type(error).__name__
            yield Check(name, False, text[:300], needed=needed)


def _python() -> Check:
    low, high = PYTHONS
    ok = low <= sys.version_info[:2] <= high
    advice = "use Python {}.{} to {}.{}".format(*low, *high)
    found = f"{platform.python_version()}, {platform.platform(terse=True)}"
    return Check("Python", ok, found, advice)


def _location() -> Check:
    return Check("nstlib", True, f"{__version__}, {Path(__file__).parents[1]}")


def _package(name: str) -> Check:
    oldest = PACKAGES[name]
    advice = f"{'.'.join(map(str, oldest))} or newer is needed, {INSTALL}"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        if name == "tensorflow":
            advice = missing_wheel() or advice
        return Check(name, False, "not installed", advice)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return Check(name, numbers >= oldest, version, advice)


def _keras() -> Check:
    """Check the settings of Keras, which may have been made for other projects."""
    path, trouble = keras_json(), broken_keras_json()
    if trouble:
        return Check("Keras", False, f"{path} {trouble}", "correct or delete it")
    asked = os.environ.get(BACKEND)
    origin = f"the environment variable {BACKEND}"
    if not asked and path.is_file():
        with suppress(ValueError):  # no JSON: Keras goes on without it
            asked = json.loads(path.read_text(encoding="utf-8")).get("backend")
        origin = str(path)
    if asked in (None, "", "tensorflow"):
        return Check("Keras", True, "computes with TensorFlow")
    found = f"computes with TensorFlow in nstlib, although {origin} says {asked!r:.40}"
    return Check("Keras", True, found)


def _mini() -> Check:
    from nstlib.vgg import load_network

    network = load_network("mini")  # checks its hash and its activations
    return Check("network mini", True, f"intact, up to {network.available[-1]}")


def _speed() -> Check:
    """Measure the speed of a convolution like those of the network."""
    from nstlib.backend import tf

    side, channels = 128, 64
    picture = tf.ones((1, side, side, channels))
    kernel = tf.ones((3, 3, channels, channels))

    @tf.function(autograph=False)
    def convolve(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.nn.conv2d(x, kernel, 1, "SAME"))

    float(convolve(picture))
    best, ends = 1e9, time.perf_counter() + 0.5
    while time.perf_counter() < ends:
        began = time.perf_counter()
        float(convolve(picture))
        best = min(best, time.perf_counter() - began)
    speed = 2 * side**2 * 9 * channels**2 / best / 1e9
    gpus = len(tf.config.list_physical_devices("GPU"))
    where = f"{gpus} GPU" if gpus else f"{cores()} cores, no GPU"
    return Check("speed", True, f"{speed:.0f} GFLOP/s in convolutions, {where}")


def _bfloat16() -> Check:
    from nstlib.backend import has_native_bfloat16

    native = has_native_bfloat16()
    found = "native, used" if native else "not native, float32 is used"
    return Check("bfloat16", native, found, needed=False)


def _memory() -> Check:
    free = available_memory()
    if free is None:
        return Check("memory", True, "unknown on this system", needed=False)
    advice = "close other programs, or stay below 512 pixels"
    return Check("memory", free > 2**31, f"{gigabytes(free)} free", advice, False)


def _output() -> Check:
    from nstlib.images import check_writable

    folder = Path("output").absolute()
    existing = nearest_folder(folder)
    free = shutil.disk_usage(existing).free
    check_writable(existing / "nst-doctor.png")
    advice = "free some space, or work in another folder"
    found = f"{gigabytes(free)} free in {folder}"
    return Check("output", free > 100 * 2**20, found, advice)


def _course() -> Check:
    """Look for the lessons and pictures, and for the student's own copy of them."""
    names = course_files()
    if not names:
        advice = "install nstlib again"
        return Check("course", False, f"none in {ROOT}", advice, needed=False)
    lessons = sum(name.endswith(".ipynb") for name in names)
    own = find_workbook()
    where = f"your copy is {own}" if own else "nst course makes a copy of your own"
    return Check("course", True, f"{lessons} lessons in {ROOT}; {where}", needed=False)


def _jupyter() -> Check:
    advice = f"for the lessons {INSTALL}"
    names = ("jupyterlab", "ipykernel")
    missing = [name for name in names if not importlib.util.find_spec(name)]
    if missing:
        found = f"{', '.join(missing)} not installed"
        return Check("JupyterLab", False, found, advice, needed=False)
    found = f"{importlib.metadata.version('jupyterlab')}, kernel python3"
    from jupyter_client.kernelspec import KernelSpecManager

    command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    if not shutil.which(command):
        advice = "run python -m ipykernel install --user"
        found = f"the kernel python3 starts {command}, which is not there"
        return Check("JupyterLab", False, found, advice, needed=False)
    return Check("JupyterLab", True, found, needed=False)


def _vgg19() -> Check:
    """Look for the weights of VGG19 on this computer, without downloading them."""
    from nstlib.vgg_weights import load_weights

    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    cached = sorted((home / "models").glob("vgg19*notop*"))
    given = os.environ.get("NSTLIB_WEIGHTS")
    if not given and not cached:
        advice = "the first use downloads 80 MB; NSTLIB_WEIGHTS can name a local file"
        return Check("VGG19", False, "no weights here", advice, needed=False)
    path = given or str(cached[0])
    load_weights("vgg19", path)
    return Check("VGG19", True, path, needed=False)
