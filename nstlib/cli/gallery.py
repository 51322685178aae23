"""The command ``nst gallery``, which paints many photos in many styles."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from contextlib import suppress
from typing import Any

from nstlib.cli.console import Job as Command
from nstlib.cli.console import Parser, Signals, interrupted, nearest, write
from nstlib.cli.options import add_set, add_setting
from nstlib.errors import UsageError
from nstlib.files import as_path
from nstlib.gallery.forecast import (
    BYTES,
    Forecast,
    check_disk,
    disk_bytes,
    told,
    workers_that_fit,
)
from nstlib.gallery.hanging import Hanging
from nstlib.gallery.manifest import DONE, FACTS, FAILED, PAGE, WAITING, Entry, Manifest
from nstlib.gallery.opening import predict
from nstlib.gallery.page import counted
from nstlib.gallery.plan import Job, choices, parse_vary, plan_jobs
from nstlib.gallery.plan_files import read_plan
from nstlib.gallery.sources import find_pictures
from nstlib.large.cost import BASE_BYTES
from nstlib.large.countdown import duration
from nstlib.large.free_memory import SPARE
from nstlib.limits import available_memory, cores
from nstlib.settings import typed_settings
from nstlib.worker.cluster import LOCAL, Cluster
from nstlib.worker.crew import Processes

TYPED = ("size", "method", "quality", "seed")
"""Settings that have an option of their own."""
EARLY = 20.0
"""Seconds. A gallery that takes longer is shown by previews first."""
FOLDER = f"output{os.sep}gallery"


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst gallery``."""
    add = parser.add_argument
    kinds = "a folder, a pattern in quotes, or names separated by commas."
    add("photos", nargs="?", metavar="PHOTOS", help=f"The photos: {kinds}")
    add("styles", nargs="?", metavar="STYLES", help=f"The paintings: {kinds}")
    add("more", nargs="*", help=argparse.SUPPRESS)
    plan = "A CSV or TOML file that lists the pictures, in place of PHOTOS and STYLES."
    add("--plan", metavar="FILE", help=plan)
    vary = "Paint each picture with each of these values, as in style_weight=100,600. "
    vary += "It can be repeated."
    add("--vary", action="append", default=[], metavar="NAME=VALUES", help=vary)
    for name in TYPED:
        add_setting(parser, name)
    add_set(parser, "tv_weight=3")
    out = "The folder of the gallery, default %(default)s."
    add("-o", "--out", default=FOLDER, help=out)
    kind = "The format of the pictures, default %(default)s."
    formats = [suffix[1:] for suffix in BYTES]
    add("--format", choices=formats, default=formats[0], help=kind)
    workers = "How many processes paint. Each gets its share of the cores. The default "
    workers += "is one for each core, or fewer if there is too little memory."
    add("--workers", type=int, metavar="N", help=workers)
    dask = f"The scheduler of a Dask cluster that paints; {LOCAL} starts one here."
    add("--dask", metavar="ADDRESS", help=dask)
    add("--retry", action="store_true", help="Try failed pictures again.")
    add("--add", action="store_true", help="Add to the gallery in the folder.")
    add("--no-previews", action="store_true", help="Leave out the small previews.")
    add("--dry-run", action="store_true", help="Predict time and space, and stop.")
    add("--json", action="store_true", help="Print one line of JSON at the end.")
    add("--quiet", action="store_true", help="Print errors only.")


def run(args: argparse.Namespace, signals: Signals) -> int:
    """Run ``nst gallery`` and return its exit status."""
    return _Gallery(args, signals).run()


