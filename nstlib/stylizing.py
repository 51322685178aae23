"""The command ``nst stylize``: from what was typed to a picture on the disk.

Owns the search for pictures, the order of the checks, and what is said on the way.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import shutil
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from nstlib import sources
from nstlib.cli import Signals, UsageError, check_name, is_memory, write
from nstlib.download import ImageError, as_path
from nstlib.resuming import Kept
from nstlib.sources import Source, exists, find, find_masks

DEFAULT_CONTENT, DEFAULT_STYLE = "content/cat.jpg", "style/starry_night.jpg"
TERMS = ("style", "content")
REASONS = {  # what to make of the stop reasons that need a word
    "no progress": "no lower loss could be found, more steps would not help",
    "not finite": "the losses overflowed, lower the learning_rate or the weights",
}
LOADED_SIDE = 4096  # larger pictures are scaled down, unless the result is larger


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst stylize``; the exit status."""
    return _list_recipes() if args.recipe == "list" else _Stylize(args, signals).run()


class _Inputs(NamedTuple):
    """All that can be found out about the files before any work."""

    content: Source
    styles: list[Source]
    masks: list[Source | None]  # one for each style
    out: Path


def _inputs(args: argparse.Namespace) -> _Inputs:
    defaults = [sources.IMAGES / DEFAULT_CONTENT, sources.IMAGES / DEFAULT_STYLE]
    for given, path in zip((args.content, args.style), defaults, strict=True):
        if not given and not path.is_file():
            raise UsageError(
                f"{path} is missing, nstlib is not in a clone of the course: name a "
                "photo and a painting, as in nst stylize PHOTO PAINTING."
            )
    content = find(args.content, "content") if args.content else Source(defaults[0])
    styles = [find(text, "style") for text in args.style] or [Source(defaults[1])]
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
    from nstlib.saving import check_writable

    check_writable(out)
    return _Inputs(content, styles, masks, out)


