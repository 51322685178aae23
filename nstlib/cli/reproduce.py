"""The command ``nst reproduce``, which makes a picture again from the facts inside it.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nstlib.cli import reproduce_film
from nstlib.cli.console import Job, Parser, Signals, write
from nstlib.cli.progress import Progress, planned
from nstlib.cli.targets import about_target, is_one_of, save_somewhere
from nstlib.errors import NstError, SettingsError, UsageError, shorten
from nstlib.files import as_path, shown
from nstlib.images import (
    Downloads,
    Source,
    check_writable,
    load_alpha,
    load_image,
    opacity,
    save_image,
)
from nstlib.large.countdown import Countdown
from nstlib.large.fitting import expected_memory
from nstlib.methods import stylize
from nstlib.names import beside, first_free, is_there
from nstlib.runs.facts import hash_of, is_ours, read_facts, same_run
from nstlib.runs.find_again import (
    Found,
    Search,
    find_again,
    find_weights_again,
    written_result,
)
from nstlib.runs.provenance import record
from nstlib.runs.result import CUT_SHORT, versions
from nstlib.settings import Settings, make_settings
from nstlib.transformers import network_file
from nstlib.vgg_weights import check_local_weights


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst reproduce``."""
    add = parser.add_argument
    add(
        "picture",
        metavar="PICTURE",
        help="A result of nst stylize, nst video or Result.save.",
    )
    add("-o", "--out", help="The new picture, default PICTURE-again.png.")
    add("--content", metavar="PHOTO", help="Where the photo is now.")
    other = "Where the painting is now. Repeat it for several, in the same order."
    add("--style", action="append", default=[], metavar="PAINTING", help=other)
    mask = "Where the mask of a style is now, or none. One for each style."
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    weights = "Where the file with the weights of its network is now."
    add("--weights", metavar="FILE", help=weights)
    fetch = "Fetch pictures from the addresses that are written in PICTURE."
    add("--fetch", action="store_true", help=fetch)
    add("--json", action="store_true", help="Print one line of JSON at the end.")
    add("--quiet", action="store_true", help="Print errors only.")


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst reproduce`` and return its exit status."""
    if reproduce_film.is_film(args.picture):
        return reproduce_film.ReproduceFilm(args, signals).run()
    return _Reproduce(args, signals).run()


class _Reproduce(Job):
    """The command, step by step."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.picture = written_result(args.picture)
        self.facts = read_facts(self.picture.source, args.picture)
        known = self.facts.get("sources") or {}
        if known.get("start"):
            raise UsageError(
                f"{shown(self.picture.path)} cannot be made again: it began with a "
                "start picture, which was not saved."
            )
        folder = self.picture.path.absolute().parent
        self.downloads = Downloads()
        search = Search(folder, known.get("loaded_side"), args.fetch, self.downloads)
        self.found = find_again(self.facts, search, args.content, args.style, args.mask)
        self.settings, self.changed = self.known_settings(folder)
        again = beside(self.picture.path, "-again.png")
        self.out = as_path(args.out) if args.out else first_free(again, self.usable)
        taken = [self.picture.path, *(found.source for found in self.files())]
        if is_one_of(self.out, taken):
            raise UsageError(f"{self.out} is a picture to read: choose another -o.")
        check_writable(self.out)
        self.say(about_target(again, self.out, is_ours(self.out), not args.out))

    def usable(self, path: Path) -> bool:
        """Return whether the new picture may have this name, if none was typed."""
        if not is_there(path):
            return True
        try:
            facts = read_facts(path)
        except NstError:
            return False
        known = self.facts["settings"], self.facts.get("sources") or {}
        return same_run(facts, *known) and not self.all_changed()

    def known_settings(self, folder: Path) -> tuple[Settings, list[str]]:
        """Return the settings of the picture, and names of changed files of weights."""
        values, changed = dict(self.facts["settings"]), []
        sources = self.facts.get("sources") or {}
        name = values.get("weights")
        if name and isinstance(name, str):
            place = find_weights_again(name, folder, self.args.weights)
            values["weights"] = str(place)
            known = (sources.get("vgg") or {}).get("sha256")
            if known and known != hash_of(place):
                changed.append(place.name)
        if values.get("method") == "feedforward":
            place = network_file(as_path(self.found[1].source))
            if sources.get("network") and sources["network"] != hash_of(place):
                changed.append(place.name)
        try:
            settings = Settings.from_json(json.dumps(values))
        except (SettingsError, TypeError, ValueError) as error:
            raise UsageError(
                f"these settings are not known to this version of nstlib: {error}"
            ) from error
        if settings.method != "feedforward" or settings.refine:
            check_local_weights(settings.network, settings.weights)
        return make_settings(settings, progress_every=0), changed

    def all_changed(self) -> list[str]:
        """Return the names of all files that have changed since the first run."""
        names = [f.name for f in self.files() if f.changed]
        return list(dict.fromkeys([*names, *self.changed]))

    def files(self) -> list[Found]:
        """Return the files that the picture was made from, masks included."""
        both = [(found, found.mask) for found in self.found]
        return [file for pair in both for file in pair if file]

    def run(self) -> int:
        for name in self.all_changed():
            self.say(f"{name} has changed since the picture was made.")
        names = [found.name for found in self.found]
        self.say(f"Painting {names[0]} in the style of {', '.join(names[1:])} again …")
        result = self.stylize()
        if self.signals.number or not result.evaluations:
            raise KeyboardInterrupt
        saved, same = self.save(result)
        reasons = self.reasons()
        self.say(f"Saved {saved}. {same.text}")
        if not same.equal:
            self.say("; ".join(reasons) + "." if reasons else _MACHINE)
        if self.args.json:
            facts = {"path": str(saved), "same": same.equal, "differences": reasons}
            facts |= {"largest": same.largest, "mean": same.mean}
            write(sys.stdout, json.dumps(facts))
        return 0 if saved == self.out else 2

    def stylize(self) -> Any:
        settings = self.settings
        last = self.facts.get("evaluations")
        if self.facts.get("stop_reason") not in CUT_SHORT:
            last = None
        content, *found = self.found
        styles = [
            (
                style.source if settings.method == "feedforward" else style.picture,
                weight,
                style.mask.picture if style.mask else None,
            )
            for style, weight in zip(found, self.weights(), strict=True)
        ]
        pictures = [content.picture, *(style.picture for style in found)]
        expected_memory(pictures, settings, may_change=False)
        countdown = Countdown(planned(content.picture, settings), settings)
        with Progress(self, 0, countdown) as progress, redirect_stdout(sys.stderr):
            return stylize(
                content.picture,
                styles,
                settings,
                callback=lambda step: progress(step) or step.evaluation == last,
            )

    def weights(self) -> list[float]:
        known = self.facts.get("sources") or {}
        return known.get("style_weights") or [1.0] * (len(self.found) - 1)

    def save(self, result: Any) -> tuple[Path, Same]:
        """Save the picture, and compare it with the first one, in the same format."""
        side = (self.facts.get("sources") or {}).get("loaded_side")
        alpha = None
        source = self.picture.source
        if load_alpha(source) is not None:
            photo = self.downloads(self.found[0].source)
            alpha = opacity(load_alpha(photo, side), result.image)
        weights = [1.0, *self.weights()]
        pictures = [f.origin(w) for f, w in zip(self.found, weights, strict=True)]
        about = record(pictures, self.out.absolute().parent, side)
        if self.settings.method == "feedforward":
            about["network"] = hash_of(network_file(as_path(self.found[1].source)))
        with tempfile.TemporaryDirectory() as folder:
            twin = Path(folder) / f"twin{self.picture.path.suffix}"
            same = compare(source, save_image(result.image, twin, alpha=alpha))
        save = partial(result.save, alpha=alpha, sources=about)
        return save_somewhere(save, self.out), same

    def reasons(self) -> list[str]:
        """Return possible reasons why the new picture differs."""
        then, now = self.facts["versions"], versions()
        found = [
            f"{name} was {shorten(then[name])} and is {now[name]} now"
            for name in now
            if name in then and then[name] != now[name]
        ]
        found += [f"{name} has changed" for name in self.all_changed()]
        if self.facts.get("resumed"):
            found.append("the first run was cut off and resumed")
        return found


class Same(NamedTuple):
    """How much two pictures differ; the numbers are None if their sizes do."""

    equal: bool
    largest: float | None
    mean: float | None
    text: str


_MACHINE = (
    "The versions are the same. But another processor, or another number of cores, "
    "adds numbers in another order, and small differences grow."
)


def compare(path: Source, twin: Path) -> Same:
    """Compare two pictures pixel by pixel.

    Args:
        path: the file of the first picture.
        twin: the file of the new picture.

    Raises:
        ImageError: a file cannot be read.
    """
    one, other = load_image(path), load_image(twin)
    if one.shape != other.shape:
        size = f"{other.shape[1]}×{other.shape[0]}"
        return Same(False, None, None, f"Not the same: it is {size} pixels now.")
    off = np.abs(one - other)
    if not off.any():
        return Same(True, 0.0, 0.0, "The same, bit for bit.")
    largest, mean, part = float(off.max()), float(off.mean()), float((off > 0).mean())
    text = (
        f"Not the same: {part:.1%} of the values differ. The difference is {mean:.2g} "
        f"of 255 levels on average, and {largest:.0f} at most."
    )
    return Same(False, largest, mean, text)
