"""Painting a film: reader, painter and writer, and what ties the frames together."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.errors import FilmError
from nstlib.film.chain import FrameOptimizer, Recent, Seen
from nstlib.film.choices import Choices
from nstlib.film.kept import Kept
from nstlib.film.painters import (
    InColors,
    Painter,
    colors_of,
    frame_painter,
    seconds_of,
)
from nstlib.film.pipeline import Saver, read_ahead
from nstlib.film.smoothing import Flicker, Smoother, smoother_for, spread_over
from nstlib.film.source import Film
from nstlib.images import Picture, widened
from nstlib.preprocessing import preprocess
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import Style


class FilmStep(NamedTuple):
    """What the callback of `paint_film` receives after each frame."""

    frame: int
    """Its number, counted from 1 over all passes."""
    frames: int
    """About how many there will be."""
    new: int
    """How many were painted in this run; the others were kept from an earlier one."""
    seconds: float
    """The time since this run began its first frame."""
    path: Path
    """The file of the picture, which may not be complete yet."""


class FilmPainter:
    """Paints the frames of one film, from where an earlier run ended.

    Args:
        film: the film.
        style: the styles, as `nstlib.stylize` takes them. If None, the frames are only
            smoothed.
        settings: the settings; their size is that of the frames.
        choices: how frames are tied to each other.
        folder: where the frames are kept.

    Attributes:
        flicker: the warping errors that were measured.
    """

    def __init__(
        self,
        film: Film,
        style: Style | None,
        settings: Settings,
        choices: Choices,
        folder: Path,
    ):
        self.film, self.settings, self.choices = film, settings, choices
        self.folder = folder
        self.first = next(iter(_one_of(film)), None)
        if self.first is None:
            raise FilmError(
                "no frame of the film can be read: choose another film, or another "
                "part with --from and --to."
            )
        store = Store()
        self.chained = bool(
            style is not None and settings.method == "optimize" and choices.reach
        )
        self.alone: Painter = _unchanged
        self.optimizer: FrameOptimizer | None = None
        if style is not None:
            colors = colors_of(film, settings)
            self.alone, styles = frame_painter(
                self.first, style, settings, store, colors
            )
            if self.chained:
                self.optimizer = FrameOptimizer(styles, settings, choices, store)
        self.flicker = Flicker(spread_over(film.facts.length))
        self.callback: Callable[[FilmStep], Any] | None = None
        self.new, self.began = 0, 0.0

    @property
    def passes(self) -> int:
        """The number of passes over the film."""
        return self.choices.passes if self.chained else 1

    def kept(self, number: int) -> Kept:
        """Return the frames of a pass, counted from 1; 0 is the original."""
        return Kept(self.folder / (str(number) if number else "original"))

    def predicted(self) -> float:
        """Predict how long the film takes, by painting its first frame.

        Returns:
            Seconds, without compilation.
        """
        assert self.first is not None
        first, count = self.first, self.film.facts.length
        if self.optimizer is None:
            long = self.settings.method == "optimize"  # compilation weighs little
            return count * seconds_of(lambda: self.alone(first), warm=not long)
        objective = self.optimizer.objective(first)
        x = preprocess(widened(first, self.settings.margin))
        each = seconds_of(lambda: objective.value_and_gradient(x)[0].numpy())
        # A step of L-BFGS costs more than its evaluation, and flow takes time, too.
        later = 1.3 * each * self.choices.frame_steps + 0.1
        return 0.7 * each * self.settings.steps + (count * self.passes - 1) * later

    def paint(self, callback: Callable[[FilmStep], Any] | None = None) -> Kept:
        """Paint all frames, or those that are missing.

        Args:
            callback: called with a `FilmStep` after each frame.

        Returns:
            The frames of the last pass that has any.

        Raises:
            KeyboardInterrupt: the run was interrupted. All frames so far are kept.
            FileError: a frame cannot be saved.
        """
        self.callback, self.began = callback, time.perf_counter()
        self._forwards()
        count = self.kept(1).count()
        for number in range(2, self.passes + 1):
            self._again(number, count)
        if self.passes > 1:
            self._measure_kept(self.kept(self.passes), count)
        return self.kept(self.passes)

    def _forwards(self) -> None:
        """Make the first pass over the film."""
        kept, originals = self.kept(1), self.kept(0)
        done, recent = kept.count(), Recent(self.choices.reach)
        smoother = smoother_for(self.settings, self.choices)
        last: dict[str, Picture] = {}
        at = -2  # the number of the last frame
        with read_ahead(self.film) as frames, Saver(kept) as saver:
            for index, raw in enumerate(frames):
                frame = raw.astype(np.float32)
                if index < done:
                    near = index >= done - max(self.choices.reach, default=1)
                    wanted = self.flicker.wanted(index) or self.flicker.wanted(
                        index + 1
                    )
                    if not near and not wanted:
                        continue
                    now = {
                        "original": frame,
                        "film": kept.load(index).astype(np.float32),
                    }
                    smoother.before = frame, now["film"]
                    self._remember(recent, frame, now["film"])
                else:
                    if self.passes > 1:
                        originals.save(index, raw)
                    now = self._painted(frame, recent, smoother, last)
                    saver.save(index, now["film"].astype(np.uint8))
                    self._tell(index, self.film.facts.length, kept)
                if at == index - 1 and self.passes == 1 and self.flicker.wanted(index):
                    both = now.keys() & last.keys()
                    self.flicker.see(last, {name: now[name] for name in both})
                last, at = now, index

    def _painted(
        self,
        frame: Picture,
        recent: Recent,
        smoother: Smoother,
        last: dict[str, Picture],
    ) -> dict[str, Picture]:
        """Paint a frame; return it, the original, and the frame without smoothing."""
        now = {"original": frame}
        if "original" in last and np.array_equal(frame, last["original"]):
            now |= {name: last[name] for name in last if name != "original"}
        elif self.optimizer is None or recent.cut(frame) or not recent.pairs:
            now["film"] = self.alone(frame)
        else:
            now["film"] = self._in_colors(frame, recent.seen(frame))
        if smoother:
            now["unsmoothed"] = now["film"]
            now["film"] = smoother(frame, now["film"])
        # The run goes on with what is kept, so a run that was cut off ends the same.
        now["film"] = np.rint(np.clip(now["film"], 0, 255))
        smoother.before = frame, now["film"]
        if self.chained:
            recent.add(frame, now["film"])
        return now

    def _in_colors(self, frame: Picture, seen: Seen, **more: Any) -> Picture:
        assert self.optimizer is not None
        optimizer = self.optimizer
        paint = InColors(lambda one: optimizer(one, seen, **more), self.settings.colors)
        return paint(frame)

    def _remember(self, recent: Recent, frame: Picture, painted: Picture) -> None:
        """Remember a frame that an earlier run painted."""
        if self.chained:
            recent.cut(frame)
            recent.add(frame, painted)

    def _again(self, number: int, count: int) -> None:
        """Make another pass, backwards if its number is even.

        Ruder et al. (2016), section 4.4: each frame starts from a blend of the frame
        that the previous pass painted and its warped neighbor in this pass.
        """
        originals, before, kept = self.kept(0), self.kept(number - 1), self.kept(number)
        order = list(range(count))[:: 1 if number % 2 else -1]
        recent, optimizer = Recent(self.choices.reach), self.optimizer
        assert optimizer is not None
        for step, index in enumerate(order):
            frame = originals.load(index).astype(np.float32)
            if kept.has(index):
                self._remember(recent, frame, kept.load(index).astype(np.float32))
                continue
            own = before.load(index).astype(np.float32)
            recent.cut(frame)
            painted = own
            if recent.pairs:
                seen = recent.seen(frame)
                start = own + 0.5 * seen.mask * (seen.warped - own)
                steps = max(1, self.choices.frame_steps // 2)
                painted = self._in_colors(frame, seen, start=start, steps=steps)
            painted = np.rint(np.clip(painted, 0, 255))
            kept.save(index, painted.astype(np.uint8))
            recent.add(frame, painted)
            self._tell((number - 1) * count + step, count, kept, index)

    def _measure_kept(self, kept: Kept, count: int) -> None:
        """Measure the flicker after several passes, from the kept originals."""
        for index in range(1, count):
            if self.flicker.wanted(index):
                pairs = [
                    {
                        "original": self.kept(0).load(at).astype(np.float32),
                        "film": kept.load(at).astype(np.float32),
                    }
                    for at in (index - 1, index)
                ]
                self.flicker.see(*pairs)

    def _tell(
        self, number: int, count: int, kept: Kept, index: int | None = None
    ) -> None:
        """Call the callback after a frame."""
        self.new += 1
        if self.callback is not None:
            seconds = time.perf_counter() - self.began
            path = kept.path(number if index is None else index)
            whole = max(count * self.passes, number + 1)
            self.callback(FilmStep(number + 1, whole, self.new, seconds, path))


def _unchanged(frame: Picture) -> Picture:
    return frame


def _one_of(film: Film) -> list[Picture]:
    frames = film.frames()
    for frame in frames:
        frames.close()  # type: ignore[attr-defined]
        return [frame.astype(np.float32)]
    return []
