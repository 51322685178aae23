"""A picture made in one pass, and then optimized for a few evaluations.

Taught in: 12_adain_wct. What a one-pass method paints is a better start than the
photo: colors and strokes are there, and the optimizer only has to improve them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from nstlib.fast.one_pass import finished
from nstlib.fast.passes import Pass, Watcher
from nstlib.images import Picture
from nstlib.large.scales import check_reach, plan_scales
from nstlib.runs.checkpoint import Checkpoint, describe
from nstlib.runs.result import Result, Step
from nstlib.settings import Settings, optimized_half
from nstlib.store import Store
from nstlib.styles import check_sizes
from nstlib.transfer import Painting, Task


def refine(
    photo: Picture,
    one_pass: Pass,
    settings: Settings,
    store: Store,
    callback: Watcher,
    checkpoint: Checkpoint,
    resume: bool,
    **made_of: Any,
) -> Result:
    """Paint a photo in one pass, then optimize the picture.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        one_pass: the method.
        settings: its `refine` is above 0.
        store: the store from which networks and compiled losses are taken.
        callback: called with a `Step` after each level and each evaluation. They are
            counted together. A true return value ends the run.
        checkpoint: where the state of the optimization is kept.
        resume: whether to continue from the checkpoint. Then nothing is painted anew.
        made_of: the fields of the `Result` that describe its inputs.

    Returns:
        The `Result`, also if the run was ended early.

    Raises:
        NetworkError: weights cannot be used, or a picture is too small.
        SettingsError: the photo is too thin, or the loss is not finite.
        CheckpointError: there is nothing to resume, or it belongs to another run.
    """
    half = optimized_half(settings)
    assert half is not None
    plan = plan_scales(photo.shape[0], photo.shape[1], half)
    check_reach(plan, half)
    check_sizes(one_pass.paintings, half.layers)
    count = one_pass.levels + half.steps
    stopped = False

    def watch(step: Step, before: int) -> bool:
        nonlocal stopped
        numbered = step._replace(evaluation=before + step.evaluation, evaluations=count)
        stopped = bool(callback and callback(numbered))
        return stopped

    state = checkpoint.open(describe(settings, plan, made_of["origins"], None), resume)
    painted = None
    if state.tensor is None:
        painted = one_pass.paint(lambda step: watch(step, 0))
        if stopped:
            painted = painted._replace(reason="stopped by callback")
            return finished(painted, photo, settings, **made_of)
    start = painted.picture if painted else None
    task = Task(photo, one_pass.paintings, half, plan, start)
    watching = Painting(
        task, store, checkpoint, lambda step: watch(step, one_pass.levels)
    )
    result = watching.paint(**made_of)
    return dataclasses.replace(
        result,
        settings=settings,
        evaluations=one_pass.levels + result.evaluations,
        seconds=result.seconds + (painted.seconds if painted else 0.0),
    )
