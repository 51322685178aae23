"""`paint_film` paints a film as `nstlib.stylize` paints a photo.

Taught in: 15_video.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from nstlib.errors import FileError, FilmError, NstError, SettingsError
from nstlib.fast.passes import transformers_of
from nstlib.files import as_path, shown
from nstlib.film.choices import Choices
from nstlib.film.chunks import Crew
from nstlib.film.clip import Clip
from nstlib.film.facts import write_film_facts
from nstlib.film.kept import Kept, bytes_needed, check_space, clear, workplace
from nstlib.film.opening import open_film
from nstlib.film.painting import FilmPainter, FilmStep
from nstlib.film.places import Places, divided, placed_styles
from nstlib.film.sequence import is_chained
from nstlib.film.source import Facts, Wanted
from nstlib.film.writing import Sound, check_film, write_film
from nstlib.runs.facts import recorded
from nstlib.runs.provenance import origins, record
from nstlib.runs.result import versions
from nstlib.settings import Settings, make_settings
from nstlib.store import Store
from nstlib.styles import Style, WeightedStyle, as_styles


class Plan(NamedTuple):
    """What is known about a run before it begins."""

    facts: Facts
    kept: int
    """Frames that an earlier run already painted."""
    bytes: int
    """Space that the frames take while they are painted; that of one frame if the
    length of the film is not known."""
    seconds: float
    """About how long the run will take; 0 if that is not known."""
    folder: Path
    """Where the frames are kept."""


class Painted(NamedTuple):
    """A film that was painted."""

    path: Path
    frames: int
    planned: int
    """About how many frames the original has; 0 if that is not known."""
    seconds: float
    flicker: dict[str, float]
    """The warping errors that were computed, in gray levels: of the ``"film"``, of the
    ``"original"``, and of the frames before smoothing, ``"unsmoothed"``."""
    interrupted: bool
    problem: str
    """Why the original could not be read to its end; empty if it could."""
    folder: Path | None
    """The folder of the frames, from which the same call goes on; None if all frames
    are painted."""


def paint_film(
    source: str | Path,
    style: Style | None,
    out: str | Path,
    settings: Settings | None = None,
    *,
    wanted: Wanted | None = None,
    choices: Choices | None = None,
    announce: Callable[[Plan], Any] | None = None,
    callback: Callable[[FilmStep], Any] | None = None,
    crew: Crew | None = None,
    **overrides: Any,
) -> Painted:
    """Paint a film, with its sound.

    Taught in: 15_video. Each frame is kept in a folder beside the film. If a call is
    cut off, the same call goes on. Ctrl-C ends the run and writes a film of the frames
    so far.

    Args:
        source: the film: anything that `nstlib.film.opening.open_film` takes.
        style: the styles, as `nstlib.stylize` takes them. A mask may also be a film,
            which is read in step with this one, or a
            `nstlib.course.pictures.NamedMask`. If None, the film is not painted, but
            only smoothed with `Choices.smooth`.
        out: where to save. The suffix chooses the format from
            `nstlib.film.writing.FORMATS`. A path without a suffix is a folder, which
            gets the frames.
        settings: the settings of the frames. `Wanted.size` replaces their size.
        wanted: which part of the film is painted, and in which form.
        choices: how the frames are tied to each other.
        announce: called with the `Plan` before the frames are painted.
        callback: called with a `FilmStep` after each frame.
        crew: paints the frames elsewhere, such as a `nstlib.worker.film.FilmCrew`.
        overrides: single settings that replace those in ``settings``.

    Raises:
        FilmError: the film cannot be read or written, or there is too little space.
        NstError: as `nstlib.stylize` raises it.
        KeyboardInterrupt: the run was interrupted before the first frame.
    """
    run = _Run(source, style, as_path(out), make_settings(settings, **overrides),
               wanted or Wanted(), choices or Choices(), crew)  # fmt: skip
    if announce is not None:
        announce(run.plan())
    return run.paint(callback)


def film_settings(settings: Settings) -> Settings:
    """Return the settings with which a film is painted: trained networks get no grain.

    Raises:
        SettingsError: grain was asked for.
    """
    if settings.method != "feedforward":
        return settings
    if settings.grain not in (0, Settings.grain):
        raise SettingsError(
            "films get no grain, because its strokes would stand still while the "
            "picture moves: leave grain out."
        )
    return make_settings(settings, grain=0)


class _Run:
    """One call of `paint_film`."""

    def __init__(
        self,
        source: str | Path,
        style: Style | None,
        out: Path,
        settings: Settings,
        wanted: Wanted,
        choices: Choices,
        crew: Crew | None,
    ):
        self.out, self.wanted, self.choices = out, wanted, choices
        if style is None and not choices.smooth:
            raise SettingsError(
                "there is nothing to do: name a style to paint the film, or use "
                "--smooth to reduce the flicker of a finished film."
            )
        check_film(out)
        self.film = open_film(source, wanted)
        height, width, rate, count, _ = self.film.facts
        self.settings = make_settings(film_settings(settings), size=max(height, width))
        chained = is_chained(style, settings, choices)
        # Several passes, and a crew that paints several shots, need the original, too.
        sets = 1 + choices.passes if chained and (crew or choices.passes > 1) else 1
        self.bytes = bytes_needed(height, width, count or 1, sets)
        plain, masks = ([], []) if style is None else divided(style)
        self.places = Places(self.film, wanted, masks)
        if style is not None:
            style = placed_styles(plain, self.places.still)
        self.sources = self._sources(source, plain, style)
        self.folder = workplace(out, self._job(style))
        self.painter = FilmPainter(
            self.places, style, self.settings, choices, self.folder, crew
        )
        done = self.painter.kept(1).count()
        needed = round(self.bytes * (1 - done / max(count, done, 1)))
        check_space(out.absolute().parent, needed)
        self.rate, self.planned = rate, count
        self.sound = None
        if isinstance(self.film, Clip) and self.film.facts.sound:
            self.sound = Sound(self.film.path, self.film.span())

    def _sources(
        self, source: str | Path, plain: list[Any], style: Style | None
    ) -> dict[str, Any]:
        """Describe what the film is made from, as a `Result` does."""
        with closing(self.film.frames()) as frames:
            first = next(frames, None)
        if first is None:
            raise FilmError(
                f"no frame of {shown(source)} can be read: choose another film, or "
                "another part with --from and --to."
            )
        if style is None:
            named, styles = [], list[WeightedStyle]()
        elif self.settings.method == "feedforward":
            networks, styles = transformers_of(style, Store().transformer)
            named = [(n.path, s.weight) for n, s in zip(networks, styles, strict=True)]
        else:
            named, styles = plain, as_styles(style)
        content, *rest = origins(
            source, named, first, [s._replace(mask=None) for s in styles]
        )
        content = content._replace(sha256=self.film.hash())
        rest = [
            origin._replace(mask=mask)
            for origin, mask in zip(rest, self.places.origins, strict=True)
        ]
        return record([content, *rest], self.out.absolute().parent, None)

    def _job(self, style: Style | None) -> dict[str, Any]:
        facts = self._facts()
        facts.pop("versions")
        files = [file["sha256"] for file in self.sources["files"]]
        made_of = [files, self.sources["style_weights"]]
        if masks := self.sources.get("masks"):
            made_of.append([m and (m["sha256"], m.get("color")) for m in masks])
        facts |= {"sources": made_of, "painted": style is not None}
        return json.loads(json.dumps(facts))

    def _facts(self) -> dict[str, Any]:
        return {
            "settings": recorded(self.settings),
            "sources": self.sources,
            "film": {
                "wanted": dataclasses.asdict(self.wanted),
                "choices": dataclasses.asdict(self.choices),
            },
            "versions": versions(),
        }

    def plan(self) -> Plan:
        """Return what is known before the frames are painted."""
        count = self.planned
        done = self.painter.kept(1).count()
        seconds = 0.0
        if count:
            seconds = (1 - min(done / count, 1)) * self.painter.predicted()
        return Plan(self.film.facts, done, self.bytes, seconds, self.folder)

    def paint(self, callback: Callable[[FilmStep], Any] | None) -> Painted:
        """Paint the film, and write it."""
        began, interrupted = time.perf_counter(), False
        try:
            self.painter.paint(callback)
        except KeyboardInterrupt:
            interrupted = True
        except NstError as error:
            raise self._kept_so_far(error) from error
        kept, count = self.best()
        if not count:
            raise KeyboardInterrupt
        facts = self._facts()
        facts["film"] |= {"frames": count, "flicker": self.painter.flicker.errors()}
        facts["seconds"] = round(time.perf_counter() - began, 2)
        text = json.dumps(facts)
        try:
            path = write_film(kept, count, self.rate, self.out, text, self.sound)
        except (FileError, FilmError) as error:
            raise self._kept_so_far(error) from error
        write_film_facts(path, facts)
        if not interrupted:
            clear(self.folder)
        # ffmpeg also complains about what does no harm to the pictures.
        whole = self.planned and count >= 0.95 * self.planned - 1
        short = not whole or not isinstance(self.film, Clip)
        return Painted(
            path,
            count,
            max(self.planned, count) if self.planned else 0,
            time.perf_counter() - began,
            self.painter.flicker.errors(),
            interrupted,
            self.film.problem if short else "",
            self.folder if interrupted else None,
        )

    def _kept_so_far(self, error: NstError) -> NstError:
        """Return an error that also says what is kept."""
        done = self.painter.kept(1).count()
        if not done:
            return error
        return FilmError(
            f"{str(error).rstrip('.')}. {done} painted frames are kept in "
            f"{shown(self.folder)}: run the same command again to go on from there."
        )

    def best(self) -> tuple[Kept, int]:
        """Return the frames of the last complete pass, or of the first pass."""
        whole = self.painter.kept(1)
        count = whole.count()
        for number in range(2, self.painter.passes + 1):
            kept = self.painter.kept(number)
            if kept.count() == count:
                whole = kept
        return whole, count
