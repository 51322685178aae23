"""A film in chunks, each of which any process on any machine can paint.

A chunk holds all that its painting needs: bytes go in, and bytes come out.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zlib
from collections.abc import Callable, Generator, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from nstlib import __version__
from nstlib.film.choices import Choices
from nstlib.film.kept import as_png
from nstlib.film.places import masks_of
from nstlib.film.sequence import FrameSequence, Methods, methods_for
from nstlib.images import Picture, open_source
from nstlib.runs.versions import check_version
from nstlib.settings import Settings
from nstlib.store import Store
from nstlib.styles import Style, as_entries
from nstlib.transformers import shipped_styles

CHUNK = 8
"""The largest number of frames in a chunk. Their files fit into one message."""


class Setup(NamedTuple):
    """What all chunks of a film have in common."""

    first: np.ndarray
    """The first frame, uint8 ``(H, W, 3)``."""
    style: Any
    """The styles; paintings are the bytes of their files."""
    settings: str
    """From `Settings.to_json`."""
    choices: Choices
    colors: np.ndarray | None = None
    """A picture with the colors of the film, uint8, from
    `nstlib.film.painters.colors_of`."""


class Chunk(NamedTuple):
    """Some frames, one after the other, and everything that is needed to paint them."""

    setup: bytes
    """From `packed`."""
    frames: list[bytes]
    """PNG files."""
    moving: list[dict[int, bytes]]
    """For each frame, its masks that move; PNG files."""
    before: list[tuple[bytes, bytes]] = []  # noqa: RUF012 # never changed
    """The last frames of the same shot before it, and how they were painted."""
    version: str = __version__
    """The version of nstlib that planned it."""

    @property
    def key(self) -> str:
        """A name that no other chunk has."""
        return hashlib.sha256(pickle.dumps(tuple(self))).hexdigest()


Crew = Callable[
    [Iterable[tuple[str, Chunk]]], Generator[tuple[str, list[bytes]], None, None]
]
"""Paints chunks with names, and yields the names with the painted frames, as PNG files,
in any sequence. It takes only a few chunks ahead. See `nstlib.worker.film`.
"""


def packed(
    first: Picture,
    style: Style,
    settings: Settings,
    choices: Choices,
    colors: Picture | None = None,
) -> bytes:
    """Pack what all chunks of a film have in common.

    Args:
        first: the first frame.
        style: the styles, as `nstlib.stylize` takes them.
        settings: the settings; their size is that of the frames.
        choices: how frames are tied to each other.
        colors: a picture with the colors of the film, as for `methods_for`.

    Raises:
        ImageError: a painting cannot be read.
    """
    by_network = settings.method == "feedforward"
    entries = [
        tuple(entry._replace(picture=_sent(entry.picture, by_network)))
        for entry in as_entries(style)
    ]
    setup = Setup(first.astype(np.uint8), entries, settings.to_json(), choices, colors)
    return zlib.compress(pickle.dumps(setup), 1)  # masks are mostly black and white


def _sent(picture: Any, by_network: bool) -> Any:
    """Return a painting or a trained network in a form that another machine reads."""
    if by_network:  # every worker has those that ship
        name = os.path.basename(picture)  # noqa: PTH119 # it may be text
        return name if name in shipped_styles() else str(picture)
    if isinstance(picture, str | os.PathLike):
        with open_source(picture) as file:
            return file.read()
    return picture


def _never() -> str:
    return ""


def paint_chunk(chunk: Chunk, stopped: Callable[[], str] = _never) -> list[bytes]:
    """Paint the frames of a chunk.

    Args:
        chunk: what to paint.
        stopped: asked before each frame; a true answer ends the work.

    Returns:
        The painted frames as PNG files; fewer if the work was ended.

    Raises:
        NstError: the frames cannot be painted. The message says why.
    """
    check_version(chunk.version)
    setup, methods = _prepared(chunk.setup)
    settings = Settings.from_json(setup.settings)
    sequence, still = FrameSequence(methods, settings, setup.choices), _still(setup)
    for frame, painted in chunk.before:
        sequence.remember(_floats(frame), _floats(painted))
    made = []
    for data, masks in zip(chunk.frames, chunk.moving, strict=True):
        if stopped():
            break
        moving = {number: _pixels(mask) for number, mask in masks.items()}
        now = sequence(_floats(data), masks_of(still, moving))
        made.append(as_png(now["film"].astype(np.uint8)))
    return made


@lru_cache(maxsize=1)
def _prepared(data: bytes) -> tuple[Setup, Methods]:
    """Unpack a setup; it stays for the next chunk, with its compiled functions."""
    setup: Setup = pickle.loads(zlib.decompress(data))
    first, settings = setup.first.astype(np.float32), Settings.from_json(setup.settings)
    colors = None if setup.colors is None else setup.colors.astype(np.float32)
    more = setup.choices, Store(), colors
    return setup, methods_for(first, setup.style, settings, *more)


def _still(setup: Setup) -> list[np.ndarray | None]:
    return [mask for _, _, mask in setup.style]


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def _floats(data: bytes) -> Picture:
    return _pixels(data).astype(np.float32)
