"""The command ``nst video``, which paints a film."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nstlib.cli.console import Job, Parser, Signals, write
from nstlib.cli.film_news import told_painted, told_plan
from nstlib.cli.film_progress import FilmProgress
from nstlib.cli.options import add_set, add_setting
from nstlib.cli.targets import about_target, is_one_of
from nstlib.course.pictures import find_network, find_or_default
from nstlib.errors import NstError, UsageError
from nstlib.files import as_path, is_url, shown
from nstlib.film.choices import REACH, Choices
from nstlib.film.door import Painted, Plan, film_settings, paint_film
from nstlib.film.facts import read_film_facts
from nstlib.film.masks import find_film_masks
from nstlib.film.pictures import read_from
from nstlib.film.source import Wanted, color_of
from nstlib.large.cost import BASE_BYTES, run_memory
from nstlib.large.free_memory import usable_memory
from nstlib.limits import cores
from nstlib.names import first_free, is_there, stem_of
from nstlib.runs.facts import recorded
from nstlib.settings import make_settings, typed_settings
from nstlib.worker.cluster import LOCAL, Cluster
from nstlib.worker.film import FilmCrew

TYPED = ("steps", "quality", "network", "method", "alpha", "refine", "seed")
"""Settings that have an option of their own, besides the size."""


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst video``."""
    add = parser.add_argument
    film = "The film: a file, a folder of pictures, or a pattern such as in/%%04d.png."
    add("film", metavar="FILM", help=film)
    paintings = "The painting, or a trained network with --method feedforward. Several "
    paintings += "are mixed. Without any, --smooth smooths a finished film."
    add("style", nargs="*", metavar="STYLE", help=paintings)
    mask = "A picture or a film that is white where a style goes, or none. "
    mask += "One for each STYLE."
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    color = "The color of the places in a mask where its style goes, such as red "
    color += "or #00ff00, or none if the mask is gray. One for each --mask."
    add("--mask-color", action="append", default=[], metavar="COLOR", help=color)
    out = f"The painted film: .mp4, .mov, .mkv, .webm, .gif, .webp, or FOLDER{os.sep} "
    add("-o", "--out", help=out + "for the frames; default output/FILM-STYLE.mp4.")
    begin = "The time at which to begin, in seconds or as minutes:seconds."
    add("--from", dest="begin", type=seconds, default=0.0, metavar="T", help=begin)
    add("--to", dest="end", type=seconds, metavar="T", help="The time at which to end.")
    rate = "Frames a second; default those of the film."
    add("--fps", type=float, metavar="N", help=rate)
    size = "The longer side in pixels; default that of the film, but at most 512."
    add("--size", type=int, metavar="N", help=size)
    behind = "The color behind transparent pixels, such as black or #00ff00."
    add("--background", default="white", metavar="COLOR", help=behind)
    _add_ties(add)
    for name in TYPED:
        add_setting(parser, name)
    add_set(parser, "tv_weight=3")
    dask = f"Paint on the Dask cluster with this scheduler; {LOCAL} starts one here."
    add("--dask", metavar="ADDRESS", help=dask)
    add("--json", action="store_true", help="Print one line of JSON at the end.")
    add("--quiet", action="store_true", help="Print errors only.")


def _add_ties(add: Callable[..., Any]) -> None:
    """Declare the options that tie the frames to each other."""
    smooth = "The share of the previous frame that is mixed in, 0 to 0.95; default 0."
    add("--smooth", type=float, metavar="S", help=smooth)
    usual, only = Choices(), "Only for optimize."
    weight = "How strongly a frame is tied to earlier frames; default "
    weight += f"{usual.temporal_weight:g}. {only}"
    add("--temporal-weight", type=float, metavar="W", help=weight)
    steps = "The evaluations for each frame after the first; default "
    steps += f"{usual.frame_steps}. {only}"
    add("--frame-steps", type=int, metavar="N", help=steps)
    reach = "The distances to the earlier frames that a frame is tied to; default "
    reach += f"{','.join(map(str, usual.reach))}. 0 ties it to none. {only}"
    add("--reach", metavar="N,N", help=reach)
    passes = f"The number of passes over the film; default {usual.passes}. {only}"
    add("--passes", type=int, metavar="N", help=passes)


