"""The command ``nst stylize``: from what was typed to a picture on the disk.

Owns the search for pictures, the order of the checks, and what is said on the way.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from nstlib.cli.console import Job, Parser, Signals, check_name, is_memory, write
from nstlib.cli.options import SETTINGS, add_set, add_setting, default_of
from nstlib.cli.progress import Countdown, Progress
from nstlib.cli.resume import Kept
from nstlib.course import pictures as sources
from nstlib.course.pictures import (
    Source,
    exists,
    find_masks,
    find_network,
    find_or_default,
)
from nstlib.errors import ImageError, UsageError
from nstlib.feedforward import load_transformer
from nstlib.files import as_path
from nstlib.images import check_writable, load_alpha, load_image, opacity, shrink
from nstlib.large.cost import expected_memory
from nstlib.large.free_memory import gigabytes
from nstlib.large.scales import plan_scales
from nstlib.masks import as_mask
from nstlib.methods import stylize
from nstlib.recipes import RECIPES, settings_for
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.provenance import origins, record
from nstlib.runs.result import finite
from nstlib.settings import Settings, make_settings, typed_settings
from nstlib.styles import WeightedStyle

TERMS = ("style", "content")
REASONS = {  # what to make of the stop reasons that need a word
    "no progress": "no lower loss could be found, more steps would not help",
    "not finite": "the losses overflowed, lower the learning_rate or the weights",
}


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst stylize``."""
    add = parser.add_argument
    photo = "The photo: a file, an address, or the name of one of the course's."
    add("content", nargs="?", metavar="CONTENT", help=photo)
    paintings = "The painting; several are mixed, and PAINTING:2 counts double."
    add("style", nargs="*", metavar="STYLE", help=paintings)
    mask = "A grey picture, white where a style goes, or none. One for each STYLE."
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    out = "Where the result goes, default output/CONTENT-STYLE.png."
    add("-o", "--out", help=out)
    recipe = "Take the settings of a published system; --recipe list names them."
    add("--recipe", metavar="NAME", help=recipe)
    for name in SETTINGS:
        add_setting(parser, name)
    add_set(parser, "tv_weight=3")
    seconds, kept = default_of(Checkpoint, "seconds"), "The time between checkpoints "
    kept += "of a long run, default %(default)g seconds. 0 means that there are none."
    add("--checkpoint", type=float, default=seconds, metavar="SECONDS", help=kept)
    add("--resume", action="store_true", help="Go on with a run that was cut off.")
    add("--report", action="store_true", help="Measure how good the result is.")
    add("--json", action="store_true", help="Print one line of JSON at the end.")
    add("--quiet", action="store_true", help="Print errors only.")


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
    content = find_or_default(args.content, "content")
    if args.method == "feedforward":
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
    return _Inputs(content, styles, masks, out)


