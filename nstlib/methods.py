"""The one door to every method: `stylize`, and `Stylizer`, the same door held open.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nstlib.errors import SettingsError
from nstlib.fast.one_pass import stylize_feed_forward, stylize_in_one_pass
from nstlib.feedforward import transformer_of
from nstlib.images import Picture, as_picture, fingerprint
from nstlib.large.scales import check_reach, plan_scales
from nstlib.masks import warn_if_stretched
from nstlib.runs.checkpoint import Checkpoint, describe
from nstlib.runs.provenance import origins
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings, make_settings
from nstlib.store import Store
from nstlib.styles import Style, WeightedStyle, as_styles, check_sizes
from nstlib.transfer import Painting, Task


class Stylizer:
    """Repaints photos, one after the other, with everything made only once.

    The first picture reads the network and compiles the loss. The second one, of any
    size, begins at once; a painting that was seen before is not looked at again. A
    gallery, a film or an app holds one `Stylizer`. It may be called from several
    threads.

    Args:
        settings: see `Settings`.
        store: what is kept; a new, empty one if None. Several stylizers can share one.
        overrides: single settings, such as ``steps=100``.

    Raises:
        SettingsError: settings that make no sense, all named at once.

    Example:
        >>> import nstlib
        >>> photo = nstlib.paint("tapestry", 48, 64)
        >>> painting = nstlib.paint("ink_mountains", 64, 64)
        >>> stylizer = nstlib.Stylizer(size=64, steps=2)
        >>> stylizer(photo, painting).image.shape
        (48, 64, 3)
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: Store | None = None,
        **overrides: Any,
    ):
        self.settings = make_settings(settings, **overrides)
        self.store = Store() if store is None else store

    def __call__(
        self,
        content: Picture | str | Path,
        style: Style,
        *,
        start: Picture | None = None,
        callback: Callable[[Step], Any] | None = None,
        checkpoint: Checkpoint | str | Path | None = None,
        resume: bool = False,
        **overrides: Any,
    ) -> Result:
        """Repaint a photo; arguments and errors are those of `stylize`."""
        settings = make_settings(self.settings, **overrides)
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = Checkpoint(checkpoint)
        if settings.method == "optimize":
            return self._optimise(
                content, style, settings, start, callback, checkpoint, resume
            )
        if checkpoint.path or resume or start is not None:
            raise SettingsError(
                f"{settings.method} takes seconds and begins with the photo: it has no "
                "checkpoint, resume or start."
            )
        photo = as_picture(content)
        if settings.method == "feedforward":
            network = transformer_of(style, self.store.transformer)
            made_of = _made_of(
                content, network.path, photo, [WeightedStyle(network.style)]
            )
            return stylize_feed_forward(photo, network, settings, callback, **made_of)
        styles = as_styles(style)
        warn_if_stretched([style.mask for style in styles], photo)
        made_of = _made_of(content, style, photo, styles)
        return stylize_in_one_pass(
            photo, styles, settings, self.store, callback, **made_of
        )

    def _optimise(
        self,
        content: Any,
        style: Style,
        settings: Settings,
        start: Any,
        callback: Callable[[Step], Any] | None,
        checkpoint: Checkpoint,
        resume: bool,
    ) -> Result:
        photo, styles = as_picture(content), as_styles(style)
        start = None if start is None else as_picture(start)
        plan = plan_scales(photo.shape[0], photo.shape[1], settings)
        check_reach(plan, settings)
        check_sizes(styles, settings.layers)
        warn_if_stretched([style.mask for style in styles], photo)
        made_of = _made_of(content, style, photo, styles)
        made_of["start"] = None if start is None else fingerprint(start)
        run = describe(settings, plan, made_of["origins"], made_of["start"])
        checkpoint.open(run, resume)
        task = Task(photo, styles, settings, plan, start)
        return Painting(task, self.store, checkpoint, callback).paint(**made_of)


def _made_of(
    content: Any, style: Style, photo: Picture, styles: list[WeightedStyle]
) -> dict[str, Any]:
    """What a `Result` says about the pictures that it was made of."""
    found = origins(content, style, photo, styles)
    return {"origins": found, "inputs": (photo, styles)}


_SHARED = Store()  # of all calls of `stylize` in this process


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

    Taught in: 09_style_transfer (Gatys, Ecker & Bethge 2016). Networks and compiled
    functions are kept for the next call, see `Stylizer`.

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
    return Stylizer(settings, store=_SHARED, **overrides)(
        content,
        style,
        start=start,
        callback=callback,
        checkpoint=checkpoint,
        resume=resume,
    )
