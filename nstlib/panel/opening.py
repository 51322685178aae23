"""Opening a panel, or saying why there is none."""

from __future__ import annotations

import importlib.util
from typing import Any

from nstlib.notebook.shown import in_notebook
from nstlib.panel.sources import Given
from nstlib.settings import make_settings
from nstlib.styles import Style

MISSING = (
    "The panel needs ipywidgets: type %pip install ipywidgets in a cell, restart the "
    "kernel, and load this page again. nstlib.stylize(photo, style) paints without "
    "ipywidgets."
)
OUTSIDE = (
    "The panel needs a notebook: type nst lab in a terminal, and call explore there. "
    "nst studio paints in a browser, and nstlib.stylize(photo, style) needs neither."
)


def explore(photo: Any, style: Style, **settings: Any) -> Any:
    """Show knobs, a preview, and buttons that paint a photo in a style.

    Taught in: 00_quickstart. The picture is painted in another process. The kernel
    stays free meanwhile, and you can run other cells.

    Args:
        photo: the name of a photo of the course, or what `nstlib.stylize` takes.
        style: the name of a painting of the course, or what `nstlib.stylize` takes. In
            a list, each picture can be a name.
        settings: where the knobs begin, such as ``size=256``. Settings without a knob
            are used as they are.

    Returns:
        The `nstlib.panel.board.Panel`, which the notebook shows. Its ``picture`` is the
        finished picture, ``(H, W, 3)``, uint8, RGB, and its ``code`` is the call that
        makes it. If ipywidgets is missing, or if this is not a notebook, `explore`
        prints a sentence and returns None.

    Raises:
        ImageError: there is no such picture, or an array is not a picture.
        SourceError: the name of a course picture is misspelled.
        SettingsError: settings make no sense. The message names all problems at once.
    """
    make_settings(**settings)
    given = Given(photo, style)
    if importlib.util.find_spec("ipywidgets") is None:
        print(MISSING)
        return None
    if not in_notebook():
        print(OUTSIDE)
        return None
    from nstlib.panel.board import Panel

    return Panel(given, settings)
