"""What the worker does for each task, with the one `nstlib.Stylizer` of its process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nstlib.errors import CheckpointError, SettingsError
from nstlib.files import atomic_write
from nstlib.images import Picture, as_picture, load_image, resize, shrink
from nstlib.large.cost import BASE_BYTES, run_memory
from nstlib.large.countdown import Countdown
from nstlib.large.fitting import largest_size
from nstlib.large.free_memory import usable_memory
from nstlib.large.scales import plan_scales
from nstlib.limits import gigabytes
from nstlib.masks import as_mask
from nstlib.methods import Stylizer
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.provenance import record
from nstlib.runs.result import CUT_SHORT, Result, Step, finite
from nstlib.settings import Settings, make_settings, optimized_half
from nstlib.worker.tasks import Answer, Look, Paint, Part, Read
from nstlib.worker.unchecked import (
    Unchecked,
    check_header,
    jpeg,
    read_unchecked,
    write_jpeg,
)

SMALL = 360
"""The longer side of a thumbnail in pixels."""
SHOWN = 640
"""The longer side of a picture that shows progress, in pixels."""
EVERY = 0.7
"""The shortest time between two pictures that show progress, in seconds."""
SHARE = 0.08
"""The largest share of a run's time that goes into such pictures."""
KEPT_EVERY = 10.0
"""Seconds between two checkpoints of a run."""

Report = Callable[[Answer], None]
Stopped = Callable[[], str]
"""Says why a run should end: "" (it should not), `STOPPED` or `CLOSED`."""
STOPPED, CLOSED = "stopped", "closed"


def paint(task: Paint, stylizer: Stylizer, report: Report, stopped: Stopped) -> Answer:
    """Paint a picture.

    Raises:
        NstError: the run is impossible. The message says why, without any path.
    """
    settings = make_settings(**task.settings)
    photo = as_picture(task.photo)
    check_memory(photo, settings)
    watch = _Watch(task, photo, settings, report, stopped)
    try:
        result = watch.run(stylizer, resume=watch.file.is_file())
    except CheckpointError:  # of another version, or damaged
        result = watch.run(stylizer, resume=False)
    if stopped() == CLOSED:
        return {}  # the checkpoint stays, from which the run goes on next time
    _save(task, result)
    watch.file.unlink(missing_ok=True)
    return {
        "reason": "too long" if watch.late else result.stop_reason,
        "stopped": result.stop_reason in CUT_SHORT and not watch.late,
        "evaluations": result.evaluations,
        "seconds": round(result.seconds, 2),
        "losses": finite(result.losses),
        "height": result.image.shape[0],
        "width": result.image.shape[1],
        "stages": watch.stages,
    }


