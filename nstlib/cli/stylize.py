"""The command ``nst stylize``, which repaints a photo and saves the result.

This module finds the pictures, orders the checks, and prints what happens.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

from nstlib.cli.console import (
    Job,
    Parser,
    Signals,
    check_name,
    nearest,
    write,
)
from nstlib.cli.inputs import check_reportable, find_inputs
from nstlib.cli.loading import Loaded, load_inputs
from nstlib.cli.options import SETTINGS, add_set, add_setting, default_of
from nstlib.cli.progress import Progress, done, evaluations, in_one_pass, planned
from nstlib.cli.resume import Kept, check_seconds
from nstlib.cli.targets import (
    about_target,
    default_target,
    is_one_of,
    save_somewhere,
    stamp,
)
from nstlib.course.pictures import LOADED_SIDE
from nstlib.errors import NstError, UsageError
from nstlib.images import opacity
from nstlib.large.countdown import Countdown
from nstlib.large.fitting import expected_memory
from nstlib.limits import gigabytes, peak_so_far
from nstlib.methods import stylize
from nstlib.recipes import RECIPES, settings_for
from nstlib.runs.checkpoint import Checkpoint, describe
from nstlib.runs.checkpoint_file import differences, run_of
from nstlib.runs.facts import is_ours, read_facts, recorded, same_run
from nstlib.runs.result import Result, finite
from nstlib.settings import Settings, make_settings, typed_settings

SHOWN_TERMS = ("style", "content")
REASONS = {  # explanations of stop reasons
    "no progress": "no lower loss could be found, more steps would not help",
    "not finite": "the losses overflowed, lower the learning_rate or the weights",
}


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst stylize``."""
    add = parser.add_argument
    photo = "The photo: a file, an address, or the name of a course picture."
    add("content", nargs="?", metavar="CONTENT", help=photo)
    paintings = "The painting. Several are mixed, and PAINTING:2 counts double."
    add("style", nargs="*", metavar="STYLE", help=paintings)
    mask = "A picture that is white where a style goes, or none. One for each STYLE."
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    color = "The color of the places in a mask where its style goes, such as red "
    color += "or #00ff00, or none if the mask is gray. One for each --mask."
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
    """Run ``nst stylize`` and return its exit status."""
    return _list_recipes() if args.recipe == "list" else _Stylize(args, signals).run()


