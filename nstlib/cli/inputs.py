"""Finding the files that ``nst stylize`` reads and writes, before any work."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import NamedTuple

from nstlib.course.pictures import (
    NamedPicture,
    exists,
    find_masks,
    find_network,
    find_or_default,
)
from nstlib.errors import UsageError
from nstlib.files import as_path
from nstlib.images import check_writable


class Inputs(NamedTuple):
    """The pictures that were typed, and the path of the result."""

    content: NamedPicture
    styles: list[NamedPicture]
    masks: list[NamedPicture | None]  # for each style
    out: Path


def find_inputs(args: argparse.Namespace, method: str) -> Inputs:
    """Find all pictures that were typed, and check that the result can be saved.

    Args:
        args: what was typed: ``content``, ``style``, ``mask`` and ``out``.
        method: with "feedforward", the style is a trained network.

    Raises:
        ImageError: a picture does not exist, or the result cannot be saved.
        NetworkError: there is no trained network of this name.
        SourceError: a name is misspelt, a weight makes no sense, or masks are missing.
        UsageError: the method does not take this, or the result would replace an input.
    """
    content = find_or_default(args.content, "content")
    if method == "feedforward":
        if len(args.style) > 1:
            raise UsageError("feedforward paints in one style: name one network.")
        if args.mask:
            raise UsageError("feedforward paints everywhere: it takes no masks.")
        styles = [find_network(text) for text in args.style or [None]]
    else:
        styles = [find_or_default(text, "style") for text in args.style or [None]]
    masks = find_masks(args.mask, len(styles))
    pictures = [content, *styles]
    target = args.out or f"output{os.sep}"
    out = as_path(target)
    if target.endswith(("/", os.sep)) or (exists(target) and out.is_dir()):
        stems = [re.sub(r"[?#].*|\.\w+$", "", picture.name) for picture in pictures]
        out /= re.sub(r"[^\w.-]+", "_", "-".join(stems))[:100] + ".png"
    pictures += [mask for mask in masks if mask]
    for source in [str(picture.source) for picture in pictures]:
        if exists(source) and exists(str(out)) and out.samefile(as_path(source)):
            raise UsageError(f"{out} is a picture to read: choose another -o.")
    check_writable(out)
    return Inputs(content, styles, masks, out)
