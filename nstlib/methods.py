"""The one door to every method: `stylize`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nstlib.errors import SettingsError
from nstlib.fast.one_pass import stylize_feed_forward, stylize_in_one_pass
from nstlib.feedforward import as_transformer
from nstlib.images import Picture, as_picture
from nstlib.large.scales import check_reach, plan_scales
from nstlib.runs.checkpoint import Checkpoint, describe
from nstlib.runs.provenance import fingerprint, origins
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings, make_settings
from nstlib.styles import Style, WeightedStyle, as_styles
from nstlib.transfer import _Run
from nstlib.vgg import load_network


def stylize(
    content: Picture | str | Path,
    style: Style,
    settings: Settings | None = None,
    *,
    start: Picture | None = None,
    callback: Callable[[Step], Any] | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    resume: bool = False,
    **overrides: Any,
) -> Result:
    """Repaint a photo in the style of one or several pictures.

    Taught in: 09_style_transfer (Gatys, Ecker & Bethge 2016).

    Args:
        content: an RGB picture ``(H, W, 3)``, 0–255, or anything `load_image` reads.
        style: the same, or a list of such, of (picture, weight) pairs, or of (picture,
            weight, mask): the style goes where the mask is white, see
            `nstlib.masks.as_mask`. Where none is white the photo stays what it is, but
            for the total variation.
            With method "feedforward": the name or file of a trained network.
        settings: see `Settings`. Their `method` decides whether the picture is
            optimised or made in one pass, see `nstlib.fast.one_pass`.
        start: a picture to begin with, of any size, in place of `settings.init`.
        callback: called with a `Step` after each evaluation, or level; a true answer
            ends the run. Ctrl-C ends it too, and the best picture so far is kept.
        checkpoint: a file, ``NAME.npz``, that holds the state of the run, written every
            30 seconds; see `nstlib.runs.checkpoint.Checkpoint`.
        resume: go on from the checkpoint of a run that was cut off.
        overrides: single settings, such as ``steps=100``.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: settings that make no sense, all named at once.
        NetworkError: weights that cannot be used.
        CheckpointError: nothing to resume, or not this run.
    """
    settings = make_settings(settings, **overrides)
    if settings.method != "optimize":
        kept = checkpoint.path if isinstance(checkpoint, Checkpoint) else checkpoint
        if kept or resume or start is not None:
            raise SettingsError(
                f"{settings.method} takes seconds and begins with the photo: it has no "
                "checkpoint, resume or start."
            )
        return _in_one_pass(content, style, settings, callback)
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    photo, styles = as_picture(content), as_styles(style)
    start = None if start is None else as_picture(start)
    plan = plan_scales(photo.shape[0], photo.shape[1], settings)
    check_reach(plan, settings)
    found = origins(content, style, photo, styles)
    begun = None if start is None else fingerprint(start)
    checkpoint.open(describe(settings, plan, found, begun), resume)
    layers = [*settings.content_layers, *settings.style_layers]
    extractor = load_network(
        settings.network,
        list(dict.fromkeys(layers)),
        settings.pooling,
        settings.precision,
        settings.weights,
        settings.border,
    )
    run = _Run(extractor, photo, styles, settings, plan, callback, checkpoint)
    made_of: dict[str, Any] = {
        "origins": found,
        "start": begun,
        "inputs": (photo, styles),
    }
    return dataclasses.replace(run.from_picture(start), **made_of)


def _in_one_pass(
    content: Any, style: Style, settings: Settings, callback: Any
) -> Result:
    photo = as_picture(content)
    if settings.method == "feedforward":
        network = as_transformer(style)
        result = stylize_feed_forward(photo, network, settings, callback)
        style, styles = network.path, [WeightedStyle(network.style)]
    else:
        styles = as_styles(style)
        result = stylize_in_one_pass(photo, styles, settings, callback)
    found = origins(content, style, photo, styles)
    return dataclasses.replace(result, origins=found, inputs=(photo, styles))
