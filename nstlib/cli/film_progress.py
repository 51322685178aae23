"""Showing the progress of a film: a bar, frames in a second, and the last picture."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from typing import Any

from nstlib.cli.console import Job, nearest, write
from nstlib.film.painting import FilmStep
from nstlib.large.countdown import duration

UNKNOWN = 10
"""Outside of a terminal, a line is printed for so many frames of a film of unknown
length."""


class FilmProgress:
    """A callback for `paint_film`.

    Args:
        job: the command that runs.
    """

    def __init__(self, job: Job):
        self.job = job
        self.bar: Any = None

    def __enter__(self) -> FilmProgress:
        """Do nothing; the bar appears with the first frame."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        if self.bar is not None:
            with suppress(OSError):  # the terminal was closed
                self.bar.close()

    def __call__(self, step: FilmStep) -> None:
        """Show that a frame was painted."""
        if self.job.args.quiet:
            return
        rate = step.new / max(step.seconds, 1e-9)
        left = f"{duration((step.frames - step.frame) / rate)} left, "
        left = left if step.frames else ""
        news = f"{rate:.3g} frames/s, {left}{nearest(step.path)}"
        try:
            self.draw(step, news)
        except OSError:  # the terminal was closed; the film is worth more
            self.bar = None

    def draw(self, step: FilmStep, news: str) -> None:
        """Move the bar in a terminal; elsewhere, print a line for each tenth."""
        if not sys.stderr.isatty():
            every = max(1, step.frames // 10) if step.frames else UNKNOWN
            if step.new == 1 or step.frame % every == 0:
                of = f" of {step.frames}" if step.frames else ""
                write(sys.stderr, f"{step.frame}{of}, {news}")
            return
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=step.frames or None,
                initial=step.frame - 1,
                file=sys.stderr,
                leave=False,
                ncols=shutil.get_terminal_size().columns - 1,
                bar_format="{bar}| {n_fmt}/{total_fmt}{postfix}",
            )
        self.bar.total = step.frames or None  # known after the first pass at the latest
        self.bar.set_postfix_str(news, refresh=False)
        self.bar.update()
