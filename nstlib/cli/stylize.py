"""The command ``nst stylize``: from what was typed to a picture on the disk.

Owns the search for pictures, the order of the checks, and what is said on the way.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.cli.console import (
    Job,
    Parser,
    Signals,
    check_name,
    is_memory,
    nearest,
    write,
)
from nstlib.cli.inputs import find_inputs
from nstlib.cli.options import SETTINGS, add_set, add_setting, default_of
from nstlib.cli.progress import Countdown, Progress
from nstlib.cli.resume import Kept
from nstlib.course.pictures import LOADED_SIDE, load_mask
from nstlib.errors import FileError, UsageError
from nstlib.fast.one_pass import plan_levels
from nstlib.feedforward import load_transformer
from nstlib.images import Picture, load_alpha, load_image, opacity, shrink
from nstlib.large.cost import expected_memory
from nstlib.large.free_memory import gigabytes
from nstlib.large.scales import plan_scales
from nstlib.methods import stylize
from nstlib.recipes import RECIPES, settings_for
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.provenance import Origin, origins, record
from nstlib.runs.result import Result, finite
from nstlib.settings import Settings, make_settings, typed_settings
from nstlib.styles import WeightedStyle

SHOWN_TERMS = ("style", "content")
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
    color = "The colour in a mask where its style goes, such as red or #00ff00; none "
    color += "if the mask is grey. One for each --mask."
    add("--mask-color", action="append", default=[], metavar="COLOR", help=color)
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


class _Loaded(NamedTuple):
    """The pictures themselves."""

    photo: Picture
    styles: list[WeightedStyle]
    alpha: np.ndarray | None
    """Opacity of the photo."""
    origins: list[Origin]


class _Stylize(Job):
    """The command ``stylize``, step by step: the cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.began = time.perf_counter()
        self.settings = self._settings()
        self.inputs = find_inputs(args, self.settings.method)
        self.out = self.inputs.out
        self.side = max(self.settings.size, LOADED_SIDE)
        self.kept = Kept(self.out, args.checkpoint, args.resume)

    def _settings(self) -> Settings:
        """Recipe, then options; options win. All problems are told at once."""
        options = typed_settings(self.args, SETTINGS)
        return make_settings(**self._recipe(options) | options)

    def _recipe(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.args.recipe
        if not name:
            return {}
        check_name("recipe", name, RECIPES)
        network, size = options.get("network", Settings.network), options.get("size")
        recipe, notes = settings_for(name, network, size)
        if options.keys() & {"steps", "smallest", "scale_step", "coarse_to_fine"}:
            recipe.pop("steps_per_scale", None)  # these share the steps out anew
        for note in notes:
            self.say(f"{name}: {note}")
        return recipe

    def run(self) -> int:
        loaded = self.load()
        names = ", ".join(style.name for style in self.inputs.styles)
        task = f"Painting {self.inputs.content.name} in the style of {names}"
        self.say(f"{task}; TensorFlow is starting …")
        plan = []
        if self.settings.method == "optimize":
            height, width, _ = loaded.photo.shape
            plan = plan_scales(height, width, self.settings)
        self.announce(loaded, plan)
        result = self.stylize(loaded, plan)
        if result.stop_reason == "interrupted" and not result.history:
            raise KeyboardInterrupt
        saved = self.save(result, loaded)
        self.report(result, saved)
        self.say(self.kept.close(result.stop_reason))
        if self.signals.number:
            return 128 + self.signals.number
        return 0 if saved == self.out else 2

    def load(self) -> _Loaded:
        """Read all pictures, scaled down where they are larger than any result."""
        content, styles, masks, _ = self.inputs
        photo, found, places = load_image(content.source, self.side), [], []
        shades: list[str | None] = []
        for style, mask in zip(styles, masks, strict=True):
            where = None if mask is None else mask.source
            region = None if mask is None else load_mask(mask, self.side)
            picture = self.painting(style.source)
            found.append(WeightedStyle(picture, style.weight, region))
            places.append((style.source, style.weight, where))
            shades.append(None if mask is None else mask.color)
        alpha = load_alpha(content.source, self.side)
        made_of = origins(content.source, places, photo, found, shades)
        return _Loaded(photo, found, alpha, made_of)

    def painting(self, source: str | Path) -> Picture:
        """A painting, or what a trained network learned to paint like."""
        if self.settings.method == "feedforward":
            return shrink(load_transformer(source).style, self.side)
        return load_image(source, self.side)

    def announce(self, loaded: _Loaded, plan: Sequence[tuple[int, int, int]]) -> None:
        """What will be done; nothing, if it does not fit into the memory."""
        settings = self.settings
        if not plan:
            self.say(f"{settings.size} pixels, {settings.method}, in one pass.")
            return
        if self.kept.forgotten:
            self.say(f"{nearest(self.kept.path)} is begun anew; --resume goes on.")
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in plan)
        pictures = [loaded.photo, *(style.picture for style in loaded.styles)]
        memory = expected_memory(pictures, settings)
        self.say(
            f"{sizes} pixels, {settings.steps} evaluations, {settings.network}, about "
            f"{gigabytes(memory)} of memory."
        )

    def stylize(self, loaded: _Loaded, plan: Sequence[tuple[int, int, int]]) -> Result:
        every = self.settings.progress_every
        # Progress pictures go to the disk as they come, none is kept in memory.
        settings = make_settings(self.settings, progress_every=0)
        feed_forward = settings.method == "feedforward"
        style = self.inputs.styles[0].source if feed_forward else loaded.styles
        countdown = Countdown(plan, settings)
        # The download of a network reports on stdout, which may be for JSON only.
        progress = Progress(self, every, countdown, self.args.resume)
        with progress, redirect_stdout(sys.stderr):
            try:
                return stylize(
                    loaded.photo,
                    style,
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

    def save(self, result: Result, loaded: _Loaded) -> Path:
        """Write the result; if that fails after all the work, write it elsewhere."""
        alpha = opacity(loaded.alpha, result.image)
        sources = record(loaded.origins, self.out.absolute().parent, self.side)
        try:
            return result.save(self.out, alpha, sources)
        except FileError as error:
            spare = Path(tempfile.gettempdir()) / f"nst-{self.out.name}"
            saved = result.save(spare, alpha, sources)
            write(sys.stderr, f"nst: {error} It was saved as {saved}.")
            return saved

    def report(self, result: Result, saved: Path) -> None:
        seconds, path = time.perf_counter() - self.began, nearest(saved)
        first, last = (result.history or [{}])[0], result.losses
        if result.stop_reason not in ("evaluations used up", "one pass"):
            reason = REASONS.get(result.stop_reason, result.stop_reason)
            self.say(f"Stopped after {_done(result)}: {reason}.")
        falls = [
            f"{k} loss from {first[k]:.4g} to {last[k]:.4g}"
            for k in SHOWN_TERMS
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


def _done(result: Result) -> str:
    """How far a run came that ended early: ``"7 of 300 evaluations"``."""
    settings = result.settings
    if settings.method == "optimize":
        return f"{result.evaluations} of {settings.steps} evaluations"
    levels = len(plan_levels(settings.method, settings.levels))
    return f"{result.evaluations} of {levels} levels"


def _list_recipes() -> int:
    for name, recipe in RECIPES.items():
        write(sys.stdout, f"{name:18} {recipe.summary}")
    return 0