class _Stylize(Job):
    """The command ``stylize``, step by step: the cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.began = time.perf_counter()
        if args.recipe:
            check_name("recipe", args.recipe, RECIPES)
        self.content, self.styles, self.masks, self.out = _inputs(args)
        self.kept = Kept(self.out, args.checkpoint, args.resume)

    def run(self) -> int:
        names = ", ".join(style.name for style in self.styles)
        task = f"Painting {self.content.name} in the style of {names}"
        self.say(f"{task}; TensorFlow is starting …")
        side = max(self.args.size or 0, sources.LOADED_SIDE)
        photo, styles, alpha = self.load(side)
        settings = self.settings()  # seconds, because TensorFlow starts
        if settings.size > side:
            photo, styles, alpha = self.load(settings.size)
        self.announce(photo, styles, settings)
        result = self.stylize(photo, styles, settings)
        if result.stop_reason == "interrupted" and not result.history:
            raise KeyboardInterrupt
        saved = self.save(result, alpha)
        self.report(result, saved)
        self.say(self.kept.close(result.stop_reason))
        if self.signals.number:
            return 128 + self.signals.number
        return 0 if saved == self.out else 2

    def load(self, side: int) -> tuple[Any, list[Any], Any]:
        """The photo, styles with weights and masks, and the photo's opacity or None."""
        photo = load_image(self.content.source, side)
        load = self.network_picture if self.args.method == "feedforward" else load_image
        styles = [
            WeightedStyle(
                load(style.source, side),
                style.weight,
                mask and as_mask(mask.source, side),
            )
            for style, mask in zip(self.styles, self.masks, strict=True)
        ]
        places = [
            (style.source, style.weight, mask and mask.source)
            for style, mask in zip(self.styles, self.masks, strict=True)
        ]
        self.side = side
        self.origins = origins(self.content.source, places, photo, styles)
        return photo, styles, load_alpha(self.content.source, side)

    def network_picture(self, source: Any, side: int) -> Any:
        """What a trained network learned to paint like."""
        return shrink(load_transformer(source).style, side)

    def settings(self) -> Any:
        """Recipe, then options; options win. All problems are told at once."""
        options = typed_settings(self.args, SETTINGS)
        return make_settings(**self.recipe(options) | options)

    def recipe(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.args.recipe
        if not name:
            return {}
        network, size = options.get("network", Settings.network), options.get("size")
        recipe, notes = settings_for(name, network, size)
        if options.keys() & {"steps", "smallest", "scale_step", "coarse_to_fine"}:
            recipe.pop("steps_per_scale", None)  # these share the steps out anew
        for note in notes:
            self.say(f"{name}: {note}")
        return recipe

    def announce(self, photo: Any, styles: list[Any], settings: Any) -> None:
        """What will be done; nothing, if it does not fit into the memory."""
        if settings.method != "optimize":
            self.countdown = Countdown([], settings)
            self.say(f"{settings.size} pixels, {settings.method}, in one pass.")
            return
        if self.kept.forgotten:
            self.say(f"{_nearest(self.kept.path)} is begun anew; --resume goes on.")
        height, width = photo.shape[:2]
        plan = plan_scales(height, width, settings)
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in plan)
        self.steps = sum(steps for *_, steps in plan)
        self.countdown = Countdown(plan, settings)
        memory = expected_memory([photo, *(style[0] for style in styles)], settings)
        self.say(
            f"{sizes} pixels, {self.steps} evaluations, {settings.network}, about "
            f"{gigabytes(memory)} of memory."
        )

    def stylize(self, photo: Any, styles: list[Any], settings: Any) -> Any:
        every = settings.progress_every
        # Progress pictures go to the disk as they come, none is kept in memory.
        settings = make_settings(settings, progress_every=0)
        # The download of a network reports on stdout, which may be for JSON only.
        progress = Progress(self, every, self.countdown, self.args.resume)
        with progress, redirect_stdout(sys.stderr):
            try:
                feed_forward = settings.method == "feedforward"
                return stylize(
                    photo,
                    self.styles[0].source if feed_forward else styles,
                    settings,
                    callback=progress,
                    checkpoint=self.kept.checkpoint(settings.method),
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
        alpha = opacity(alpha, result.image)
        sources = record(self.origins, self.out.absolute().parent, self.side)
        try:
            return result.save(self.out, alpha, sources)
        except ImageError as error:
            spare = Path(tempfile.gettempdir()) / f"nst-{self.out.name}"
            saved = result.save(spare, alpha, sources)
            write(sys.stderr, f"nst: {error} It was saved as {saved}.")
            return saved

    def report(self, result: Any, saved: Path) -> None:
        seconds, path = time.perf_counter() - self.began, _nearest(saved)
        first, last = (result.history or [{}])[0], result.losses
        if result.stop_reason not in ("evaluations used up", "one pass"):
            done = f"{result.evaluations} of {self.steps} evaluations"
            reason = REASONS.get(result.stop_reason, result.stop_reason)
            self.say(f"Stopped after {done}: {reason}.")
        falls = [
            f"{k} loss from {first[k]:.4g} to {last[k]:.4g}"
            for k in TERMS
            if k in first
        ]
        self.say(f"{', '.join(falls).capitalize()}." if falls else "")
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


def _list_recipes() -> int:
    for name, recipe in RECIPES.items():
        write(sys.stdout, f"{name:18} {recipe.summary}")
    return 0


def _nearest(path: Path) -> Path:
    """Relative to the current folder, if it is inside."""
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return path.relative_to(Path.cwd()) if inside else path
