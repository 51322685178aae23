"""The command ``nst train``, which trains a network for one style."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from nstlib.cli.console import Job, Parser, Signals, nearest, write
from nstlib.cli.frames import Frames
from nstlib.cli.options import add_set, default_of
from nstlib.cli.resume import nothing_to_resume, remove
from nstlib.cli.targets import CHECKPOINT, about_target, default_target, save_somewhere
from nstlib.course import pictures
from nstlib.course.pictures import find
from nstlib.errors import FileError, UsageError
from nstlib.fast.perceptual_loss import TRAINING_TERMS
from nstlib.fast.photo_crops import load_photos
from nstlib.fast.training import DEFAULTS, preview, train_transformer
from nstlib.fast.training_checkpoint import (
    describe_training,
    differences,
    training_of,
)
from nstlib.feedforward import MULTIPLE
from nstlib.files import as_path, check_target
from nstlib.images import Picture, load_image
from nstlib.large.countdown import duration
from nstlib.large.fitting import check_training
from nstlib.names import beside, is_there, stem_of
from nstlib.runs.facts import recorded
from nstlib.settings import SCHEMA, make_settings, parse_settings
from nstlib.transformers import is_network, save_transformer
from nstlib.vgg_weights import check_local_weights

SMALLEST = 64  # side of a crop in pixels
PREVIEW_SECONDS = 30
PREVIEW_SIDE = 192
FEW = " They are few, so it will learn them by heart. --photos names another folder."


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst train``."""
    add = parser.add_argument
    painting = "The painting: a file, an address, or the name of a course picture."
    add("style", metavar="STYLE", help=painting)
    folder = "A folder of photos to learn from, default the photos of the course."
    add("--photos", metavar="DIR", help=folder)
    minutes = "How long to train, default %(default)g minutes."
    add("--minutes", type=float, default=30.0, metavar="N", help=minutes)
    add("-o", "--out", help="Where the network goes, default output/STYLE.npz.")
    side, crop = default_of(train_transformer, "side"), "The side of the square crops "
    crop += "that it learns from, in pixels. "
    crop += f"A multiple of {MULTIPLE} from {SMALLEST}, default %(default)s."
    add("--side", type=int, default=side, metavar="N", help=crop)
    add_set(parser, "style_weight=100")
    scratch = "Begin with random numbers, which takes far longer, not with the network "
    scratch += "that ships."
    add("--from-scratch", action="store_true", help=scratch)
    add("--resume", action="store_true", help="Go on with a training that was cut off.")
    add("--json", action="store_true", help="Print one line of JSON at the end.")
    add("--quiet", action="store_true", help="Print errors only.")
    own = ", ".join(f"{n}={SCHEMA[n].typed(value)}" for n, value in DEFAULTS.items())
    parser.epilog = f"Training has defaults of its own: {own}."


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst train`` and return its exit status."""
    return _Train(args, signals).run()


class _Train(Job):
    """The command, step by step."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        if not 0 < args.minutes < math.inf:
            raise UsageError("--minutes must be a number above 0.")
        if args.side < SMALLEST or args.side % MULTIPLE:
            limits = f"a multiple of {MULTIPLE}, from {SMALLEST} pixels"
            raise UsageError(f"--side must be {limits}.")
        self.style = find(args.style, "style")
        default = Path("output") / f"{stem_of([str(self.style.source)])}.npz"
        self.typed = self.out = as_path(args.out) if args.out else default
        if self.out.suffix != ".npz":
            raise UsageError(f"{self.out}: a trained network ends in .npz.")
        if args.out and args.resume and not self.checkpoint.is_file():
            raise UsageError(nothing_to_resume(self.checkpoint))
        self.photos_from = (
            as_path(args.photos) if args.photos else pictures.IMAGES / "content"
        )
        if not self.photos_from.is_dir():
            raise UsageError(f"--photos {self.photos_from} is no folder.")
        check_target(self.out)
        self.frames: Frames | None = None
        self.previews, self.shown = True, 0.0

    @property
    def checkpoint(self) -> Path:
        """Path of the file with the state of the training."""
        return beside(self.out, CHECKPOINT)

    def run(self) -> int:
        side = self.args.side
        settings = make_settings(**DEFAULTS | parse_settings(self.args.set))
        check_local_weights(settings.network, settings.weights)
        style = load_image(self.style.source, 2048)
        self.photos = load_photos(self.photos_from, side)
        self.say(f"Learning to paint like {self.style.name}; TensorFlow is starting …")
        count = len(self.photos)
        self.say(f"{count} photos, crops of {side} pixels.{FEW if count < 100 else ''}")
        batch = default_of(train_transformer, "batch")
        check_training(side, batch, SMALLEST, settings)
        scratch = self.args.from_scratch
        about = describe_training(style, self.photos, settings, side, batch, scratch)
        kept = self.checkpoint if self.place(about) else None
        parameters, last = train_transformer(
            style,
            self.photos,
            settings,
            seconds=60 * self.args.minutes,
            side=side,
            callback=self,
            checkpoint=kept,
            resume=self.args.resume,
            from_scratch=scratch,
        )
        facts = {
            "style": self.style.name,
            "photos": count,
            "steps": last.steps,
            "seconds": round(last.seconds),
            "losses": dict(zip(TRAINING_TERMS, map(float, last.losses), strict=True)),
            "settings": recorded(settings),
        }
        there = kept is not None and kept.is_file()
        hint = f"{kept} is kept: the same command with --resume goes on."
        save = partial(_save, parameters, style, facts)
        saved = save_somewhere(save, self.out, hint if there else "")
        return self.end(saved, facts, there)

    def place(self, about: dict[str, Any]) -> bool:
        """Decide on the path of the network; return whether to write checkpoints."""
        resume = self.args.resume

        def unfinished(checkpoint: Path) -> bool:
            then = training_of(checkpoint)
            return resume and then is not None and not differences(then, about)

        if not self.args.out:
            # Each took its time: another one of the same painting gets a number.
            self.out = default_target(
                self.typed, lambda _: False, unfinished, self.args.resume
            )
        if resume:
            return True  # or train_transformer says why not
        self.say(about_target(self.typed, self.out, is_network(self.out), False))
        kept, ours = nearest(self.checkpoint), training_of(self.checkpoint)
        if is_there(self.checkpoint) and ours is None:
            self.say(f"{kept} is no checkpoint of nst train, and stays: none is kept.")
            return False
        if ours is not None:
            new = "will be replaced; with --resume the run would go on from it."
            self.say(f"{kept} {new}")
        return True

    def end(self, saved: Path, facts: dict[str, Any], unfinished: bool) -> int:
        """Print what was saved and what to do next, and return the exit status."""
        self.say(f"Saved {nearest(saved)} after {facts['steps']} steps.")
        self.say(f"Next: nst stylize PHOTO {nearest(saved)} --method feedforward")
        if self.args.json:
            write(sys.stdout, json.dumps({"path": str(saved), **facts}))
        if self.signals.number:
            if unfinished:
                self.say("The same command with --resume goes on from here.")
            return 128 + self.signals.number
        self.say(remove(self.checkpoint) if unfinished else "")
        return 0 if saved == self.out else 2

    def __call__(self, fit: Any) -> bool:
        """Show the progress every 30 seconds, and save a preview.

        Args:
            fit: a `nstlib.fast.training.Fit`.

        Returns:
            Whether to end the training, because a signal came.
        """
        now = time.perf_counter()
        if fit.step == 1 or now - self.shown > PREVIEW_SECONDS:
            self.shown = now
            left = duration(max(0.0, 60 * self.args.minutes - fit.seconds))
            picture = self.preview(fit)
            self.say(
                f"step {fit.step}, content {fit.losses['content']:.3f}, style "
                f"{fit.losses['style']:.3f}, {left} left{picture}"
            )
        return bool(self.signals.number)

    def preview(self, fit: Any) -> str:
        """Save a picture of what the network can do by now, and name it."""
        if not self.previews:
            return ""
        try:
            if self.frames is None:
                keep = sys.maxsize if self.args.resume else 0
                self.frames = Frames(self.out, keep)
            sheet = preview(fit.parameters(), self.photos[:4], PREVIEW_SIDE)
            return f", {nearest(self.frames.save(sheet, self.frames.following))}"
        except FileError as error:  # the training is worth more
            self.previews = False
            write(sys.stderr, f"nst: no more previews: {error}")
            return ""


def _save(parameters: Any, style: Picture, facts: dict[str, Any], path: Path) -> Path:
    return save_transformer(parameters, style, path, facts)