class _Watch:
    """The callback of a run: it reports, shows the picture, and ends the run."""

    def __init__(
        self,
        task: Paint,
        photo: Picture,
        settings: Settings,
        report: Report,
        stopped: Stopped,
    ):
        self.task, self.photo, self.settings = task, photo, settings
        self.report, self.stopped = report, stopped
        self.optimizes = (half := optimized_half(settings)) is not None
        self.file = task.folder / "checkpoint.npz"
        height, width, _ = photo.shape
        plan = plan_scales(height, width, half) if half else []
        self.countdown = Countdown(plan, half)
        self.stages = [n for _, n in stages_in(task.folder)]
        self.began, self.due, self.late, self.pictures = time.monotonic(), 0.0, False, 0
        self.first = True
        self.checkpoint: Checkpoint | None = None

    def run(self, stylizer: Stylizer, resume: bool) -> Result:
        """Run the `Stylizer`, from the checkpoint if it is to be resumed."""
        self.checkpoint = Checkpoint(self.file, KEPT_EVERY) if self.optimizes else None
        return stylizer(
            self.photo,
            _styles(self.task.parts),
            callback=self,
            checkpoint=self.checkpoint,
            resume=resume and self.optimizes,
            **self.task.settings,
        )

    def __call__(self, step: Step) -> bool:
        """Report one evaluation; a true answer ends the run."""
        told: Answer = {
            "evaluation": step.evaluation,
            "evaluations": step.evaluations,
            "size": list(step.size),
            "losses": finite(step.losses),
            "left": self.countdown.seconds(step.size),
        }
        if self.first and self.checkpoint and step.losses:  # it may have been resumed
            told["before"] = [one["total"] for one in self.checkpoint.history[:-1]]
            self.first = False
        now = time.monotonic()
        if now >= self.due or self._is_stage(step):
            self._show(step)
            spent = time.monotonic() - now
            self.due = now + max(EVERY, spent / SHARE)
        told["pictures"] = self.pictures
        self.report(told)
        self.late = now - self.began > self.task.seconds
        return self.late or bool(self.stopped())

    def _show(self, step: Step) -> None:
        """Write the picture, and keep it as a stage if it is time for one."""
        picture, folder = shrink(step.picture(), SHOWN), self.task.folder
        write_jpeg(picture, folder / "now.jpg", 88)
        self.pictures += 1
        if self._is_stage(step):
            write_jpeg(picture, folder / f"stage{step.evaluation}.jpg", 85)
            self.stages.append(step.evaluation)

    def _is_stage(self, step: Step) -> bool:
        last = self.stages[-1] if self.stages else 0
        # Most happens early, and a long run may be stopped early.
        pause = min(step.evaluations // self.task.stages, last // 2)
        return step.evaluation - last >= max(1, pause)


def look(task: Look, stylizer: Stylizer, *_: Any) -> Answer:
    """Paint a small picture at once; see `Look`.

    Raises:
        NstError: the picture or the settings cannot be used.
    """
    side = int(task.settings.get("size", 256))
    if isinstance(task.photo, bytes):
        photo = read_unchecked(task.photo, task.pixels, side)
    elif isinstance(task.photo, Path):
        photo = load_image(task.photo, max_side=2 * side)
    else:
        photo = as_picture(task.photo)
    began = time.perf_counter()
    result = stylizer(photo, _styles(task.parts), **task.settings)
    image = result.image
    return {
        "jpeg": jpeg(image, 88),
        "seconds": time.perf_counter() - began,
        "height": image.shape[0],
        "width": image.shape[1],
    }


def read(task: Read, *_: Any) -> Answer:
    """Decode a picture from a stranger and write its pixels anew; see `Read`.

    Raises:
        ImageError: this is not a picture, is damaged, or has too many pixels.
        SettingsError: a mask is black, or has colors.
    """
    data = task.file.read_bytes()
    if task.mask:
        check_header(data, task.pixels)
        gray = as_mask(Unchecked(data), task.side)
        picture = np.repeat(gray[..., None], 3, axis=2)
        image = Image.fromarray(np.rint(gray).astype(np.uint8))
        atomic_write(
            task.folder / f"{task.name}.png", lambda file: image.save(file, "PNG")
        )
    else:
        picture = read_unchecked(data, task.pixels, task.side)
        write_jpeg(picture, task.folder / f"{task.name}.jpg", 95)
    write_jpeg(shrink(picture, SMALL), task.folder / f"{task.name}.small.jpg", 85)
    return {"height": picture.shape[0], "width": picture.shape[1]}


def check_memory(photo: Picture, settings: Settings) -> None:
    """Raise a `SettingsError` with a size that fits, if this one does not."""
    free, (height, width) = usable_memory(), photo.shape[:2]
    need = run_memory(height, width, settings) - BASE_BYTES
    if free is None or need <= free:
        return
    size = largest_size(height, width, settings, free, settings.size)
    advice = f"choose a size of {size} or less" if size else "try again later"
    raise SettingsError(
        f"{settings.size} pixels need about {gigabytes(need)} of memory, and "
        f"{gigabytes(free)} are free: {advice}."
    )


def stages_in(folder: Path) -> list[tuple[Path, int]]:
    """Return the pictures of the stages in a folder, with their evaluations."""
    found = [(path, path.stem.removeprefix("stage")) for path in folder.glob("stage*")]
    numbered = [(path, int(number)) for path, number in found if number.isdecimal()]
    return sorted(numbered, key=lambda pair: pair[1])


def _styles(parts: tuple[Part, ...]) -> list[tuple[Any, float, Any]]:
    return [
        (
            load_image(part.source) if isinstance(part.source, Path) else part.source,
            part.weight,
            None if part.mask is None else as_mask(part.mask),
        )
        for part in parts
    ]


def _save(task: Paint, result: Result) -> None:
    """Save the result. Its facts use the person's names for pictures, not paths."""
    names = [task.name, *(part.name or str(part.source) for part in task.parts)]
    origins = [
        origin._replace(name=name, path=None, mask=_nameless(origin.mask))
        for origin, name in zip(result.origins, names, strict=True)
    ]
    sources = record(origins, task.folder, None)
    for name in ("result.jpg", "result.png"):
        result.save(task.folder / name, sources=sources)
    height, width, _ = result.image.shape
    write_jpeg(result.image, task.folder / "now.jpg", 92)
    scale = SMALL / max(height, width)
    small = result.image
    if scale < 1:
        small = resize(small, round(height * scale), round(width * scale))
    write_jpeg(small, task.folder / "small.jpg", 85)


def _nameless(mask: Any) -> Any:
    return mask and mask._replace(name="mask", path=None)
