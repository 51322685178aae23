"""The queue: jobs wait, run one after the other in the worker, and survive restarts."""

from __future__ import annotations

import statistics
import threading
import time
import traceback
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nstlib.errors import NstError
from nstlib.studio.config import Config
from nstlib.studio.forms import Order
from nstlib.studio.history import (
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    WAITING,
    History,
    Job,
    new_id,
)
from nstlib.studio.knobs import WAYS
from nstlib.studio.pictures import Pictures
from nstlib.studio.rules import Full, check_room
from nstlib.worker import Answer, Died, Paint, Part, Worker

TRIES = 3
"""How often a job may end the worker's process before it is given up."""
PIXELS_PER_SECOND = {"optimize": 9e5, "feedforward": 5e5}
"""Method → pixels times evaluations in a second, until there are jobs to learn from."""
ONE_PASS_PER_SECOND = 6e4
SILENCE = 180.0
"""Seconds beyond a job's time after which a silent worker is ended."""


@dataclass
class Live:
    """How far the running job is."""

    job: str
    key: int = 0
    step: Answer = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    """The total loss of each evaluation."""
    stopping: bool = False


class Jobs:
    """The queue of a studio.

    Args:
        config: the limits.
        history: remembers the jobs.
        pictures: finds what they are made from.
        worker: paints them.
    """

    def __init__(
        self, config: Config, history: History, pictures: Pictures, worker: Worker
    ):
        self.config, self.history = config, history
        self.pictures, self.worker = pictures, worker
        self.live: Live | None = None
        self._lock, self._news = threading.Lock(), threading.Event()
        self._closing, self._begun = False, 0.0
        for job in history.in_state(RUNNING):  # of a server that ended
            history.change(job.id, WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the worker. A running job goes on when the studio starts again."""
        self._closing = True
        self._news.set()
        self.worker.close()
        self._thread.join(40)

    def add(
        self, owner: str, order: Order, neighbors: Collection[str] = frozenset()
    ) -> str:
        """Put a job into the queue, and return its address.

        Args:
            owner: who wants it.
            order: what is wanted.
            neighbors: the visitors that come from the same network.

        Raises:
            Full: too many jobs of all visitors, of this one or of its network wait.
        """
        with self._lock:
            self._check_room(owner, neighbors)
            job = new_id()
            folder = self.history.folder(job)
            folder.mkdir(mode=0o700)
            form = self._kept(job, order, folder)
            self.history.add_job(job, owner, form)
        self._news.set()
        return job

    def _check_room(self, owner: str, neighbors: Collection[str]) -> None:
        active = self.history.in_state(WAITING, RUNNING)
        owners, limits = [job.owner for job in active], self.config
        check_room(owners, owner, limits.queued_each, limits.queued)
        near = sum(other in neighbors for other in owners)
        if near >= limits.queued_network:
            raise Full(
                f"{near} pictures from your network are waiting already: try again in "
                "a few minutes."
            )

    def _kept(self, job: str, order: Order, folder: Path) -> dict[str, Any]:
        """Copy the pictures of an order, which may expire, and describe it."""
        form, titles = order.form.plain(), {"photo": order.photo.title}
        self.pictures.keep(order.photo, folder, "photo")
        if not order.photo.ref.startswith("course:"):
            form["photo"] = f"job:{job}/photo"
        for number, ((found, _, mask), one) in enumerate(
            zip(order.parts, form["paintings"], strict=True), start=1
        ):
            titles[f"style{number}"] = found.title
            self.pictures.keep(found, folder, f"style{number}")
            one = dict(one)
            if not found.ref.startswith("course:"):
                one["ref"] = f"job:{job}/style{number}"
            if mask is not None:
                self.pictures.keep(mask, folder, f"mask{number}")
                one["mask"] = f"job:{job}/mask{number}"
            form["paintings"][number - 1] = one
        trained = WAYS[order.form.way].method == "feedforward"
        names = [
            f.ref.removeprefix("course:") if trained else "" for f, *_ in order.parts
        ]
        return form | {
            "titles": titles,
            "networks": names,
            "weights": [weight for _, weight, _ in order.parts],
            "settings": order.settings,
            "work": order.work,
        }

    def stop(self, job: str) -> None:
        """Cancel a waiting job; end a running one, and keep its best picture."""
        if self.history.cancel(job):
            return
        live = self.live
        if live is not None and live.job == job:
            live.stopping = True
            if live.key:
                self.worker.stop(live.key)

    def ahead(self, job: Job) -> tuple[int, float]:
        """Return how many jobs come before one, and the seconds until it is done."""
        before = [
            other
            for other in self.history.in_state(WAITING, RUNNING)
            if other.number < job.number
        ]
        return len(before), sum(map(self.expected, [*before, job]))

    def expected(self, job: Job) -> float:
        """Return how many more seconds a job will probably take."""
        live = self.live
        if (
            live is not None
            and live.job == job.id
            and live.step.get("left") is not None
        ):
            return float(live.step["left"])
        return float(job.form["work"]) / self.speed(job.form["way"])

    def speed(self, way: str) -> float:
        """Return pixels times evaluations in a second, learned from earlier jobs."""
        method = WAYS[way].method
        rates = [
            job.form["work"] / job.facts["seconds"]
            for job in self.history.in_state(DONE)[-30:]
            if WAYS[job.form["way"]].method == method and job.facts.get("seconds")
        ]
        guess = PIXELS_PER_SECOND.get(method, ONE_PASS_PER_SECOND)
        return statistics.median(rates) if rates else guess

    # --- the thread that runs them

    def _work(self) -> None:
        while not self._closing:
            job = self.history.claim()
            if job is None:
                self._news.wait(1.0)
                self._news.clear()
                continue
            self.live, self._begun = Live(job.id), time.time()
            try:
                self._run(job, self.live)
            except Exception:  # the queue must go on
                traceback.print_exc()
                told = "Something went wrong in the studio: try it again."
                self.history.change(job.id, FAILED, told=told)
            finally:
                self.live = None

    def _run(self, job: Job, live: Live) -> None:
        """Run one job to its end, or put it back if the worker's process ended."""

        def begun(key: int) -> None:
            live.key = key
            if live.stopping:
                self.worker.stop(key)

        def report(step: Answer) -> None:
            live.losses += step.pop("before", [])
            total = step["losses"].get("total")
            live.losses += [] if total is None else [total]
            live.step = step

        seconds = 60 * self.config.minutes
        try:
            facts = self.worker.ask(
                self._task(job, seconds), report, seconds + SILENCE, begun
            )
        except Died:
            self._again(job)
            return
        except NstError as error:
            self.history.change(job.id, FAILED, told=_sentence(str(error)))
            return
        facts["curve"] = thinned(live.losses)
        told = ""
        if facts["reason"] == "too long":
            told = (
                f"The run was ended after {self.config.minutes:g} minutes, the limit "
            )
            told += "of this studio: choose a smaller size or a quicker method."
        if facts["reason"] == "not finite":
            told = "The loss became too large: lower the learning rate or the weights."
        state = STOPPED if facts["stopped"] else DONE
        self.history.change(job.id, state, facts=facts, told=told)
        self.history.make_room(1e9 * self.config.disk)

    def _again(self, job: Job) -> None:
        """Resume a job from its checkpoint, unless it ended the worker too often."""
        if self._closing:
            self.history.change(job.id, WAITING, tries=job.tries - 1)
        elif self._came_on(job):  # so this job did not end the worker
            self.history.change(job.id, WAITING, tries=0)
        elif job.tries < TRIES:
            self.history.change(job.id, WAITING)
            time.sleep(0.2)
        else:
            told = f"The painter crashed {TRIES} times at this picture: "
            told += "try a smaller size."
            self.history.change(job.id, FAILED, told=told)

    def _came_on(self, job: Job) -> bool:
        """Whether a job has written a checkpoint since it began."""
        try:
            written = self.history.folder(job.id) / "checkpoint.npz"
            return self._begun < written.stat().st_mtime
        except OSError:
            return False

    def _task(self, job: Job, seconds: float) -> Paint:
        """Return what the worker is asked to do for a job."""
        folder, form = self.history.folder(job.id), job.form
        titles = form["titles"]
        parts = []
        for number, (weight, network) in enumerate(
            zip(form["weights"], form["networks"], strict=True), start=1
        ):
            mask = folder / f"mask{number}.png"
            parts.append(
                Part(
                    network or folder / f"style{number}.jpg",
                    weight,
                    mask if mask.is_file() else None,
                    titles[f"style{number}"],
                )
            )
        photo, settings = folder / "photo.jpg", form["settings"]
        return Paint(photo, tuple(parts), settings, folder, titles["photo"], seconds)


def thinned(losses: list[float], most: int = 400) -> list[list[float]]:
    """Return ``[evaluation, loss]`` of some of the losses, including the last."""
    every = max(1, -(-len(losses) // most))
    points = [[n, loss] for n, loss in enumerate(losses, start=1) if n % every == 0]
    if losses and (not points or points[-1][0] != len(losses)):
        points.append([len(losses), losses[-1]])
    return points


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
