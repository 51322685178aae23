"""Frames that other machines paint, in the order in which the film needs them."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from nstlib.errors import FilmError
from nstlib.film.chain import is_cut
from nstlib.film.chunks import CHUNK, Chunk, Crew
from nstlib.film.kept import Kept, as_png
from nstlib.film.pipeline import AHEAD
from nstlib.film.places import Placed, Places
from nstlib.images import Picture

LAG = 4 * AHEAD
"""After so many more frames, a frame was surely saved in its place in the film."""


class Ahead:
    """Frames that a crew paints, ahead of the loop that puts them into the film.

    Frames that came out of order wait in a folder. If the run is cut off, they stay.

    Args:
        places: the film, and where the styles go in it.
        setup: from `nstlib.film.chunks.packed`.
        crew: paints the chunks.
        waiting: where the frames wait.
        film: where the finished frames are.
    """

    def __init__(
        self, places: Places, setup: bytes, crew: Crew, waiting: Kept, film: Kept
    ):
        self.places, self.setup, self.crew = places, setup, crew
        self.waiting, self.film = waiting, film
        self.given: dict[str, int] = {}
        self.results = self._results()

    def __enter__(self) -> Ahead:
        """Do nothing; the crew begins when the first frame is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Recall chunks that nobody waits for."""
        self.results.close()

    def frame(self, index: int) -> Picture:
        """Return a painted frame, float32 ``(H, W, 3)``, as soon as it is there.

        Raises:
            NstError: a chunk cannot be painted.
            FileError: a frame cannot be saved.
        """
        while not self.waiting.has(index):
            found = next(self.results, None)
            if found is None:
                raise FilmError(
                    "the film changed while it was being painted: run the same "
                    "command again."
                )
            key, frames = found
            first = self.given.pop(key)
            for number, data in enumerate(frames, start=first):
                self.waiting.put(number, data)
        self.waiting.drop(index - LAG)
        return self.waiting.load(index).astype(np.float32)

    def is_there(self, index: int) -> bool:
        """Return whether a frame is painted."""
        return self.waiting.has(index) or self.film.has(index)

    def named(self, first: int, chunk: Chunk) -> tuple[str, Chunk]:
        """Remember where a chunk belongs, and return it with its name."""
        key = f"film-{first}-{chunk.key}"
        self.given[key] = first
        return key, chunk

    def _results(self) -> Generator[tuple[str, list[bytes]], None, None]:
        with closing(self.crew(self._chunks())) as results:
            yield from results

    def _chunks(self) -> Iterator[tuple[str, Chunk]]:
        """Divide the frames that are missing into chunks, while the film is read."""
        first, part = 0, list[Placed]()
        with closing(self.places.frames()) as frames:
            for index, placed in enumerate(frames):
                if not self.is_there(index):
                    first = first if part else index
                    part.append(placed)
                if part and (self.is_there(index) or len(part) == CHUNK):
                    yield self.named(first, self._chunk(part))
                    part = []
        if part:
            yield self.named(first, self._chunk(part))

    def _chunk(self, part: list[Placed]) -> Chunk:
        moving = [{n: as_png(m) for n, m in one.moving.items()} for one in part]
        return Chunk(self.setup, [as_png(one.frame) for one in part], moving)


@dataclass
class _Shot:
    """The frames from one cut to the next."""

    start: int
    now: int
    """The first frame that is not painted."""
    stop: int


class AheadInShots(Ahead):
    """The same for frames that are tied to the frames before them.

    A shot begins at each cut, and does not depend on other shots. So the crew paints
    the next chunks of all shots at the same time, and then those after them.

    Args:
        originals: where the frames of the film are kept, because no shot waits for the
            shots before it.
        masks: the same for the masks that move, by the numbers of their paintings.
        reach: how many painted frames a chunk has to know.
    """

    def __init__(
        self,
        places: Places,
        setup: bytes,
        crew: Crew,
        waiting: Kept,
        film: Kept,
        originals: Kept,
        masks: dict[int, Kept],
        reach: int,
    ):
        super().__init__(places, setup, crew, waiting, film)
        self.originals, self.masks, self.reach = originals, masks, reach

    def _results(self) -> Generator[tuple[str, list[bytes]], None, None]:
        shots = self._shots()
        while unfinished := [shot for shot in shots if self._advanced(shot)]:
            with closing(self.crew(map(self._next_of, unfinished))) as results:
                yield from results

    def _shots(self) -> list[_Shot]:
        """Keep all frames, and find the shots."""
        starts, before, count = [0], None, 0
        with closing(self.places.frames()) as frames:
            for index, (frame, moving) in enumerate(frames):
                now = frame.astype(np.float32)
                if before is not None and is_cut(before, now):
                    starts.append(index)
                if not self.originals.has(index):
                    for number, mask in moving.items():
                        self.masks[number].save(index, mask)
                    self.originals.save(index, frame)
                before, count = now, index + 1
        pairs = itertools.pairwise([*starts, count])
        return [_Shot(start, start, stop) for start, stop in pairs]

    def _advanced(self, shot: _Shot) -> bool:
        """Go to the first frame of a shot that is missing; return whether one is."""
        while shot.now < shot.stop and self.is_there(shot.now):
            shot.now += 1
        return shot.now < shot.stop

    def _next_of(self, shot: _Shot) -> tuple[str, Chunk]:
        part = range(shot.now, min(shot.now + CHUNK, shot.stop))
        tail = range(max(shot.start, shot.now - self.reach), shot.now)
        chunk = Chunk(
            self.setup,
            [self.originals.read(index) for index in part],
            [{n: kept.read(i) for n, kept in self.masks.items()} for i in part],
            [(self.originals.read(index), self._painted(index)) for index in tail],
        )
        return self.named(shot.now, chunk)

    def _painted(self, index: int) -> bytes:
        return (self.waiting if self.waiting.has(index) else self.film).read(index)
