"""What several benchmarks share: pictures, memory, clocks, a process for each run.

Nothing here starts TensorFlow, so ``--help`` is instant; see `workload` for the rest.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from command import (
    IMAGES,
    ROOT,
    InputError,
    Parser,
    command,
    count,
    file,
    folder,
    number,
    pictures_in,
)

__all__ = [
    "COURSE", "IMAGES", "PHOTO", "ROOT", "STYLE", "InputError", "Parser", "add_data",
    "add_sizes", "clocked", "command", "count", "fastest", "file", "folder",
    "in_a_process", "number", "pairs", "peak_bytes", "photos", "pictures_in",
    "random_pictures", "write_json",
]  # fmt: skip

COURSE = [
    ("cat", "starry_night"),
    ("photographer", "great_wave"),
    ("coffee", "cubist_guitar"),
    ("rocket", "rose_window"),
]
"""The course's own pairs of photo and painting."""
PHOTO = IMAGES / "content" / "astronaut.jpg"
STYLE = IMAGES / "style" / "starry_night.jpg"

Key = TypeVar("Key")
Answer = TypeVar("Answer")


def add_data(parser: Parser, what: str, required: bool = False) -> None:
    """The option ``--data``, a folder that holds `what`."""
    parser.add_argument(
        "--data",
        type=folder,
        required=required,
        metavar="FOLDER",
        help=f"folder with {what}",
    )


def add_sizes(parser: Parser, *default: int) -> None:
    """The option ``--sizes``."""
    parser.add_argument(
        "--sizes",
        type=count,
        nargs="+",
        default=list(default),
        metavar="PIXELS",
        help=f"longer sides, by default {' '.join(map(str, default))}",
    )


def photos(data: Path | None) -> list[Path]:
    """Files of photos: those of the evaluation data, or the course's own."""
    return pictures_in((data / "eval" if data else IMAGES) / "content")


def pairs(data: Path | None, every: bool = False) -> list[tuple[Path, Path]]:
    """Files of photo and painting: those of the evaluation data, or the course's own.

    Args:
        data: holds ``eval/content`` and ``eval/style``; None: the course's own.
        every: each photo with each painting, not only the first with the first.
    """
    if data is None:
        content, style = IMAGES / "content", IMAGES / "style"
        return [(content / f"{one}.jpg", style / f"{two}.jpg") for one, two in COURSE]
    styles = pictures_in(data / "eval" / "style")
    if every:
        return [(photo, style) for photo in photos(data) for style in styles]
    return list(zip(photos(data), styles, strict=False))


def random_pictures(height: int, width: int) -> np.ndarray:
    """A photo and a style of noise, for what is on them has no say in the costs."""
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, height, width, 3)).astype(np.float32)


def peak_bytes() -> int:
    """The most memory that this process has held."""
    try:  # Linux hands the other count down from the process that started this one
        text = Path("/proc/self/status").read_text(encoding="ascii")
        return int(text.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        import resource  # which Windows does not have

        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held * (1 if sys.platform == "darwin" else 1024)


def in_a_process(function: Callable[..., Answer], *arguments: Any) -> Answer:
    """Call a function of a module in a fresh process, and wait for its answer."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh) as pool:
        return pool.submit(function, *arguments).result()


def clocked(
    task: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> Callable[[], float]:
    """The same task, which then returns the seconds that it took by this clock."""

    def run() -> float:
        began = clock()
        task()
        return clock() - began

    return run


def fastest(tasks: Mapping[Key, Callable[[], float]], rounds: int) -> dict[Key, float]:
    """The fewest seconds of each task; every round does all of them, one by one.

    A busy machine only ever makes things slower, and this way it slows down all alike.
    """
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for key, task in tasks.items():
            best[key] = min(best[key], task())
    return best


def write_json(path: Path | None, facts: Any) -> None:
    """Write the figures to a file, if there is one to write to."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, indent=1), encoding="utf-8")