def seconds(text: str) -> float:
    """Read ``"90"``, ``"1:30"`` or ``"0:01:30"``."""
    try:
        parts = [float(part) for part in text.split(":")]
        if len(parts) > 3:
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time: type seconds, such as 90, or minutes:seconds, "
            "such as 1:30"
        ) from None
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst video`` and return its exit status."""
    return _Video(args, signals).run()


class _Video(Job):
    """The command, step by step."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.settings = film_settings(make_settings(**typed_settings(args, TYPED)))
        self.choices = self._choices()
        color = color_of(args.background)
        self.wanted = Wanted(args.begin, args.end, args.fps, args.size, color)
        find = find_network if self.settings.method == "feedforward" else _painting
        self.styles = [find(text) for text in args.style]
        self.masks = find_film_masks(args.mask, len(self.styles), args.mask_color)
        self.out = self._target()
        self.cluster: Cluster | None = None
        self.crew: FilmCrew | None = None

    def _choices(self) -> Choices:
        names = ("smooth", "temporal_weight", "frame_steps", "reach", "passes")
        typed = {n: v for n in names if (v := getattr(self.args, n)) is not None}
        if "reach" in typed:
            try:
                typed["reach"] = tuple(
                    int(n) for n in typed["reach"].split(",") if n != "0"
                )
            except ValueError:
                raise UsageError(f"{REACH}.") from None
        return Choices(**typed)

    def _target(self) -> Path:
        names = [str(self.args.film), *(str(style.source) for style in self.styles)]
        default = Path("output") / f"{stem_of(names) or 'film'}.mp4"
        if not self.styles:
            default = default.with_name(f"{default.stem}-smooth.mp4")
        typed = self.args.out or f"output{os.sep}"
        out = as_path(typed)
        chosen = not self.args.out
        if chosen or (out.is_dir() and not typed.endswith(("/", os.sep))):
            meant = (default.parent if chosen else out) / default.name
            out, chosen = first_free(meant, self.usable), True
        if is_one_of(out, read_from(self.args.film)):
            raise UsageError(
                f"{shown(out)} is the film that you want to paint: choose another name "
                "with -o."
            )
        masks = [read_from(mask.source) for mask in self.masks if mask]
        if is_one_of(out, itertools.chain(*masks)):
            raise UsageError(
                f"{shown(out)} is one of the masks: choose another name with -o."
            )
        self.say(about_target(out, out, _is_ours(out), chosen))
        return out

    def usable(self, path: Path) -> bool:
        """Return whether the film may have this name: none has it, or the same run."""
        facts = _facts(path) if is_there(path) else {}
        if not facts:
            return not is_there(path)
        size = facts["settings"].get("size")
        settings = recorded(make_settings(self.settings, size=size))
        film = {"wanted": asdict(self.wanted), "choices": asdict(self.choices)}
        masks = [m and [name_of(m.source), m.color] for m in self.masks]
        then = {name: facts["film"][name] for name in film}
        sources = facts.get("sources") or {}
        had = sources.get("masks") or [None] * len(masks)
        had = [m and [m["name"], m.get("color")] for m in had]
        now = json.loads(json.dumps([settings, film, masks]))
        same = sources.get("content") == Path(self.args.film).name
        return bool(now == [facts["settings"], then, had]) and same

    def run(self) -> int:
        pairs = zip(self.styles, self.masks, strict=True)
        style: Any = [(one.source, one.weight, mask) for one, mask in pairs] or None
        with self.workers(), FilmProgress(self) as progress:
            painted = paint_film(
                self.args.film,
                style,
                self.out,
                self.settings,
                wanted=self.wanted,
                choices=self.choices,
                announce=self.begin,
                callback=progress,
                crew=self.crew,
            )
        self.report(painted)
        if painted.interrupted:
            return 128 + (self.signals.number or 2)
        return 0

    @contextmanager
    def workers(self) -> Iterator[None]:
        """Reach the cluster, if one is asked for."""
        if not self.args.dask:
            yield
            return
        count, free = cores(), usable_memory()
        share = None if free is None else free // count
        with Cluster(self.args.dask, count, share) as self.cluster:
            self.crew = FilmCrew(self.cluster)
            yield

    def begin(self, plan: Plan) -> None:
        """Say what will be done, and check that it can be done.

        Raises:
            UsageError: no worker of the cluster has enough memory.
        """
        for line in told_plan(plan):
            self.say(line)
        self.check_cluster(plan)

    def check_cluster(self, plan: Plan) -> None:
        """Check that the workers have enough memory, and say how many there are."""
        if self.cluster is None or self.crew is None:
            return
        height, width = plan.facts[:2]
        settings = make_settings(self.settings, size=max(height, width))
        self.crew.memory = run_memory(height, width, settings)
        self.cluster.check_memory(self.crew.memory, BASE_BYTES)
        slots = self.cluster.slots()
        paint = "1 worker paints" if slots == 1 else f"{slots} workers paint"
        self.say(f"{paint} the frames. The predicted time is for this computer alone.")

    def report(self, painted: Painted) -> None:
        """Say what was painted, and how much it flickers."""
        for line in told_painted(painted):
            self.say(line)
        if self.args.json:
            facts = {
                "path": str(painted.path), "frames": painted.frames,
                "planned": painted.planned, "seconds": round(painted.seconds, 2),
                "flicker": painted.flicker, "interrupted": painted.interrupted,
                "problem": painted.problem,
            }  # fmt: skip
            write(sys.stdout, json.dumps(facts))


def name_of(source: str | Path) -> str:
    """Return the name of a file, or its address, as the facts of a film have it."""
    return shown(source) if is_url(source) else as_path(source).name


def _painting(text: str) -> Any:
    return find_or_default(text, "style")


def _facts(path: Path) -> dict[str, Any]:
    """Return what nst wrote in a film; nothing if nst did not make it."""
    try:
        return read_film_facts(path) or {}
    except NstError:
        return {}


def _is_ours(out: Path) -> bool:
    return is_there(out) and bool(_facts(out))
