"""Showing the progress of a run: a bar, and the time that is left."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from nstlib.cli.console import Job, write
from nstlib.cli.frames import Frames
from nstlib.errors import FileError
from nstlib.fast.level_painter import plan_levels
from nstlib.images import Picture, resize
from nstlib.large.countdown import Countdown
from nstlib.large.scales import plan_scales
from nstlib.runs.result import Result
from nstlib.settings import Settings, optimized_half


class Progress:
    """A callback for `stylize` that shows the progress and saves progress pictures.

    Args:
        job: the command that runs.
        every: number of evaluations between two progress pictures; 0 saves none.
        countdown: the countdown for this run.
        resumed: whether the run continues from a checkpoint.
    """

    def __init__(
        self, job: Job, every: int, countdown: Countdown, resumed: bool = False
    ):
        self.job, self.every, self.countdown = job, every, countdown
        self.resumed = self.going_on = resumed
        self.bar: Any = None
        self.frames: Frames | None = None

    def __enter__(self) -> Progress:
        """Do nothing; the bar appears with the first evaluation."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        if self.bar is not None:
            with suppress(OSError):  # the terminal was closed
                self.bar.close()

    def __call__(self, step: Any) -> bool:
        """Show one evaluation, and save its picture if it is time to.

        Args:
            step: a `nstlib.runs.result.Step`.

        Returns:
            Whether to end the run, because a signal came that did not interrupt it.
        """
        if self.resumed:
            self.job.say(f"Going on after {step.evaluation - 1} evaluations.")
            self.resumed = False
        if self.every and step.evaluation % self.every == 0:
            self.save(step)
        left = self.countdown.left(step.size) if step.losses else ""
        if not self.job.args.quiet:
            loss = step.losses.get("total")
            news = "" if loss is None else f", loss {loss:.4g}{left}"
            self.show(step, f"{step.size[1]}×{step.size[0]} pixels", news)
        return bool(self.job.signals.number)

    def show(self, step: Any, size: str, news: str) -> None:
        """Move the bar in a terminal; elsewhere, print a line for each tenth."""
        try:
            self.draw(step, size, news)
        except OSError:  # the terminal was closed; the run is worth more
            self.bar = None

    def draw(self, step: Any, size: str, news: str) -> None:
        """Do what `show` does. The terminal may have been closed."""
        if not sys.stderr.isatty():
            tenth = max(1, step.evaluations // 10)
            if step.evaluation == 1 or step.evaluation % tenth == 0:
                done = f"{step.evaluation} of {step.evaluations}"
                write(sys.stderr, f"{done}, {size}{news}")
            return
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=step.evaluations,
                initial=step.evaluation - 1,
                desc=size,
                file=sys.stderr,
                leave=False,
                ncols=shutil.get_terminal_size().columns - 1,
                # The forecast of tqdm would assume that all scales cost the same.
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt}{postfix}",
            )
        self.bar.set_description(size, refresh=False)
        self.bar.set_postfix_str(news.lstrip(", "), refresh=False)
        self.bar.update()

    def save(self, step: Any) -> None:
        """Save a progress picture. If this fails, the run goes on without them."""
        try:
            if self.frames is None:
                first = step.evaluation if self.going_on else 0
                self.frames = Frames(self.job.out, first)
            picture = step.picture()
            if self.countdown.scales:  # all have the size of the result
                picture = resize(picture, *self.countdown.scales[-1][0])
            self.frames.save(picture, step.evaluation)
        except FileError as error:  # the run is worth more
            self.every = 0
            write(sys.stderr, f"nst: no more progress pictures: {error}")


def planned(photo: Picture, settings: Settings) -> list[tuple[int, int, int]]:
    """Return the scales at which a photo is optimized; none if it is not."""
    half = optimized_half(settings)
    return plan_scales(photo.shape[0], photo.shape[1], half) if half else []


def evaluations(plan: Sequence[tuple[int, int, int]]) -> str:
    """Say how much a plan asks for: ``"58 evaluations at 3 sizes"``."""
    sizes = f"{len(plan)} sizes" if len(plan) > 1 else "1 size"
    return f"{sum(count for *_, count in plan)} evaluations at {sizes}"


def done(result: Result) -> str:
    """Say how far a run came that ended early: ``"7 of 300 evaluations"``."""
    settings = result.settings
    half = optimized_half(settings)
    if half and (result.history or settings.method == "optimize"):
        return f"{len(result.history)} of {half.steps} evaluations"
    levels = len(plan_levels(settings.method, settings.levels))
    return f"{result.evaluations} of {levels} levels"


def in_one_pass(settings: Settings) -> str:
    """Name a method of one pass: ``"wct, in one pass, then 28 evaluations"``."""
    then = f", then {settings.refine} evaluations" if settings.refine else ""
    return f"{settings.method}, in one pass{then}"
