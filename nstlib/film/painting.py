"""Painting a film: reader, painter and writer, and what ties the frames together."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.errors import FilmError, SettingsError
from nstlib.film.ahead import Ahead, AheadInShots
from nstlib.film.choices import Choices
from nstlib.film.chunks import Crew, packed
from nstlib.film.kept import Kept
from nstlib.film.painters import colors_of, seconds_of
from nstlib.film.pipeline import Saver, read_ahead
from nstlib.film.places import Masks, Placed, Places, masks_of
from nstlib.film.sequence import FrameSequence, Methods, is_chained, methods_for
from nstlib.film.smoothing import Flicker, spread_over
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
    """About how many there will be; 0 if that is not known."""
    new: int
    """How many were painted in this run; the others were kept from an earlier one."""
    seconds: float
    """The time since this run began its first frame."""
    path: Path
    """The file of the picture, which may not be complete yet."""


class FilmPainter:
    """Paints the frames of one film, from where an earlier run ended.

    Args:
        places: the film, and where the styles go in it.
        style: the styles, as `nstlib.stylize` takes them. If None, the frames are only
            smoothed.
        settings: the settings; their size is that of the frames.
        choices: how frames are tied to each other.
        folder: where the frames are kept.
        crew: paints the frames elsewhere; None paints them in this process.

    Raises:
        FilmError: the film has no frames.
        NstError: a style or a network cannot be used.
        SettingsError: a crew has nothing to paint, or should make several passes.

    Attributes:
        flicker: the warping errors that were measured.
    """

    def __init__(
        self,
        places: Places,
        style: Style | None,
        settings: Settings,
        choices: Choices,
        folder: Path,
        crew: Crew | None = None,
    ):
        self.places, self.film, self.folder = places, places.film, folder
        self.settings, self.choices = settings, choices
        self.first = _first_of(places)
        colors = None if style is None else colors_of(self.film, settings)
        self.methods = methods_for(
            self.first, style, settings, choices, Store(), colors
        )
        self.chained = is_chained(style, settings, choices)
        self.flicker = Flicker(spread_over(self.film.facts.length))
        self.callback: Callable[[FilmStep], Any] | None = None
        self.new, self.began, self.at = 0, 0.0, 0
        self.crew, self.setup = crew, b""
        if crew is not None:
            self.setup = self._packed(style, colors)

    def _packed(self, style: Style | None, colors: Picture | None) -> bytes:
        if style is None:
            raise SettingsError("smoothing needs no cluster: leave --dask out.")
        if self.passes > 1:
            raise SettingsError(
                "a cluster makes one pass over a film: leave --dask or --passes out."
            )
        choices = self.choices if self.chained else self._one_by_one()
        return packed(self.first, style, self.settings, choices, colors)

    def _one_by_one(self) -> Choices:
        """Return the choices without smoothing, which goes from frame to frame."""
        return dataclasses.replace(self.choices, smooth=0.0, steady=0.0)

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
        first, count = self.first, self.film.facts.length
        alone, optimizer = self.methods
        if optimizer is None:
            long = self.settings.method == "optimize"  # compilation weighs little
            return count * seconds_of(lambda: alone(first), warm=not long)
        objective = optimizer.objective(first)
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
            FilmError: a mask ends before the film.
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
        kept, done = self.kept(1), self.kept(1).count()
        before = -2  # the number of the last frame
        with ExitStack() as stack:
            frames = stack.enter_context(read_ahead(self.places))
            saver = stack.enter_context(Saver(kept))
            sequence = stack.enter_context(self._sequence())
            for index, placed in enumerate(frames):
                frame, last = placed.frame.astype(np.float32), sequence.last
                masks, self.at = masks_of(self.places.still, placed.moving), index
                if index < done:
                    if not self._is_needed(index, done):
                        continue
                    painted = kept.load(index).astype(np.float32)
                    sequence.remember(frame, painted, masks)
                else:
                    if self.passes > 1:
                        self._keep_original(index, placed)
                    now = sequence(frame, masks)
                    saver.save(index, now["film"].astype(np.uint8))
                    self._tell(index, self.film.facts.length, kept)
                if before == index - 1 and self.passes == 1:
                    self._measure(index, last, sequence.last)
                before = index

    @contextmanager
    def _sequence(self) -> Iterator[FrameSequence]:
        """Make what paints the frames, here or elsewhere."""
        if self.crew is None:
            yield FrameSequence(self.methods, self.settings, self.choices)
            return
        with self._ahead(self.crew) as ahead:

            def fetched(frame: Picture, masks: Masks | None = None) -> Picture:
                return ahead.frame(self.at)

            # Frames that are tied to each other were smoothed by the crew.
            choices = self._one_by_one() if self.chained else self.choices
            yield FrameSequence(Methods(fetched), self.settings, choices)

    def _ahead(self, crew: Crew) -> Ahead:
        given = self.places, self.setup, crew, Kept(self.folder / "ahead"), self.kept(1)
        if not self.chained:
            return Ahead(*given)
        masks = {number: self._kept_masks(number) for number in self.places.moving}
        return AheadInShots(*given, self.kept(0), masks, max(self.choices.reach))

    def _measure(
        self, index: int, last: dict[str, Picture], now: dict[str, Picture]
    ) -> None:
        if self.flicker.wanted(index):
            self.flicker.see(last, {n: now[n] for n in now.keys() & last.keys()})

    def _is_needed(self, index: int, done: int) -> bool:
        """Return whether a kept frame is looked at again: to go on, or to measure."""
        near = index >= done - max(self.choices.reach, default=1)
        return near or self.flicker.wanted(index) or self.flicker.wanted(index + 1)

    def _keep_original(self, index: int, placed: Placed) -> None:
        """Keep a frame, and its masks that move, for another pass."""
        self.kept(0).save(index, placed.frame)
        for number, mask in placed.moving.items():
            self._kept_masks(number).save(index, mask)

    def _kept_masks(self, number: int) -> Kept:
        return Kept(self.folder / f"mask{number}")

    def _masks(self, index: int) -> Masks | None:
        """Return the masks of a frame that was kept; None if none moves."""
        moving = {
            number: self._kept_masks(number).load(index)[..., 0]
            for number in self.places.moving
        }
        return masks_of(self.places.still, moving)

    def _again(self, number: int, count: int) -> None:
        """Make another pass, backwards if its number is even."""
        originals, before, kept = self.kept(0), self.kept(number - 1), self.kept(number)
        order = list(range(count))[:: 1 if number % 2 else -1]
        sequence = FrameSequence(self.methods, self.settings, self.choices)
        for step, index in enumerate(order):
            frame = originals.load(index).astype(np.float32)
            if kept.has(index):
                sequence.remember(frame, kept.load(index).astype(np.float32))
                continue
            own = before.load(index).astype(np.float32)
            painted = sequence.again(frame, own, self._masks(index))
            kept.save(index, painted.astype(np.uint8))
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
            whole = max(count * self.passes, number + 1) if count else 0
            self.callback(FilmStep(number + 1, whole, self.new, seconds, path))


def _first_of(places: Places) -> Picture:
    """Return the first frame.

    Raises:
        FilmError: there is none.
    """
    with closing(places.frames()) as frames:
        for frame, _ in frames:
            return frame.astype(np.float32)
    raise FilmError(
        "no frame of the film can be read: choose another film, or another part with "
        "--from and --to."
    )
