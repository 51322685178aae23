"""Sliders that change a picture or a figure in a notebook.

Taught in: 02_feature_maps. They need ipywidgets, which comes with the course. A cell
with sliders is tagged ``slider`` in a lesson. The tests do not run it, its output is
not stored, and the figure beside it shows the same without sliders.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nstlib.errors import NstError
from nstlib.notebook.shown import encoded, screen_width

MISSING = (
    "Sliders need ipywidgets: type %pip install ipywidgets in a cell, restart the "
    "kernel, and load this page again. The figures show the same without sliders."
)


def explore(draw: Callable[..., Any], **choices: Sequence[Any]) -> Any:
    """Show what a function draws, with one slider for each of its arguments.

    Taught in: 02_feature_maps. Everything that was drawn is kept, so that it is there
    without delay the second time.

    Args:
        draw: takes the chosen values by name, and returns an RGB picture
            ``(H, W, 3)``, 0–255, or a Matplotlib figure or axes.
        choices: the values of each argument, in the order of the slider. The slider
            starts at the middle one, or at the first of two.

    Returns:
        The sliders and the picture as one widget. If ipywidgets is missing, it prints
        a sentence and returns None.

    Raises:
        NstError: there is no argument to choose, or no value for one.
    """
    if not choices or not all(len(values) for values in choices.values()):
        raise NstError("explore needs at least one value for each slider.")
    try:
        import ipywidgets
    except ImportError:
        print(MISSING)
        return None
    sliders = {
        name: ipywidgets.SelectionSlider(
            options=[(_label(value), value) for value in values],
            value=values[len(values) // 2 if len(values) > 2 else 0],
            description=name.replace("_", " "),
            style={"description_width": "initial"},
            layout={"width": "95%", "max_width": "640px"},
        )
        for name, values in choices.items()
    }
    screen, kept = ipywidgets.Image(format="webp"), dict[tuple[Any, ...], Any]()

    def show(_: Any = None) -> None:
        chosen = {name: slider.value for name, slider in sliders.items()}
        places = tuple(slider.index for slider in sliders.values())
        if places not in kept:
            kept[places] = _as_image(draw(**chosen))
        screen.format, screen.value, width = kept[places]
        screen.layout.width = f"{width}px"

    for slider in sliders.values():
        slider.observe(show, "value")
    show()
    return ipywidgets.VBox([*sliders.values(), screen])


def _label(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _as_image(drawn: Any) -> tuple[str, bytes, int]:
    """Return the format, the bytes and the width on the screen of what was drawn."""
    figure = getattr(drawn, "figure", drawn)
    if not isinstance(figure, Figure):
        picture = np.asarray(drawn)
        return "webp", encoded([picture], quality=90), screen_width(picture)
    from matplotlib import pyplot as plt

    file = io.BytesIO()
    width = round(figure.get_figwidth() * 100)
    figure.savefig(file, format="png", dpi=200)
    plt.close(figure)  # or the notebook would show it a second time
    return "png", file.getvalue(), width
