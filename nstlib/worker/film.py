"""Painting a film by a crew of workers."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing

from nstlib.errors import FilmError
from nstlib.film.chunks import Chunk, paint_chunk
from nstlib.worker.orders import Crew, Order


class FilmCrew:
    """The ``crew`` of `nstlib.film.door.paint_film`.

    Args:
        crew: the workers, a `nstlib.worker.cluster.Cluster` or a
            `nstlib.worker.crew.Processes`.

    Attributes:
        memory: how many bytes a process holds that paints a frame; 0 if that does not
            matter.

    Example:
        ::

            with Cluster("tcp://10.0.0.5:8786") as crew:
                paint_film("clip.mp4", "great_wave", "out.mp4", crew=FilmCrew(crew))
    """

    def __init__(self, crew: Crew):
        self.crew, self.memory = crew, 0

    def __call__(
        self, chunks: Iterable[tuple[str, Chunk]]
    ) -> Generator[tuple[str, list[bytes]], None, None]:
        """Paint chunks, and yield their names and frames in any sequence.

        Raises:
            FilmError: a chunk cannot be painted. The message says why.
        """
        orders = (Order(key, paint_chunk, one, self.memory) for key, one in chunks)
        with closing(self.crew.outcomes(orders)) as outcomes:
            for key, frames, error in outcomes:
                if error:
                    raise FilmError(error)
                yield key, frames
