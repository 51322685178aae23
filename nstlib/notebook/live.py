"""A picture on the screen while it grows.

Taught in: 00_quickstart.

The tests and the stored outputs of a lesson do without it, because what it shows
depends on the speed of the machine. It leaves nothing behind. At the last evaluation
the growing picture goes away, and the cell shows what it shows in the tests.
"""

from __future__ import annotations

import html
import os
import time
from collections.abc import Callable
from typing import Any

from nstlib.images import Picture
from nstlib.notebook.shown import as_html, encoded, in_notebook, screen_width
from nstlib.preprocessing import deprocess

PAUSE = 0.5  # seconds between two pictures: encoding one takes about 0.01
UNWATCHED = {"PYTEST_CURRENT_TEST", "NSTLIB_UNWATCHED"}
"""Names of which one is in the environment where nobody looks: in tests and in `nst
refresh`. The kernels of the notebooks' tests see the second only."""


class Watch:
    """A place under the running cell for the picture, the loss, and the time left.

    Args:
        evaluations: number of evaluations planned; `watch` learns it from each `Step`.
    """

    def __init__(self, evaluations: int = 0) -> None:
        """Begin to count the seconds at the first evaluation."""
        self.evaluations = evaluations
        self.handle: Any = None
        self.began = self.drawn = 0.0

    def show(
        self, evaluation: int, loss: float, picture: Callable[[], Picture]
    ) -> None:
        """Draw the picture of this evaluation, unless the last one is too recent.

        Args:
            evaluation: its number, counted from 1.
            loss: the total loss of the picture.
            picture: returns the picture, ``(H, W, 3)``, RGB, 0–255.
        """
        now = time.monotonic()
        if evaluation == 1 or not self.began:
            self.began = now
        if evaluation >= self.evaluations:
            self.close()
        elif now - self.drawn >= PAUSE and _someone_looks():
            self.drawn = now
            left = (now - self.began) * (self.evaluations / evaluation - 1)
            said = f"evaluation {evaluation} of {self.evaluations} · loss {loss:.4g}"
            said += f" · about {left:.0f} s left" if evaluation > 1 else ""
            self._draw(picture(), said)

    def close(self) -> None:
        """Take the growing picture away."""
        if self.handle is not None:
            from IPython.display import HTML

            self.handle.update(HTML(""))
            self.handle = None

    def _draw(self, picture: Picture, said: str) -> None:
        from IPython.display import HTML, DisplayHandle

        image = as_html(encoded([picture]), said, screen_width(picture))
        page = HTML(f"{image}<div>{html.escape(said)}</div>")
        if self.handle is None:
            self.handle = DisplayHandle()
            self.handle.display(page)
        else:
            self.handle.update(page)


def watch() -> Callable[[Any], None]:
    """Return a callback of `nstlib.stylize` that shows the picture while it grows.

    Taught in: 00_quickstart. In a notebook, a place under the cell shows the picture,
    the evaluations, the loss and the time left, about twice a second. Elsewhere, and in
    the tests, the callback does nothing.
    """
    place = Watch()

    def callback(step: Any) -> None:
        place.evaluations = step.evaluations
        place.show(step.evaluation, step.losses.get("total", 0.0), step.picture)

    return callback


def watch_tensor(evaluations: int) -> Callable[[int, Any, float], None]:
    """Return a callback of `nstlib.lbfgs.minimize` that shows the picture as it grows.

    Taught in: 05_style_loss. It is like `watch`, for an optimizer that moves a
    preprocessed tensor ``(1, H, W, 3)``. `nstlib.descent.descend` takes it, too.

    Args:
        evaluations: number of evaluations planned.
    """
    place = Watch(evaluations)

    def callback(evaluation: int, tensor: Any, loss: float) -> None:
        place.show(evaluation, float(loss), lambda: deprocess(tensor))

    return callback


def _someone_looks() -> bool:
    """Return whether this is a notebook that a person has open."""
    return not UNWATCHED & os.environ.keys() and in_notebook()
