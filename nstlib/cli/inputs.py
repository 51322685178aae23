"""Finding the files that ``nst stylize`` reads and writes, before any work."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import NamedTuple

from nstlib.cli.targets import is_one_of
from nstlib.course.pictures import (
    NamedMask,
    NamedPicture,
    exists,
    find_masks,
    find_network,
    find_or_default,
)
from nstlib.errors import UsageError
from nstlib.files import as_path
from nstlib.images import check_writable, scaled_sides
from nstlib.metrics import STYLE_LAYERS
from nstlib.names import stem_of
from nstlib.vgg_plan import stride


class Inputs(NamedTuple):
    """The pictures that were typed, and the path of the result."""

    content: NamedPicture
    styles: list[NamedPicture]
    masks: list[NamedMask | None]  # for each style
    out: Path
    chosen: bool = False
    """Whether nst chose the name of the result. Then it may get a number."""

    @property
    def sources(self) -> list[str | Path]:
        """Paths and addresses of all pictures that are read, masks included."""
        pictures = [self.content, *self.styles, *self.masks]
        return [picture.source for picture in pictures if picture]


def find_inputs(args: argparse.Namespace, method: str) -> Inputs:
    """Find all pictures that were typed, and check that the result can be saved.

    Args:
        args: what was typed: ``content``, ``style``, ``mask`` and ``out``.
        method: with "feedforward", each style is a trained network.

    Raises:
        ImageError: a picture does not exist, or the result cannot be saved.
        NetworkError: there is no trained network of this name.
        SourceError: a name is misspelled, a weight makes no sense, or masks are
            missing.
        UsageError: the method does not take this, or the result would replace an input.
    """
    content = find_or_default(args.content, "content")
    if method == "feedforward":
        styles = [find_network(text) for text in args.style or [None]]
    else:
        styles = [find_or_default(text, "style") for text in args.style or [None]]
    masks = find_masks(args.mask, len(styles), args.mask_color)
    target = args.out or f"output{os.sep}"
    out = as_path(target)
    chosen = target.endswith(("/", os.sep)) or (exists(target) and out.is_dir())
    if chosen:
        out /= stem_of([str(picture.source) for picture in [content, *styles]]) + ".png"
    found = Inputs(content, styles, masks, out, chosen)
    if not chosen and is_one_of(out, found.sources):
        raise UsageError(f"{out} is a picture to read: choose another -o.")
    check_writable(out)
    return found


def check_reportable(shape: tuple[int, ...], size: int) -> None:
    """Check, before a run, that ``--report`` will be able to measure its result.

    Args:
        shape: shape of the photo.
        size: the longer side of the result in pixels.

    Raises:
        UsageError: the result will be too small.
    """
    height, width = scaled_sides(shape[0], shape[1], size)
    least = max(map(stride, STYLE_LAYERS))
    if min(height, width) < least:
        raise UsageError(
            f"the result will have {width}×{height} pixels, and --report needs {least} "
            "each way: leave --report out, or raise --size."
        )