class _Gallery(Command):
    """The command, step by step. The cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.began = time.perf_counter()
        if args.workers is not None and not 1 <= args.workers <= 1024:
            raise UsageError(f"--workers must be from 1 to 1024, not {args.workers}.")
        if args.dask and args.dask != LOCAL and args.workers:
            raise UsageError(
                "the cluster decides how many workers there are: leave out --workers."
            )
        self.jobs = self._plan()
        self.folder = self.out = as_path(args.out)
        self.manifest = Manifest(self.folder, self.jobs, args.add)
        suffix = f".{args.format}"
        here = not args.dask
        self.hanging = Hanging(self.manifest, self.jobs, suffix, args.retry, here)
        self.todo, self.painted = self.hanging.todo, 0
        self.whole = len(self.manifest.entries)  # more than the jobs, with --add
        self.bar: Any = None
        self.disk = disk_bytes(self.todo, suffix)
        check_disk(self.folder, self.disk)

    def _plan(self) -> list[Job]:
        args = self.args
        fixed, vary = typed_settings(args, TYPED), parse_vary(args.vary)
        if args.more:
            raise UsageError(
                "only PHOTOS and STYLES are expected, and there are "
                f"{2 + len(args.more)} names: put a pattern in quotes, so that the "
                "shell does not expand it, and separate names by commas."
            )
        if args.plan:
            if args.photos or vary:
                raise UsageError(
                    "--plan names the photos, the styles and what varies: leave out "
                    "PHOTOS, STYLES and --vary."
                )
            return read_plan(args.plan, fixed)
        if not args.styles:
            raise UsageError(
                "name PHOTOS and STYLES, as in nst gallery photos/ paintings/."
            )
        every = choices(fixed, vary)
        methods = {chosen.get("method", "optimize") for chosen in every}
        photos = find_pictures(args.photos, "content")
        styles = find_pictures(args.styles, "style", methods == {"feedforward"})
        return plan_jobs(photos, styles, every)

    def run(self) -> int:
        there = self.manifest.count(DONE)
        about = f"The gallery {nearest(self.folder)} has {counted(self.whole)}"
        self.say(f"{about}, {there} of them painted already." if there else f"{about}.")
        if not self.todo:
            self.manifest.begin()
            self.hanging.close()
            return self.end()
        self.say(f"The workers for {counted(len(self.todo))} are starting …")
        try:
            with self.crew() as crew:
                forecast = predict(crew, self.todo)
                self.check(crew, forecast)
                if self.args.dry_run:
                    return 0
                self.paint(crew, forecast)
        except KeyboardInterrupt:
            return self.interrupted()
        finally:
            self.hide()
        self.hanging.close()
        return self.end()

    def crew(self) -> Any:
        self.free = available_memory()
        if self.free is not None:
            self.free = int(SPARE * self.free)
        wanted = self.args.workers or cores()
        wanted = min(wanted, len(self.todo))
        if not self.args.dask:
            return Processes(wanted)
        share = None if self.free is None else self.free // wanted
        return Cluster(self.args.dask, wanted, share)

    def check(self, crew: Any, forecast: Forecast) -> None:
        """Say what the gallery costs.

        Raises:
            UsageError: there is too little memory.
        """
        if isinstance(crew, Cluster):
            crew.check_memory(forecast.peak_bytes, BASE_BYTES)
        elif forecast.usable is None and not self.args.workers:
            crew.limit(1)  # processes cannot share the memory of a GPU
        else:
            chosen = bool(self.args.workers)
            crew.limit(workers_that_fit(forecast, crew.slots(), chosen, self.free))
        workers = counted(crew.slots(), "worker")
        cost = told(forecast, crew.slots(), self.disk)
        self.say(f"With {workers}, this takes {cost}.")
        self.expected = forecast.seconds(crew.slots())

    def paint(self, crew: Any, forecast: Forecast) -> None:
        self.manifest.begin()
        if self.expected > EARLY and not self.args.no_previews:
            began = time.perf_counter()
            self.hanging.preview(crew, lambda: None)
            self.hanging.show()
            seconds = time.perf_counter() - began
            page = nearest(self.folder / PAGE)
            self.say(f"The previews are ready after {seconds:.0f} s. Open {page}")
        self.started = time.perf_counter()
        self.hanging.paint(crew, forecast, self.show)

    def show(self, entry: Entry) -> None:
        """Show the progress after each picture."""
        self.painted += 1
        if entry.state == FAILED:
            self.hide()
            write(sys.stderr, f"nst: {entry.name} failed: {entry.error}")
        if self.args.quiet:
            return
        whole = len(self.todo)
        spent = time.perf_counter() - self.started
        left = duration(spent / self.painted * (whole - self.painted))
        try:
            if not sys.stderr.isatty():
                if self.painted % max(1, whole // 10) == 0:
                    write(sys.stderr, f"{self.painted} of {whole}, {left} left")
                return
            self._move(whole, f"{entry.name}, {left} left")
        except OSError:  # the terminal was closed; the gallery is worth more
            self.bar = None

    def _move(self, whole: int, news: str) -> None:
        if self.bar is None:
            from tqdm import tqdm

            form = "{l_bar}{bar}| {n_fmt}/{total_fmt}{postfix}"
            self.bar = tqdm(
                total=whole,
                initial=self.painted - 1,
                file=sys.stderr,
                leave=False,
                bar_format=form,
            )
        self.bar.set_postfix_str(news, refresh=False)
        self.bar.update()

    def hide(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            with suppress(OSError):
                self.bar.close()
            self.bar = None

    def interrupted(self) -> int:
        """Leave the gallery in order, and say how to go on."""
        done = self.manifest.count(DONE)
        if (self.folder / FACTS).exists():
            self.hanging.show()
        command = shlex.join(["nst", *self.args.words])
        told = f"the gallery has {done} of {counted(self.whole)}."
        return interrupted(self.signals, f"{told} To go on, run: {command}")

    def end(self) -> int:
        """Say what became of the gallery, and return the exit status."""
        states = {s: self.manifest.count(s) for s in (DONE, FAILED, WAITING)}
        seconds = time.perf_counter() - self.began
        page = self.folder / PAGE
        if self.painted:
            rate = 60 * self.painted / max(0.1, time.perf_counter() - self.started)
            self.say(
                f"The gallery has {counted(states[DONE])}. This run took "
                f"{duration(seconds)}, at {rate:.0f} a minute. Open {nearest(page)}"
            )
        else:
            self.say(f"There is nothing left to paint. Open {nearest(page)}")
        if self.args.json:
            facts = {"page": str(page), "seconds": round(seconds, 1), **states}
            write(sys.stdout, json.dumps(facts))
        if states[FAILED]:
            failed = f"{states[FAILED]} of {counted(self.whole)} failed"
            write(sys.stderr, f"nst: {failed}: use --retry to try again.")
        return 2 if states[FAILED] else 0
