"""Predicting what a gallery costs: time, memory and disk, before it begins."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from nstlib.errors import NstError, UsageError
from nstlib.fast.speed import estimate_one_pass
from nstlib.files import nearest_folder
from nstlib.gallery.plan import Job
from nstlib.images import scaled_sides
from nstlib.large.cost import estimate
from nstlib.large.countdown import duration
from nstlib.large.free_memory import usable_memory
from nstlib.limits import gigabytes
from nstlib.settings import Settings

BYTES = {".png": 2.4, ".jpg": 1.1, ".webp": 0.7}
"""Suffix → bytes of the file for each pixel of a painted picture. Larger pictures take
up to a quarter less."""
SMALL_BYTES = 80_000
"""Bytes of what a gallery keeps besides each picture: a small copy, a line, a share of
the sheets."""
_SAME_SPEED = (
    "content_weight", "style_weight", "tv_weight", "seed", "init_noise", "noise_sigma",
)  # fmt: skip


class Price(NamedTuple):
    """The predicted cost of one picture."""

    seconds: float
    """Time of a process that has painted such pictures before."""
    peak_bytes: int
    """The most memory that the process holds."""


FREE = Price(0.0, 0)
"""The cost of a picture that cannot be painted."""


class Forecast(NamedTuple):
    """The predicted cost of several jobs."""

    prices: dict[str, Price]
    """Key of a job → its cost."""
    start: float
    """Seconds that each worker takes to start, before its first picture."""
    usable: int | None
    """Bytes of memory that a worker's computer has free; None if that is not known."""

    def seconds(self, slots: int) -> float:
        """Predict how long all jobs take with ``slots`` workers."""
        work = sum(price.seconds for price in self.prices.values())
        longest = max((price.seconds for price in self.prices.values()), default=0.0)
        return self.start + max(work / slots, longest)

    @property
    def peak_bytes(self) -> int:
        """The most memory that a worker holds."""
        return max((price.peak_bytes for price in self.prices.values()), default=0)


Asked = list[tuple[int, int, str]]
"""Height and width of photos, and settings from `Settings.to_json`."""
Told = tuple[list[tuple[float, int]], float, int | None]


def price(asked: Asked, stopped: Callable[[], str] = lambda: "") -> Told:
    """Predict the cost of pictures on this computer, by painting small ones.

    Returns:
        Seconds and bytes for each, the seconds until a worker is ready, and the bytes
        of memory that are free. What cannot be painted costs nothing.
    """
    found, start = [], 0.0
    for height, width, text in asked:
        if stopped():
            break
        settings = Settings.from_json(text)
        try:
            seconds, peak, before = _price(height, width, settings)
        except NstError:  # painting it will say why
            seconds, peak, before = 0.0, 0, 0.0
        start = max(start, before)
        found.append((seconds, peak))
    return found, start, usable_memory()


def _price(height: int, width: int, settings: Settings) -> tuple[float, int, float]:
    default = Settings()
    same = {name: getattr(default, name) for name in _SAME_SPEED}
    alike = dataclasses.replace(settings, **same)  # one trial serves all of them
    predict = estimate if settings.method == "optimize" else estimate_one_pass
    cost = predict(height, width, alike)
    seconds = sum(scale.seconds for scale in cost.scales)
    return seconds, cost.peak_bytes, cost.seconds - seconds


def questions(jobs: Sequence[Job]) -> Asked:
    """Return the argument of `price` for jobs."""
    return [(j.photo.height, j.photo.width, j.settings.to_json()) for j in jobs]


def forecast_of(jobs: Sequence[Job], told: Told) -> Forecast:
    """Combine the answers of `price` about jobs."""
    costs, start, usable = told
    prices = {job.key: Price(*cost) for job, cost in zip(jobs, costs, strict=True)}
    return Forecast(prices, start, usable)


def disk_bytes(jobs: Sequence[Job], suffix: str) -> int:
    """Predict how many bytes the files of jobs take."""
    pixels = 0
    for job in jobs:
        if not job.error:
            sides = job.photo.height, job.photo.width, job.settings.size
            height, width = scaled_sides(*sides)
            pixels += height * width
    return int(BYTES[suffix] * pixels) + SMALL_BYTES * len(jobs)


def check_disk(folder: Path, need: int) -> None:
    """Raise a `UsageError` if the disk has too little room for a gallery."""
    free = shutil.disk_usage(nearest_folder(folder)).free
    if need > free:
        raise UsageError(
            f"the pictures need about {gigabytes(need)} of disk space, and only "
            f"{gigabytes(free)} is free: free some space, save to another disk with "
            "-o, or choose --format jpg, a smaller --size, or fewer pictures."
        )


def workers_that_fit(
    forecast: Forecast, workers: int, chosen: bool, free: int | None
) -> int:
    """Return how many workers the memory holds.

    Args:
        forecast: the predicted cost.
        workers: how many the cores allow, or how many were chosen.
        chosen: whether a person chose this number.
        free: bytes of memory that all workers together may take; None if unknown.

    Raises:
        UsageError: not even one fits, or fewer fit than were chosen.
    """
    if free is None or not forecast.peak_bytes:
        return workers
    fit = int(free // forecast.peak_bytes)
    if fit < 1 or (chosen and fit < workers):
        advice = f"choose --workers {fit} or" if fit else "choose"
        raise UsageError(
            f"each worker needs {gigabytes(forecast.peak_bytes)} of memory, and only "
            f"{gigabytes(free)} can be used for all of them: {advice} a smaller --size."
        )
    return min(workers, fit)


def told(forecast: Forecast, slots: int, disk: int) -> str:
    """Say what a gallery will cost: ``"about 3 min, 1.2 GiB of memory …"``."""
    memory = gigabytes(slots * forecast.peak_bytes)
    return (
        f"about {duration(forecast.seconds(slots))}, {memory} of memory and "
        f"{disk / 1e6:,.0f} MB of disk space"
    )
