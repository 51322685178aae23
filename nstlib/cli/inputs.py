"""What ``nst stylize`` finds out about files before any work."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import NamedTuple

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
from nstlib.images import check_writable


class Inputs(NamedTuple):
    """The pictures that were typed, and where the result goes."""

    content: NamedPicture
    styles: list[NamedPicture]
    masks: list[NamedMask | None]  # one for each style
    out: Path


def find_inputs(args: argparse.Namespace, method: str) -> Inputs:
    """Find everything that was typed, and check that the result can be written.

    Raises:
        NstError: something is not there, or makes no sense.
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
    masks = find_masks(args.mask, len(styles), args.mask_color)
    pictures = [content, *styles]
    target = args.out or f"output{os.sep}"
    out = as_path(target)
    if target.endswith(("/", os.sep)) or (exists(target) and out.is_dir()):
        stems = [re.sub(r"[?#].*|\.\w+$", "", picture.name) for picture in pictures]
        out /= re.sub(r"[^\w.-]+", "_", "-".join(stems))[:100] + ".png"
    taken = [picture.source for picture in pictures]
    taken += [mask.source for mask in masks if mask]
    for source in map(str, taken):
        if exists(source) and exists(str(out)) and out.samefile(as_path(source)):
            raise UsageError(f"{out} is a picture to read: choose another -o.")
    check_writable(out)
    return Inputs(content, styles, masks, out)
