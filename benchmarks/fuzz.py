"""Feed damaged and hostile files to everything that reads files.

    python benchmarks/fuzz.py --count 1000 --seed 0

A file must either be loaded or be refused in one sentence. Anything else is a fault: an
exception of another type, several lines, a character that steers a terminal, or half a
minute without an answer. Faults are printed with the number that makes them again.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import Parser, command, count, number, peak_bytes
from mutations import (
    BYTES,
    Change,
    inflated,
    json_text,
    other_arrays,
    other_json,
    whole_json,
)
from PIL import Image

SECONDS = 30
"""Longest time that one file may take."""
ADDRESSES = (
    "http://", "https:///x.png", "http://[::1", "http://127.0.0.1:9/\r\nHost: x",
    "HTTP://127.0.0.1:9", "http://127.0.0.1:99999/x", "http://127.0.0.1:x/", "http://:@/",
    "ftp://x/y.png", "file:///etc/passwd", "data:image/png;base64,AAAA", "gopher://x",
    "http://127.0.0.1:9/" + "a" * 70_000, "javascript://x",
    "http://127.0.0.1:9/x.png?key=secret",
)  # fmt: skip
"""Nobody answers at any of them, and none needs a name server."""


class Target(NamedTuple):
    """Something that reads files, and how to damage what it reads."""

    make: Callable[[], bytes]
    """Returns a good file."""
    changes: Sequence[Change]
    load: Callable[[Path], object]
    suffix: str


class Tally(NamedTuple):
    """What became of the files of one kind."""

    outcomes: Counter[str]
    faults: list[str]


def picture(kind: str) -> Callable[[], bytes]:
    """Return a maker of pictures in a format of Pillow."""

    def make() -> bytes:
        rows, columns = np.mgrid[0:24, 0:32]
        pixels = np.stack([rows * 10, columns * 7, rows * columns // 4], -1)
        file = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(file, kind)
        return file.getvalue()

    return make


def targets() -> dict[str, Target]:
    """Return all kinds of files, by name."""
    import subjects  # starts TensorFlow

    pictures = {
        f"picture {kind}": Target(
            picture(kind), BYTES, subjects.load_picture, f".{kind.lower()}"
        )
        for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP")
    }
    arrays, load = (*BYTES, other_arrays, other_arrays, inflated), subjects
    return pictures | {
        "metadata PNG": Target(load.result, [load.in_png], load.reproduce, ".png"),
        "metadata JPEG": Target(load.result, [load.in_jpeg], load.reproduce, ".jpg"),
        "metadata JSON": Target(load.result, [whole_json], load.beside, ".json"),
        "settings JSON": Target(
            load.settings, [whole_json], load.read_settings, ".json"
        ),
        "typed settings": Target(load.settings, [typed], load.type_settings, ".txt"),
        "address": Target(lambda: b"", [address], load.fetch_nothing, ".txt"),
        "network": Target(
            load.network, (*arrays, other_json("facts")), load.load_transformer, ".npz"
        ),
        "VGG weights": Target(load.weights, arrays, load.load_vgg, ".npz"),
        "VGG weights HDF5": Target(load.weights_h5, BYTES, load.load_vgg, ".h5"),
        "checkpoint": Target(
            load.checkpoint, (*arrays, *[other_json("facts")] * 3), load.resume, ".npz"
        ),
        "train checkpoint": Target(
            load.training, (*arrays, other_json("run")), load.resume_training, ".npz"
        ),
    }  # fmt: skip


def typed(data: bytes, rng: random.Random) -> bytes:
    """Return a NAME=VALUE as somebody may type it."""
    name = rng.choice([*json.loads(data), "base", "", "{}", "x" * 10_000])
    value = rng.choice((json_text(0, rng)[:20_000], "1,,2", "a:b:c", "1:", ":", "none"))
    return f"{name}={value}".encode()


def address(data: bytes, rng: random.Random) -> bytes:
    """Return an address that nobody can fetch."""
    text = [data.decode(), *rng.choice(ADDRESSES)]
    for _ in range(rng.randrange(3)):  # in the path; a host would be looked up
        text.append(chr(rng.choice((0, 10, 27, 37, 8238, 0xD800))))
    return "".join(text).encode("utf-8", "surrogatepass")


@contextmanager
def limited() -> Iterator[None]:
    """Raise a TimeoutError after `SECONDS`, where there are such signals."""

    def late(*_: object) -> None:
        raise TimeoutError(f"no answer in {SECONDS} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(target: Target, path: Path) -> str:
    """Load a file: ``"loaded"``, ``"refused"``, or a fault in words."""
    from nstlib.errors import NstError

    try:
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.load(path)
        return "loaded"
    except NstError as error:
        text = str(error)
        good = text.isprintable() and len(text) < 2500 and text[-1] in ".?"
        return "refused" if good else f"not one sentence: {ascii(text)[:300]}"
    except Exception as error:
        return f"{type(error).__name__}: {ascii(str(error))[:300]}"


def tried(name: str, target: Target, times: int, seed: int, folder: Path) -> Tally:
    """Damage a good file as often as asked, and load what comes of it."""
    good, tally = target.make(), Tally(Counter(), [])
    for number_ in range(times):
        rng = random.Random(f"{seed} {name} {number_}")
        path = folder / f"fuzz{target.suffix}"
        path.write_bytes(rng.choice(target.changes)(good, rng))
        found = outcome(target, path)
        if found not in ("loaded", "refused"):
            tally.faults.append(f"{name} {number_}: {found}")
            found = "fault"
        tally.outcomes[found] += 1
    return tally


def chosen(args: argparse.Namespace) -> dict[str, Target]:
    """Return the kinds that were asked for."""
    known = targets()
    if unknown := set(args.kinds or known) - set(known):
        names = ", ".join(known)
        raise argparse.ArgumentTypeError(f"no kind {unknown.pop()!r}: {names}")
    return {name: known[name] for name in args.kinds or known}


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Try every kind of file, and print a table."""
    parser = Parser(__doc__)
    parser.add_argument("--count", type=count, default=1000, help="files of each kind")
    parser.add_argument("--seed", type=number, default=0, help="another seed, others")
    parser.add_argument("--kinds", nargs="+", metavar="KIND", help="only these")
    args = parser.parse_args(argv)
    try:
        kinds = chosen(args)
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    print(
        f"{'kind':17} {'tried':>6} {'loaded':>7} {'refused':>8} {'faults':>7} seconds"
    )
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, target in kinds.items():
            began, quiet = time.perf_counter(), io.StringIO()
            with redirect_stdout(quiet), redirect_stderr(quiet):
                tally = tried(name, target, args.count, args.seed, Path(folder))
            done: Any = [tally.outcomes[key] for key in ("loaded", "refused", "fault")]
            seconds = time.perf_counter() - began
            print(
                f"{name:17} {sum(done):6} {done[0]:7} {done[1]:8} {done[2]:7} "
                f"{seconds:7.1f}",
                flush=True,
            )
            faults += tally.faults
    print(f"The most memory held: {peak_bytes() / 2**30:.2f} GiB.")
    for fault in faults:
        print(fault, file=sys.stderr)


if __name__ == "__main__":
    main()