class _Stylize:
    """The command ``stylize``, step by step: the cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        self.args, self.signals, self.began = args, signals, time.perf_counter()
        if args.recipe:
            from nstlib.recipes import RECIPES

            check_name("recipe", args.recipe, RECIPES)
        self.content, self.styles, self.masks, self.out = _inputs(args)
        self.kept = Kept(self.out, args.checkpoint, args.resume)

    def run(self) -> int:
        names = ", ".join(style.name for style in self.styles)
        if self.kept.forgotten:
            self.say(f"{_nearest(self.kept.path)} is begun anew; --resume goes on.")
        task = f"Painting {self.content.name} in the style of {names}"
        self.say(f"{task}; TensorFlow is starting …")
        side = max(self.args.size or 0, LOADED_SIDE)
        photo, styles, alpha = self.load(side)
        settings = self.settings()  # seconds, because TensorFlow starts
        if settings.size > side:
            photo, styles, alpha = self.load(settings.size)
        self.announce(photo, styles, settings)
        result = self.stylize(photo, styles, settings)
        if not result.history:
            raise KeyboardInterrupt
        saved = self.save(result, alpha)
        self.report(result, saved)
        self.say(self.kept.close(result.stop_reason))
        if self.signals.number:
            return 128 + self.signals.number
        return 0 if saved == self.out else 2

    def say(self, text: str) -> None:
        if text and not self.args.quiet:
            write(sys.stderr if self.args.json else sys.stdout, text)

    def load(self, side: int) -> tuple[Any, list[tuple[Any, float, Any]], Any]:
        """The photo, styles with weights and masks, and the photo's opacity or None."""
        from nstlib.images import load_alpha, load_image
        from nstlib.origins import origin

        photo = load_image(self.content.source, side)
        styles = [
            (load_image(style.source, side), style.weight, self.mask(mask, side))
            for style, mask in zip(self.styles, self.masks, strict=True)
        ]
        self.side, self.origins = side, [origin(self.content.source, photo)]
        for style, (picture, weight, _) in zip(self.styles, styles, strict=True):
            self.origins.append(origin(style.source, picture, weight))
        return photo, styles, load_alpha(self.content.source, side)

    def mask(self, mask: Source | None, side: int) -> Any:
        if mask is None:
            return None
        from nstlib.masks import as_mask
        from nstlib.settings import SettingsError

        try:
            return as_mask(mask.source, side)
        except SettingsError as error:
            raise UsageError(f"{mask.name}: {error}") from error

    def settings(self) -> Any:
        """Recipe, then options; options win. All problems are told at once."""
        from nstlib.options import parse_settings
        from nstlib.settings import make_settings

        names = ("size", "steps", "network", "seed", "progress_every")
        options = {n: v for n in names if (v := getattr(self.args, n)) is not None}
        pairs = parse_settings(self.args.set)
        if twice := ", ".join(options.keys() & pairs.keys()):
            raise UsageError(f"{twice} is given twice, as an option and with --set.")
        options |= pairs
        return make_settings(**self.recipe(options) | options)

    def recipe(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.args.recipe
        if not name:
            return {}
        from nstlib.recipes import settings_for

        network, size = options.get("network", "mini"), options.get("size")
        recipe, notes = settings_for(name, network, size)
        if options.keys() & {"steps", "smallest", "scale_step", "coarse_to_fine"}:
            recipe.pop("steps_per_scale", None)  # these share the steps out anew
        for note in notes:
            self.say(f"{name}: {note}")
        return recipe

    def announce(self, photo: Any, styles: list[Any], settings: Any) -> None:
        """What will be done; nothing, if it does not fit into the memory."""
        from nstlib.estimating import Countdown, expected_memory, gigabytes
        from nstlib.scales import plan_scales

        height, width = photo.shape[:2]
        plan = plan_scales(height, width, settings)
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in plan)
        self.steps = sum(steps for *_, steps in plan)
        self.countdown = Countdown(plan, settings.margin)
        memory = expected_memory([photo, *(style[0] for style in styles)], settings)
        self.say(
            f"{sizes} pixels, {self.steps} evaluations, {settings.network}, about "
            f"{gigabytes(memory)} of memory."
        )

    def stylize(self, photo: Any, styles: list[Any], settings: Any) -> Any:
        from nstlib.settings import make_settings
        from nstlib.transfer import stylize

        every = settings.progress_every
        # Progress pictures go to the disk as they come, none is kept in memory.
        settings = make_settings(settings, progress_every=0)
        # The download of a network reports on stdout, which may be for JSON only.
        with Progress(self, every) as progress, redirect_stdout(sys.stderr):
            try:
                return stylize(
                    photo,
                    styles,
                    settings,
                    callback=progress,
                    checkpoint=self.kept.checkpoint(),
                    resume=self.args.resume,
                )
            except Exception as error:
                if not is_memory(error):
                    raise
                raise UsageError(
                    f"{settings.size} pixels with network {settings.network} need more "
                    f"memory than there is: try --size {settings.size // 2}."
                ) from error

    def save(self, result: Any, alpha: Any) -> Path:
        """Write the result; if that fails after all the work, write it elsewhere."""
        from nstlib.origins import record

        alpha = opacity(alpha, result.image)
        sources = record(self.origins, self.out.absolute().parent, self.side)
        if any(self.masks):
            sources["masks"] = [mask and str(mask) for mask in self.masks]
        try:
            return result.save(self.out, alpha, sources)
        except ImageError as error:
            spare = Path(tempfile.gettempdir()) / f"nst-{self.out.name}"
            saved = result.save(spare, alpha, sources)
            write(sys.stderr, f"nst: {error} It was saved as {saved}.")
            return saved

    def report(self, result: Any, saved: Path) -> None:
        from nstlib.result import finite

        seconds, path = time.perf_counter() - self.began, _nearest(saved)
        first, last = result.history[0], result.losses
        if result.stop_reason != "evaluations used up":
            done = f"{result.evaluations} of {self.steps} evaluations"
            reason = REASONS.get(result.stop_reason, result.stop_reason)
            self.say(f"Stopped after {done}: {reason}.")
        falls = [f"{k} loss from {first[k]:.4g} to {last[k]:.4g}" for k in TERMS]
        self.say(f"{', '.join(falls).capitalize()}.")
        self.say(f"Saved {path} after {seconds:.1f} s. Next: nst lab, the lessons.")
        measured = result.report() if self.args.report else None
        self.say(str(measured or ""))
        if self.args.json:
            facts = {
                "path": str(saved),
                "seconds": round(seconds, 2),
                "evaluations": result.evaluations,
                "stop_reason": result.stop_reason,
                "losses": {"first": finite(first), "last": finite(last)},
                "size": [result.image.shape[1], result.image.shape[0]],
                "settings": json.loads(result.settings.to_json()),
            }
            if measured:
                facts["report"] = dataclasses.asdict(measured)
            write(sys.stdout, json.dumps(facts))


