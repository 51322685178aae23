"""`stylize` repaints one photo, by any method; a `Stylizer` repaints many.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nstlib.errors import SettingsError
from nstlib.fast.one_pass import finished
from nstlib.fast.passes import prepared
from nstlib.fast.refining import refine
from nstlib.images import Picture, as_picture, fingerprint
from nstlib.large.fitting import means
from nstlib.large.scales import check_reach, plan_scales
from nstlib.limits import about_memory
from nstlib.masks import warn_if_stretched
from nstlib.runs.checkpoint import Checkpoint, describe
from nstlib.runs.provenance import origins
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings, make_settings, optimized_half
from nstlib.store import Store
from nstlib.styles import Style, WeightedStyle, as_styles, check_sizes
from nstlib.transfer import Painting, Task


class Stylizer:
    """Repaints one photo after the other, and keeps what they have in common.

    For the first picture, it reads the network and compiles the loss. The next picture,
    of any size, starts at once. A painting that was used before is not analyzed again.
    Use one `Stylizer` for a gallery, a film or an app. It can be called from several
    threads at the same time.

    Args:
        settings: the settings for all pictures; the defaults if None.
        store: where networks and compiled functions are kept. Several stylizers can
            share one; a new store is made if None.
        overrides: single settings that replace those in ``settings``, such as
            ``steps=100``.

    Raises:
        SettingsError: settings make no sense. The message names all problems at once.

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
        """Repaint a photo. The arguments and errors are those of `stylize`."""
        settings = make_settings(self.settings, **overrides)
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = Checkpoint(checkpoint)
        what = f"{settings.size} pixels with {means(settings)}"
        with about_memory(what, f"try a size of {settings.size // 2}"):
            return self._paint(
                content, style, settings, start, callback, checkpoint, resume
            )

    def _paint(
        self,
        content: Any,
        style: Style,
        settings: Settings,
        start: Any,
        callback: Callable[[Step], Any] | None,
        checkpoint: Checkpoint,
        resume: bool,
    ) -> Result:
        if settings.method == "optimize":
            result = self._optimize(
                content, style, settings, start, callback, checkpoint, resume
            )
        else:
            _check_extras(settings, start, checkpoint, resume)
            result = self._in_one_pass(
                content, style, settings, callback, checkpoint, resume
            )
        if result.stop_reason == "interrupted":
            half = optimized_half(settings)
            planned = half.steps if half else 0
            done = f"{len(result.history)} of {planned} evaluations"
            self.store.interruptions.tell(done)
        return result

    def _in_one_pass(
        self,
        content: Any,
        style: Style,
        settings: Settings,
        callback: Callable[[Step], Any] | None,
        checkpoint: Checkpoint,
        resume: bool,
    ) -> Result:
        photo = as_picture(content)
        one_pass = prepared(photo, style, settings, self.store)
        warn_if_stretched([style.mask for style in one_pass.styles], photo)
        made_of = _made_of(content, one_pass.named, photo, one_pass.styles)
        if settings.refine:
            return refine(
                photo, one_pass, settings, self.store, callback, checkpoint, resume,
                **made_of,
            )  # fmt: skip
        return finished(one_pass.paint(callback), photo, settings, **made_of)

    def _optimize(
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


def _check_extras(
    settings: Settings, start: Any, checkpoint: Checkpoint, resume: bool
) -> None:
    """Raise a SettingsError if a method of one pass is given what it cannot use."""
    if settings.refine and start is not None:
        raise SettingsError(
            f"{settings.method} begins with the photo: leave start out."
        )
    if not settings.refine and (checkpoint.path or resume or start is not None):
        raise SettingsError(
            f"{settings.method} takes seconds and begins with the photo: it has no "
            "checkpoint, resume or start."
        )


def _made_of(
    content: Any, style: Style, photo: Picture, styles: list[WeightedStyle]
) -> dict[str, Any]:
    """Return the fields of a `Result` that describe its inputs."""
    found = origins(content, style, photo, styles)
    return {"origins": found, "inputs": (photo, styles)}


_SHARED = Store()  # used by all calls of `stylize` in this process


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
    functions are kept for the next call, as by a `Stylizer`.

    Ctrl-C, or in Jupyter the button ■, ends a run of method "optimize" as well. The
    result is the best picture so far, and an `Interruption` warns after how many
    evaluations. A second interrupt within ten seconds raises KeyboardInterrupt, so that
    a loop ends. The methods of one pass take seconds, and raise it at once; what
    `Settings.refine` adds to them ends like "optimize".

    Args:
        content: the photo: ``(H, W, 3)``, RGB, 0–255, or anything that `load_image`
            reads.
        style: one picture of the same kind, or a list. Each entry of the list is a
            picture, ``(picture, weight)``, or ``(picture, weight, mask)``. A style goes
            where its mask is white, see `nstlib.masks.as_mask`. Where no mask is white,
            the photo is only smoothed by the total variation.
            With method "feedforward": the name or file of a trained network in place of
            each picture. The ten that ship can be mixed. Where no mask is white, the
            photo stays as it is.
        settings: the settings; the defaults if None. `Settings.method` decides whether
            the picture is optimized or made in one pass, see `nstlib.fast.one_pass`.
        start: a picture of any size to start from, in place of `Settings.init`.
        callback: called with a `Step` after each evaluation, and after each level of a
            one-pass method. A true return value ends the run, and the result is the
            best picture so far.
        checkpoint: a file, ``NAME.npz``, to which the state of the run is written every
            30 seconds, or a `nstlib.runs.checkpoint.Checkpoint`.
        resume: whether to continue the run whose state is in the checkpoint.
        overrides: single settings that replace those in ``settings``, such as
            ``steps=100``.

    Returns:
        A `Result`: the picture, its losses, and how it was made.

    Raises:
        ImageError: a picture cannot be read.
        SettingsError: settings make no sense. The message names all problems at once.
        NetworkError: the weights cannot be used, or a picture is too small.
        CheckpointError: there is nothing to resume, or it belongs to another run.
        OutOfMemoryError: the run needs more memory than there is.
        FileError: a path cannot be used as a file name.
        KeyboardInterrupt: the run was interrupted a second time, see above.
    """
    return Stylizer(settings, store=_SHARED, **overrides)(
        content,
        style,
        start=start,
        callback=callback,
        checkpoint=checkpoint,
        resume=resume,
    )