class _Stylize(Job):
    """The command, step by step. The cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.began = time.perf_counter()
        self.settings = self._settings()
        self.inputs = find_inputs(args, self.settings.method)
        self.out = self.inputs.out
        self.side = max(self.settings.size, LOADED_SIDE)
        check_seconds(args.checkpoint)
        if not self.inputs.chosen:
            self.kept = Kept(self.out, args.checkpoint, args.resume)

    def _settings(self) -> Settings:
        """Return the settings of the recipe, replaced by the options that were typed.

        Raises:
            SettingsError: settings make no sense. All problems are named at once.
        """
        options = typed_settings(self.args, SETTINGS)
        return make_settings(**self._recipe(options) | options)

    def _recipe(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.args.recipe
        if not name:
            return {}
        check_name("recipe", name, RECIPES)
        if "quality" in options:
            raise UsageError(
                f"recipe {name} has evaluations of its own: leave --quality out, or "
                "--recipe."
            )
        network, size = options.get("network", Settings.network), options.get("size")
        recipe, notes = settings_for(name, network, size)
        if options.keys() & {"steps", "smallest", "scale_step", "coarse_to_fine"}:
            recipe.pop("steps_per_scale", None)  # made for other scales or steps
        for note in notes:
            self.say(f"{name}: {note}")
        return recipe

    def run(self) -> int:
        loaded = load_inputs(self.inputs, self.settings, self.side)
        if self.args.report:
            check_reportable(loaded.photo.shape, self.settings.size)
        plan = planned(loaded.photo, self.settings)
        names = ", ".join(style.name for style in self.inputs.styles)
        task = f"Painting {self.inputs.content.name} in the style of {names}"
        self.say(f"{task}; TensorFlow is starting …")
        self.place(loaded, plan)
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

    def place(self, loaded: Loaded, plan: Sequence[tuple[int, int, int]]) -> None:
        """Decide on the path of the result, and say if it replaces a file."""
        typed = self.inputs.out
        if self.inputs.chosen:
            run = describe(self.settings, plan, loaded.origins, None) if plan else None
            self.out = self.free_name(loaded, run)
            self.kept = Kept(self.out, self.args.checkpoint, self.args.resume)
        ours, chosen = is_ours(self.out), self.inputs.chosen
        self.say(about_target(typed, self.out, ours, chosen))
        self.seen = stamp(self.out)

    def free_name(self, loaded: Loaded, run: dict[str, Any] | None) -> Path:
        """Return the first path that is free, or that has a result of the same run."""
        settings = recorded(self.settings)
        sources = loaded.sources(self.inputs, self.settings, self.side)

        def same(path: Path) -> bool:
            try:
                facts = read_facts(path)
            except NstError:
                return False
            read = is_one_of(path, self.inputs.sources)
            return same_run(facts, settings, sources) and not read

        def unfinished(checkpoint: Path) -> bool:
            then = run_of(checkpoint)
            return bool(then and run) and not differences(then or {}, run or {})

        return default_target(self.inputs.out, same, unfinished, self.args.resume)

    def announce(self, loaded: Loaded, plan: Sequence[tuple[int, int, int]]) -> None:
        """Say what will be done.

        Raises:
            UsageError: the run does not fit into the memory.
        """
        settings = self.settings
        pictures = [loaded.photo, *(style.picture for style in loaded.styles)]
        # Reading a large picture may have taken more than the run will.
        memory = gigabytes(max(expected_memory(pictures, settings), peak_so_far()))
        if not plan:
            self.say(
                f"{settings.size} pixels, {in_one_pass(settings)}, about {memory} of "
                "memory."
            )
            return
        if self.kept.forgotten:
            new = "will be replaced; with --resume the run would go on from it."
            self.say(f"{nearest(self.kept.path)} {new}")
        if self.kept.foreign:
            self.say(
                f"{nearest(self.kept.path)} is no checkpoint of nst stylize, and "
                "stays: none are written."
            )
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in plan)
        how = f"{settings.quality}: {evaluations(plan)}"
        if settings.method != "optimize":
            how = in_one_pass(settings)
        self.say(
            f"{how}, {sizes} pixels, {settings.network}, about {memory} of memory."
        )

    def stylize(self, loaded: Loaded, plan: Sequence[tuple[int, int, int]]) -> Result:
        every = self.settings.progress_every
        # Progress saves the pictures at once, so that none has to be kept in memory.
        settings = make_settings(self.settings, progress_every=0)
        style: list[Any] = list(loaded.styles)
        if settings.method == "feedforward":
            pairs = zip(self.inputs.styles, loaded.styles, strict=True)
            style = [(file.source, s.weight, s.mask) for file, s in pairs]
        countdown = Countdown(plan, settings)
        # Keras reports downloads on stdout, which may be for JSON only.
        progress = Progress(self, every, countdown, self.args.resume)
        with progress, redirect_stdout(sys.stderr):
            return stylize(
                loaded.photo,
                style,
                settings,
                callback=progress,
                checkpoint=self.kept.checkpoint(settings),
                resume=self.args.resume,
            )

    def save(self, result: Result, loaded: Loaded) -> Path:
        """Save the result; if that fails, save it in the folder for temporary files."""
        alpha = opacity(loaded.alpha, result.image)
        if self.inputs.chosen and stamp(self.out) != self.seen:  # by another run
            self.out = self.free_name(loaded, None)
        sources = loaded.sources(self.inputs, self.settings, self.side)
        save = partial(result.save, alpha=alpha, sources=sources)
        return save_somewhere(save, self.out, self.kept.hint())

    def report(self, result: Result, saved: Path) -> None:
        seconds, path = time.perf_counter() - self.began, nearest(saved)
        first, last = (result.history or [{}])[0], result.losses
        if result.stop_reason not in ("evaluations used up", "one pass"):
            reason = REASONS.get(result.stop_reason, result.stop_reason)
            self.say(f"Stopped after {done(result)}: {reason}.")
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


def _list_recipes() -> int:
    for name, recipe in RECIPES.items():
        write(sys.stdout, f"{name:18} {recipe.summary}")
    return 0