class Progress:
    """Shows the run, and saves its pictures, as the callback of `stylize`."""

    def __init__(self, job: Any, every: int):
        self.job, self.every = job, every
        self.bar: Any = None
        self.begun = False
        self.folder = job.out.with_name(f"{job.out.stem}-progress")

    def __enter__(self) -> Progress:
        """Nothing is shown before the first evaluation."""
        return self

    def __exit__(self, *_: object) -> None:
        """The bar goes away."""
        if self.bar is not None:
            self.bar.close()

    def __call__(self, step: Any) -> bool:
        """Takes a `nstlib.transfer.Step`; ends the run if a signal went unnoticed."""
        if not self.begun and self.job.args.resume:
            self.job.say(f"Going on after {step.evaluation - 1} evaluations.")
        self.begun = True
        if self.every and step.evaluation % self.every == 0:
            self.save(step)
        left = self.job.countdown.left(step.size)
        if not self.job.args.quiet:
            size, loss = f"{step.size[1]}×{step.size[0]}", step.losses["total"]
            self.show(step, size, f"loss {loss:.4g}{left}")
        return bool(self.job.signals.number)

    def show(self, step: Any, size: str, news: str) -> None:
        """A bar in a terminal, a few lines elsewhere."""
        if not sys.stderr.isatty():
            tenth = max(1, step.evaluations // 10)
            if step.evaluation == 1 or step.evaluation % tenth == 0:
                done = f"{step.evaluation} of {step.evaluations}"
                write(sys.stderr, f"{done}, {size} pixels, {news}")
            return
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=step.evaluations,
                initial=step.evaluation - 1,
                desc=f"{size} pixels",
                file=sys.stderr,
                leave=False,
                ncols=shutil.get_terminal_size().columns - 1,
                # Its own forecast would take all scales to be equally dear.
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt}{postfix}",
            )
        self.bar.set_description(f"{size} pixels", refresh=False)
        self.bar.set_postfix_str(news, refresh=False)
        self.bar.update()

    def save(self, step: Any) -> None:
        """Write a progress picture."""
        from nstlib.images import save_image

        try:
            save_image(step.picture(), self.folder / f"{step.evaluation:04}.png")
        except ImageError as error:  # the run is worth more
            self.every = 0
            write(sys.stderr, f"nst: no more progress pictures: {error}")


def opacity(alpha: Any, picture: Any) -> Any:
    """Resample an opacity ``(h, w)``, 0–1, or None, to the size of a picture."""
    from nstlib.images import resize

    if alpha is None:
        return None
    grey = alpha[..., None].repeat(3, axis=-1) * 255
    return resize(grey, *picture.shape[:2])[..., 0] / 255


def _list_recipes() -> int:
    from nstlib.recipes import RECIPES

    for name, recipe in RECIPES.items():
        write(sys.stdout, f"{name:18} {recipe.summary}")
    return 0


def _nearest(path: Path) -> Path:
    """Relative to the current folder, if it is inside."""
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return path.relative_to(Path.cwd()) if inside else path
