"""The figures of the course.

Taught in: all lessons. Color maps are sequential (viridis), or diverging for signed
data; channels of a photo are gray. Lines differ in style as well as in color. Each
axis has a label.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nstlib.figures import DENSITY, OTHERS, add_color_bar, look_of
from nstlib.figures import DPI as DPI
from nstlib.figures import subplots as subplots
from nstlib.optimizer_plots import plot_line_search as plot_line_search
from nstlib.optimizer_plots import plot_paths as plot_paths

PAGE = 10.0
"""Inches that a row of panels may fill."""
PANEL = 2.5
"""Least width of a panel in inches, as long as a row of them fits the page."""
LINE_STYLES = ("-", "--", "-.", ":", (0, (7, 1, 1, 1, 1, 1)))


def _widened(width: float, columns: int, pixels: int) -> float:
    """Return the width of a panel in inches: wide enough to be seen, none lost.

    Args:
        width: what was asked for.
        columns: panels in a row.
        pixels: width of the widest picture; each of them gets a stored pixel.
    """
    return max(width, min(PANEL, PAGE / columns), pixels / (DENSITY * DPI))


def _panels(
    count: int, columns: int, width: float, shapes: Sequence[tuple[int, ...]]
) -> tuple[Figure, Any]:
    """Make a grid of empty panels, at least so many inches wide, for such pictures.

    The panels of a single row share its width so that all are equally high.
    """
    columns = max(1, min(columns, count))
    rows = math.ceil(count / columns)
    width = _widened(width, columns, max(shape[1] for shape in shapes))
    ratios = [shape[1] / shape[0] for shape in shapes]
    if rows > 1 or len(shapes) < count:
        ratios = [min(ratios)] * columns
    lines = max(shape[0] for shape in shapes) / (DENSITY * DPI)
    height = max(width * columns / sum(ratios), lines)
    size = height * sum(ratios), (height + 0.35) * rows
    figure, axes = subplots(rows, columns, size, squeeze=False, width_ratios=ratios)
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes.flat


def show_pictures(
    pictures: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    columns: int = 4,
    width: float = 3.0,
) -> Figure:
    """Show RGB pictures side by side.

    Args:
        pictures: each ``(H, W, 3)``, 0–255; sizes may differ.
        titles: one for each picture, or none.
        columns: largest number of pictures in a row.
        width: width of one picture in inches, of 80 pixels of the page each. It gets
            wider if there is room, and never so narrow that pixels are lost.

    Raises:
        ValueError: there are no pictures, or the number of titles is another.
    """
    if not len(pictures):
        raise ValueError("show_pictures needs at least one picture.")
    if titles and len(titles) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures, but {len(titles)} titles.")
    shapes = [picture.shape for picture in pictures]
    figure, axes = _panels(len(pictures), columns, width, shapes)
    for index, (axis, picture) in enumerate(zip(axes, pictures, strict=False)):
        axis.imshow(np.clip(picture, 0, 255).astype(np.uint8))
        if titles:
            axis.set_title(titles[index], fontsize=10)
    return figure


def show_result(
    photo: np.ndarray, painting: np.ndarray, result: np.ndarray, title: str = "result"
) -> Figure:
    """Show a result as large as the page allows, beside what it was made of.

    Args:
        photo: the content picture ``(H, W, 3)``, 0–255.
        painting: the style picture ``(H, W, 3)``; sizes may differ.
        result: the picture ``(H, W, 3)``; it gets two thirds of the width, so it should
            have 300 pixels or more.
        title: what stands above the result.
    """
    wide, narrow = PAGE * 0.66, PAGE * 0.33
    heights = [narrow * len(p) / p.shape[1] for p in (photo, painting)]
    high = max(wide * len(result) / result.shape[1], sum(heights) + 0.4)
    figure, axes = subplots(
        2, 2, (PAGE, high + 0.3), width_ratios=(2, 1), height_ratios=heights
    )
    (unused, above), (large, below) = axes
    unused.remove()
    large.set_subplotspec(large.get_gridspec()[:, 0])
    panels = (
        (large, result, title),
        (above, photo, "photo"),
        (below, painting, "painting"),
    )
    for axis, picture, words in panels:
        shown = np.clip(picture, 0, 255).astype(np.uint8)
        axis.imshow(shown, interpolation="bicubic")
        axis.set_title(words, fontsize=10)
        axis.set_axis_off()
    return figure


def show_maps(
    maps: np.ndarray,
    titles: Sequence[str] = (),
    columns: int = 4,
    signed: bool = False,
    width: float = 1.4,
    gray: bool = False,
    top: float | None = None,
) -> Figure:
    """Show the channels of a feature map, each on its own scale or all on one.

    Args:
        maps: ``(h, w, n)`` or ``(1, h, w, n)``; all n channels are drawn.
        titles: one for each channel, or none.
        columns: largest number of maps in a row.
        signed: draw zero in white, negative values in blue, positive ones in red.
        width: width of one map in inches, at least.
        gray: draw the channels of a photo, from 0 in black to 255 in white.
        top: one scale for all maps, which ends here, with a color bar. Without it, the
            colors of each map end at its own largest value.
    """
    maps = np.asarray(maps)
    maps = maps[0] if maps.ndim == 4 else maps
    count = maps.shape[-1]
    figure, axes = _panels(count, columns, width, [maps.shape])
    for index, axis in zip(range(count), axes, strict=False):
        values = maps[..., index]
        limit = top or float(np.abs(values).max()) or 1.0
        style: dict[str, Any] = {"cmap": "viridis"}
        if top is not None:
            style |= {"vmin": 0, "vmax": top}
        if signed:
            style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
        elif gray:
            style = {"cmap": "gray", "vmin": 0, "vmax": 255}
        axis.imshow(values, **style)
        if titles:
            axis.set_title(titles[index], fontsize=8)
    if top is not None:
        add_color_bar(figure)
    return figure


def show_matrices(
    matrices: Sequence[np.ndarray], titles: Sequence[str], width: float = 2.6
) -> Figure:
    """Show Gram matrices ``(C, C)`` side by side, each with its own color bar."""
    figure, axes = _panels(len(matrices), len(matrices), width, [(1, 1)])
    for axis, matrix, title in zip(axes, matrices, titles, strict=True):
        axis.set_axis_on()
        drawn = axis.imshow(np.asarray(matrix), cmap="viridis")
        axis.set(title=title, xlabel="channel j", ylabel="channel i")
        figure.colorbar(drawn, ax=axis, shrink=0.8)
    return figure


def plot_losses(
    curves: Mapping[str, Sequence[float]],
    x: Mapping[str, Sequence[float]] | None = None,
    xlabel: str = "evaluations",
    ylabel: str = "loss",
    axis: Axes | None = None,
) -> Axes:
    """Plot losses on a logarithmic scale, one line style for each curve.

    Args:
        curves: name → values, one for each evaluation. Zeros leave a gap. Names that
            begin with that of an optimizer get its look; no other has its color.
        x: name → abscissae, such as seconds; the number of the evaluation if None.
        xlabel: label of the horizontal axis.
        ylabel: label of the vertical axis.
        axis: where to draw; a new figure if None.
    """
    if axis is None:
        _, axis = subplots()
    for index, (name, values) in enumerate(curves.items()):
        heights = np.asarray(values, float)
        heights = np.where(heights > 0, heights, np.nan)
        across = x[name] if x else np.arange(1, len(heights) + 1)
        look: dict[str, Any] = {"ls": LINE_STYLES[index % len(LINE_STYLES)]}
        look |= {"color": OTHERS[index % len(OTHERS)]} | look_of(name)
        axis.plot(across, heights, label=name, **look)
        axis.lines[-1].set_markevery(max(1, len(heights) // 10))
    axis.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    axis.grid(alpha=0.3)
    axis.legend()
    return axis


def plot_history(history: Sequence[Mapping[str, float]]) -> Axes:
    """Plot the total, content, style and tv losses of `Result.history`."""
    names = ("total", "content", "style", "tv")
    return plot_losses({name: [entry[name] for entry in history] for name in names})


def show_rows(
    rows: Mapping[str, Sequence[np.ndarray]],
    width: float = 1.2,
    top: float | None = None,
    titles: Sequence[str] = (),
) -> Figure:
    """Show rows of maps or pictures, each row with a label on the left.

    Args:
        rows: label → maps ``(h, w)`` or RGB pictures ``(h, w, 3)``, 0–255. Labels are
            broken at underscores.
        width: width of one map or picture in inches, at least.
        top: one scale for all maps, from 0 to this value, with a color bar. Without it,
            the colors of each map end at its own largest value.
        titles: what stands above each column, or nothing.
    """
    columns = max(map(len, rows.values()))
    first = next(iter(rows.values()))[0]
    figure, axes = _panels(len(rows) * columns, columns, width, [first.shape])
    bare = len(rows) - bool(titles)  # rows without titles
    figure.set_figheight(figure.get_figheight() - 0.29 * bare)
    for axis, title in zip(axes, titles, strict=False):
        axis.set_title(title, fontsize=10)
    for row, (label, drawn) in enumerate(rows.items()):
        for axis, one in zip(axes[row * columns :], drawn, strict=False):
            axis.set_axis_on()
            axis.set(xticks=[], yticks=[])
            shown = np.clip(one, 0, 255).astype(np.uint8) if one.ndim == 3 else one
            axis.imshow(shown, vmin=None if top is None else 0, vmax=top)
        axes[row * columns].set_ylabel(label.replace("_", "\n"), fontsize=9)
    if top is not None:
        add_color_bar(figure)
    return figure


def plot_curves(
    curves: Mapping[str, Sequence[float]],
    x: Sequence[float] | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Plot curves over one x, on linear scales, one line style for each curve.

    Args:
        curves: name → values.
        x: the abscissae of all curves; 0, 1, 2, … if None.
        title: title of the figure.
        xlabel: label of the horizontal axis.
        ylabel: label of the vertical axis.
    """
    _, axis = subplots(size=(6, 3))
    for index, (name, values) in enumerate(curves.items()):
        across = range(len(values)) if x is None else x
        style = LINE_STYLES[index % len(LINE_STYLES)]
        axis.plot(across, values, ls=style, label=name)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.legend()
    return axis
