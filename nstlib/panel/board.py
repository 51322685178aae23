"""The panel: knobs and a preview, and below them the picture and its buttons."""

from __future__ import annotations

import html
import tempfile
import time
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from nstlib.images import as_picture, load_image, resize, shrink
from nstlib.notebook.shown import encoded
from nstlib.panel.code import call
from nstlib.panel.knobs import Knobs
from nstlib.panel.painter import SHARED, Newest, Run, asked, sentence
from nstlib.panel.sources import Given
from nstlib.settings import SCHEMA, make_settings
from nstlib.studio.knobs import preview_settings
from nstlib.worker import Answer, Look, Paint, Worker

PAUSE = 0.2
"""The shortest time between two reports about a run, in seconds."""
SMALL, LARGE = 400, 720
"""The smallest and the largest width of the picture on the screen, in pixels."""


class Panel:
    """The panel that `nstlib.panel.explore` returns, and that a notebook shows.

    Args:
        given: the photo and the paintings.
        settings: where the knobs begin, and settings without a knob.
        worker: paints; the shared worker of all panels if None.

    Attributes:
        box: all widgets.
        picture: the finished picture, uint8 ``(H, W, 3)``, RGB; None before.
        code: the call that makes it; before, the call for the present knobs.
    """

    def __init__(
        self, given: Given, settings: dict[str, Any], worker: Worker | None = None
    ):
        self.given, self.worker = given, SHARED if worker is None else worker
        self.picture: np.ndarray | None = None
        self.run: Run | None = None
        self._made: tuple[dict[str, Any], int] | None = None
        self._photo = as_picture(given.photo.picture)
        self._told, self._pictures = 0.0, 0
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._previews = Newest(self._preview)
        self.knobs = Knobs(settings, self._moved)
        self._build()
        rows = [self.top, self.buttons, self.news, self.below]
        self.box = ipywidgets.VBox(rows)
        self._moved()

    def __repr__(self) -> str:
        """Return what a terminal shows."""
        return "a panel with knobs, a preview and a picture; only a notebook shows it"

    def _repr_mimebundle_(self, **more: Any) -> Any:
        return self.box._repr_mimebundle_(**more)

    @property
    def code(self) -> str:
        """The call that makes the picture; see the class."""
        settings, stopped = self._made or (self.knobs.settings(), 0)
        return call(self.given, settings, stopped)

    def _build(self) -> None:
        self.small = ipywidgets.Image(
            format="webp",
            value=encoded([shrink(self._photo, 256)]),
            layout={"max_width": "100%"},
        )
        self.about = ipywidgets.HTML()
        preview = ipywidgets.VBox(
            [ipywidgets.HTML("<b>Preview</b>"), self.small, self.about],
            layout={"flex": "1 1 260px", "max_width": "380px", "margin": "0 0 0 24px"},
        )
        self.knobs.box.layout = {"flex": "1 1 380px", "max_width": "520px"}
        self.top = ipywidgets.HBox(
            [self.knobs.box, preview], layout={"flex_flow": "row wrap"}
        )
        self.go = _button("Run", "play", self._go, "primary")
        self.stop = _button("Stop and keep the best picture", "stop", self._stop)
        self.ask = _button("Give me the code", "code", self._show_code)
        self.stop.disabled = True
        self.buttons = ipywidgets.HBox(
            [self.go, self.stop, self.ask],
            layout={"flex_flow": "row wrap", "margin": "8px 0"},
        )
        self._build_picture()

    def _build_picture(self) -> None:
        self.progress = ipywidgets.IntProgress(layout={"width": "220px"})
        self.status = ipywidgets.HTML(layout={"margin": "0 0 0 12px"})
        self.news = ipywidgets.HBox(
            [self.progress, self.status], layout={"align_items": "center"}
        )
        self.screen = ipywidgets.Image(
            format="jpeg", layout={"max_width": "100%", "margin": "8px 2px"}
        )
        self.before = ipywidgets.IntSlider(
            description="Photo",
            max=100,
            readout=False,
            tooltip="How much of the photo is shown, in percent",
            style={"description_width": "3.5em"},
            layout={"max_width": "100%"},
        )
        self.before.observe(self._compare, "value")
        self.text = ipywidgets.Textarea(
            layout={"width": "calc(100% - 4px)", "max_width": f"{LARGE}px"}
        )
        self.below = ipywidgets.VBox([self.screen, self.before, self.text])
        for widget in (self.news, self.screen, self.before, self.text):
            _show(widget, False)

    # --- the preview

    def _moved(self) -> None:
        self.about.value = _line("Painting a preview …")
        if self._made is None:
            self._write_code()
        self._previews.wish()

    def _preview(self) -> None:
        settings = self.knobs.settings()
        try:
            make_settings(**settings)
            small = preview_settings(settings)
            parts = self.given.parts(small, small=True)
            answer = asked(self.worker, Look(self.given.photo.small(), parts, small))
        except Exception as error:  # the panel shows it; a thread has no caller
            self.about.value = _line(sentence(error))
            return
        self.small.format, seconds = "jpeg", answer["seconds"]
        self.small.value = answer["jpeg"]
        if settings.get("method", "optimize") == "optimize":
            told = "This rough preview was painted by WCT at 256 pixels in "
            told += f"{seconds:.1f} s. Your picture will be finer."
        else:
            told = f"This preview was painted at {small['size']} pixels in "
            told += f"{seconds:.1f} s."
        self.about.value = _line(told)

    # --- the run

    def _go(self, _: Any) -> None:
        settings = self.knobs.settings()
        try:
            make_settings(**settings)
            parts = self.given.parts(settings)
        except Exception as error:
            _show(self.news, True)
            self.status.value = _line(sentence(error))
            return
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        photo = self.given.photo
        task = Paint(photo.picture, parts, settings, folder, photo.name, stages=1)
        self.go.disabled, self.stop.disabled = True, False
        _show(self.before, False)
        _show(self.news, True)
        self.progress.value = 0
        self.status.value = _line("The painter is getting ready …")
        self.screen.layout.width = self.before.layout.width = self._width(settings)
        self._pictures = 0
        self.run = Run(self.worker, task, self._grown, self._ended)
        self.run.start()

    def _width(self, settings: dict[str, Any]) -> str:
        """Return the width of the picture on the screen, for CSS."""
        height, width, _ = self._photo.shape
        size = settings.get("size", SCHEMA["size"].default)
        return f"{min(LARGE, max(SMALL, size * width / max(height, width))):.0f}px"

    def _stop(self, _: Any) -> None:
        if self.run is not None:
            self.stop.disabled = True
            self.run.stop()
            told = "The run is stopping. It keeps the best picture so far."
            self.status.value = _line(told)

    def _grown(self, step: Answer) -> None:
        """Show the progress of the run."""
        now = time.monotonic()
        if self.run is None or self.run.stopping or now - self._told < PAUSE:
            return
        self._told = now
        self.progress.max, self.progress.value = step["evaluations"], step["evaluation"]
        left = f", about {step['left']:.0f} s left" if step["left"] else ""
        loss = f", loss {step['losses']['total']:.4g}" if step["losses"] else ""
        told = f"Evaluation {step['evaluation']} of {step['evaluations']}{loss}{left}"
        self.status.value = _line(told)
        if step["pictures"] > self._pictures:
            self._pictures, self.screen.format = step["pictures"], "jpeg"
            self.screen.value = (self.run.task.folder / "now.jpg").read_bytes()
            _show(self.screen, True)

    def _ended(self, answer: Answer | Exception) -> None:
        assert self.run is not None
        try:
            if isinstance(answer, Exception):
                self.status.value = _line(sentence(answer))
            else:
                self._take(self.run, answer)
        finally:
            self.go.disabled, self.stop.disabled = False, True
            self.run = None

    def _take(self, run: Run, answer: Answer) -> None:
        """Show the picture of a run that ended, and the call that makes it."""
        picture = load_image(run.task.folder / "result.png")
        height, width, _ = picture.shape
        self.picture = picture.astype(np.uint8)
        number = answer["evaluations"]
        self._made = run.task.settings, number if answer["stopped"] else 0
        if not answer["stopped"]:
            self.progress.value = self.progress.max
        self.status.value = _line(
            f"You stopped the run after {number} evaluation{'s' * (number != 1)}. "
            "This is the best picture."
            if answer["stopped"]
            else f"The picture was painted in {answer['seconds']:.1f} s. "
            f"It has {width} × {height} pixels."
        )
        self.before.value = 0
        self._compare()
        self._write_code()
        for widget in (self.screen, self.before):
            _show(widget, True)

    def _compare(self, _: Any = None) -> None:
        """Show the picture, with the photo to the left of the slider."""
        if self.picture is None:
            return
        shown = self.picture.astype(np.float32)
        height, width, _ = shown.shape
        cut = round(width * self.before.value / 100)
        shown[:, :cut] = resize(self._photo, height, width)[:, :cut]
        if 0 < self.before.value < 100:
            shown[:, max(0, cut - 1) : cut + 1] = 255
        self.screen.format = "webp"
        self.screen.value = encoded([shrink(shown, 2 * LARGE)], quality=90)

    # --- the code

    def _show_code(self, _: Any) -> None:
        there = self.text.layout.display != "none"
        _show(self.text, not there)
        self.ask.description = "Give me the code" if there else "Hide the code"

    def _write_code(self) -> None:
        self.text.value = self.code
        self.text.rows = self.text.value.count("\n") + 1


def _button(text: str, icon: str, pressed: Any, style: str = "") -> Any:
    found = ipywidgets.Button(
        description=text, icon=icon, button_style=style, layout={"width": "auto"}
    )
    found.on_click(pressed)
    return found


def _show(widget: Any, there: bool) -> None:
    widget.layout.display = None if there else "none"


def _line(text: str) -> str:
    return f'<div style="font-size: 90%; line-height: 1.4">{html.escape(text)}</div>'
