"""Figures that are sharp on the page of a notebook, and small in its file.

A screen of today has two dots or more for each pixel that a page is laid out in. So a
figure is stored with twice as many pixels as it takes up, and says so. One that shows
photos is stored as JPEG, which is several times smaller. Lines and letters stay PNG,
of 256 colors, which look like all of them. So do pictures of few colors, without loss.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

DPI = 80
"""Pixels of the page for each inch of a figure."""
DENSITY = 2
"""Stored pixels for each pixel of the page, along each side."""
QUALITY = 75
"""The quality of JPEG, up to 100."""
OPTIMIZERS: dict[str, tuple[str, Any, str]] = {
    "L-BFGS": ("crimson", "-", "o"),
    "gradient descent": ("tab:orange", "--", "^"),
    "Adam": ("tab:blue", "-.", "s"),
    "momentum": ("tab:green", ":", "v"),
    "Adagrad": ("tab:purple", (0, (7, 1)), "D"),
    "RMSprop": ("tab:brown", (0, (3, 1, 1, 1, 1, 1)), "x"),
}
"""Color, line style and marker of each optimizer, the same in the whole course."""
OTHERS = ("black", "tab:pink", "tab:cyan", "tab:olive", "tab:gray")
"""Colors that no optimizer has, for curves of another kind."""


def look_of(name: str) -> dict[str, Any]:
    """Return how the curve or path of an optimizer is drawn, for `Axes.plot`.

    Args:
        name: its label, which begins with the name of the optimizer, such as "Adam,
            rate 5". Empty for a label of another kind.
    """
    for optimizer, (color, line, marker) in OPTIMIZERS.items():
        if name.startswith(optimizer):
            return {"color": color, "ls": line, "marker": marker, "ms": 4}
    return {}


class SharpFigure(Figure):
    """A figure of Matplotlib that decides how it is shown in a notebook."""

    def encoded(self) -> tuple[str, bytes, int, int]:
        """Draw the figure as it is stored.

        Returns:
            Its kind, the bytes of the file, and its width and height in pixels of the
            page. The kind is ``"image/png"``, or ``"image/jpeg"`` if the figure shows
            pictures or maps and JPEG is smaller.
        """
        png, jpeg = io.BytesIO(), io.BytesIO()
        self.savefig(png, format="png", dpi=DENSITY * DPI, bbox_inches="tight")
        with Image.open(png) as picture:
            width, height = (round(side / DENSITY) for side in picture.size)
            drawn = picture.convert("RGB")
        if any(axis.images for axis in self.axes):
            drawn.save(jpeg, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        else:
            png = io.BytesIO()
            few = drawn.quantize(256, Image.Quantize.MAXCOVERAGE)
            few.save(png, "PNG", optimize=True)
        if 0 < len(jpeg.getvalue()) < len(png.getvalue()):
            return "image/jpeg", jpeg.getvalue(), width, height
        return "image/png", png.getvalue(), width, height

    def _ipython_display_(self) -> None:
        """Show the figure in a notebook, in place of what the backend would show."""
        from IPython.display import display

        kind, data, width, height = self.encoded()
        shown = {kind: base64.b64encode(data).decode(), "text/plain": repr(self)}
        display(shown, raw=True, metadata={kind: {"width": width, "height": height}})

    def __repr__(self) -> str:
        """Say how many panels there are; the size depends on the pictures in them."""
        return f"<Figure with {len(self.axes)} Axes>"


def subplots(
    rows: int = 1,
    columns: int = 1,
    size: tuple[float, float] = (6.0, 3.4),
    **more: Any,
) -> tuple[SharpFigure, Any]:
    """Make a figure with panels, like ``plt.subplots``.

    Args:
        rows: number of panels from top to bottom.
        columns: number of panels from left to right.
        size: width and height of the figure in inches, of 80 pixels of the page each.
        more: further arguments of ``plt.subplots``, such as ``sharey``.

    Returns:
        The figure, and one panel or an array of them.
    """
    return plt.subplots(
        rows,
        columns,
        figsize=size,
        dpi=DPI,
        layout="constrained",
        FigureClass=SharpFigure,
        **more,
    )


def add_color_bar(figure: Figure) -> None:
    """Explain the scale that all maps of a figure share, by a bar on the right."""
    drawn = [axis for axis in figure.axes if axis.images]
    image = drawn[-1].images[0]
    shown = [np.asarray(axis.images[0].get_array()) for axis in drawn]
    values = np.concatenate([array.ravel() for array in shown])
    low, high = image.get_clim()
    over, under = values.max() > high, values.min() < low
    ends = {(True, True): "both", (True, False): "max", (False, True): "min"}
    figure.colorbar(
        image, ax=drawn, extend=ends.get((over, under), "neither"), shrink=0.8
    )
