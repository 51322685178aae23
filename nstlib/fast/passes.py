"""One-pass methods, prepared for a photo and its styles.

Taught in: 12_adain_wct, 13_feed_forward.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from nstlib.course.pictures import find_picture
from nstlib.errors import NetworkError
from nstlib.fast.feed_forward import paint_mixed
from nstlib.fast.level_painter import plan_levels
from nstlib.fast.one_pass import Painted, paint_levels
from nstlib.images import Picture, as_picture
from nstlib.runs.result import Step
from nstlib.settings import Settings, one_pass_half
from nstlib.store import Store
from nstlib.styles import Style, WeightedStyle, as_entries, as_styles
from nstlib.transformers import SHIPPED, Transformer, shipped_styles

Watcher = Callable[[Step], Any] | None


class Pass(NamedTuple):
    """A one-pass method, ready to paint."""

    paint: Callable[[Watcher], Painted]
    """Paints the photo, given a callback."""
    levels: int
    """How many levels it paints."""
    named: Any
    """The styles as they were given; for trained networks, with their paths."""
    styles: list[WeightedStyle]
    """The style pictures, with weights and masks."""
    paintings: list[WeightedStyle]
    """The same, as large as a refinement needs them."""


def prepared(photo: Picture, style: Style, settings: Settings, store: Store) -> Pass:
    """Prepare a one-pass method.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        style: the styles, as `nstlib.stylize` takes them.
        settings: settings whose method is not "optimize".
        store: the store from which networks and decoders are taken.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: there is no style, or a weight or a mask makes no sense.
        NetworkError: there is no such network, or what it has learned is not at hand.
    """
    half = one_pass_half(settings)
    if settings.method != "feedforward":
        styles = as_styles(style)
        levels = len(plan_levels(settings.method, settings.levels))
        paint = partial(paint_levels, photo, styles, half, store)
        return Pass(paint, levels, style, styles, styles)
    networks, styles = transformers_of(style, store.transformer)
    named = [
        (network.path, style.weight, style.mask)
        for network, style in zip(networks, styles, strict=True)
    ]
    paintings = paintings_of(networks, styles, settings) if settings.refine else styles
    paint = partial(paint_mixed, photo, networks, styles, half)
    return Pass(paint, 1, named, styles, paintings)


def transformers_of(
    style: Any, load: Callable[[Any], Transformer]
) -> tuple[list[Transformer], list[WeightedStyle]]:
    """Load the transformers that are given to `nstlib.stylize` in place of styles.

    Args:
        style: names or files of transformers, in the forms of `as_styles`.
        load: reads one, given its name or file.

    Returns:
        The transformers; and their style pictures, with weights and masks.

    Raises:
        NetworkError: one is a picture, or there is no such network.
        SettingsError: no transformer is given, or a weight or a mask makes no sense.
    """
    entries = as_entries(style)
    if not all(isinstance(entry.picture, str | os.PathLike) for entry in entries):
        raise NetworkError(
            "feedforward takes a trained network, by its name or file, in place of "
            f"the style: {', '.join(shipped_styles())}, or make one with nst train."
        )
    networks = [load(entry.picture) for entry in entries]
    pairs = zip(entries, networks, strict=True)
    return networks, [e._replace(picture=n.style) for e, n in pairs]


def paintings_of(
    networks: Sequence[Transformer],
    styles: Sequence[WeightedStyle],
    settings: Settings,
) -> list[WeightedStyle]:
    """Return the paintings that networks have learned, as large as a refinement needs.

    Args:
        networks: the trained networks. Those that ship have learned paintings of the
            course; others hold a small copy of theirs.
        styles: the small copy, the weight and the mask of each.
        settings: the settings of the run.

    Raises:
        NetworkError: the copy is all there is, and it is too small.
    """
    found, side = [], round(settings.size * settings.style_scale)
    for network, style in zip(networks, styles, strict=True):
        picture, name = style.picture, network.path.name
        if network.path.parent == SHIPPED:
            picture = as_picture(find_picture(name, "style"))
        elif max(picture.shape) < side:
            kept = max(picture.shape)
            raise NetworkError(
                f"refine compares the picture with the painting, but {name} holds only "
                f"a copy of {kept} pixels: set style_scale to "
                f"{kept / settings.size:.2g} or less, or leave refine out."
            )
        found.append(style._replace(picture=picture))
    return found
