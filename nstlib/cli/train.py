"""The command ``nst train``, which trains a network for one style."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from nstlib.cli.console import Job, Parser, Signals, write
from nstlib.cli.options import add_set, default_of
from nstlib.cli.progress import duration
from nstlib.course.pictures import IMAGES, find
from nstlib.errors import UsageError
from nstlib.fast.photo_crops import load_photos
from nstlib.fast.training import DEFAULTS, preview, train_transformer
from nstlib.feedforward import MULTIPLE, save_transformer
from nstlib.files import as_path
from nstlib.images import check_writable, load_image, save_image
from nstlib.objective import TERMS
from nstlib.settings import SCHEMA, make_settings, parse_settings

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
            raise UsageError("--minutes is a number above 0.")
        if args.side < SMALLEST or args.side % MULTIPLE:
            limits = f"a multiple of {MULTIPLE}, from {SMALLEST} pixels"
            raise UsageError(f"--side is {limits}.")
        self.style = find(args.style, "style")
        stem = Path(self.style.name).stem
        self.out = as_path(args.out or Path("output") / f"{stem}.npz")
        if self.out.suffix != ".npz":
            raise UsageError(f"{self.out}: a trained network ends in .npz.")
        self.checkpoint = self.out.with_name(f"{self.out.stem}.checkpoint.npz")
        if args.resume and not self.checkpoint.is_file():
            raise UsageError(f"there is nothing to resume, no {self.checkpoint}.")
        self.folder = self.out.with_name(f"{self.out.stem}-progress")
        self.photos_from = as_path(args.photos) if args.photos else IMAGES / "content"
        if not self.photos_from.is_dir():
            raise UsageError(f"--photos {self.photos_from} is no folder.")
        check_writable(self.out.with_suffix(".png"))
        self.previews, self.shown = 0, 0.0

    def run(self) -> int:
        self.say(f"Learning to paint like {self.style.name}; TensorFlow is starting …")
        side = self.args.side
        settings = make_settings(**DEFAULTS | parse_settings(self.args.set))
        style = load_image(self.style.source, 2048)
        self.photos = load_photos(self.photos_from, side)
        count = len(self.photos)
        self.say(f"{count} photos, crops of {side} pixels.{FEW if count < 100 else ''}")
        parameters, last = train_transformer(
            style,
            self.photos,
            settings,
            seconds=60 * self.args.minutes,
            side=side,
            callback=self,
            checkpoint=self.checkpoint,
            resume=self.args.resume,
        )
        facts = {
            "style": self.style.name,
            "photos": count,
            "steps": last.steps,
            "seconds": round(last.seconds),
            "losses": dict(zip(TERMS, map(float, last.losses), strict=True)),
            "settings": json.loads(settings.to_json()),
        }
        save_transformer(parameters, style, self.out, facts)
        return self.end(facts)

    def end(self, facts: dict[str, Any]) -> int:
        """Print what was saved and what to do next, and return the exit status."""
        self.say(f"Saved {self.out} after {facts['steps']} steps.")
        self.say(f"Next: nst stylize PHOTO {self.out} --method feedforward")
        if self.args.json:
            write(sys.stdout, json.dumps({"path": str(self.out), **facts}))
        if self.signals.number:
            self.say("The same command with --resume goes on from here.")
            return 128 + self.signals.number
        self.checkpoint.unlink(missing_ok=True)
        return 0

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
                f"{fit.losses['style']:.3f}, {left} left, {picture}"
            )
        return bool(self.signals.number)

    def preview(self, fit: Any) -> Path:
        path = self.folder / f"{self.previews:04}.png"
        sheet = preview(fit.parameters(), self.photos[:4], PREVIEW_SIDE)
        self.previews += 1
        return save_image(sheet, path)
